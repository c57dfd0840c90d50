"""Repeats: what a report means whose click and goal have a conversion already, by the advertiser's mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redound.core.catalog import ONCE
from redound.core.money import Money
from redound.core.profiles import RepeatMode
from redound.core.reports import Refusal, Verdict

if TYPE_CHECKING:
    from redound.core.catalog import Advertiser, Goal
    from redound.core.conversions import Conversion
    from redound.core.reports import Claim

MAX_TOTAL_MINOR: Final = 10**15
"""The largest sum believed, as of a single amount."""


def mode_of(advertiser: Advertiser | None) -> RepeatMode:
    """Return the advertiser's mode; UPDATE for one that is not known."""
    return advertiser.profile.repeat if advertiser is not None else RepeatMode.UPDATE


def makes_new(mode: RepeatMode, goal: Goal, claim: Claim) -> bool:
    """Return whether a report of an unknown txid, or of none, makes a conversion beside those there are.

    Modes concern goals that count once; what a goal itself says of limits stays.
    """
    if goal.repeats != ONCE:
        return False
    return mode is RepeatMode.ALWAYS_NEW or (mode is RepeatMode.NEW_TXID and bool(claim.txid))


def amount_after(
    mode: RepeatMode, existing: Conversion, amount: Money | None, claim: Claim
) -> Money | Refusal | None:
    """Return what a conversion's amount becomes by a report of this one; None: it stays.

    In mode ADD_AMOUNT the sum, but of the conversion's own txid nothing: that is the same report again.
    Currencies are never added up.
    """
    if mode is not RepeatMode.ADD_AMOUNT or amount is None:
        return amount
    if claim.txid and claim.txid == existing.txid:
        return None
    if existing.amount is None:
        return amount
    if existing.amount.currency != amount.currency:
        return Refusal(
            Verdict.BAD_CURRENCY,
            f"The conversion's amount is in {existing.amount.currency}; {amount.currency} cannot be added.",
            existing.id,
        )
    total = existing.amount.minor + amount.minor
    if total > MAX_TOTAL_MINOR:
        return Refusal(Verdict.BAD_AMOUNT, "The amounts together are too large.", existing.id)
    return Money(total, amount.currency)
