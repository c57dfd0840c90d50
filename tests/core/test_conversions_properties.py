"""What holds for every history of reports."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from redound.core.catalog import ONCE, UNLIMITED, Precedence, StatusMode
from redound.core.conversions import Accepted, Refusal
from redound.core.money import Money
from redound.core.reports import Verdict
from redound.core.states import Actor, Status, allowed
from tests.builders import (
    NOW_MS,
    SECOND_MS,
    make_affiliate,
    make_click,
    make_click_id,
    make_goal,
    make_offer,
    make_postback,
    make_world,
)
from tests.core.ledger import Ledger, verdict

CLICKS = tuple(make_click(id=make_click_id(random=bytes([number] * 8))) for number in range(3))
STATUSES = frozenset(Status)
REPORTS = st.lists(
    st.fixed_dictionaries(
        {
            "click_id": st.sampled_from([click.id for click in CLICKS]),
            "txid": st.sampled_from(["", "", "T1", "T2", "T3"]),
            "goal": st.sampled_from(["", "sale", "deposit", "spin"]),
            "status": st.sampled_from(["", *Status, "nonsense"]),
            "amount": st.sampled_from(["", "10", "12.34", "2,50"]),
            "currency": st.sampled_from(["", "EUR", "usd"]),
            "customer_id": st.sampled_from(["", "c-1"]),
        }
    ),
    max_size=25,
)


def new_ledger() -> Ledger:
    """Goals of all three kinds of repeats, and postbacks of all three modes."""
    percent = {"payout_minor": None, "payout_percent": Decimal("12.5")}
    offer = make_offer(
        make_goal(repeats=ONCE, **percent),
        make_goal("deposit", repeats=UNLIMITED),
        make_goal("spin", repeats=2, default_status=Status.PENDING),
    )
    postbacks = [
        make_postback(
            id=f"pbk_{mode}", status_mode=mode, statuses=frozenset({Status.PENDING, Status.APPROVED})
        )
        for mode in StatusMode
    ]
    return Ledger(make_world(offer, make_affiliate(precedence=Precedence.ALL), *postbacks), CLICKS)


def play(reports: list[dict[str, Any]]) -> Ledger:
    """Report them one after another; the ledger itself minds uniqueness and that nothing fires twice."""
    ledger = new_ledger()
    for number, report in enumerate(reports):
        ledger.report(**report, at=NOW_MS + number * SECOND_MS)
    return ledger


@given(REPORTS)
def test_there_is_one_conversion_for_each_identity(reports: list[dict[str, Any]]) -> None:
    """One for a click and a goal that counts once; at most the limit; one for a txid and goal."""
    conversions = list(play(reports).conversions.values())
    by_place: dict[tuple[str, str], int] = {}
    for each in conversions:
        by_place[each.click_id, each.goal_id] = by_place.get((each.click_id, each.goal_id), 0) + 1
    assert all(count <= 1 for (_, goal), count in by_place.items() if goal == "gol_sale")
    assert all(count <= 2 for (_, goal), count in by_place.items() if goal == "gol_spin")
    txids = [(each.txid, each.goal_id) for each in conversions if each.txid]
    assert len(txids) == len(set(txids))


@given(REPORTS)
def test_a_report_that_makes_nothing_fires_nothing(reports: list[dict[str, Any]]) -> None:
    """Duplicates and refusals have no deliveries; a duplicate names a conversion that exists."""
    ledger = play(reports)
    for decision in ledger.decisions:
        if isinstance(decision.outcome, Refusal):
            assert not decision.deliveries
            if decision.outcome.verdict is Verdict.DUPLICATE:
                assert decision.outcome.conversion_id in ledger.conversions


@given(REPORTS)
def test_a_status_changes_by_the_table_only(reports: list[dict[str, Any]]) -> None:
    """And each transition starts where the last one ended."""
    ledger = play(reports)
    status: dict[str, Status] = {}
    for decision in ledger.decisions:
        if isinstance(decision.outcome, Accepted) and decision.outcome.transition is not None:
            transition = decision.outcome.transition
            before = status.get(transition.conversion_id)
            assert transition.from_status is before
            assert before is None or allowed(before, transition.to_status, Actor.REPORT)
            status[transition.conversion_id] = transition.to_status
    assert status == {each.id: each.status for each in ledger.conversions.values()}


@given(REPORTS)
def test_seen_is_what_the_transitions_went_through(reports: list[dict[str, Any]]) -> None:
    """The mask and the history tell the same."""
    ledger = play(reports)
    seen: dict[str, int] = {}
    for decision in ledger.decisions:
        if isinstance(decision.outcome, Accepted) and decision.outcome.transition is not None:
            transition = decision.outcome.transition
            seen[transition.conversion_id] = seen.get(transition.conversion_id, 0) | transition.to_status.bit
    assert seen == {each.id: each.seen for each in ledger.conversions.values()}


@given(REPORTS)
def test_money_never_changes_without_an_amount(reports: list[dict[str, Any]]) -> None:
    """Nor without a new status; and never loses its exactness."""
    ledger = new_ledger()
    for report in reports:
        before = dict(ledger.conversions)
        decision = ledger.report(**report)
        if not isinstance(decision.outcome, Accepted) or decision.outcome.created:
            continue
        new = decision.outcome.conversion
        old = before[new.id]
        if not report["amount"] or decision.outcome.transition is None:
            assert (new.amount, new.payout, new.revenue) == (old.amount, old.payout, old.revenue)
        elif new.goal_id == "gol_sale":
            assert new.amount is not None
            assert new.payout == Money(round(Decimal(new.amount.minor) * 125 / 1000), new.amount.currency)


@given(REPORTS)
def test_repeating_a_history_of_orders_changes_no_status_twice(reports: list[dict[str, Any]]) -> None:
    """An advertiser who sends every order again in the end gets no new conversion where orders are named."""
    named = [{**report, "txid": report["txid"] or "T9"} for report in reports]
    ledger = play(named)
    conversions = set(ledger.conversions)
    for report in named:
        assert verdict(ledger.report(**report)) is not Verdict.ACCEPTED
    assert set(ledger.conversions) == conversions


@given(REPORTS)
@settings(max_examples=30)
def test_the_same_history_always_ends_the_same(reports: list[dict[str, Any]]) -> None:
    """Nothing depends on a clock, on chance or on the order of a set."""
    first, second = play(reports), play(reports)
    assert first.decisions == second.decisions


@given(REPORTS, st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Status)), max_size=10))
def test_bob_and_the_advertiser_together_keep_to_the_table(
    reports: list[dict[str, Any]], changes: list[tuple[int, Status]]
) -> None:
    """A manager's change in between breaks no rule; versions count every change."""
    ledger = play(reports)
    for number, to in changes:
        conversions = list(ledger.conversions.values())
        if number < len(conversions):
            before = conversions[number]
            change = ledger.change(before, to)
            moved = ledger.conversions[before.id]
            changed = isinstance(change.outcome, Accepted)
            assert changed == allowed(before.status, to, Actor.MANAGER)
            assert moved.version == before.version + changed
            assert (moved.amount, moved.payout) == (before.amount, before.payout)
