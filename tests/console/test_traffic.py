"""Clicks, reports, conversions, deliveries and attempts as the API shows them, and what it hides."""

from __future__ import annotations

from tests.console.traffic import attempt, convert, disable, open_click, report


def test_a_click_shows_sub_ids_apart_from_other_parameters(world):
    """Everything of the link's query is kept."""
    click_id = open_click(world)
    click = world.alice.see(f"clicks/{click_id}")
    assert click["click_id"] == click["id"] == click_id
    assert click["subs"] == {"sub1": "TRACKER-1"}
    assert click["params"] == {"source": "blog", "banner": "red"}
    assert (click["ip"], click["valid"], click["test"]) == ("203.0.113.7", True, False)
    assert world.alice.see(f"clicks/{click_id.upper()}")["id"] == click_id


def test_clicks_are_filtered_by_their_fields_and_time(world):
    """By link, by validity, by the time in their IDs."""
    click_id = open_click(world)
    assert world.bob.get(f"clicks?click_id={click_id.upper()}").ids == [click_id]
    assert world.bob.get(f"clicks?link_id={world.link}&valid=true").ids == [click_id]
    assert world.bob.get("clicks?valid=false").ids == []
    at = world.bob.see(f"clicks/{click_id}")["created_at"]
    assert world.bob.get(f"clicks?since={at}").ids == [click_id]
    assert world.bob.get(f"clicks?until={at}").ids == []


def test_a_report_shows_its_verdict_and_not_the_advertiser_to_alice(world):
    """Bob sees who sent it and from where."""
    convert(world)
    (row,) = world.bob.see("reports")["data"]
    assert (row["verdict"], row["ip"], row["advertiser_id"]) == ("accepted", "198.51.100.9", world.acme)
    (hers,) = world.alice.see("reports?verdict=accepted")["data"]
    assert (hers["ip"], hers["advertiser_id"]) == (None, None)
    assert world.bob.get("reports?verdict=perhaps").pointers == ["verdict"]


def test_a_conversion_shows_money_and_where_it_has_been(world):
    """Bob sees what it brings, Alice what she is paid."""
    conversion_id = convert(world, txid="T-1")
    seen = world.bob.see(f"conversions/{conversion_id}")
    assert seen["payout"] == {"amount": "12.00", "currency": "EUR"}
    assert seen["revenue"] == {"amount": "20.00", "currency": "EUR"}
    assert (seen["status"], seen["txid"], seen["amount"]) == ("approved", "T-1", None)
    (transition,) = seen["transitions"]
    assert (transition["from"], transition["to"], transition["by"]) == (None, "approved", world.acme)
    hers = world.alice.see(f"conversions/{conversion_id}")
    assert (hers["payout"], hers["revenue"]) == (seen["payout"], None)
    assert hers["transitions"][0]["by"] == "report"
    assert world.alice.get("conversions?status=approved,rejected").ids == [conversion_id]
    assert world.alice.get("conversions?q=T-1").ids == [conversion_id]
    assert world.alice.get("conversions?test=true").ids == []


def test_conversions_of_private_goals_are_not_shown_to_alice(world):
    """Everflow: private events."""
    world.make_goal(code="upsell", private=True)
    conversion_id = convert(world, goal="upsell")
    assert world.bob.get("conversions").ids == [conversion_id]
    assert world.alice.get("conversions").ids == []
    assert world.alice.get(f"conversions/{conversion_id}").status == 404
    assert world.alice.get(f"conversions/{conversion_id}/evaluations").status == 404


def test_evaluations_tell_why_a_postback_did_not_fire(world):
    """Alice sees her own postbacks', Bob everybody's."""
    fires = world.make_postback()["id"]
    skips = world.make_postback(statuses=["rejected"])["id"]
    managers = world.bob.make(
        "postbacks", name="M", url="http://127.0.0.1/", level="brand", include=[world.brand]
    )
    conversion_id = convert(world)
    path = f"conversions/{conversion_id}/evaluations"
    told = {row["postback_id"]: row for row in world.alice.see(path)["data"]}
    assert set(told) == {fires, skips}
    assert (told[fires]["fired"], told[fires]["reason"]) == (True, "fires")
    assert told[fires]["delivery_id"] == world.alice.get(f"deliveries?postback_id={fires}").ids[0]
    assert (told[skips]["fired"], told[skips]["reason"]) == (False, "status_not_listed")
    assert managers["id"] in {row["postback_id"] for row in world.bob.see(path)["data"]}


