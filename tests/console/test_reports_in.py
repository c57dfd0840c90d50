"""Bob reports over the API, makes conversions by hand, and has refused reports judged again."""

from __future__ import annotations

import pytest

from tests.console.traffic import a_worker_lives, bump, open_click, report


@pytest.fixture
def postback(world):
    """Alice's tracker hears of every approved conversion."""
    return world.make_postback(statuses=["approved"])


def refused(world, **claim):
    """Acme reports something that is refused; return the report's ID."""
    click = open_click(world)
    return click, report(click, **claim).incoming.report_id


# One, and batches


def test_one_report_makes_a_conversion_and_its_delivery(world, postback):
    """The verdict names both; the worker is woken."""
    a_worker_lives()
    click, woken = open_click(world), world.bus.notified
    answer = world.bob.post("reports", {"click_id": click, "txid": "T-1", "amount": "12.50"})
    assert (answer.status, answer.json["verdict"], answer.json["click_id"]) == (200, "accepted", click)
    conversion = world.bob.see(f"conversions/{answer.json['conversion_id']}")
    assert (conversion["txid"], conversion["amount"]) == ("T-1", {"amount": "12.50", "currency": "EUR"})
    assert len(world.alice.get("deliveries").ids) == 1
    assert world.bus.notified == woken + 1
    kept = world.bob.see(f"reports/{answer.json['report_id']}")
    assert (kept["method"], kept["verdict"]) == ("API", "accepted")
    assert "T-1" in kept["raw_body"]


def test_each_report_of_a_batch_gets_its_verdict(world, postback):
    """Bad ones of every kind stand between good ones and harm none of them."""
    clicks = [open_click(world) for _ in range(3)]
    batch = [
        {"click_id": clicks[0]},
        {"click_id": clicks[0]},
        "nonsense",
        {"click_id": clicks[1], "amount": "2,50"},
        {"click_id": clicks[1], "colour": "red"},
        {"click_id": clicks[1], "amount": 2.5},
        {"click_id": clicks[1], "txid": "a\x00b"},
        {"click_id": clicks[1], "status": ["approved"]},
        {"click_id": "abc"},
        {"click_id": clicks[2], "goal": "sale", "amount": 7},
    ]
    answer = world.bob.post("reports", batch)
    assert answer.status == 200, answer.json
    assert [each["verdict"] for each in answer.json["data"]] == [
        *("accepted", "duplicate", "malformed", "bad_amount", "malformed", "malformed", "malformed"),
        *("malformed", "malformed_click_id", "accepted"),
    ]
    assert [each["index"] for each in answer.json["data"]] == list(range(10))
    assert answer.json["verdicts"]["accepted"] == 2
    assert len(world.bob.get("reports").ids) == 10
    assert len(world.alice.get("deliveries").ids) == 2


def test_a_token_that_does_not_belong_there_is_not_kept(world):
    """Bob's script sends what the advertiser's did: the report is refused, and the token masked."""
    answer = world.bob.post("reports", {"click_id": open_click(world), "token": "a-token-of-acme"})
    assert answer.json["verdict"] == "malformed"
    assert "a-token-of-acme" not in world.bob.see(f"reports/{answer.json['report_id']}")["raw_body"]


def test_one_that_the_database_cannot_take_falls_out_alone(world, monkeypatch):
    """A fault of ours at the third of five: the others are stored, and it is kept as what it is."""
    from redound.console import intake

    clicks = [open_click(world) for _ in range(5)]
    real = intake.decide_report

    def breaking(incoming, *args, **options):
        if incoming.claim.click_id == clicks[2]:
            raise RuntimeError
        return real(incoming, *args, **options)

    monkeypatch.setattr(intake, "decide_report", breaking)
    answer = world.bob.post("reports", [{"click_id": click} for click in clicks])
    verdicts = [each["verdict"] for each in answer.json["data"]]
    assert verdicts == ["accepted", "accepted", "internal_error", "accepted", "accepted"]
    assert len(world.bob.get("reports").ids) == 5


def test_a_row_that_cannot_be_stored_does_not_keep_the_rest_out(world, monkeypatch):
    """What fails in the database is stored one by one, without the one at fault."""
    from django.db import DataError

    from redound.console import named

    clicks = [open_click(world) for _ in range(3)]
    real = named.perform_batches

    def failing(batches):
        batches = list(batches)
        added = [row for batch in batches if batch.query == "add_conversion" for row in batch.rows]
        if any(row[1] == clicks[1] for row in added):
            raise DataError
        real(batches)

    monkeypatch.setattr(named, "perform_batches", failing)
    answer = world.bob.post("reports", [{"click_id": click} for click in clicks])
    assert [each["verdict"] for each in answer.json["data"]] == ["accepted", "internal_error", "accepted"]
    assert len(world.bob.get("reports").ids) == 3
    assert len(world.bob.get("conversions").ids) == 2


