"""The delivery log while it is open: rows come and change, and nobody's reading is disturbed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_walk import convert
from tests.receiver import held

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.world import Scene
    from tests.receiver import Receiver

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def rows(tab: Any) -> Any:
    """The rows of the open list."""
    return tab.locator("#rows > [data-id]")


def is_in_state(tab: Any, state: str) -> None:
    """Wait until the page says so."""
    tab.wait_for_selector(f"live-tail .live[data-state={state}]")


@pytest.fixture
def log(scene: Scene, alice: Callable[..., Any], tracker: Receiver) -> Any:
    """Alice's delivery log with one delivery in it, live."""
    scene.postback(tracker.url("/postback"))
    convert(scene, "before")
    tracker.wait(1)
    tab = alice()
    tab.goto("/deliveries/")
    is_in_state(tab, "live")
    tab.wait_for_function("document.querySelectorAll('#rows > [data-id]').length === 1")
    return tab


def test_a_delivery_arrives_and_its_state_follows(scene: Scene, log: Any, tracker: Receiver):
    """On top of the list while its tracker thinks, then in the same row as it gets through."""
    tracker.answers(held())
    convert(scene, "one")
    rows(log).nth(1).wait_for()
    newest = rows(log).first
    assert newest.locator(".tag.delivered").count() == 0
    tracker.release()
    newest.locator(".tag.delivered").wait_for()
    assert rows(log).count() == 2


def test_a_pause_holds_everything_and_going_on_brings_it(scene: Scene, log: Any, tracker: Receiver):
    """Nothing that came meanwhile is lost."""
    toggle = log.locator("live-tail [data-toggle]")
    toggle.click()
    is_in_state(log, "paused")
    for order in ("one", "two"):
        convert(scene, order)
    tracker.wait(3)
    assert rows(log).count() == 1
    toggle.click()
    is_in_state(log, "live")
    rows(log).nth(2).wait_for()
    assert rows(log).count() == 3


def test_who_reads_further_down_is_not_disturbed(scene: Scene, log: Any, tracker: Receiver):
    """New rows are counted at the top and come when they are asked for."""
    log.evaluate("document.querySelector('.page').style.paddingBottom = '3000px'")
    log.evaluate("window.scrollTo(0, 600)")
    convert(scene, "one")
    more = log.locator("live-tail [data-more]")
    more.wait_for()
    assert more.inner_text() == "1 new: show"
    assert rows(log).count() == 1
    assert log.evaluate("window.scrollY") == 600
    more.click()
    rows(log).nth(1).wait_for()
    assert log.evaluate("window.scrollY") == 0


def test_a_page_nobody_sees_has_no_stream_and_catches_up(scene: Scene, log: Any, tracker: Receiver):
    """Its stream ends while another tab is in front; nothing is missed afterwards."""
    hide = "Object.defineProperty(document, 'hidden', {configurable: true, value: %s});"
    event = "document.dispatchEvent(new Event('visibilitychange'));"
    log.evaluate(hide % "true" + event)
    assert log.evaluate("document.querySelector('live-tail').stream") is None
    convert(scene, "one")
    tracker.wait(2)
    assert rows(log).count() == 1
    log.evaluate(hide % "false" + event)
    rows(log).nth(1).wait_for()


def test_without_streams_the_page_is_fetched_again(scene: Scene, log: Any, tracker: Receiver):
    """A proxy that cannot pass streams on: rows come every few seconds."""
    log.route("**/live/**", lambda route: route.abort())
    log.reload()
    is_in_state(log, "polling")
    convert(scene, "one")
    rows(log).nth(1).wait_for(timeout=30_000)


def test_the_first_row_of_an_empty_log_turns_it_into_a_list(
    scene: Scene, alice: Callable[..., Any], tracker: Receiver
):
    """Nobody has to reload."""
    scene.postback(tracker.url("/postback"))
    tab = alice()
    tab.goto("/deliveries/")
    is_in_state(tab, "live")
    convert(scene, "first")
    rows(tab).first.wait_for()
