"""Traces of conversions that were accepted and fired nothing: each reason, produced for real."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.tracing import also_told, convert, sql, told

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene
    from tests.receiver import Receiver


def test_no_postback_then_one_made_later(bob: Client, scene: Scene, tracker: Receiver):
    """Alice has none; she makes one; it would fire now. And it says nothing of a conversion of its time."""
    click = convert(bob, scene)
    told(bob, click, "no_postback")
    scene.postback(tracker.url("/"))
    found = told(bob, click, "postback_made_later")
    assert found["now"][0]["fires"]
    told(bob, convert(bob, scene), "delivered")


def test_a_postback_that_is_off_then_on(bob: Client, scene: Scene, tracker: Receiver):
    """Switched off when the conversion came; on now."""
    postback = scene.postback(tracker.url("/"), enabled=False)
    click = convert(bob, scene)
    told(bob, click, "postback_off")
    bob.edit(f"postbacks/{postback}", enabled=True)
    told(bob, click, "postback_was_off")


def test_postbacks_that_are_not_enabled(bob: Client, scene: Scene, alice: Client, tracker: Receiver):
    """ReferOn: the manager has not enabled them; Alice is told so too."""
    scene.postback(tracker.url("/"))
    bob.edit(f"affiliates/{scene.affiliate}", postbacks_enabled=False)
    scene.settle()
    click = convert(bob, scene)
    for person in (bob, alice):
        told(person, click, "postbacks_not_enabled")


def test_statuses_that_have_not_come(bob: Client, scene: Scene, tracker: Receiver):
    """Pending, on hold, rejected; and a postback that wants them all."""
    postback = scene.postback(tracker.url("/"), statuses=["approved"])
    for status, code in (
        ("pending", "status_pending"),
        ("hold", "status_on_hold"),
        ("rejected", "status_differs"),
    ):
        told(bob, convert(bob, scene, status=status), code)
    bob.edit(f"postbacks/{postback}", statuses=["pending", "approved"], status_mode="all")
    scene.settle()
    told(bob, convert(bob, scene, status="pending"), "statuses_missing")


def test_a_postback_that_fired_already(bob: Client, scene: Scene, tracker: Receiver):
    """Mode once: the second status is not sent, and the first was delivered."""
    scene.postback(tracker.url("/"), statuses=["pending", "approved"], status_mode="once")
    click = convert(bob, scene, status="pending")
    tracker.wait(1)
    told(bob, click, "delivered")
    bob.report(click_id=click, status="approved")
    told(bob, click, "already_fired")


def test_goals_and_filters(bob: Client, scene: Scene, tracker: Receiver):
    """Another goal, no payout, too late after the click."""
    postback = scene.postback(tracker.url("/"), goals=[scene.goals["upgrade"]])
    found = told(bob, convert(bob, scene), "goal_differs")
    assert found["diagnosis"]["evidence"]["wanted"] == "upgrade"
    bob.edit(f"postbacks/{postback}", goals="any", payout_above_zero=True)
    scene.settle()
    told(bob, convert(bob, scene, goal="deposit"), "payout_zero")
    bob.edit(f"postbacks/{postback}", payout_above_zero=False, max_age_seconds=3600)
    scene.settle()
    click = bob.click(scene.code, sub1="old-click")
    sql(bob.installation, "UPDATE clicks SET created_at = created_at - 7200000 WHERE id = ?", click)
    bob.report(click_id=click)
    told(bob, click, "conversion_too_late")


def test_levels_and_exclusions(bob: Client, scene: Scene, tracker: Receiver):
    """Another link; the offer left out; a narrower postback chosen."""
    elsewhere = bob.make("links", name="Old", campaign_id=scene.campaign, offer_id=scene.offer)["id"]
    narrow = scene.postback(tracker.url("/"), level="link", include=[elsewhere])
    told(bob, convert(bob, scene), "out_of_scope")
    broad = scene.postback(tracker.url("/"), exclude_offers=[scene.offer])
    told(bob, convert(bob, scene), "offer_excluded")
    bob.edit(f"postbacks/{broad}", exclude_offers=[])
    bob.edit(f"postbacks/{narrow}", include=[scene.link])
    bob.edit(f"affiliates/{scene.affiliate}", precedence="most_specific")
    scene.settle()
    click = convert(bob, scene)
    told(bob, click, "delivered")
    also_told(bob, click, "more_specific_won")


def test_postbacks_for_something_else(bob: Client, scene: Scene, tracker: Receiver):
    """One for clicks, one for the visitor's browser."""
    bob.edit(f"offers/{scene.offer}", payout_model="cpc", cpc_payout="0.05")
    on_click = scene.postback(
        tracker.url("/?c={sub1}"), event="click", statuses=[], level="offer", include=[scene.offer],
        enabled=False,
    )  # fmt: skip
    told(bob, convert(bob, scene), "event_differs")
    bob.api("DELETE", f"postbacks/{on_click}")
    postback = scene.postback(tracker.url("/"))
    sql(bob.installation, "UPDATE postbacks SET delivery = 'html' WHERE id = ?", postback)
    scene.settle()
    told(bob, convert(bob, scene), "shown_in_browser")
