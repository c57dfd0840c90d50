"""Players and plans: what counts, how far somebody has come, and that order and repetition do not matter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.conversions import Accepted, Conversion
from redound.core.money import Money
from redound.core.players import (
    Fact,
    FactKind,
    Ignored,
    PlayerBook,
    ProgressState,
    all_facts,
    days_left,
    judge_facts,
    progress_text,
    tally,
)
from redound.core.rewards import RewardPlan, plan_problems, plans_for
from redound.core.settling import Surroundings, conclude, settle
from redound.core.states import Actor, Status
from tests.builders import (
    DAY_MS,
    HOUR_MS,
    NOW_MS,
    make_click,
    make_conversion,
    make_goal,
    make_mint,
    make_offer,
    make_postback,
    make_world,
)

REGISTRATION = make_goal("registration", kind="registration", base=True)
FIRST_DEPOSIT = make_goal("ftd", kind="first_deposit")
DEPOSIT = make_goal("deposit", kind="deposit", repeats=0)
QUALIFIED = make_goal("qualified", kind="qualified_cpa", payout_minor=None, revenue_minor=9000)
WORLD = make_world(make_offer(REGISTRATION, FIRST_DEPOSIT, DEPOSIT, QUALIFIED), make_postback(goals="any"))

PLAN = RewardPlan(
    id="rpl_1",
    name="50 for 50",
    offer_id="ofr_shoes",
    goal_id=QUALIFIED.id,
    amount=Money(5000, "EUR"),
    deposits_minor=5000,
    wagers_minor=30000,
    within_days=30,
)


def a_plan(**changes: Any) -> RewardPlan:
    """50.00 for deposits of 50.00 and wagers of 300.00 within 30 days, or what `changes` say."""
    return replace(PLAN, **changes)


def registered(at: int = NOW_MS, **changes: Any) -> Conversion:
    """Player 77 registered through Alice's click."""
    return make_conversion(
        **({"id": "cnv_reg", "goal_id": REGISTRATION.id, "customer_id": "77", "created_at": at} | changes)
    )


def reported(number: int, minor: int | None, currency: str = "EUR", **changes: Any) -> Conversion:
    """Acme reports a deposit of player 77."""
    amount = None if minor is None else Money(minor, currency)
    fields = {
        "id": f"cnv_dep{number}",
        "goal_id": DEPOSIT.id,
        "customer_id": "77",
        "amount": amount,
        "slot": "",
        "txid": f"T{number}",
        "created_at": NOW_MS + number * HOUR_MS,
    }
    return make_conversion(**(fields | changes))


def fact(kind: str, minor: int, at: int = NOW_MS, currency: str = "EUR", external_id: str = "x") -> Fact:
    """A fact from the daily file."""
    return Fact(f"act_{external_id}", FactKind(kind), at, Money(minor, currency), external_id)


def book(*things: Conversion | Fact, **known: Any) -> PlayerBook:
    """What is stored of player 77."""
    conversions = [each for each in things if isinstance(each, Conversion)]
    facts = [each for each in things if isinstance(each, Fact)]
    return PlayerBook("adv_acme", "77", conversions, facts, **known)


def stand(plan: RewardPlan, *things: Conversion | Fact, now: int = NOW_MS, **known: Any) -> Any:
    """Return the progress that a settlement of these comes to."""
    settled = settle(book(*things, **known), [plan], WORLD, now, make_mint())
    (progress,) = settled.progress
    return progress


# Plans


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"deposits_minor": 0, "wagers_minor": 0}, ["no_threshold"]),
        ({"deposits_minor": -1}, ["bad_threshold"]),
        ({"deposit_count": -1}, ["bad_threshold"]),
        ({"first_deposit_minor": 6000, "deposit_count": 1}, ["contradiction"]),
        ({"within_days": 0}, ["bad_window"]),
        ({"within_days": -3}, ["bad_window"]),
        ({"valid_from": NOW_MS, "valid_to": NOW_MS - DAY_MS}, ["bad_period"]),
        ({"valid_from": NOW_MS, "valid_to": NOW_MS}, ["bad_period"]),
        ({"amount": Money(0, "EUR")}, ["bad_amount"]),
        ({"amount": Money(5000, "USD")}, ["wrong_currency"]),
    ],
)
def test_an_impossible_plan_is_refused_with_the_reason(changes, codes):
    """Bob mistypes; each mistake has its code and a sentence."""
    problems = list(plan_problems(a_plan(**changes), "EUR"))
    assert [problem.code for problem in problems] == codes
    assert all(problem.sentence.endswith(".") for problem in problems)


