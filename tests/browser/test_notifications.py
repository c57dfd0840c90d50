"""Alice sets up how she is told, tries it, and is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_every_page import LOOKS, faults
from tests.browser.test_walk import convert
from tests.journeys.process import eventually
from tests.receiver import Answer, Receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.world import Scene

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
PAGES = (
    "/notifications/",
    "/notifications/settings/",
    *(f"/notifications/channels/new/{kind}/" for kind in ("telegram", "slack", "webhook")),
)


def set_up_webhook(tab: Any, receiver: Receiver) -> None:
    """Fill in the form; the secret is shown."""
    tab.goto("/notifications/channels/new/webhook/")
    tab.fill("input[name=name]", "Ops")
    tab.fill("input[name=url]", receiver.url("/hook"))
    tab.click("main form .btn.p")
    tab.locator("#signing-secret").wait_for()


def test_a_channel_is_set_up_tried_and_brings_what_happened(
    scene: Scene, alice: Callable[..., Any], tracker: Receiver
):
    """The test says on the page what came of it; then her postback is disabled, and she is told at once."""
    with Receiver() as hook:
        tab = alice()
        set_up_webhook(tab, hook)
        tab.get_by_role("button", name="Send a test to Ops").click()
        tab.get_by_text("It was taken.").wait_for()
        assert json.loads(hook.wait(1)[0].body)["notifications"][0]["kind"] == "test"

        tab.goto("/notifications/")
        tab.wait_for_selector("live-tail .live[data-state=live]")
        tracker.always(Answer(status=410))
        scene.postback(tracker.url("/postback"), name="Keitaro")
        convert(scene, "gone")
        tab.get_by_text("The postback Keitaro was disabled").wait_for()
        told = json.loads(hook.wait(2)[1].body)["notifications"]
        assert [each["kind"] for each in told] == ["postback_disabled"]
        tab.reload()
        assert "1" in tab.locator(".bell").inner_text()
        tab.get_by_role("link", name="The postback Keitaro was disabled").click()
        tab.wait_for_url("**/postbacks/pbk_*/")
        tab.goto("/notifications/?read=false")
        tab.get_by_text("Everything is read").wait_for()


@pytest.mark.parametrize("look", LOOKS, ids=["light-en", "dark-ru"])
def test_everybody_can_use_these_pages(scene: Scene, alice: Callable[..., Any], tracker: Receiver, look):
    """With something in them, in both looks, and on a phone without moving sideways."""
    tab = alice(**look)
    with Receiver() as hook:
        set_up_webhook(tab, hook)
    tracker.always(Answer(status=410))
    scene.postback(tracker.url("/postback"), name="Keitaro")
    convert(scene, "gone")
    mine = {"affiliate_id": scene.affiliate}
    eventually(lambda: list(scene.manager.every("notifications", **mine)), what="people are told")
    wrong = {}
    for address in PAGES:
        tab.set_viewport_size({"width": 1360, "height": 850})
        tab.goto(address)
        wrong[address] = faults(tab)
        tab.set_viewport_size({"width": 390, "height": 800})
        width = tab.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wrong[address].append(f"{width} px wide on a phone")
    assert not any(wrong.values()), wrong