def test_a_delivery_is_followed_from_pending_to_delivered(world):
    """With the request as it went out and what came back."""
    postback = world.make_postback()["id"]
    conversion_id = convert(world)
    (row,) = world.alice.see(f"deliveries?conversion_id={conversion_id}&state=pending")["data"]
    assert (row["postback_id"], row["attempts"], row["finished_at"]) == (postback, 0, None)
    assert row["next_attempt_at"] is not None
    assert row["transition"].startswith("trn_")
    attempt_id = attempt(row["id"])
    done = world.alice.see(f"deliveries/{row['id']}")
    assert (done["state"], done["attempts"], done["next_attempt_at"]) == ("delivered", 1, None)
    assert world.alice.get("deliveries?state=pending").ids == []
    assert world.alice.get("deliveries?state=delivered,failed").ids == [row["id"]]
    assert world.alice.get(f"deliveries?goal_id={world.goal}").ids == [row["id"]]
    (tried,) = world.alice.see(f"attempts?delivery_id={row['id']}")["data"]
    assert (tried["id"], tried["number"], tried["duration_ms"]) == (attempt_id, 1, 12)
    assert tried["request"]["headers"] == {"Accept": "*/*", "X-Token": "••••"}
    assert tried["response"] == {
        "status": 200, "headers": {"Server": "tracker"}, "body": "OK", "truncated": False,
    }  # fmt: skip
    assert tried["error"] is None
    assert world.alice.get(f"attempts?click_id={row['click_id']}&status=200").ids == [attempt_id]


def test_a_managers_postback_on_alices_traffic_stays_his(world):
    """Its URL and its deliveries are Bob's affair."""
    made = world.bob.make(
        "postbacks", name="M", url="http://127.0.0.1/?{sub1}", level="offer", include=[world.offer]
    )
    convert(world)
    (delivery,) = world.bob.get(f"deliveries?postback_id={made['id']}").ids
    tried = attempt(delivery)
    assert world.alice.get("deliveries").ids == []
    assert world.alice.get("attempts").ids == []
    assert world.alice.get(f"deliveries/{delivery}").status == 404
    assert world.alice.get(f"attempts/{tried}").status == 404


def test_a_failed_delivery_is_tried_again(world):
    """Alice mended her tracker; the worker is woken."""
    world.make_postback()
    convert(world)
    (delivery,) = world.alice.get("deliveries").ids
    attempt(delivery, status=500)
    assert world.alice.see(f"deliveries/{delivery}")["state"] == "failed"
    woken = world.bus.notified
    answer = world.alice.post(f"deliveries/{delivery}/retry")
    assert (answer.status, answer.json["state"], answer.json["finished_at"]) == (200, "retrying", None)
    assert world.bus.notified == woken + 1


def test_what_cannot_be_retried_says_why(world):
    """Delivered; parked; its postback deleted. Nothing happens then."""
    postback = world.make_postback()["id"]
    convert(world)
    (first,) = world.alice.get("deliveries").ids
    attempt(first)
    delivered = world.alice.post(f"deliveries/{first}/retry")
    assert (delivered.status, delivered.code) == (409, "not_retriable")
    convert(world)
    disable(postback)
    (parked,) = world.alice.get("deliveries?state=parked").ids
    assert "parked" in world.alice.post(f"deliveries/{parked}/retry").json["detail"]
    world.alice.delete(f"postbacks/{postback}")
    assert world.alice.post(f"deliveries/{first}/retry").code == "archived"
    assert world.alice.see(f"deliveries/{first}")["attempts"] == 1


def test_one_notification_is_for_bob_and_one_for_alice(world):
    """Each sees theirs alone, and reads it once."""
    disable(world.make_postback()["id"])
    (bobs,) = world.bob.see("notifications")["data"]
    (hers,) = world.alice.see("notifications?kind=postback_disabled")["data"]
    assert bobs["id"] != hers["id"]
    assert world.charlie.see("notifications")["data"] == []
    assert hers["read_at"] is None
    read = world.alice.post(f"notifications/{hers['id']}/read").json["read_at"]
    assert read is not None
    assert world.alice.post(f"notifications/{hers['id']}/read").json["read_at"] == read
    assert world.alice.get("notifications?read=false").ids == []
    assert world.alice.post(f"notifications/{bobs['id']}/read").status == 404


def test_a_duplicate_is_in_the_reports_with_the_first_conversion(world):
    """The second report of a sale made once."""
    click_id = open_click(world)
    first = report(click_id).outcome.conversion.id
    report(click_id)
    verdicts = {row["verdict"]: row["conversion_id"] for row in world.bob.see("reports")["data"]}
    assert verdicts == {"accepted": first, "duplicate": first}