def test_an_affiliates_own_deal_takes_the_place_of_the_general_plan():
    """Alice negotiated; Charlie gets what everybody gets."""
    general, own = a_plan(id="rpl_all"), a_plan(id="rpl_alice", affiliate_id="aff_alice")
    plans = [general, own]
    assert plans_for(plans, "ofr_shoes", "aff_alice", NOW_MS) == [own]
    assert plans_for(plans, "ofr_shoes", "aff_charlie", NOW_MS) == [general]
    assert plans_for(plans, "ofr_other", "aff_alice", NOW_MS) == []


def test_a_new_deal_does_not_pay_again_for_what_the_old_one_paid():
    """Player 77 qualified under the general plan before Alice got her own."""
    general, own = a_plan(id="rpl_all"), a_plan(id="rpl_alice", affiliate_id="aff_alice")
    assert plans_for([general, own], "ofr_shoes", "aff_alice", NOW_MS, ["rpl_all"]) == [general]


def test_a_plan_takes_players_who_register_while_it_is_valid():
    """From the first moment on, until just before the last."""
    plan = a_plan(valid_from=NOW_MS, valid_to=NOW_MS + DAY_MS)
    found = [plan.takes(at) for at in (NOW_MS - 1, NOW_MS, NOW_MS + DAY_MS - 1, NOW_MS + DAY_MS)]
    assert found == [False, True, True, False]


# Facts


def test_deposits_are_counted_from_reports_and_from_the_file():
    """A reported deposit and two facts; the sums are the plan's thresholds."""
    progress = stand(
        PLAN, registered(), reported(1, 1500), fact("deposit", 2000, external_id="a"), fact("wager", 12000)
    )
    assert (progress.tally.deposits_minor, progress.tally.deposit_count) == (3500, 2)
    assert progress.tally.wagers_minor == 12000
    text = progress_text(PLAN, progress, NOW_MS + 18 * DAY_MS)
    assert text == "deposits 35 of 50, wagers 120 of 300, 12 days left"


def test_another_currency_is_kept_and_not_added_up():
    """A deposit in dollars under a plan in euros counts for nothing, and is told."""
    facts = [fact("deposit", 9900, currency="USD"), fact("deposit", 100, external_id="b")]
    counted = tally(PLAN, NOW_MS, facts)
    assert (counted.deposits_minor, counted.deposit_count, counted.other_currency) == (100, 1, 1)


def test_the_reasons_why_a_fact_does_not_count():
    """Too early, too late, worth nothing, taken back, or the same as a report."""
    things = [
        registered(),
        reported(1, 500, txid="same"),
        reported(2, 500, status=Status.REJECTED),
        reported(3, None),
        fact("deposit", 500, external_id="same"),
        fact("deposit", 500, NOW_MS - 2 * DAY_MS, external_id="early"),
        fact("deposit", 500, NOW_MS + 30 * DAY_MS, external_id="late"),
        fact("deposit", 500, NOW_MS - HOUR_MS, external_id="the same day"),
        fact("deposit", 0, external_id="nothing"),
    ]
    judged = judge_facts(PLAN, NOW_MS, all_facts(book(*things), WORLD))
    why = {each.fact.conversion_id or each.fact.external_id: each.ignored for each in judged}
    assert why == {
        "cnv_dep1": None,
        "cnv_dep2": Ignored.TAKEN_BACK,
        "cnv_dep3": Ignored.NO_AMOUNT,
        "same": Ignored.REPORTED_TOO,
        "early": Ignored.BEFORE_REGISTRATION,
        "late": Ignored.AFTER_WINDOW,
        "the same day": None,
        "nothing": Ignored.NO_AMOUNT,
    }


def test_a_deposit_reported_as_two_goals_is_one_deposit():
    """Acme reports a first deposit and a deposit under one txid."""
    first = reported(1, 2000, id="cnv_a", goal_id=FIRST_DEPOSIT.id, txid="T")
    again = reported(1, 2000, id="cnv_b", txid="T")
    assert stand(PLAN, registered(), first, again).tally.deposit_count == 1


