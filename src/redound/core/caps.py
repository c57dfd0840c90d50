"""Caps: how many conversions an offer or an affiliate may have before the next ones wait for a manager."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from redound.core.catalog import CapPeriod
from redound.core.states import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.core.catalog import Affiliate, Offer
    from redound.core.conversions import Accepted

OVER_CAP: Final = 1 << len(Status)
"""The bit of `Conversion.seen` that says it was over a cap when it was made. It outlives every change."""
NOT_CAPPED: Final = frozenset({Status.REJECTED, Status.REFUNDED})
"""What is made in these earns nothing: it neither takes a place nor is held."""
_WORDS: Final = {CapPeriod.DAY: "a day", CapPeriod.TOTAL: "in total"}


def cap_key(thing: Offer | Affiliate, at: int) -> str:
    """Return the key under which its conversions of the period of `at` (ms) are counted; days are UTC."""
    if thing.cap_period is CapPeriod.TOTAL:
        return f"{thing.id}/total"
    return f"{thing.id}/{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d}"


def within_caps(
    made: Accepted, offer: Offer | None, affiliate: Affiliate | None, counts: Mapping[str, int] | None
) -> Accepted:
    """Return a new conversion with the places it takes in `counted`, or held when there is none left.

    `counts` says how many places are taken by key; a key it lacks counts as 0, and the store has everything
    decided again once it has looked. A conversion that is held takes no place, under no cap. Tests and what
    was only changed pass as they are.
    """
    if (offer is None or offer.cap_conversions is None) and (
        affiliate is None or affiliate.cap_conversions is None
    ):
        return made
    conversion = made.conversion
    if not made.created or conversion.test or conversion.status in NOT_CAPPED:
        return made
    capped = [
        (noun, thing)
        for noun, thing in (("offer", offer), ("affiliate", affiliate))
        if thing is not None and thing.cap_conversions is not None
    ]
    counted = []
    for noun, thing in capped:
        key = cap_key(thing, conversion.created_at)
        taken = counts.get(key, 0) if counts else 0
        if taken >= (thing.cap_conversions or 0):
            return _held(made, noun, thing)
        counted.append((key, taken + 1))
    return replace(made, counted=tuple(counted))


def _held(made: Accepted, noun: str, capped: Offer | Affiliate) -> Accepted:
    conversion, transition = made.conversion, made.transition
    many = "conversion" if capped.cap_conversions == 1 else "conversions"
    words = f"{capped.cap_conversions} {many} {_WORDS[capped.cap_period]}"
    detail = f"It is over the cap of this {noun} ({words}): held until a manager decides."
    held = replace(conversion, status=Status.HOLD, seen=Status.HOLD.bit | OVER_CAP, hold_until=None)
    if transition is not None:
        transition = replace(transition, to_status=Status.HOLD, reason=detail)
    return replace(made, conversion=held, transition=transition, detail=detail)