def test_a_thousand_reports_are_taken_and_one_more_is_not(world):
    """The bound is on the batch, and says so."""
    click = open_click(world)
    answer = world.bob.post("reports", [{"click_id": click}] * 1_000)
    assert answer.json["verdicts"] == {"accepted": 1, "duplicate": 999}
    assert world.bob.post("reports", [{"click_id": click}] * 1_001).status == 422
    assert world.bob.post("reports", []).status == 422


def test_without_a_click_id_the_txid_or_the_customer_leads_to_it(world):
    """Only together with the advertiser they are numbers of."""
    click = open_click(world)
    first = world.bob.post(
        "reports", {"click_id": click, "txid": "T-1", "customer_id": "C-1", "status": "pending"}
    ).json
    second = world.bob.post(
        "reports", {"advertiser_id": world.acme, "txid": "T-1", "status": "approved"}
    ).json
    assert (second["verdict"], second["conversion_id"]) == ("updated", first["conversion_id"])
    world.make_goal(code="deposit", repeats="unlimited", payout="1.00")
    third = world.bob.post(
        "reports", {"advertiser_id": world.acme, "customer_id": "C-1", "goal": "deposit"}
    ).json
    assert (third["verdict"], third["click_id"]) == ("accepted", click)
    assert world.bob.post("reports", {"txid": "T-1"}).json["verdict"] == "missing_click_id"


def test_a_report_in_anothers_name_is_refused(world):
    """The click is Acme's; the advertiser that is named is not."""
    other = world.bob.make("advertisers", name="Other")["id"]
    answer = world.bob.post("reports", {"click_id": open_click(world), "advertiser_id": other})
    assert answer.json["verdict"] == "bad_token"
    assert world.bob.get("conversions").ids == []
    nowhere = world.bob.post("reports", {"click_id": open_click(world), "advertiser_id": "adv_0"})
    assert nowhere.json["verdict"] == "malformed"


def test_affiliates_do_not_report_conversions(world):
    """Alice may read reports; nothing of hers is taken."""
    assert world.alice.post("reports", {"click_id": open_click(world)}).status == 403
    assert world.alice.post("conversions", {"click_id": open_click(world)}).status == 403
    assert world.bob.get("conversions").ids == []


# By hand


def test_a_conversion_by_hand_says_who_made_it_and_why(world, postback):
    """Bob promised Alice a sale that Acme forgot."""
    click = open_click(world)
    answer = world.bob.post(
        "conversions", {"click_id": click, "goal": "sale", "status": "approved", "reason": "promised"}
    )
    assert answer.status == 201, answer.json
    (made,) = answer.json["transitions"]
    assert (made["by"].startswith("key Bob's"), made["reason"]) == (True, "promised")
    assert answer.headers["Location"].endswith(answer.json["id"])
    assert len(world.alice.get("deliveries").ids) == 1
    seen = world.alice.see(f"conversions/{answer.json['id']}")["transitions"][0]
    assert (seen["by"], seen["reason"]) == ("manager", "promised")


