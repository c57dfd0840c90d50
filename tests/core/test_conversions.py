"""Applying reports: identity, repeats, updates, money."""

from __future__ import annotations

from decimal import Decimal

import pytest

from redound.core.bearings import token_digest
from redound.core.catalog import UNLIMITED
from redound.core.conversions import Accepted, Refusal
from redound.core.money import Money
from redound.core.reports import Verdict
from redound.core.states import Status
from tests.builders import (
    NOW_MS,
    SECOND_MS,
    make_advertiser,
    make_click,
    make_click_id,
    make_goal,
    make_offer,
    make_postback,
    make_world,
)
from tests.core.ledger import Ledger, verdict

PENDING, HOLD, APPROVED, REJECTED, REFUNDED = Status
FIRST = make_click()
SECOND = make_click(id=make_click_id(random=b"another8"))
TOKEN = "acme-token-1"
TOKEN_DIGEST = token_digest(TOKEN)


def ledger_for(*goals: object, clicks: tuple[object, ...] = (FIRST, SECOND), **offer: object) -> Ledger:
    """A world where Shoes has these goals, and Alice's postback fires for every status."""
    world = make_world(make_offer(*goals, **offer), make_postback(statuses=frozenset(Status)))  # type: ignore[arg-type]
    return Ledger(world, clicks)  # type: ignore[arg-type]


def test_a_report_makes_a_conversion_with_all_that_it_says() -> None:
    """The click's affiliate earns the goal's payout; the advertiser's word is kept."""
    ledger = ledger_for()
    decision = ledger.report(
        status="Confirmed", txid="T1", amount="99.90", customer_id="c-7", adv_subs={"adv_sub1": "x"}
    )
    conversion = ledger.only
    assert verdict(decision) is Verdict.ACCEPTED
    assert (conversion.click_id, conversion.affiliate_id, conversion.goal_id) == (
        FIRST.id,
        "aff_alice",
        "gol_sale",
    )
    assert (conversion.status, conversion.status_word, conversion.txid) == (APPROVED, "Confirmed", "T1")
    assert conversion.amount == Money(9990, "EUR")
    assert (conversion.payout, conversion.revenue) == (Money(1000, "EUR"), Money(1500, "EUR"))
    assert (conversion.customer_id, conversion.adv_subs) == ("c-7", {"adv_sub1": "x"})
    assert (conversion.seen, conversion.version, conversion.test) == (APPROVED.bit, 1, False)
    assert (conversion.created_at, conversion.updated_at) == (NOW_MS, NOW_MS)


def test_the_creation_is_a_transition_by_the_report() -> None:
    """Every change says who, how and when."""
    decision = ledger_for().report()
    assert isinstance(decision.outcome, Accepted)
    transition = decision.outcome.transition
    assert transition is not None
    assert (transition.from_status, transition.to_status, transition.at) == (None, APPROVED, NOW_MS)
    assert (transition.by, transition.report_id, transition.actor) == ("adv_acme", "rpt_1", "report")


def test_without_a_status_a_goal_has_its_default() -> None:
    """Here it is pending."""
    ledger = ledger_for(make_goal(default_status=PENDING))
    ledger.report()
    assert ledger.only.status is PENDING


def test_the_same_report_again_is_a_duplicate_that_names_the_first_and_fires_nothing() -> None:
    """Advertisers retry; the affiliate is told once."""
    ledger = ledger_for()
    first = ledger.report(txid="T1")
    again = ledger.report(txid="T1")
    assert isinstance(again.outcome, Refusal)
    assert (again.outcome.verdict, again.outcome.conversion_id) == (Verdict.DUPLICATE, ledger.only.id)
    assert (len(first.deliveries), len(again.deliveries)) == (1, 0)


def test_a_new_status_updates_the_conversion_and_fires() -> None:
    """Pending, then approved: one conversion, two transitions."""
    ledger = ledger_for()
    ledger.report(txid="T1", status="pending")
    decision = ledger.report(txid="T1", status="approved", at=NOW_MS + SECOND_MS)
    conversion = ledger.only
    assert verdict(decision) is Verdict.UPDATED
    assert (conversion.status, conversion.status_word, conversion.version) == (APPROVED, "approved", 2)
    assert conversion.seen == PENDING.bit | APPROVED.bit
    assert (conversion.created_at, conversion.updated_at) == (NOW_MS, NOW_MS + SECOND_MS)
    assert len(decision.deliveries) == 1


