"""Looking at traffic from the command line, beside a running server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.journeys.process import eventually
from tests.journeys.world import make_scene
from tests.receiver import Answer, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.journeys.client import Client
    from tests.journeys.process import Installation
    from tests.journeys.world import Scene


@pytest.fixture
def tracker() -> Iterator[Receiver]:
    """Alice's tracker."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def bob(ready: Installation) -> Iterator[Client]:
    """A manager of a running server."""
    client = ready.client(ready.run("key", "create", "--manager", "Bob").stdout.strip())
    client.base_url = ready.start()
    yield client
    ready.stop()


@pytest.fixture
def scene(bob: Client, tracker: Receiver) -> Scene:
    """Alice with a postback that is tried twice."""
    made = make_scene(bob)
    made.postback(tracker.url("/"), max_attempts=2, retry_schedule=["300ms"])
    return made


def test_tail_shows_what_happened_and_ends_after_count(
    ready: Installation, bob: Client, scene: Scene, tracker: Receiver
):
    """A report and its attempt, oldest first; and the click, when asked for clicks."""
    click_id = bob.click(scene.code)
    reply = bob.report(click_id=click_id)
    tracker.wait(1)
    both = ("--kind", "reports", "--kind", "attempts", "--count", "2")
    lines = ready.run("tail", "--json", "--since", "5m", *both).stdout.splitlines()
    report, attempt = map(json.loads, lines)
    assert (report["kind"], report["conversion_id"]) == ("reports", reply.json["conversion_id"])
    assert (attempt["kind"], attempt["number"], attempt["status"]) == ("attempts", 1, 200)
    clicks = ready.run("tail", "--since", "5m", "--kind", "clicks", "--count", "1").stdout.split("\t")
    assert clicks[0] == "clicks"


def test_a_failed_delivery_is_found_explained_and_sent_again(
    ready: Installation, bob: Client, scene: Scene, tracker: Receiver
):
    """Alice's tracker refused one callback while it took others; once it is well, Bob sends it again."""
    refused = Answer(status=404, body=b"SubID not found")
    tracker.answers(refused, Answer(), refused)
    conversion = bob.report(click_id=bob.click(scene.code)).json["conversion_id"]
    tracker.wait(1)
    bob.report(click_id=bob.click(scene.code))
    tracker.wait(3)
    eventually(
        lambda: list(bob.every("deliveries", conversion_id=conversion, state="failed")), what="it failed"
    )
    [row] = json.loads(ready.run("deliveries", "list", "--state", "failed", "--json").stdout)
    shown = json.loads(ready.run("deliveries", "show", row["id"], "--json").stdout)
    assert shown["conversion_id"] == conversion
    assert shown["attempt_list"][0]["response"]["body"] == "SubID not found"
    assert "SubID not found" in ready.run("deliveries", "show", row["id"]).stdout

    every = ("deliveries", "retry", "--failed", row["postback_id"])
    assert "1 delivery" in ready.run(*every, "--dry-run").stderr
    assert "--yes" in ready.run(*every, code=2).stderr
    assert tracker.count == 3
    ready.run(*every, "--yes")
    tracker.wait(4)
    eventually(
        lambda: list(bob.every("deliveries", conversion_id=conversion, state="delivered")), what="it is sent"
    )


def test_an_unknown_delivery_is_a_failure_with_the_next_command(ready: Installation):
    """A mistyped ID is said to be one."""
    done = ready.run("deliveries", "show", "dlv_0", code=1)
    assert "redound deliveries list" in done.stderr