def test_a_second_one_by_hand_conflicts_and_changes_nothing(world):
    """Bob is told which conversion there is."""
    click = open_click(world)
    first = world.bob.make("conversions", click_id=click, status="pending")["id"]
    again = world.bob.post("conversions", {"click_id": click, "status": "approved"})
    assert (again.status, again.code) == (409, "conversion_exists")
    assert first in again.json["detail"]
    assert world.bob.see(f"conversions/{first}")["status"] == "pending"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("goal", "nonsense"),
        ("status", "nonsense"),
        ("amount", "2,50"),
        ("currency", "XXQ"),
        ("click_id", "abc"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(world, field, value):
    """Nothing is stored, not even a report."""
    body = {"click_id": open_click(world)} | {field: value}
    answer = world.bob.post("conversions", body)
    assert (answer.status, answer.pointers) == (422, [f"/{field}"])
    assert world.bob.get("reports").ids == []


# Again


def test_a_refused_report_is_accepted_after_the_correction(world, postback):
    """The goal was missing; Bob makes it and has the report judged again. It fires once."""
    click = open_click(world)
    kept = world.bob.post("reports", {"click_id": click, "goal": "upgrade"}).json
    assert kept["verdict"] == "unknown_goal"
    assert world.bob.post(f"reports/{kept['report_id']}/judge").json["verdict"] == "unknown_goal"
    world.make_goal(code="upgrade", payout="5.00")
    again = world.bob.post(f"reports/{kept['report_id']}/judge")
    assert (again.status, again.json["verdict"]) == (200, "accepted")
    assert "it was unknown_goal" in again.json["detail"]
    assert len(world.alice.get("deliveries").ids) == 1
    once_more = world.bob.post(f"reports/{kept['report_id']}/judge")
    assert (once_more.status, once_more.code) == (409, "not_refused")
    assert len(world.bob.get("reports").ids) == 1


def test_a_report_of_the_advertiser_is_read_again_by_the_names_now_in_force(world):
    """Acme sends its own words; Bob enters what they mean; its masked token does not stand in the way."""
    click = open_click(world)
    decision = report(click, status="9")
    assert decision.outcome.verdict == "unknown_status"
    from redound.console.traffic.models import Report

    Report.objects.filter(pk=decision.incoming.report_id).update(raw_query=f"cl={click}&st=9&token=***")
    words = {"status_words": {"9": "pending"}, "parameter_names": {"cl": "click_id", "st": "status"}}
    assert world.bob.patch(f"advertisers/{world.acme}", words).status == 200
    again = world.bob.post(f"reports/{decision.incoming.report_id}/judge").json
    assert again["verdict"] == "accepted"
    assert world.bob.see(f"conversions/{again['conversion_id']}")["status"] == "pending"


def test_an_orphan_is_matched_to_its_click(world, postback):
    """Acme sent its own order number as click ID; Bob knows whose order it was."""
    orphan = world.bob.post("reports", {"click_id": "ORDER-77", "amount": "9.00"}).json
    click = open_click(world)
    assert world.bob.post(f"reports/{orphan['report_id']}/match", {"click_id": "0" * 40}).status == 422
    matched = world.bob.post(f"reports/{orphan['report_id']}/match", {"click_id": click.upper()})
    assert (matched.json["verdict"], matched.json["click_id"]) == ("accepted", click)
    conversion = world.bob.see(f"conversions/{matched.json['conversion_id']}")
    assert conversion["amount"]["amount"] == "9.00"
    assert len(world.alice.get("deliveries").ids) == 1
    assert world.alice.post(f"reports/{orphan['report_id']}/match", {"click_id": click}).status == 403


def test_a_report_cannot_be_matched_to_anothers_click(world):
    """It proved to be Acme's; the click belongs to another advertiser's offer."""
    other = world.bob.make("advertisers", name="Other")["id"]
    orphan = world.bob.post("reports", {"advertiser_id": other, "txid": "T-9"}).json
    answer = world.bob.post(f"reports/{orphan['report_id']}/match", {"click_id": open_click(world)})
    assert answer.json["verdict"] == "bad_token"
    assert world.bob.get("conversions").ids == []


def test_many_are_counted_first_and_then_judged(world):
    """A dry run changes nothing; the filter is that of the list; the rest stays as it is."""
    for _ in range(3):
        world.bob.post("reports", {"click_id": open_click(world), "goal": "upgrade"})
    world.bob.post("reports", {"click_id": open_click(world), "amount": "1,5"})
    world.bob.post("reports", {"click_id": open_click(world)})
    world.make_goal(code="upgrade", payout="5.00")
    body = {"filter": {"verdict": "unknown_goal", "offer_id": world.offer}}
    counted = world.bob.post("reports/judge", body)
    assert counted.json == {"count": 3, "dry_run": True, "judged": 0, "verdicts": {}, "next_cursor": None}
    assert len(world.bob.get("conversions").ids) == 1
    judged = world.bob.post("reports/judge", body | {"dry_run": False}).json
    assert (judged["judged"], judged["verdicts"], judged["next_cursor"]) == (3, {"accepted": 3}, None)
    assert len(world.bob.get("conversions").ids) == 4
    assert world.bob.post("reports/judge", {"filter": {}}).json["count"] == 1


def test_whoever_has_not_proved_themselves_is_judged_only_when_named(world):
    """A forged report does not slip in with a wide filter."""
    world.bob.patch(f"advertisers/{world.acme}", {"tokens": ["a-secret-token"]})
    decision = report(open_click(world))
    assert decision.outcome.verdict == "bad_token"
    assert world.bob.post("reports/judge", {"filter": {}}).json["count"] == 0
    named = {"filter": {"verdict": "bad_token"}, "dry_run": False}
    assert world.bob.post("reports/judge", named).json["verdicts"] == {"accepted": 1}


def test_a_filter_that_does_not_exist_is_refused(world):
    """Mistyped, it would judge everything."""
    answer = world.bob.post("reports/judge", {"filter": {"verdcit": "bad_token"}, "dry_run": False})
    assert (answer.status, answer.pointers) == (422, ["/filter/verdcit"])
    assert world.bob.post("reports/judge", {"filter": {"verdict": "nonsense"}}).status == 422
    assert world.alice.post("reports/judge", {"filter": {}}).status == 403


def test_a_report_that_loses_its_race_is_decided_again(world, monkeypatch):
    """Another process changes the conversion between reading and writing."""
    from redound.console import intake

    click = open_click(world)
    first = world.bob.post("reports", {"click_id": click, "status": "pending"}).json
    load, raced = intake.load_book, []

    def racing(*args):
        book = load(*args)
        if not raced:
            raced.append(True)
            bump(first["conversion_id"])
        return book

    monkeypatch.setattr(intake, "load_book", racing)
    answer = world.bob.post("reports", {"click_id": click, "status": "approved"}).json
    assert (answer["verdict"], raced) == ("updated", [True])
    assert world.bob.see(f"conversions/{first['conversion_id']}")["status"] == "approved"