def test_the_first_deposit_is_the_earliest_that_counts():
    """However they come in."""
    plan = a_plan(deposits_minor=0, wagers_minor=0, first_deposit_minor=2000)
    early, late = fact("deposit", 1000, NOW_MS + 1), fact("deposit", 9000, NOW_MS + 2, external_id="y")
    assert stand(plan, registered(), late, early).tally.first_deposit_minor == 1000


# Progress


def test_a_customer_without_a_conversion_is_a_player_of_nobody():
    """Activity came before the registration: it waits."""
    settled = settle(book(fact("deposit", 9000)), [PLAN], WORLD, NOW_MS, make_mint())
    assert (settled.player.affiliate_id, settled.player.registered_at) == ("", None)
    assert (settled.player_changed, settled.progress, settled.met) == (True, (), ())


def test_the_registration_ties_a_player_even_when_a_deposit_came_first():
    """The click of the registration counts, not that of whatever was reported first."""
    other = make_click(id="c" * 40)
    deposit = reported(1, 500, click_id=other.id, created_at=NOW_MS - HOUR_MS)
    settled = settle(book(deposit, registered()), [PLAN], WORLD, NOW_MS, make_mint())
    assert settled.player.click_id == make_click().id
    assert settled.player.registered_at == NOW_MS


def test_the_time_runs_out_and_a_late_fact_from_within_it_still_counts():
    """The daily file came a day after the window had closed."""
    plan = a_plan(wagers_minor=0)
    later = NOW_MS + 31 * DAY_MS
    expired = stand(plan, registered(), now=later)
    assert (expired.state, days_left(expired.deadline_at, later)) == (ProgressState.EXPIRED, 0)
    in_time = fact("deposit", 5000, NOW_MS + 29 * DAY_MS)
    known = {plan.id: expired}
    assert stand(plan, registered(), in_time, now=later, progress=known).state is ProgressState.MET


def test_a_rejected_registration_earns_nothing():
    """Acme found the account to be a fraud."""
    progress = stand(a_plan(wagers_minor=0), registered(status=Status.REJECTED), reported(1, 5000))
    assert progress.state is ProgressState.BARRED


def test_what_is_known_already_changes_nothing():
    """A second look at the same facts writes nothing."""
    things = (registered(), reported(1, 100))
    first = settle(book(*things), [PLAN], WORLD, NOW_MS, make_mint())
    known = book(*things, player=first.player, progress={each.plan_id: each for each in first.progress})
    again = settle(known, [PLAN], WORLD, NOW_MS + HOUR_MS, make_mint())
    assert (again.player_changed, again.progress, again.met, again.left) == (False, (), (), ())


def test_a_plan_that_no_longer_applies_leaves_and_what_was_earned_stays():
    """Bob ends a plan for players who registered that early."""
    progress = stand(PLAN, registered())
    ended = a_plan(valid_from=NOW_MS + DAY_MS)
    left = settle(book(registered(), progress={PLAN.id: progress}), [ended], WORLD, NOW_MS, make_mint()).left
    assert left == (progress,)
    earned = replace(progress, state=ProgressState.QUALIFIED, conversion_id="cnv_9")
    settled = settle(book(registered(), progress={PLAN.id: earned}), [ended], WORLD, NOW_MS, make_mint())
    assert settled.left == ()


# Conversions


def earn(
    *things: Conversion | Fact, plan: RewardPlan | None = None, around: Surroundings | None = None
) -> Any:
    """Settle, and conclude the one plan that was met."""
    plan = plan or a_plan(wagers_minor=0)
    mint = make_mint()
    (met,) = settle(book(*things), [plan], WORLD, NOW_MS, mint).met
    around = around or Surroundings({make_click().id: make_click()})
    return conclude(met, around, WORLD, NOW_MS, mint)


def test_meeting_a_plan_makes_the_conversion_at_its_amount_and_fires():
    """Alice earns 50.00 for player 77, and her tracker is told."""
    progress, change = earn(registered(), reported(1, 5000))
    assert isinstance(change.outcome, Accepted)
    conversion, transition = change.outcome.conversion, change.outcome.transition
    assert (conversion.payout, conversion.revenue) == (Money(5000, "EUR"), Money(9000, "EUR"))
    assert (conversion.goal_id, conversion.customer_id, conversion.affiliate_id) == (
        QUALIFIED.id, "77", "aff_alice",
    )  # fmt: skip
    assert (transition.actor, transition.by, transition.from_status) == (Actor.PLAN, PLAN.id, None)
    assert (progress.state, progress.conversion_id, progress.made) == (
        ProgressState.QUALIFIED, conversion.id, True,
    )  # fmt: skip
    (delivery,) = change.deliveries
    assert (delivery.values["payout"], delivery.values["event_type"]) == ("50.00", "qualified_cpa")


