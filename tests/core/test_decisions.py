"""From a report, a change, a click or a test to all that one transaction stores."""

from __future__ import annotations

from typing import Any

import pytest

from redound.core.bearings import token_digest
from redound.core.catalog import Event, HealthState, Level, PayoutModel, StatusMode
from redound.core.conversions import Accepted, Facts, Refusal
from redound.core.decisions import decide_change, decide_click, decide_hold_end, decide_test
from redound.core.firing import evaluate_click, new_delivery
from redound.core.matching import Fire, Reason, Skip
from redound.core.reports import Claim, Verdict
from redound.core.states import Actor, Status
from tests.builders import (
    KEYS,
    NOW,
    NOW_MS,
    SECOND_MS,
    World,
    make_advertiser,
    make_affiliate,
    make_click,
    make_conversion,
    make_goal,
    make_mint,
    make_offer,
    make_postback,
    make_transition,
    make_world,
)
from tests.core.ledger import Ledger, verdict

PENDING, HOLD, APPROVED, REJECTED, REFUNDED = Status
BOBS = make_postback(
    id="pbk_bob", affiliate_id=None, level=Level.OFFER, include=frozenset({"ofr_shoes"}), delay_seconds=60
)


def test_an_accepted_report_owes_a_delivery_to_each_postback_that_fires() -> None:
    """Alice's at once, Bob's after its delay, and a reason for the one that does not."""
    rejections = make_postback(id="pbk_no", statuses=frozenset({REJECTED}))
    decision = Ledger(make_world(make_postback(), rejections, BOBS)).report(txid="T1")
    assert [(each.postback_id, each.reason) for each in decision.evaluations] == [
        ("pbk_tracker", Reason.FIRES),
        ("pbk_no", Reason.STATUS),
        ("pbk_bob", Reason.FIRES),
    ]
    assert [(each.postback_id, each.due_at) for each in decision.deliveries] == [
        ("pbk_tracker", NOW_MS),
        ("pbk_bob", NOW_MS + 60 * SECOND_MS),
    ]


def test_a_delivery_knows_what_it_is_for() -> None:
    """And carries the values of this moment."""
    ledger = Ledger(make_world(make_postback()))
    (delivery,) = ledger.report(txid="T1", amount="99.90").deliveries
    conversion = ledger.only
    assert (delivery.conversion_id, delivery.click_id) == (conversion.id, conversion.click_id)
    assert (delivery.affiliate_id, delivery.offer_id) == ("aff_alice", "ofr_shoes")
    assert delivery.fire_key == delivery.transition_id
    assert (delivery.created_at, delivery.parked, delivery.ordered, delivery.test) == (
        NOW_MS,
        False,
        False,
        False,
    )
    expected = {
        "click_id": conversion.click_id,
        "sub1": "tracker-click-1",
        "txid": "T1",
        "payout": "10.00",
        "amount": "99.90",
        "currency": "EUR",
        "status": "approved",
        "goal": "sale",
        "affiliate_name": "Alice",
        "campaign_name": "Autumn",
        "link_id": "lnk_banner",
        "brand_name": "Acme Play",
    }
    assert expected.items() <= delivery.values.items()
    assert "" not in delivery.values.values()


def test_a_later_transitions_delivery_is_ordered_after_older_ones() -> None:
    """So that a late `pending` never overwrites an `approved`."""
    ledger = Ledger(make_world(make_postback(statuses=frozenset(Status))))
    ledger.report(status="pending")
    (delivery,) = ledger.report(status="approved").deliveries
    assert delivery.ordered
    assert (delivery.values["status"], delivery.values["previous_status"]) == ("approved", "pending")


def test_a_disabled_postbacks_delivery_is_parked() -> None:
    """Not lost."""
    ledger = Ledger(make_world(make_postback(health=HealthState.DISABLED)))
    (delivery,) = ledger.report().deliveries
    assert delivery.parked


def test_a_managers_delivery_belongs_to_no_affiliate() -> None:
    """Alice is not to find Bob's URL, or the revenue, among her deliveries."""
    (delivery,) = Ledger(make_world(BOBS)).report().deliveries
    assert delivery.affiliate_id == ""


def test_filling_in_a_txid_evaluates_nothing() -> None:
    """There is no transition."""
    ledger = Ledger(make_world(make_postback()))
    ledger.report()
    decision = ledger.report(txid="T1")
    assert (verdict(decision), decision.evaluations, decision.deliveries) == (Verdict.UPDATED, (), ())


