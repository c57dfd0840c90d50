"""The tools at a running server: a test conversion, a test with its control, and what was missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.process import eventually
from tests.receiver import Answer

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene
    from tests.receiver import Receiver


def test_my_test_123(bob: Client, scene: Scene, tracker: Receiver):
    """Follow the link with `sub1=MYTEST123`, find the click, fire a test conversion: the callback arrives."""
    scene.postback(tracker.url("/pb?cid={sub1}&status={status}&amount={amount}&test={test}"))
    click_id = bob.click(scene.code, sub1="MYTEST123")
    story = eventually(
        lambda: (found := bob.read("trace?q=MYTEST123"))["click"] and found, what="the click is found"
    )
    assert story["click"]["click_id"] == click_id
    body = {"goal": "deposit", "status": "approved", "amount": "40.00"}
    made = bob.api("POST", f"clicks/{click_id}/test-conversion", body)
    assert made.status == 201, made.json
    (received,) = tracker.wait(1)
    assert received.query == {"cid": "MYTEST123", "status": "approved", "amount": "40.00", "test": "1"}
    assert bob.read(f"conversions?test=false&affiliate_id={scene.affiliate}")["data"] == []


def test_a_tracker_that_knows_its_clicks_is_told_apart(bob: Client, scene: Scene, tracker: Receiver):
    """It takes the real click ID and refuses the wrong one."""
    tracker.always(Answer(404, b"Click ID not found"))
    tracker.at("/pb/KNOWN-CLICK-1", Answer(200, b"OK"))
    postback = scene.postback(tracker.url("/pb/{sub1}?status={status}"))
    click_id = bob.click(scene.code, sub1="KNOWN-CLICK-1")
    eventually(lambda: bob.read(f"clicks?click_id={click_id}")["data"], what="the click is stored")
    body = {"click_id": click_id, "control": True}
    tried = bob.api("POST", f"postbacks/{postback}/test", body)
    assert tried.status == 200, tried.json
    assert (tried.json["outcome"], tried.json["control"]["conclusion"]) == ("delivered", "tells_apart")
    wrong = tried.json["control"]
    assert wrong["meanings"][0]["code"] == "click_unknown_to_tracker"
    assert bob.read(f"postbacks/{postback}")["state"] == "active"


def test_what_came_before_the_postback_arrives_late(bob: Client, scene: Scene, tracker: Receiver):
    """Counted first, then sent, once each."""
    for number in range(3):
        bob.report(click_id=bob.click(scene.code, sub1=f"tracker-click-{number}"))
    postback = scene.postback(tracker.url("/pb?cid={sub1}"))
    counted = bob.api("POST", f"postbacks/{postback}/backfill", {"filter": {}, "dry_run": True})
    assert (counted.json["count"], counted.json["reasons"]) == (3, {"not_there_yet": 3})
    for _ in range(2):
        assert bob.api("POST", f"postbacks/{postback}/backfill", {"filter": {}}).status == 200
    received = tracker.wait(3)
    assert {each.query["cid"] for each in received} == {f"tracker-click-{number}" for number in range(3)}
    eventually(
        lambda: len(bob.read(f"deliveries?postback_id={postback}&state=delivered")["data"]) == len(received),
        what="all are delivered",
    )
    assert tracker.count == 3
