"""A day of Alice's and of Bob's, in a real browser on a real server, with a real tracker that breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.process import eventually
from tests.receiver import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.world import Scene
    from tests.receiver import Receiver

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def convert(scene: Scene, order: str, **claim: str) -> str:
    """Let a visitor of Alice's convert; return the conversion's ID."""
    click = scene.manager.click(scene.code, sub1=f"click-{order}")
    answer = scene.manager.report(click_id=click, goal="registration", txid=f"{order}-{click[-8:]}", **claim)
    assert answer.status == 200, answer.body
    return str(answer.json["conversion_id"])


def row_of(tab: Any, words: str) -> Any:
    """Return the row of the open list that holds these words."""
    return tab.locator("#rows tr", has_text=words)


def test_from_a_mistake_to_parked_deliveries_that_arrive(  # noqa: PLR0915 - a day has many steps
    scene: Scene, alice: Callable[..., Any], tracker: Receiver
):
    """Alice mends her URL, tests it, watches a callback arrive, sees it fail and be disabled, mends that."""
    tab = alice()

    # A mistake, mended with one click, and a test that gets through.
    tab.goto("/postbacks/new/")
    tab.fill("input[name=name]", "My tracker")
    tab.fill("#url", tracker.url("/postback?cid={clickid}&payout={payout}&status={status}"))
    mistake = tab.locator("#lint li.error", has_text="clickid")
    mistake.wait_for()
    mistake.get_by_role("button", name="click_id").first.click()
    tab.wait_for_function("document.querySelector('#url').value.includes('cid={click_id}')")
    mistake.wait_for(state="detached")
    tab.click("button[name=do][value=test]")
    tab.wait_for_selector("[data-outcome=delivered]")
    assert tracker.requests[-1].query["status"]
    tab.click("button[name=do][value=activate]")
    tab.wait_for_url("**/postbacks/pbk_*/")
    scene.settle()

    # A callback arrives live, and its drawer tells what was sent.
    tab.goto("/deliveries/")
    tab.wait_for_selector(".live[data-state=live]")
    before = len(tracker.requests)
    convert(scene, "first")
    eventually(lambda: row_of(tab, "Delivered").count() == 2, what="it stands above the test")
    eventually(lambda: len(tracker.requests) > before, what="the tracker was called")
    tab.locator("#rows a.row").first.click()
    drawer = tab.locator("#drawer")
    drawer.get_by_text("/postback?").first.wait_for()
    tab.keyboard.press("Escape")
    tab.wait_for_selector("#drawer", state="hidden")

    # The tracker breaks for good: the postback is disabled, she is told, and what comes waits.
    tracker.always(Answer(status=410, body=b"campaign deleted"))
    convert(scene, "second")
    tab.locator("[data-more]").click()  # she holds a row with the keyboard, so nothing moves until she asks
    row_of(tab, "Failed").first.wait_for()
    tab.goto("/notifications/")
    tab.get_by_text("My tracker").first.wait_for()
    tab.goto("/postbacks/")
    row_of(tab, "My tracker").locator(".tag.disabled").wait_for()
    convert(scene, "third")
    tab.goto("/deliveries/?state=parked")
    row_of(tab, "Parked").first.wait_for()

    # Mended: a test gets through, she enables it again, and what waited is delivered.
    tracker.always(Answer())
    tab.goto("/postbacks/")
    tab.locator("#rows a.row", has_text="My tracker").click()
    tab.get_by_role("button", name="Send the test").click()
    tab.get_by_role("button", name="enable it again").click()
    tab.wait_for_selector("h1 .tag.active")
    tab.goto("/deliveries/")
    tab.wait_for_selector(".live[data-state=live]")
    eventually(lambda: row_of(tab, "Parked").count() == 0, what="nothing is parked any more")
    hers = {"affiliate_id": scene.affiliate}

    def states() -> set[str]:
        return {each["state"] for each in scene.manager.every("deliveries", **hers)}

    eventually(lambda: states() == {"delivered", "failed"}, what="what waited is delivered")
    assert len(list(scene.manager.every("deliveries", state="failed", **hers))) == 1


def test_bob_approves_in_bulk_views_as_alice_and_sends_again(
    scene: Scene, sign_in: Callable[..., Any], tracker: Receiver
):
    """Bob is told how many postbacks his approval sends; they are sent; he looks as Alice, and retries."""
    scene.postback(tracker.url("/postback"), name="Keitaro", statuses=["approved"])
    for number in range(3):
        convert(scene, f"order-{number}", status="pending")
    tab = sign_in("bob@example.com")

    tab.goto(f"/manage/conversions/?status=pending&affiliate_id={scene.affiliate}")
    tab.check("[data-check-all=ids]")
    tab.locator("#bulk-words", has_text="3 selected").wait_for()
    tab.locator("#bulk-words", has_text="approving sends 3 postbacks").wait_for()
    assert len(tracker.requests) == 0
    tab.get_by_role("button", name="Approve", exact=True).click()
    tracker.wait(3)
    approved = list(scene.manager.every("conversions", affiliate_id=scene.affiliate, status="approved"))
    assert len(approved) == 3

    tab.goto(f"/manage/affiliates/{scene.affiliate}/")
    tab.get_by_role("button", name="View as").click()
    tab.locator(".banner", has_text="Alice").wait_for()
    tab.goto("/deliveries/")
    row_of(tab, "Keitaro").first.wait_for()
    tab.get_by_role("button", name="Back to my portal").click()
    tab.wait_for_url("**/manage/**")
    tab.goto("/manage/audit/")
    row_of(tab, "stopped looking as").first.wait_for()

    # One attempt and no more: what fails is over, and a job sends it again.
    postback = scene.postback(tracker.url("/moody"), name="Moody", max_attempts=1)
    tracker.at("/moody", Answer(status=500))
    convert(scene, "lost")
    failed = {"state": "failed", "postback_id": postback}
    eventually(lambda: list(scene.manager.every("deliveries", **failed)), what="one failed")
    tracker.at("/moody", Answer())
    scene.manager.api("POST", f"postbacks/{postback}/enable", {})
    tab.goto(f"/manage/deliveries/?state=failed&postback_id={postback}")
    tab.locator("summary", has_text="Send again").click()
    tab.get_by_role("button", name="Count them").click()
    tab.wait_for_url("**/jobs/job_*/")
    tab.get_by_role("button", name="Send 1", exact=False).or_(tab.get_by_role("button", name="Do it")).click()
    again = {"state": "delivered", "postback_id": postback}
    eventually(lambda: list(scene.manager.every("deliveries", **again)), what="it was sent again")
    tab.locator(".tag.done").wait_for()
