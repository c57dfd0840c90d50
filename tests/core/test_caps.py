"""Caps: what is over one is held for a manager, what counts towards it, and for how long."""

from __future__ import annotations

import pytest

from redound.core.caps import OVER_CAP, cap_key
from redound.core.catalog import CapPeriod
from redound.core.conversions import Accepted
from redound.core.money import Money
from redound.core.reports import Verdict
from redound.core.states import Actor, Status
from redound.core.undoing import undo_change
from tests.builders import (
    DAY_MS,
    NOW_MS,
    make_affiliate,
    make_click,
    make_click_id,
    make_goal,
    make_offer,
    make_postback,
    make_world,
)
from tests.core.ledger import Ledger, verdict

PENDING, HOLD, APPROVED, REJECTED, REFUNDED = Status
CLICKS = tuple(make_click(id=make_click_id(random=bytes([number]) * 8)) for number in range(5))


def capped(*things: object, **offer: object) -> Ledger:
    """A world where Shoes is capped by `offer` and Alice's postback fires for every status; five clicks."""
    postback = make_postback(statuses=frozenset(Status))
    return Ledger(make_world(make_offer(**offer), postback, *things), CLICKS)  # type: ignore[arg-type]


def statuses(ledger: Ledger) -> list[Status]:
    """What became of the conversions, in the order in which they were made."""
    return [each.status for each in ledger.conversions.values()]


def test_what_is_over_the_cap_is_accepted_and_held_without_an_end() -> None:
    """The second sale of a day with room for one waits, though the goal's holds run out; its payout stays."""
    goal = make_goal(hold_seconds=60, hold_then=APPROVED)
    ledger = Ledger(make_world(make_offer(goal, cap_conversions=1)), CLICKS)
    ledger.report(click_id=CLICKS[0].id)
    decision = ledger.report(click_id=CLICKS[1].id, status="approved")
    assert verdict(decision) is Verdict.ACCEPTED
    assert isinstance(decision.outcome, Accepted)
    held = decision.outcome.conversion
    assert (held.status, held.hold_until, held.payout) == (HOLD, None, Money(1000, "EUR"))
    assert "over the cap of this offer (1 conversion a day)" in decision.outcome.detail
    transition = decision.outcome.transition
    assert transition is not None
    assert (transition.to_status, transition.reason) == (HOLD, decision.outcome.detail)


def test_postbacks_hear_of_the_hold() -> None:
    """It is a status like any other."""
    ledger = capped(cap_conversions=1)
    ledger.report(click_id=CLICKS[0].id)
    (delivery,) = ledger.report(click_id=CLICKS[1].id).deliveries
    assert delivery.values["status"] == "hold"


def test_an_affiliates_cap_is_over_all_their_offers() -> None:
    """The sentence says whose cap it was."""
    ledger = capped(make_affiliate(cap_conversions=1, cap_period=CapPeriod.TOTAL))
    ledger.report(click_id=CLICKS[0].id)
    decision = ledger.report(click_id=CLICKS[1].id)
    assert isinstance(decision.outcome, Accepted)
    assert "the cap of this affiliate (1 conversion in total)" in decision.outcome.detail


def test_what_one_cap_holds_takes_no_place_under_the_other() -> None:
    """Alice's own room stays for what the offer has room for."""
    ledger = capped(make_affiliate(cap_conversions=5), cap_conversions=1)
    for click in CLICKS[:3]:
        ledger.report(click_id=click.id)
    assert sorted(ledger.counts.values()) == [1, 1]


@pytest.mark.parametrize(("period", "second"), [(CapPeriod.DAY, APPROVED), (CapPeriod.TOTAL, HOLD)])
def test_a_day_begins_anew_and_a_total_does_not(period: CapPeriod, second: Status) -> None:
    """A day later there is room again under a daily cap."""
    ledger = capped(cap_conversions=1, cap_period=period)
    ledger.report(click_id=CLICKS[0].id)
    ledger.report(click_id=CLICKS[1].id, at=NOW_MS + DAY_MS)
    assert statuses(ledger) == [APPROVED, second]


def test_a_day_is_one_of_utc() -> None:
    """The last millisecond before midnight belongs to the day before."""
    midnight = NOW_MS - NOW_MS % DAY_MS
    offer = make_offer(cap_conversions=1)
    assert cap_key(offer, midnight - 1) != cap_key(offer, midnight) == cap_key(offer, midnight + DAY_MS - 1)


def test_a_rejected_one_keeps_its_place_and_one_made_rejected_takes_none() -> None:
    """Places are not given back; what never earned anything is neither counted nor held."""
    ledger = capped(cap_conversions=1)
    ledger.report(click_id=CLICKS[0].id, status="rejected")
    ledger.report(click_id=CLICKS[1].id)
    ledger.report(click_id=CLICKS[1].id, status="rejected")
    ledger.report(click_id=CLICKS[2].id)
    ledger.report(click_id=CLICKS[3].id, status="rejected")
    assert statuses(ledger) == [REJECTED, REJECTED, HOLD, REJECTED]


def test_tests_and_repeats_are_not_counted() -> None:
    """A tester's conversion and a report said twice take no places."""
    ledger = capped(cap_conversions=1)
    ledger.report(click_id=CLICKS[0].id, test=True)
    ledger.report(click_id=CLICKS[1].id)
    ledger.report(click_id=CLICKS[1].id)
    assert statuses(ledger) == [APPROVED, APPROVED]


def test_a_report_cannot_lift_what_a_cap_holds_but_can_end_it() -> None:
    """An advertiser that repeats its report would else pass the cap; a rejection is theirs to give."""
    ledger = capped(cap_conversions=1)
    ledger.report(click_id=CLICKS[0].id)
    ledger.report(click_id=CLICKS[1].id, status="approved")
    assert verdict(ledger.report(click_id=CLICKS[1].id, status="approved")) is Verdict.IGNORED_STATUS
    assert verdict(ledger.report(click_id=CLICKS[1].id, status="pending")) is Verdict.IGNORED_STATUS
    assert verdict(ledger.report(click_id=CLICKS[1].id, status="rejected")) is Verdict.UPDATED


def test_the_manager_decides_and_an_undo_brings_the_hold_back_as_it_was() -> None:
    """Bob approves it, thinks again, and it waits for him as before: no end, and not for the advertiser."""
    goal = make_goal(hold_seconds=60, hold_then=APPROVED)
    ledger = Ledger(make_world(make_offer(goal, cap_conversions=1)), CLICKS)
    ledger.report(click_id=CLICKS[0].id)
    made = ledger.report(click_id=CLICKS[1].id).outcome
    assert isinstance(made, Accepted)
    change = ledger.change(made.conversion, APPROVED).outcome
    assert isinstance(change, Accepted)
    assert change.conversion.status is APPROVED
    history = [made.transition, change.transition]
    undone = undo_change(
        change.conversion,
        [each for each in history if each is not None],
        goal,
        by="bob",
        reason="",
        now_ms=NOW_MS,
        delay_ms=0,
        mint=ledger.mint,
    )
    assert isinstance(undone, Accepted)
    assert undone.transition is not None
    assert undone.transition.actor is Actor.UNDO
    assert (undone.conversion.status, undone.conversion.hold_until) == (HOLD, None)
    assert undone.conversion.seen == HOLD.bit | OVER_CAP


def test_without_a_cap_nothing_is_counted() -> None:
    """Nothing is asked of the database and nothing written."""
    ledger = capped()
    decision = ledger.report(click_id=CLICKS[0].id)
    assert isinstance(decision.outcome, Accepted)
    assert decision.outcome.counted == ()
