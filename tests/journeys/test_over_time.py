"""What a conversion lives through: holds that run out, refunds, bulk changes, undo, windows, retention."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

import pytest

from redound.core.ids import mint_click_id, read_link_code
from redound.vault import Vault
from tests.journeys.conftest import SETTINGS
from tests.journeys.process import eventually
from tests.journeys.world import EVERY_STATUS, make_scene
from tests.receiver import Receiver
from tests.store.rig import Database

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.process import Installation
    from tests.journeys.world import Scene

DAY_MS = 86_400_000


def now_ms() -> int:
    """The time."""
    return time.time_ns() // 1_000_000


def old_click_id(scene: Scene, days: float) -> str:
    """A click ID of this installation for the scene's link, made so many days ago."""
    keys = Vault(SETTINGS["REDOUND_SECRET_KEY"]).click_keys
    number = read_link_code(scene.code)
    assert number is not None
    return mint_click_id(keys, int(now_ms() - days * DAY_MS), number, secrets.token_bytes(8))


def told(tracker: Receiver, count: int, name: str = "status") -> list[str]:
    """One parameter of each callback, in order."""
    return [callback.query[name] for callback in tracker.wait(count)]


def test_a_hold_runs_out_and_the_tracker_learns_of_it(bob: Client, scene: Scene, tracker: Receiver):
    """Held for a second, then approved, and told once each."""
    goal = bob.make(
        "goals", offer_id=scene.offer, code="held", name="Held", kind="custom", base=False, payout="7.00",
        default_status="hold", hold_seconds=1, hold_then="approved",
    )["id"]  # fmt: skip
    scene.postback(tracker.url("/"), statuses=["hold", "approved"], goals=[goal])
    reply = bob.report(click_id=bob.click(scene.code), goal="held")
    assert told(tracker, 2) == ["hold", "approved"]
    conversion = bob.read(f"conversions/{reply.json['conversion_id']}")
    assert [(each["from"], each["to"], each["by"]) for each in conversion["transitions"]][1:] == [
        ("hold", "approved", "hold")
    ]
    assert conversion["hold_until"] is None


def test_a_refund_tells_what_it_took(bob: Client, scene: Scene, tracker: Receiver):
    """25 per cent of 80.00 are approved, then refunded: +20.00, -20.00."""
    query = "?status={status}&payout={payout_delta}&amount={amount_delta}"
    scene.postback(f"{tracker.url('/')}{query}", statuses=EVERY_STATUS)
    click_id = bob.click(scene.code)
    for status in ("pending", "approved", "refunded"):
        claim = {"amount": "80.00"} if status == "pending" else {}
        assert bob.report(click_id=click_id, goal="deposit", status=status, **claim).status == 200
    callbacks = tracker.wait(3)
    assert [(each.query["payout"], each.query["amount"]) for each in callbacks] == [
        ("0.00", "0.00"),
        ("20.00", "80.00"),
        ("-20.00", "-80.00"),
    ]


def test_bob_approves_many_after_he_has_seen_how_many_postbacks_fire(
    bob: Client, scene: Scene, tracker: Receiver
):
    """The dry run counts five and sends nothing; then five callbacks come."""
    scene.postback(tracker.url("/"), statuses=["approved"])
    for _ in range(5):
        bob.report(click_id=bob.click(scene.code), status="pending")
    body = {"filter": {"offer_id": scene.offer, "status": "pending"}, "status": "approved"}
    counted = bob.api("POST", "conversions/status", {**body, "dry_run": True})
    assert (counted.json["changed"], counted.json["postbacks"]) == (5, 5)
    assert tracker.requests == []
    done = bob.api("POST", "conversions/status", body)
    assert (done.json["changed"], done.json["postbacks"]) == (5, 5)
    assert told(tracker, 5) == ["approved"] * 5