def test_what_the_advertiser_reported_itself_is_not_paid_twice():
    """Acme reports qualified players on its own: that conversion stands for the plan."""
    theirs = make_conversion(id="cnv_theirs", goal_id=QUALIFIED.id)
    around = Surroundings({}, {make_click().id: [theirs]})
    progress, change = earn(registered(), reported(1, 5000), around=around)
    assert change is None
    assert (progress.conversion_id, progress.made) == ("cnv_theirs", False)


def test_two_steps_of_a_ladder_each_have_a_conversion_of_their_own():
    """The second plan's stands beside the first plan's, in a place of its own."""
    around = Surroundings({make_click().id: make_click()})
    things = (registered(), reported(1, 9000))
    _, first = earn(*things, around=around)
    _, second = earn(*things, plan=a_plan(id="rpl_2", wagers_minor=0, deposits_minor=8000), around=around)
    slots = {first.outcome.conversion.slot, second.outcome.conversion.slot}
    assert f"{make_click().id}/{QUALIFIED.id}" in slots
    assert len(slots) == 2


def test_a_plan_whose_goal_is_not_known_stays_met():
    """The configuration lags behind: it is tried again."""
    progress, change = earn(registered(), reported(1, 5000), plan=a_plan(wagers_minor=0, goal_id="gol_new"))
    assert (progress.state, change) == (ProgressState.MET, None)


# Properties

_facts = st.lists(
    st.builds(
        lambda kind, minor, at, currency, number: fact(
            kind, minor, NOW_MS + at * HOUR_MS, currency, f"e{number}"
        ),
        st.sampled_from(["deposit", "wager"]),
        st.integers(0, 9000),
        st.integers(-48, 40 * 24),
        st.sampled_from(["EUR", "EUR", "USD"]),
        st.integers(0, 10**6),
    ),
    max_size=12,
    unique_by=lambda each: (each.kind, each.external_id),
)
_plans = st.builds(
    lambda first, total, count, wagers: a_plan(
        first_deposit_minor=min(first, total), deposits_minor=total, deposit_count=count, wagers_minor=wagers
    ),
    st.integers(0, 5000),
    st.integers(1, 9000),
    st.integers(0, 4),
    st.integers(0, 9000),
)


@given(_facts, _plans, st.data())
def test_the_order_in_which_facts_arrive_does_not_matter(facts, plan, data):
    """The same facts, shuffled: the same tally and state."""
    shuffled = data.draw(st.permutations(facts))
    one, other = (stand(plan, registered(), *each) for each in (facts, shuffled))
    assert (one.tally, one.state) == (other.tally, other.state)


@given(_facts, _plans, st.integers(0, 50 * 24))
def test_evaluating_after_each_fact_comes_to_what_evaluating_at_the_end_does(facts, plan, now_hours):
    """Incremental equals from scratch, and pays at most once.

    In the order in which they happened, that is: what was earned stays earned, so a deposit that comes to
    light later, but was made before the "first" one, takes nothing back.
    """
    facts = sorted(facts, key=lambda each: (each.at, each.external_id))
    now = NOW_MS + now_hours * HOUR_MS
    progress, player, paid = {}, None, 0
    for end in range(len(facts) + 1):
        around, mint = Surroundings({}), make_mint()
        settled = settle(
            book(registered(), *facts[:end], player=player, progress=dict(progress)), [plan], WORLD, now, mint
        )
        player = settled.player
        progress |= {each.plan_id: each for each in settled.progress}
        for met in settled.met:
            progress[plan.id], change = conclude(met, around, WORLD, now, mint)
            paid += change is not None
    at_once = stand(plan, registered(), *facts, now=now)
    step_by_step = progress[plan.id]
    assert (at_once.state is ProgressState.MET) == (step_by_step.state is ProgressState.QUALIFIED)
    assert paid == (step_by_step.state is ProgressState.QUALIFIED)
    if not paid:
        assert (step_by_step.state, step_by_step.tally) == (at_once.state, at_once.tally)