@pytest.mark.parametrize(
    ("mode", "fired"),
    [
        (StatusMode.EACH, ["pending", "approved"]),
        (StatusMode.ONCE, ["pending"]),
        (StatusMode.ALL, ["approved"]),
    ],
)
def test_a_conversions_life_fires_by_the_mode(mode: StatusMode, fired: list[str]) -> None:
    """Pending, approved, then rejected, which nobody listens to."""
    ledger = Ledger(make_world(make_postback(status_mode=mode, statuses=frozenset({PENDING, APPROVED}))))
    decisions = [ledger.report(status=status) for status in ("pending", "approved", "rejected")]
    values = [delivery.values["status"] for decision in decisions for delivery in decision.deliveries]
    assert values == fired


def test_coming_back_to_a_status_fires_again() -> None:
    """Bob brings back what was rejected; staying in a status fires nothing."""
    ledger = Ledger(make_world(make_postback()))
    ledger.report()
    ledger.report()
    ledger.report(status="rejected")
    change = ledger.change(ledger.only, APPROVED)
    assert len(change.deliveries) == 1
    assert len(ledger.fire_keys) == 2


def test_bobs_change_needs_no_click() -> None:
    """When its retention has ended, the values that came from it are missing."""
    ledger = Ledger(make_world(make_postback()))
    ledger.report(status="pending")
    ledger.clicks.clear()
    (delivery,) = ledger.change(ledger.only, APPROVED).deliveries
    assert delivery.values["status"] == "approved"
    assert "sub1" not in delivery.values


def test_a_change_that_is_refused_stores_nothing() -> None:
    """Only the sentence comes back."""
    world, conversion = make_world(make_postback()), make_conversion(status=REFUNDED)
    change = decide_change(
        conversion, make_click(), Facts(), APPROVED, Actor.MANAGER, "bob", "", NOW_MS, world, make_mint()
    )
    assert isinstance(change.outcome, Refusal)
    assert (change.evaluations, change.deliveries) == ((), ())


HELD = make_conversion(status=HOLD, hold_until=NOW_MS)
HOLDING = make_goal(default_status=HOLD, hold_seconds=60, hold_then=APPROVED)


def test_a_hold_that_ran_out_turns_into_what_the_goal_says() -> None:
    """And fires like any change."""
    world = make_world(make_postback(), make_offer(HOLDING))
    change = decide_hold_end(HELD, make_click(), Facts(), NOW_MS, world, make_mint())
    assert change is not None
    assert isinstance(change.outcome, Accepted)
    assert (change.outcome.conversion.status, change.outcome.conversion.hold_until) == (APPROVED, None)
    assert change.outcome.transition is not None
    assert change.outcome.transition.actor is Actor.HOLD
    assert len(change.deliveries) == 1


@pytest.mark.parametrize(
    ("goal", "now_ms"), [(HOLDING, NOW_MS - 1), (make_goal(), NOW_MS), (make_goal("other"), NOW_MS)]
)
def test_a_hold_that_goes_on_is_left_alone(goal: Any, now_ms: int) -> None:
    """Too early, or nothing is configured any more."""
    world = make_world(make_offer(goal))
    assert decide_hold_end(HELD, make_click(), Facts(), now_ms, world, make_mint()) is None


def try_out(world: World, **claim: Any) -> Any:
    """Alice fires a test conversion for her click."""
    return decide_test(make_click(), Claim(**claim), "alice", NOW_MS, world, KEYS, make_mint())


def test_alices_test_is_delivered_and_marked() -> None:
    """It has no identity in which it could stand in a real conversion's way, but its txid is sent."""
    decision = try_out(make_world(make_postback()), txid="T1", amount="5")
    assert verdict(decision) is Verdict.TEST
    conversion = decision.outcome.conversion
    assert (conversion.test, conversion.txid, conversion.slot) == (True, "", "")
    (delivery,) = decision.deliveries
    assert delivery.test
    assert (delivery.values["test"], delivery.values["txid"]) == ("1", "T1")
    assert (decision.incoming.method, decision.incoming.raw_query) == ("TEST", "by=alice")


def test_tests_and_real_reports_never_meet() -> None:
    """A real report after a test is new; a test after a real one is, too."""
    ledger = Ledger(make_world(make_postback()))
    test = try_out(ledger.world, txid="T1").outcome.conversion
    ledger.conversions["cnv_test"] = test
    assert verdict(ledger.report(txid="T1")) is Verdict.ACCEPTED
    real = tuple(each for each in ledger.conversions.values() if not each.test)
    assert len(real) == 1


