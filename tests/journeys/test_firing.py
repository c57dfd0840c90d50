"""When a postback fires: status modes, levels, goals, goals switched off and on again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene
    from tests.receiver import Receiver


def reasons(bob: Client, conversion_id: str) -> dict[str, list[str]]:
    """Postback → the reasons given for it, transition by transition."""
    found: dict[str, list[str]] = {}
    for one in bob.every(f"conversions/{conversion_id}/evaluations"):
        found.setdefault(one["postback_id"], []).append(one["reason"])
    return found


def statuses(tracker: Receiver, count: int) -> list[str]:
    """The statuses that reached the tracker, in order."""
    return [callback.query["status"] for callback in tracker.wait(count)]


def test_each_fires_on_every_change_into_a_listed_status(bob: Client, scene: Scene, tracker: Receiver):
    """Phonexa and trackdesk: checked again on each update."""
    scene.postback(tracker.url("/"), status_mode="each", statuses=["pending", "approved", "refunded"])
    click_id = bob.click(scene.code)
    for word in ("pending", "confirmed", "refund"):
        assert bob.report(click_id=click_id, status=word).status == 200
    assert statuses(tracker, 3) == ["pending", "approved", "refunded"]


def test_once_fires_on_the_first_listed_status_only(bob: Client, scene: Scene, tracker: Receiver):
    """The second listed status is skipped, and says so."""
    postback = scene.postback(tracker.url("/"), status_mode="once", statuses=["pending", "approved"])
    click_id = bob.click(scene.code)
    reply = bob.report(click_id=click_id, status="pending")
    bob.report(click_id=click_id, status="approved")
    assert reasons(bob, reply.json["conversion_id"])[postback] == ["fires", "already_fired"]
    assert statuses(tracker, 1) == ["pending"]


def test_all_fires_when_every_listed_status_was_seen(bob: Client, scene: Scene, tracker: Receiver):
    """Nothing at the first, one callback at the last."""
    postback = scene.postback(tracker.url("/"), status_mode="all", statuses=["hold", "approved"])
    click_id = bob.click(scene.code)
    reply = bob.report(click_id=click_id, status="hold")
    bob.report(click_id=click_id, status="approved")
    assert reasons(bob, reply.json["conversion_id"])[postback] == ["statuses_missing", "fires"]
    assert statuses(tracker, 1) == ["approved"]


def test_a_manager_brings_a_conversion_back_and_it_fires_again(bob: Client, scene: Scene, tracker: Receiver):
    """Coming back to a status after leaving it fires; staying in it does not."""
    scene.postback(tracker.url("/"), status_mode="each", statuses=["approved"])
    click_id = bob.click(scene.code)
    conversion = bob.report(click_id=click_id).json["conversion_id"]
    bob.report(click_id=click_id, status="approved")
    for status in ("rejected", "approved"):
        reply = bob.api(
            "POST", f"conversions/{conversion}/status", {"status": status, "reason": "looked again"}
        )
        assert reply.status == 200, reply.body
    assert statuses(tracker, 2) == ["approved", "approved"]
    assert len(list(bob.every("deliveries", conversion_id=conversion))) == 2


@pytest.mark.parametrize("level", ["affiliate", "brand", "offer", "campaign", "link"])
def test_a_level_covers_its_own_traffic_and_no_other(
    bob: Client, scene: Scene, tracker: Receiver, level: str
):
    """A conversion inside the scope fires; one of another link, campaign, offer and brand does not."""
    include = {"brand": scene.brand, "offer": scene.offer, "campaign": scene.campaign, "link": scene.link}
    postback = scene.postback(
        tracker.url("/"), level=level, include=[include[level]] if level in include else []
    )
    elsewhere = other_link(scene)
    inside = bob.report(click_id=bob.click(scene.code, sub1="inside"), goal="registration")
    outside = bob.report(click_id=bob.click(elsewhere, sub1="outside"))
    assert (inside.status, outside.status) == (200, 200)
    expected = "fires" if level == "affiliate" else "out_of_scope"
    assert reasons(bob, inside.json["conversion_id"])[postback] == ["fires"]
    assert reasons(bob, outside.json["conversion_id"])[postback] == [expected]
    count = 2 if level == "affiliate" else 1
    assert (
        sorted(callback.query["subid"] for callback in tracker.wait(count)) == ["inside", "outside"][:count]
    )


def other_link(scene: Scene) -> str:
    """The same affiliate's link in another campaign, for an offer of another brand; known to the edge."""
    bob = scene.manager
    brand = bob.make("brands", name="Acme Other", advertiser_id=scene.advertiser)["id"]
    landing = "https://other.example.com/?click_id={click_id}"
    offer = bob.make("offers", name="Other", brand_id=brand, landing_url=landing, currency="EUR")["id"]
    bob.make("goals", offer_id=offer, code="sale", name="Sale", kind="sale", base=True, payout="1.00")
    campaign = bob.make("campaigns", name="Winter", affiliate_id=scene.affiliate)["id"]
    code = bob.make("links", name="Other", campaign_id=campaign, offer_id=offer)["code"]
    scene.settle()
    return str(code)


