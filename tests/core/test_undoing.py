"""Taking back a manager's last change of a status."""

from __future__ import annotations

import pytest

from redound.core.conversions import Accepted, Refusal
from redound.core.states import Actor, Status
from redound.core.undoing import UNDO_MS, standing, undo_change
from tests.builders import NOW_MS, SECOND_MS, make_conversion, make_goal, make_mint, make_transition

PENDING, HOLD, APPROVED, REJECTED, REFUNDED = Status
MINUTE_MS = 60 * SECOND_MS


def history(*steps, actor=Actor.MANAGER):
    """Transitions through these statuses, a minute apart, the last one now; the first is a report's."""
    start = NOW_MS - (len(steps) - 1) * MINUTE_MS
    return [
        make_transition(
            id=f"trn_{number}",
            from_status=steps[number - 1] if number else None,
            to_status=status,
            at=start + number * MINUTE_MS,
            actor=actor if number else Actor.REPORT,
        )
        for number, status in enumerate(steps)
    ]


def undo(transitions, *, at=NOW_MS, goal=None, delay_ms=0):
    """Undo the last of them, of a conversion that went through all."""
    seen = 0
    for each in transitions:
        seen |= each.to_status.bit
    conversion = make_conversion(status=transitions[-1].to_status, seen=seen, version=len(transitions))
    return undo_change(
        conversion, transitions, goal, by="bob", reason="", now_ms=at, delay_ms=delay_ms, mint=make_mint()
    )


def test_the_former_status_returns_and_the_history_says_so():
    """Bob approved the wrong one; the approval was never "been through"."""
    outcome = undo(history(PENDING, APPROVED))
    assert isinstance(outcome, Accepted)
    conversion, transition = outcome.conversion, outcome.transition
    assert (conversion.status, conversion.seen, conversion.version) == (PENDING, PENDING.bit, 3)
    assert (transition.from_status, transition.to_status) == (APPROVED, PENDING)
    assert (transition.actor, transition.by, transition.reason) == (
        Actor.UNDO,
        "bob",
        "The change was undone.",
    )


def test_a_hold_runs_on_from_where_it_was():
    """It began a minute ago and lasts five."""
    goal = make_goal(hold_seconds=300, hold_then=APPROVED)
    outcome = undo(history(HOLD, REJECTED), goal=goal)
    assert outcome.conversion.hold_until == NOW_MS + 4 * MINUTE_MS


def test_an_undone_change_cannot_be_undone_again():
    """Nor the one before it: the undo was the last change."""
    changes = history(PENDING, REJECTED, APPROVED)
    first = undo(changes)
    assert first.conversion.status is REJECTED
    again = undo([*changes, first.transition])
    assert isinstance(again, Refusal)


def test_what_was_undone_does_not_stand():
    """A stack: approve, undo, reject leaves the creation and the rejection."""
    changes = history(PENDING, APPROVED)
    undone = undo(changes).transition
    rejected = make_transition(id="trn_9", from_status=PENDING, to_status=REJECTED, actor=Actor.MANAGER)
    assert standing([*changes, undone, rejected]) == [changes[0], rejected]
    outcome = undo([*changes, undone, rejected])
    assert (outcome.conversion.status, outcome.conversion.seen) == (PENDING, PENDING.bit)


@pytest.mark.parametrize("actor", [Actor.REPORT, Actor.HOLD, Actor.PLAN])
def test_only_what_a_manager_did_is_undone(actor):
    """An advertiser's word is not Bob's to take back so."""
    assert isinstance(undo(history(PENDING, APPROVED, actor=actor)), Refusal)
    assert isinstance(undo(history(PENDING)), Refusal)


def test_a_change_of_yesterday_stays():
    """Within a quarter of an hour after it was due, not later."""
    changes = history(PENDING, APPROVED)
    assert isinstance(undo(changes, at=NOW_MS + UNDO_MS), Accepted)
    assert isinstance(undo(changes, at=NOW_MS + UNDO_MS + 1), Refusal)
    assert isinstance(undo(changes, at=NOW_MS + UNDO_MS + 1, delay_ms=1), Accepted)
