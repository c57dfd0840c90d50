"""A click goes out, a conversion comes home, the callback arrives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.journeys.client import BROWSER
from tests.journeys.process import eventually

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene
    from tests.receiver import Receiver


def test_alices_tracker_learns_of_a_conversion(bob: Client, scene: Scene, tracker: Receiver):
    """The slot of her link comes back in the callback, with status and payout, once."""
    postback = scene.postback(tracker.url("/postback"))
    click_id = bob.click(scene.code, sub1="trk-1", sub2="banner 7")
    reply = bob.report(click_id=click_id, goal="registration")
    assert (reply.status, reply.headers["x-redound-verdict"]) == (200, "accepted")
    [callback] = tracker.wait(1)
    conversion_id = reply.json["conversion_id"]
    assert (callback.method, callback.path) == ("GET", "/postback")
    assert callback.query == {
        "subid": "trk-1",
        "goal": "registration",
        "status": "approved",
        "was": "",
        "payout": "12.00",
        "tid": conversion_id,
    }
    delivery = eventually(
        lambda: next(iter(bob.every("deliveries", conversion_id=conversion_id, state="delivered")), None),
        what="the delivery is shown as delivered",
    )
    assert delivery["postback_id"] == postback
    assert callback.header("webhook-id") == callback.header("idempotency-key") == delivery["id"]
    [attempt] = bob.every("attempts", delivery_id=delivery["id"])
    assert (attempt["number"], attempt["response"]["status"]) == (1, 200)


def test_a_visitor_is_redirected_with_the_click_stored(bob: Client, scene: Scene):
    """When the 302 is there the click can be read, with every parameter as it was given."""
    click_id = bob.click(scene.code, sub1="a b&c", color="крас", sub20="x")
    click = bob.read(f"clicks/{click_id}")
    assert (click["affiliate_id"], click["link_id"], click["valid"]) == (scene.affiliate, scene.link, True)
    assert click["subs"] == {"sub1": "a b&c", "sub20": "x"}
    assert click["params"]["color"] == "крас"
    assert click["user_agent"] == BROWSER


def test_the_advertiser_may_report_as_a_form_or_as_json(bob: Client, scene: Scene, tracker: Receiver):
    """Query, form and JSON mean the same."""
    scene.postback(tracker.url("/postback"))
    bodies = {
        "application/x-www-form-urlencoded": lambda click: f"click_id={click}&goal=upgrade".encode(),
        "application/json": lambda click: json.dumps({"cid": click, "event": "upgrade"}).encode(),
    }
    for kind, body in bodies.items():
        click_id = bob.click(scene.code, sub1=kind)
        reply = bob.request(
            "POST", "/postback", body(click_id), {"Content-Type": kind, "Accept": "application/json"}
        )
        assert (reply.status, reply.json["verdict"]) == (200, "accepted")
    assert {callback.query["subid"] for callback in tracker.wait(2)} == set(bodies)


def test_form_and_json_callbacks_carry_their_bodies_and_credentials(
    bob: Client, scene: Scene, tracker: Receiver
):
    """A form is form-encoded, a JSON body escaped, and each postback proves who it is as Alice set it up."""
    fields = [{"name": "id", "value": "{sub1}"}, {"name": "sum", "value": "{payout_minor}"}]
    basic = {"type": "basic", "login": "alice", "password": "wonder"}
    scene.postback(tracker.url("/form"), method="POST_FORM", params=fields, auth=basic)
    bearer = {"type": "bearer", "token": "t0ken"}
    body = '{"id": "{sub1}", "state": "{status|upper}"}'
    scene.postback(tracker.url("/json"), method="POST_JSON", body=body, auth=bearer)
    click_id = bob.click(scene.code, sub1='say "hi" & go')
    assert bob.report(click_id=click_id).status == 200
    received = {request.path: request for request in tracker.wait(2)}
    form, as_json = received["/form"], received["/json"]
    assert form.form == {"id": 'say "hi" & go', "sum": "1200"}
    assert form.header("authorization") == "Basic YWxpY2U6d29uZGVy"
    assert json.loads(as_json.body) == {"id": 'say "hi" & go', "state": "APPROVED"}
    assert as_json.header("authorization") == "Bearer t0ken"


def test_a_repeated_report_fires_nothing(bob: Client, scene: Scene, tracker: Receiver):
    """The advertiser's system calls twice; Alice is told once."""
    scene.postback(tracker.url("/postback"))
    click_id = bob.click(scene.code, sub1="twice")
    first = bob.report(click_id=click_id, txid="order-1")
    second = bob.report(click_id=click_id, txid="order-1")
    assert (first.json["verdict"], second.json["verdict"]) == ("accepted", "duplicate")
    assert second.json["conversion_id"] == first.json["conversion_id"]
    tracker.wait(1)
    assert len(list(bob.every("deliveries", conversion_id=first.json["conversion_id"]))) == 1


def test_a_forged_click_id_is_refused_and_kept(bob: Client, scene: Scene):
    """Nobody makes conversions up; the report is there to be looked at, with its verdict."""
    click_id = bob.click(scene.code)
    forged = click_id[:-1] + ("0" if click_id[-1] != "0" else "1")
    reply = bob.report(click_id=forged, txid="forged-1")
    assert (reply.status, reply.headers["x-redound-verdict"]) == (400, "malformed_click_id")
    refused = list(bob.every("reports", verdict="malformed_click_id"))
    assert [forged in report["raw_query"] for report in refused].count(True) == 1


def test_a_test_is_sent_for_a_click_and_marked(bob: Client, scene: Scene, tracker: Receiver):
    """Bob tries Alice's set-up: he sees the attempt, her tracker sees the mark, and nothing is counted."""
    postback = scene.postback(tracker.url("/postback?subid={sub1}&test={test}"))
    click_id = bob.click(scene.code, sub1="try")
    reply = bob.api("POST", f"postbacks/{postback}/test", {"click_id": click_id})
    assert reply.status == 200, reply.body
    [callback] = tracker.wait(1)
    assert callback.query == {"subid": "try", "test": "1"}
    assert reply.json["response"]["status"] == 200
    assert list(bob.every("conversions", click_id=click_id, test="false")) == []


def test_a_paid_click_fires_a_click_postback(bob: Client, scene: Scene, tracker: Receiver):
    """Everflow CPC: each valid click of a CPC offer is called back, a repeated one is not."""
    offer = bob.make(
        "offers", name="Per click", brand_id=scene.brand, payout_model="cpc", currency="EUR",
        cpc_payout="0.15", landing_url="https://shop.example.com/?click_id={click_id}",
    )["id"]  # fmt: skip
    link = bob.make("links", name="Paid", campaign_id=scene.campaign, offer_id=offer)
    scene.postback(
        tracker.url("/click?subid={sub1}&payout={payout}"), event="click",
        level="offer", include=[offer], statuses=[],
    )  # fmt: skip
    first = bob.click(link["code"], sub1="paid")
    second = bob.click(link["code"], sub1="again")
    [callback] = tracker.wait(1)
    assert callback.query == {"subid": "paid", "payout": "0.15"}
    assert (bob.read(f"clicks/{first}")["valid"], bob.read(f"clicks/{second}")["valid"]) == (True, False)
