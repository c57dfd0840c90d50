"""One dead or slow tracker is nobody else's trouble; one affiliate's things are nobody else's either."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.journeys.process import eventually
from tests.journeys.world import make_scene
from tests.receiver import Receiver, hang

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene


def test_a_hanging_tracker_does_not_delay_a_healthy_one(bob: Client, scene: Scene, tracker: Receiver):
    """Each of Alice's callbacks arrives within a second although Charlie's tracker never answers."""
    charlie = make_scene(bob, "Charlie")
    with Receiver() as hanging:
        hanging.always(hang())
        scene.postback(tracker.url("/"))
        charlie.postback(hanging.url("/"))
        slowest = 0.0
        for number in range(40):
            assert bob.report(click_id=bob.click(charlie.code)).status == 200
            reported = time.time()
            assert bob.report(click_id=bob.click(scene.code)).status == 200
            slowest = max(slowest, tracker.wait(number + 1)[number].at - reported)
        hanging.wait(1)
    assert slowest < 1.0


NOUNS = (
    "postbacks",
    "campaigns",
    "links",
    "deliveries",
    "clicks",
    "conversions",
    "attempts",
    "notifications",
)


def test_charlie_sees_nothing_of_alices(bob: Client, scene: Scene, stranger: Client, tracker: Receiver):
    """Lists are empty of hers, and her things are not there under their own address."""
    things = traffic_of(bob, scene, tracker)
    for noun, thing in things.items():
        own_name = "click_id" if noun == "clicks" else "id"
        assert bob.api("GET", f"{noun}/{thing}").status == 200
        assert thing not in {one[own_name] for one in stranger.every(noun)}
        assert stranger.api("GET", f"{noun}/{thing}").status == 404, noun


def test_charlie_can_change_nothing_of_alices(bob: Client, scene: Scene, stranger: Client, tracker: Receiver):
    """Edits, tests, retries and status changes are refused, and nothing happens."""
    things = traffic_of(bob, scene, tracker)
    before = bob.read(f"postbacks/{things['postbacks']}")
    tries = [
        ("PATCH", f"postbacks/{things['postbacks']}", {"url": "https://charlie.example.com/"}),
        ("DELETE", f"postbacks/{things['postbacks']}", None),
        ("POST", f"postbacks/{things['postbacks']}/test", {}),
        ("POST", f"postbacks/{things['postbacks']}/enable", {}),
        ("POST", f"deliveries/{things['deliveries']}/retry", {}),
        ("POST", f"conversions/{things['conversions']}/status", {"status": "rejected", "reason": "mine"}),
        ("PATCH", f"links/{things['links']}", {"name": "mine"}),
        ("PATCH", f"affiliates/{scene.affiliate}", {"name": "mine"}),
    ]
    answers = {f"{method} {path}": stranger.api(method, path, body).status for method, path, body in tries}
    assert set(answers.values()) <= {403, 404}, answers
    assert bob.read(f"postbacks/{things['postbacks']}") == before
    assert bob.read(f"conversions/{things['conversions']}")["status"] == "approved"
    assert tracker.count == 1


def test_charlie_cannot_hang_a_postback_on_alices_campaign(bob: Client, scene: Scene, stranger: Client):
    """A postback names only one's own campaigns and links."""
    fields = {"name": "Mine", "event": "conversion", "goals": "any", "statuses": ["approved"]}
    reply = stranger.api(
        "POST", "postbacks",
        {**fields, "level": "campaign", "include": [scene.campaign], "url": "https://charlie.example.com/?x={sub1}"},
    )  # fmt: skip
    assert reply.status in {403, 422}
    owner = {**fields, "affiliate_id": scene.affiliate, "url": "https://charlie.example.com/?x={sub1}"}
    assert stranger.api("POST", "postbacks", owner).status in {403, 404, 422}


def test_without_a_key_there_is_nothing(bob: Client, scene: Scene):
    """The API answers 401 to whoever is not known."""
    bare = type(bob)(bob.base_url)
    assert {bare.api("GET", noun).status for noun in (*NOUNS, "affiliates", "advertisers", "reports")} == {
        401
    }


def traffic_of(bob: Client, scene: Scene, tracker: Receiver) -> dict[str, str]:
    """One of each of Alice's things, by noun."""
    postback = scene.postback(tracker.url("/"))
    click_id = bob.click(scene.code, sub1="private")
    conversion = bob.report(click_id=click_id).json["conversion_id"]
    tracker.wait(1)
    [delivery] = bob.every("deliveries", conversion_id=conversion)
    [attempt] = eventually(
        lambda: list(bob.every("attempts", delivery_id=delivery["id"])), what="the attempt is recorded"
    )
    return {
        "postbacks": postback,
        "campaigns": scene.campaign,
        "links": scene.link,
        "deliveries": delivery["id"],
        "clicks": click_id,
        "conversions": conversion,
        "attempts": attempt["id"],
    }
