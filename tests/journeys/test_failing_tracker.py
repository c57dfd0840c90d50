"""A tracker that stays dead: 25 attempts, disabled once, parked, enabled, delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.process import eventually
from tests.receiver import Answer

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene
    from tests.receiver import Receiver


def test_twenty_five_failures_disable_once_and_enabling_delivers(
    bob: Client, scene: Scene, alice: Client, tracker: Receiver
):
    """Everflow: 25 attempts, one notification each; what comes meanwhile is parked, then sent."""
    tracker.always(Answer(status=500, body=b"broken"))
    postback = scene.postback(tracker.url("/"))
    lost = bob.report(click_id=bob.click(scene.code, sub1="lost")).json["conversion_id"]
    disabled = eventually(
        lambda: one if (one := bob.read(f"postbacks/{postback}"))["state"] == "disabled" else None,
        40, what="the postback is disabled",
    )  # fmt: skip
    assert tracker.count == 25
    assert disabled["disabled_at"]
    assert disabled["disabled_reason"] == "attempts_exhausted"
    [failed] = bob.every("deliveries", conversion_id=lost)
    assert (failed["state"], failed["attempts"]) == ("failed", 25)
    assert len({callback.header("webhook-id") for callback in tracker.requests}) == 1
    for reader in (bob, alice):
        told = [one for one in reader.every("notifications") if one["postback_id"] == postback]
        assert [one["kind"] for one in told] == ["postback_disabled"]
        assert "500" in told[0]["text"]

    tracker.always(Answer())
    kept = bob.report(click_id=bob.click(scene.code, sub1="kept")).json["conversion_id"]
    # The intake may learn a moment later that it is disabled; the worker, which disabled it, sends nothing.
    eventually(
        lambda: [one["state"] for one in bob.every("deliveries", conversion_id=kept)] == ["parked"], 5,
        what="the new delivery is parked",
    )  # fmt: skip
    assert tracker.count == 25

    assert alice.api("POST", f"postbacks/{postback}/enable", {}).status == 200
    tracker.wait(26)
    assert tracker.requests[-1].query["subid"] == "kept"
    eventually(
        lambda: bob.read(f"postbacks/{postback}")["state"] == "active", what="the postback is well again"
    )


def test_a_tracker_that_recovers_gets_the_callback_with_the_same_id(
    bob: Client, scene: Scene, tracker: Receiver
):
    """Two failures, then a success: three attempts of one delivery, nobody is alarmed."""
    tracker.answers(Answer(status=503), Answer(status=302, headers=(("Location", "/login"),)))
    postback = scene.postback(tracker.url("/"))
    conversion = bob.report(click_id=bob.click(scene.code)).json["conversion_id"]
    assert len({callback.header("webhook-id") for callback in tracker.wait(3)}) == 1
    delivery = eventually(
        lambda: next(iter(bob.every("deliveries", conversion_id=conversion, state="delivered")), None),
        what="the delivery is shown as delivered",
    )
    numbers = sorted(attempt["number"] for attempt in bob.every("attempts", delivery_id=delivery["id"]))
    assert numbers == [1, 2, 3]
    assert [one for one in bob.every("notifications") if one["postback_id"] == postback] == []


def test_gone_disables_at_once(bob: Client, scene: Scene, tracker: Receiver):
    """A tracker that answers 410 wants no more."""
    tracker.always(Answer(status=410))
    postback = scene.postback(tracker.url("/"))
    bob.report(click_id=bob.click(scene.code))
    eventually(
        lambda: bob.read(f"postbacks/{postback}")["state"] == "disabled", what="the postback is disabled"
    )
    assert tracker.count == 1


def test_a_corrected_url_mends_the_retries(bob: Client, scene: Scene, tracker: Receiver):
    """The values are frozen, the template is not."""
    tracker.at("/wrong", Answer(status=404))
    postback = scene.postback(tracker.url("/wrong"), retry_schedule=["100ms"], max_attempts=100)
    bob.report(click_id=bob.click(scene.code, sub1="mended"))
    tracker.wait(1)
    bob.edit(f"postbacks/{postback}", url=tracker.url("/right?subid={sub1}"))
    right = eventually(
        lambda: [one for one in tracker.requests if one.path == "/right"], what="the right path is called"
    )
    assert [one.query for one in right] == [{"subid": "mended"}]


def test_a_private_address_is_refused_and_never_called(bob: Client, scene: Scene):
    """Our own rules fail the delivery at once, and Alice's postback is not blamed."""
    fields = {"name": "Inside", "affiliate_id": scene.affiliate, "event": "conversion", "goals": "any"}
    url = "http://169.254.169.254/latest/meta-data?x={sub1}"
    reply = bob.api("POST", "postbacks", {**fields, "statuses": ["approved"], "url": url})
    assert reply.status == 422