def test_a_test_needs_neither_token_nor_time() -> None:
    """Pauses, the window, tokens and addresses are for real reports."""
    world = make_world(
        make_postback(),
        make_advertiser(token_digests=frozenset({token_digest("secret-token")}), allowed_ips=("10.0.0.0/8",)),
        make_affiliate(paused_at=NOW.replace(year=2020)),
        make_offer(conversion_window_days=1),
    )
    click = make_click(created_at=NOW_MS - 90 * 86_400_000)
    decision = decide_test(click, Claim(), "alice", NOW_MS, world, KEYS, make_mint())
    assert verdict(decision) is Verdict.TEST


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ({"goal": "nope"}, Verdict.UNKNOWN_GOAL),
        ({"status": "nope"}, Verdict.UNKNOWN_STATUS),
        ({"amount": "2,50"}, Verdict.BAD_AMOUNT),
    ],
)
def test_a_test_is_checked_for_what_it_says(claim: dict[str, str], expected: Verdict) -> None:
    """Alice learns what a report would be told."""
    assert verdict(try_out(make_world(), **claim)) is expected


def test_a_report_for_a_testers_click_is_a_test() -> None:
    """Whoever reports it; every time anew."""
    ledger = Ledger(make_world(make_postback()), (make_click(test=True),))
    verdicts = [verdict(ledger.report(txid="T1")), verdict(ledger.report(txid="T1"))]
    assert verdicts == [Verdict.TEST, Verdict.TEST]
    assert all(each.test for each in ledger.conversions.values())


CPC = make_offer(payout_model=PayoutModel.CPC, cpc_payout_minor=5)
ON_CLICK = make_postback(
    event=Event.CLICK, level=Level.OFFER, include=frozenset({"ofr_shoes"}), delay_seconds=30
)


def test_a_valid_click_at_a_cpc_offer_owes_its_postback() -> None:
    """Everflow; the payout is the price of a click."""
    click = make_click()
    (delivery,) = decide_click(click, make_world(CPC, ON_CLICK), make_mint())
    assert (delivery.click_id, delivery.fire_key) == (click.id, click.id)
    assert (delivery.conversion_id, delivery.transition_id) == ("", "")
    assert delivery.due_at == click.created_at + 30 * SECOND_MS
    assert (delivery.values["event_type"], delivery.values["payout"]) == ("click", "0.05")


@pytest.mark.parametrize(
    ("click", "offer"),
    [
        (make_click(), make_offer()),
        (make_click(valid=False, invalid_reason="bot"), CPC),
        (make_click(offer_id="ofr_gone"), CPC),
    ],
)
def test_no_other_click_owes_anything(click: Any, offer: Any) -> None:
    """CPA offers, invalid clicks, offers that are gone."""
    assert decide_click(click, make_world(offer, ON_CLICK), make_mint()) == []


def test_why_a_click_fired_nothing_can_be_asked_later() -> None:
    """Evaluations of clicks are not stored."""
    click = make_click(valid=False, invalid_reason="bot")
    (answer,) = evaluate_click(click, make_world(CPC, ON_CLICK))
    assert isinstance(answer, Skip)
    assert answer.reason is Reason.CLICK_INVALID


def test_a_delivery_made_on_purpose_is_due_now() -> None:
    """A resend parks while the postback is disabled; a test of it goes out."""
    postback = make_postback(health=HealthState.DISABLED, delay_seconds=600)
    conversion = make_conversion()
    transition = make_transition(conversion, from_status=PENDING)
    resend = new_delivery("dlv_1", postback, conversion, transition, "resend:1", {"a": "b"}, NOW_MS)
    test = new_delivery("dlv_2", postback, conversion, transition, "test:1", {}, NOW_MS, test=True)
    assert (resend.due_at, resend.parked, resend.ordered, resend.test) == (NOW_MS, True, True, False)
    assert (test.due_at, test.parked, test.test) == (NOW_MS, False, True)


def test_fires_and_deliveries_are_as_many() -> None:
    """None is forgotten, none is added."""
    decision = Ledger(make_world(make_postback(), BOBS)).report()
    fires = [each for each in decision.evaluations if isinstance(each, Fire)]
    assert [each.postback_id for each in fires] == [each.postback_id for each in decision.deliveries]
