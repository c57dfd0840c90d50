"""`redound test` beside a running server: what is sent, what the answer means, and the control."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.journeys.world import make_scene
from tests.receiver import Answer, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.journeys.process import Installation
    from tests.journeys.world import Scene


@pytest.fixture
def tracker() -> Iterator[Receiver]:
    """Alice's tracker."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def scene(ready: Installation) -> Iterator[Scene]:
    """Alice and her manager at a running server."""
    bob = ready.client(ready.run("key", "create", "--manager", "Bob").stdout.strip())
    bob.base_url = ready.start()
    yield make_scene(bob)
    ready.stop()


def test_a_test_with_its_control(ready: Installation, scene: Scene, tracker: Receiver):
    """A tracker that says OK to anything is found out."""
    postback = scene.postback(tracker.url("/pb?cid={sub1}"))
    click_id = scene.manager.click(scene.code, sub1="MYTEST123")
    done = ready.run("test", "--json", postback, "--click", click_id, "--control")
    found = json.loads(done.stdout)
    assert (found["outcome"], found["response"]["status"]) == ("delivered", 200)
    assert found["meanings"]
    assert found["control"]["conclusion"] == "accepts_anything"
    first, second = tracker.wait(2)
    assert first.query["cid"] == "MYTEST123"
    assert second.query["cid"] == found["control"]["changed"]["sub1"] != "MYTEST123"


def test_a_preview_sends_nothing(ready: Installation, scene: Scene, tracker: Receiver):
    """The request stands on standard output."""
    shown = ready.run("test", scene.postback(tracker.url("/pb?cid={sub1}")), "--preview").stdout
    assert shown.startswith("GET http://127.0.0.1:")
    assert not tracker.requests


def test_a_test_that_fails_ends_with_3(ready: Installation, scene: Scene, tracker: Receiver):
    """Standard output says what the answer means."""
    tracker.always(Answer(403, b"bad key"))
    done = ready.run("test", scene.postback(tracker.url("/pb?cid={sub1}")), code=3)
    assert "(forbidden)" in done.stdout