def test_a_change_that_the_table_does_not_allow_is_ignored() -> None:
    """A late `pending` never takes an approval back; the answer names the conversion."""
    ledger = ledger_for()
    ledger.report(status="approved")
    before = ledger.only
    decision = ledger.report(status="pending")
    assert isinstance(decision.outcome, Refusal)
    assert (decision.outcome.verdict, decision.outcome.conversion_id) == (Verdict.IGNORED_STATUS, before.id)
    assert ledger.only is before


def test_a_report_without_a_status_never_changes_one() -> None:
    """Bob rejected it; the advertiser's retry of a bare report does not approve it."""
    ledger = ledger_for(make_goal(default_status=PENDING))
    ledger.report()
    ledger.change(ledger.only, REJECTED)
    assert verdict(ledger.report()) is Verdict.DUPLICATE
    assert ledger.only.status is REJECTED


def test_a_txid_that_comes_later_fills_the_blank_one() -> None:
    """With repeats once it is the same conversion; nothing fires, and from then on the txid finds it."""
    ledger = ledger_for()
    ledger.report()
    decision = ledger.report(txid="T1")
    assert verdict(decision) is Verdict.UPDATED
    assert decision.deliveries == ()
    assert (ledger.only.txid, ledger.only.version) == ("T1", 2)
    assert verdict(ledger.report(txid="T1")) is Verdict.DUPLICATE


def test_a_txid_is_filled_in_together_with_a_status() -> None:
    """Both come in one report, in one change."""
    ledger = ledger_for()
    ledger.report(status="pending")
    decision = ledger.report(status="approved", txid="T1")
    assert (verdict(decision), ledger.only.txid, ledger.only.version) == (Verdict.UPDATED, "T1", 2)


def test_with_repeats_once_another_txid_of_the_same_click_is_the_same_conversion() -> None:
    """All reports for a click and goal address its one conversion; its txid stays."""
    ledger = ledger_for()
    ledger.report(txid="T1", status="pending")
    assert verdict(ledger.report(txid="T2", status="approved")) is Verdict.UPDATED
    assert (ledger.only.txid, ledger.only.status) == ("T1", APPROVED)


def test_the_same_txid_of_another_click_is_a_duplicate() -> None:
    """Identity by txid is per offer and goal; the other click's conversion is not even touched."""
    ledger = ledger_for()
    ledger.report(txid="T1")
    before = ledger.only
    decision = ledger.report(txid="T1", click_id=SECOND.id, status="rejected")
    assert isinstance(decision.outcome, Refusal)
    assert (decision.outcome.verdict, decision.outcome.conversion_id) == (Verdict.DUPLICATE, before.id)
    assert ledger.only is before


def test_the_same_txid_at_another_goal_is_another_conversion() -> None:
    """An order may be a lead and then a sale."""
    ledger = ledger_for(make_goal(), make_goal("lead"))
    ledger.report(txid="T1")
    assert verdict(ledger.report(txid="T1", goal="lead")) is Verdict.ACCEPTED
    assert len(ledger.conversions) == 2


def test_two_clicks_make_two_conversions() -> None:
    """Blank txids are told apart by the click."""
    ledger = ledger_for()
    ledger.report()
    assert verdict(ledger.report(click_id=SECOND.id)) is Verdict.ACCEPTED


def test_with_unlimited_repeats_each_report_without_txid_is_a_conversion() -> None:
    """Deposits come again and again."""
    ledger = ledger_for(make_goal(repeats=UNLIMITED))
    assert [verdict(ledger.report()) for _ in range(3)] == [Verdict.ACCEPTED] * 3
    assert [each.slot for each in ledger.conversions.values()] == ["", "", ""]


def test_with_unlimited_repeats_a_txid_tells_a_retry_from_a_repeat() -> None:
    """The same txid is the same deposit."""
    ledger = ledger_for(make_goal(repeats=UNLIMITED))
    verdicts = [verdict(ledger.report(txid=txid)) for txid in ("T1", "T2", "T1")]
    assert verdicts == [Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.DUPLICATE]


def test_a_txid_never_merges_into_a_blank_one_where_repeats_are_allowed() -> None:
    """It may well be another deposit."""
    ledger = ledger_for(make_goal(repeats=UNLIMITED))
    ledger.report()
    assert verdict(ledger.report(txid="T1")) is Verdict.ACCEPTED
    assert sorted(each.txid for each in ledger.conversions.values()) == ["", "T1"]


