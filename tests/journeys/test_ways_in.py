"""Everything that comes in: a network's own way, signatures, the API, and what managers mend by hand."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene
    from tests.receiver import Receiver


def test_a_network_reports_by_its_own_words_names_and_key(bob: Client, scene: Scene, tracker: Receiver):
    """Acme runs on Affise: numbers for statuses, a name of its own, no token, and 200 whatever happens."""
    key = f"path-key-{scene.advertiser}"
    profile = {
        "path_keys": [key],
        "preset": "affise",
        "parameter_names": {"ref": "txid"},
        "answer": "OK",
        "failure_code": 200,
        "repeats": "new_txid",
    }
    bob.edit(f"advertisers/{scene.advertiser}", **profile)
    scene.postback(tracker.url("/"))
    click = bob.click(scene.code, sub1="S-1")
    for status, ref in (("2", "A"), ("1", "A"), ("1", "B")):
        query = urlencode({"click_id": click, "status": status, "ref": ref})
        reply = bob.request("GET", f"/postback/{key}?{query}")
        assert (reply.status, reply.body) == (200, "OK")
    refused = bob.request("GET", f"/postback/{key}?click_id={click}&amount=x")
    assert (refused.status, refused.headers["x-redound-verdict"]) == (200, "bad_amount")
    assert [each.query["status"] for each in tracker.wait(3)] == ["pending", "approved", "approved"]
    assert all(key not in row["raw_query"] for row in bob.every("reports", click_id=click))


def test_an_advertiser_signs_instead_of_sending_a_token(bob: Client, scene: Scene, tracker: Receiver):
    """It counts once, and its tracker hears of it once, however often it is replayed."""
    secret = f"secret-{scene.advertiser}"
    bob.edit(f"advertisers/{scene.advertiser}", signing_secrets=[secret])
    scene.postback(tracker.url("/"))
    query, stamp = f"click_id={bob.click(scene.code, sub1='S-2')}", str(int(time.time()))
    signature = hmac.new(secret.encode(), f"{stamp}\nGET\n{query}\n".encode(), hashlib.sha256).hexdigest()
    headers = {
        "X-Redound-Advertiser": scene.advertiser,
        "X-Redound-Timestamp": stamp,
        "X-Redound-Signature": signature,
    }
    assert bob.request("GET", f"/postback?{query}").status == 401
    verdicts = [bob.request("GET", f"/postback?{query}", None, headers).json["verdict"] for _ in range(3)]
    assert verdicts == ["accepted", "duplicate", "duplicate"]
    assert [each.query["subid"] for each in tracker.wait(1)] == ["S-2"]


def test_a_batch_an_orphan_and_a_refusal_all_end_as_callbacks(bob: Client, scene: Scene, tracker: Receiver):
    """Bob sends two reports, matches one without a click, and has one judged again: four callbacks."""
    scene.postback(tracker.url("/"))
    clicks = [bob.click(scene.code, sub1=f"S-{number}") for number in range(5)]
    batch = [
        {"click_id": clicks[0]},
        {"click_id": clicks[1]},
        {"click_id": "ORDER-1"},
        {"click_id": clicks[3], "goal": "bonus"},
    ]
    told = bob.api("POST", "reports", batch).json["data"]
    wanted = ["accepted", "accepted", "malformed_click_id", "unknown_goal"]
    assert [each["verdict"] for each in told] == wanted
    matched = bob.api("POST", f"reports/{told[2]['report_id']}/match", {"click_id": clicks[2]})
    assert matched.json["verdict"] == "accepted"
    bob.make("goals", offer_id=scene.offer, code="bonus", name="Bonus", payout="1.00")
    wanted = {"filter": {"offer_id": scene.offer}, "dry_run": False}
    assert bob.api("POST", "reports/judge", wanted).json["verdicts"] == {"accepted": 1}
    bob.make("conversions", click_id=clicks[4], status="approved", reason="promised")
    got = sorted(each.query["subid"] for each in tracker.wait(5))
    assert got == ["S-0", "S-1", "S-2", "S-3", "S-4"]