@pytest.mark.parametrize(
    ("goals", "fired"),
    [
        ("any", {"registration", "deposit", "upgrade"}),
        ("base", {"registration"}),
        ("events", {"deposit", "upgrade"}),
    ],
)
def test_goals_select_by_kind(bob: Client, scene: Scene, tracker: Receiver, goals: str, fired: set[str]):
    """Everflow: Conversion is the base goal, Event every other."""
    scene.postback(tracker.url("/"), goals=goals)
    click_id = bob.click(scene.code)
    for goal in ("registration", "deposit", "upgrade"):
        assert bob.report(click_id=click_id, goal=goal, amount="10.00", currency="EUR").status == 200
    assert {callback.query["goal"] for callback in tracker.wait(len(fired))} == fired


def test_goals_off_and_on_again(bob: Client, scene: Scene, tracker: Receiver):
    """Phonexa: while goals are off the condition is ignored, kept, and in force again afterwards."""
    postback = scene.postback(tracker.url("/"), goals=[scene.goals["upgrade"]])

    def fires_for_registration() -> bool:
        scene.settle()
        reply = bob.report(click_id=bob.click(scene.code), goal="registration")
        return reasons(bob, reply.json["conversion_id"])[postback] == ["fires"]

    assert not fires_for_registration()
    bob.edit(f"offers/{scene.offer}", goals_enabled=False)
    assert fires_for_registration()
    bob.edit(f"postbacks/{postback}", name="Renamed meanwhile")
    bob.edit(f"offers/{scene.offer}", goals_enabled=True)
    assert not fires_for_registration()
    assert bob.read(f"postbacks/{postback}")["goals"] == [scene.goals["upgrade"]]


def test_a_postback_switched_off_skips_and_says_so(bob: Client, scene: Scene, tracker: Receiver):
    """Nothing is sent and nothing is owed."""
    postback = scene.postback(tracker.url("/"), enabled=False)
    reply = bob.report(click_id=bob.click(scene.code))
    assert reasons(bob, reply.json["conversion_id"])[postback] == ["postback_off"]
    assert list(bob.every("deliveries", conversion_id=reply.json["conversion_id"])) == []


def test_a_misspelt_macro_is_refused_with_a_suggestion(scene: Scene, tracker: Receiver):
    """Alice is told what she meant, and nothing is stored."""
    fields = {"name": "Typo", "affiliate_id": scene.affiliate, "event": "conversion", "goals": "any"}
    url = tracker.url("/?cid={sbu1}")
    reply = scene.manager.api("POST", "postbacks", {**fields, "statuses": ["approved"], "url": url})
    assert reply.status == 422
    assert "sub1" in reply.body