def test_a_limited_goal_counts_up_to_its_limit_for_each_click() -> None:
    """The third is a duplicate that names the first, with a txid or without."""
    ledger = ledger_for(make_goal(repeats=2))
    accepted = [verdict(ledger.report()), verdict(ledger.report(txid="T1"))]
    first = min(ledger.conversions.values(), key=lambda each: each.id)
    third, fourth = ledger.report(), ledger.report(txid="T2")
    assert accepted == [Verdict.ACCEPTED, Verdict.ACCEPTED]
    assert isinstance(third.outcome, Refusal)
    assert (third.outcome.verdict, third.outcome.conversion_id) == (Verdict.DUPLICATE, first.id)
    assert verdict(fourth) is Verdict.DUPLICATE
    assert [each.slot[-2:] for each in ledger.conversions.values()] == ["/1", "/2"]
    assert verdict(ledger.report(click_id=SECOND.id)) is Verdict.ACCEPTED


def test_a_limited_goals_conversion_is_updated_by_its_txid() -> None:
    """Also when the limit is reached."""
    ledger = ledger_for(make_goal(repeats=2))
    ledger.report(txid="T1", status="pending")
    ledger.report(txid="T2", status="pending")
    assert verdict(ledger.report(txid="T1", status="approved")) is Verdict.UPDATED


def test_a_customer_that_comes_later_is_filled_in() -> None:
    """So that later reports find the click by it."""
    ledger = ledger_for()
    ledger.report()
    assert verdict(ledger.report(customer_id="c-7")) is Verdict.UPDATED
    assert ledger.only.customer_id == "c-7"


@pytest.mark.parametrize(
    ("goal", "payout", "revenue"),
    [
        ({}, Money(1000, "EUR"), Money(1500, "EUR")),
        ({"payout_minor": None}, None, Money(1500, "EUR")),
        ({"payout_minor": None, "payout_percent": "10"}, Money(1235, "USD"), Money(1500, "EUR")),
        ({"revenue_minor": None, "revenue_percent": "100"}, Money(1000, "EUR"), Money(12350, "USD")),
    ],
)
def test_fixed_sums_are_in_the_offers_currency_and_percentages_in_the_reports(
    goal: dict[str, object], payout: Money | None, revenue: Money | None
) -> None:
    """Nothing is ever converted."""
    changes = {name: Decimal(value) if isinstance(value, str) else value for name, value in goal.items()}
    ledger = ledger_for(make_goal(**changes))
    ledger.report(amount="123.50", currency="usd")
    assert (ledger.only.payout, ledger.only.revenue) == (payout, revenue)
    assert ledger.only.amount == Money(12350, "USD")


def test_a_percentage_of_an_amount_that_was_not_reported_is_unknown() -> None:
    """Not zero, and not a guess."""
    ledger = ledger_for(make_goal(payout_minor=None, payout_percent=Decimal(10)))
    ledger.report()
    assert ledger.only.payout is None


def test_an_amount_that_comes_with_a_new_status_recomputes_the_money() -> None:
    """The order grew before it was approved."""
    ledger = ledger_for(make_goal(payout_minor=None, payout_percent=Decimal(10)))
    ledger.report(status="pending", amount="100")
    ledger.report(status="approved", amount="250")
    assert (ledger.only.amount, ledger.only.payout) == (Money(25000, "EUR"), Money(2500, "EUR"))


def test_without_an_amount_a_new_status_leaves_the_money_alone() -> None:
    """Though the goal pays more by now: what was earned was frozen."""
    ledger = ledger_for()
    ledger.report(status="pending")
    ledger.world.add(make_offer(make_goal(payout_minor=9900)))
    ledger.report(status="approved")
    assert ledger.only.payout == Money(1000, "EUR")


def test_an_amount_without_a_new_status_changes_nothing() -> None:
    """Amounts are frozen; the report is a duplicate."""
    ledger = ledger_for()
    ledger.report(amount="10")
    before = ledger.only
    assert verdict(ledger.report(amount="99")) is Verdict.DUPLICATE
    assert ledger.only is before


def test_a_hold_that_is_configured_to_run_out_has_a_date() -> None:
    """And loses it when the conversion leaves the hold."""
    ledger = ledger_for(make_goal(default_status=HOLD, hold_seconds=3600, hold_then=APPROVED))
    ledger.report()
    assert (ledger.only.status, ledger.only.hold_until) == (HOLD, NOW_MS + 3600 * SECOND_MS)
    ledger.report(status="approved")
    assert ledger.only.hold_until is None


