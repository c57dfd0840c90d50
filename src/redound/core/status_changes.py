"""Changes of a conversion that no report makes: by hand, by time, and by a reward plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from redound.core.conversions import Accepted, hold_until, moved_to, transition_of
from redound.core.money import Money
from redound.core.reports import Refusal, Verdict
from redound.core.states import Actor, Status, allowed

if TYPE_CHECKING:
    from redound.core.catalog import Goal
    from redound.core.conversions import Conversion
    from redound.core.decisions import Mint

_HANDS = {
    Actor.REPORT: "a report",
    Actor.MANAGER: "a manager",
    Actor.HOLD: "the end of a hold",
    Actor.PLAN: "a reward plan",
    Actor.UNDO: "an undo",
}


def change_status(
    conversion: Conversion,
    to: Status,
    actor: Actor,
    *,
    by: str,
    reason: str,
    now_ms: int,
    goal: Goal | None,
    mint: Mint,
) -> Accepted | Refusal:
    """Change a status by hand or because a hold ran out; money stays as it is.

    The same status again is a DUPLICATE, a change outside the table an IGNORED_STATUS: both change nothing.
    """
    if to is conversion.status:
        return Refusal(Verdict.DUPLICATE, f"The conversion is {to} already.", conversion.id)
    if not allowed(conversion.status, to, actor):
        return Refusal(
            Verdict.IGNORED_STATUS,
            f"The conversion is {conversion.status}; it cannot become {to} by {_HANDS[actor]}.",
            conversion.id,
        )
    moved = moved_to(conversion, to, now_ms, goal, "")
    transition = transition_of(moved, conversion.status, mint, now_ms, actor, by, reason=reason)
    return Accepted(Verdict.UPDATED, moved, created=False, transition=transition, before=conversion)


def qualify(
    registration: Conversion,
    goal: Goal,
    payout: Money,
    slot: str,
    *,
    by: str,
    reason: str,
    now_ms: int,
    mint: Mint,
) -> Accepted:
    """Make the conversion that a reward plan pays for a player who met it, beside their registration.

    It gets the plan's amount as payout, the goal's default status and (when fixed) its revenue.
    """
    status = goal.default_status
    conversion = replace(
        registration,
        id=mint("cnv"),
        goal_id=goal.id,
        status=status,
        status_word="",
        txid="",
        slot=slot,
        amount=None,
        payout=payout,
        revenue=None if goal.revenue_minor is None else Money(goal.revenue_minor, payout.currency),
        adv_subs={},
        seen=status.bit,
        hold_until=hold_until(goal, status, now_ms),
        created_at=now_ms,
        updated_at=now_ms,
        version=1,
    )
    transition = transition_of(conversion, None, mint, now_ms, Actor.PLAN, by, reason=reason)
    return Accepted(Verdict.ACCEPTED, conversion, True, transition)  # noqa: FBT003 - not created