def test_a_click_whose_window_is_over_converts_no_more(bob: Client, scene: Scene, tracker: Receiver):
    """Stored or purged, it has expired; a conversion that is there already goes on."""
    bob.edit(f"offers/{scene.offer}", conversion_window_days=30)
    scene.postback(tracker.url("/"))
    late, earlier = bob.click(scene.code), bob.click(scene.code)
    bob.report(click_id=earlier, status="pending")
    assert bob.installation is not None
    database = Database(bob.installation.database_url)
    then = now_ms() - 31 * DAY_MS
    database.run("UPDATE clicks SET created_at = ? WHERE id IN (?, ?)", then, late, earlier)
    database.close()
    assert (reply := bob.report(click_id=late)).status == 404
    assert reply.json["verdict"] == "click_expired"
    purged = bob.report(click_id=old_click_id(scene, 31))
    assert (purged.status, purged.json["verdict"]) == (404, "click_expired")
    assert bob.report(click_id=earlier, status="approved").status == 200
    assert told(tracker, 2) == ["pending", "approved"]


@pytest.fixture
def patient(empty: Installation) -> Installation:
    """An installation where what a manager does is sent two seconds later."""
    empty.settings = {**empty.settings, "REDOUND_MANUAL_DELAY": "2s"}
    return empty


def test_bob_takes_an_approval_back_before_anything_was_sent(patient: Installation):
    """The tracker never hears of it; the approval that he means arrives after the delay, once."""
    bob = patient.manager()
    bob.base_url = patient.start()
    scene = make_scene(bob)
    with Receiver() as tracker:
        scene.postback(tracker.url("/"), statuses=["approved"], status_mode="once")
        conversion = bob.report(click_id=bob.click(scene.code), status="pending").json["conversion_id"]
        path = f"conversions/{conversion}"
        bob.api("POST", f"{path}/status", {"status": "approved"})
        undone = bob.api("POST", f"{path}/undo", {"reason": "the wrong one"})
        assert (undone.status, undone.json["status"]) == (200, "pending")
        began = time.monotonic()
        bob.api("POST", f"{path}/status", {"status": "approved"})
        assert told(tracker, 1) == ["approved"]
        assert time.monotonic() - began > 1.5
        eventually(lambda: bob.read("deliveries?state=delivered")["data"], what="it is recorded")
        assert bob.api("POST", f"{path}/undo").json["code"] == "already_sent"
        assert len(tracker.requests) == 1


@pytest.mark.timeout(200)
def test_old_clicks_are_forgotten_and_their_ids_still_tell_when_and_where(empty: Installation):
    """Kept for two days: the click of five days ago goes, its report is answered by its ID alone."""
    bob = empty.manager()
    bob.base_url = empty.start()
    scene = make_scene(bob)
    recent, old = bob.click(scene.code, sub1="recent"), old_click_id(scene, 5)
    empty.stop()
    database = Database(empty.database_url)
    columns = "link_id, affiliate_id, campaign_id, offer_id, brand_id, ip"
    database.run(
        f"INSERT INTO clicks (id, created_at, {columns}) SELECT ?, ?, {columns} FROM clicks WHERE id = ?",
        old, now_ms() - 5 * DAY_MS, recent,
    )  # fmt: skip
    empty.settings = {**empty.settings, "REDOUND_KEEP_CLICKS": "2"}
    bob.base_url = empty.start()

    def stored() -> set[str]:
        return {click["click_id"] for click in bob.every("clicks")}

    eventually(lambda: old not in stored(), 110, what="the old click was counted, and went a minute later")
    assert recent in stored()
    reply = bob.report(click_id=old)
    assert (reply.status, reply.json["verdict"]) == (404, "click_not_found")
    day = time.strftime("%Y-%m-%d", time.gmtime(now_ms() / 1000 - 5 * 86_400))
    (report,) = bob.read(f"reports?click_id={old}")["data"]
    assert day in report["detail"]
    assert "'Banner'" in report["detail"]
    assert bob.report(click_id=recent).status == 200
    database.close()