def test_a_hold_without_an_end_stays() -> None:
    """Until somebody decides."""
    ledger = ledger_for(make_goal(default_status=HOLD))
    ledger.report()
    assert ledger.only.hold_until is None


def test_bob_changes_a_status_with_a_reason() -> None:
    """Who, how, when and why; the money stays, the advertiser's word goes."""
    ledger = ledger_for()
    ledger.report(status="pending")
    change = ledger.change(ledger.only, APPROVED, at=NOW_MS + 5)
    assert isinstance(change.outcome, Accepted)
    transition = change.outcome.transition
    assert transition is not None
    assert (transition.from_status, transition.to_status, transition.at) == (PENDING, APPROVED, NOW_MS + 5)
    assert (transition.by, transition.reason, transition.actor) == ("bob", "looked at it", "manager")
    assert (ledger.only.status, ledger.only.status_word, ledger.only.version) == (APPROVED, "", 2)
    assert ledger.only.payout == Money(1000, "EUR")
    assert len(change.deliveries) == 1


def test_bob_cannot_change_what_the_table_does_not_allow() -> None:
    """What was refunded stays refunded."""
    ledger = ledger_for()
    ledger.report(status="refunded")
    change = ledger.change(ledger.only, APPROVED)
    assert isinstance(change.outcome, Refusal)
    assert change.outcome.detail == "The conversion is refunded; it cannot become approved by a manager."
    assert change.deliveries == ()


def test_bobs_second_click_on_approve_changes_nothing() -> None:
    """The same status again is no change."""
    ledger = ledger_for()
    ledger.report()
    assert verdict(ledger.change(ledger.only, APPROVED)) is Verdict.DUPLICATE


def test_an_authenticated_report_without_click_id_is_resolved_by_its_txid() -> None:
    """Refunds often come with the order number alone, and without the goal."""
    ledger = ledger_for(make_goal(), make_goal("deposit"))
    ledger.world.add(make_advertiser(token_digests=frozenset({TOKEN_DIGEST})))
    ledger.report(txid="T1", goal="deposit", token=TOKEN)
    decision = ledger.report(click_id="", txid="T1", status="refunded", token=TOKEN)
    assert verdict(decision) is Verdict.UPDATED
    assert (ledger.only.status, decision.click_id) == (REFUNDED, FIRST.id)
    assert decision.deliveries[0].values["sub1"] == "tracker-click-1"


def test_an_authenticated_report_without_click_id_is_resolved_by_its_customer() -> None:
    """A deposit of a registered customer belongs to the click that registered them."""
    ledger = ledger_for(make_goal(), make_goal("deposit"))
    ledger.world.add(make_advertiser(token_digests=frozenset({TOKEN_DIGEST})))
    ledger.report(customer_id="c-7", token=TOKEN)
    decision = ledger.report(click_id="", txid="D1", customer_id="c-7", goal="deposit", token=TOKEN)
    assert verdict(decision) is Verdict.ACCEPTED
    assert decision.click_id == FIRST.id


def test_a_stranger_cannot_resolve_anything_without_a_click_id() -> None:
    """Charlie knows an order number but no token."""
    ledger = ledger_for()
    ledger.report(txid="T1", customer_id="c-7")
    before = ledger.only
    for claim in ({"txid": "T1"}, {"customer_id": "c-7"}, {"txid": "T1", "token": "guessed-token"}):
        assert verdict(ledger.report(click_id="", status="rejected", **claim)) is Verdict.MISSING_CLICK_ID
    assert ledger.only is before


def test_another_advertisers_token_resolves_nothing_of_acmes() -> None:
    """Order numbers of two advertisers may be the same."""
    ledger = ledger_for()
    ledger.world.add(make_advertiser(id="adv_other", token_digests=frozenset({TOKEN_DIGEST})))
    ledger.report(txid="T1")
    decision = ledger.report(click_id="", txid="T1", status="rejected", token=TOKEN)
    assert verdict(decision) is Verdict.MISSING_CLICK_ID


def test_a_refund_finds_its_conversion_when_the_click_is_no_longer_stored() -> None:
    """Clicks have a retention; what was earned and taken back has none."""
    ledger = ledger_for()
    ledger.report(txid="T1")
    ledger.clicks.clear()
    decision = ledger.report(click_id=FIRST.id, txid="T1", status="refunded")
    assert (verdict(decision), ledger.only.status) == (Verdict.UPDATED, REFUNDED)
    assert verdict(ledger.report(click_id=FIRST.id, txid="T2")) is Verdict.CLICK_NOT_FOUND
