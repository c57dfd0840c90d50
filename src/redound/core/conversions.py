"""Conversions: what one is, what is known about it, and what a report or a change leads to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from redound.core.catalog import ONCE, UNLIMITED
from redound.core.reports import Claim, Incoming, Refusal, Verdict, http_status
from redound.core.states import Actor, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.core.catalog import Goal
    from redound.core.clicks import Click
    from redound.core.decisions import Mint
    from redound.core.money import Money

__all__ = [
    "Accepted",
    "Claim",
    "Conversion",
    "Facts",
    "Incoming",
    "Refusal",
    "Transition",
    "Verdict",
    "hold_until",
    "http_status",
    "moved_to",
    "slot_of",
    "transition_of",
]


@dataclass(frozen=True, slots=True)
class Conversion:
    """An accepted result of one click and goal.

    `seen` is the mask of statuses it has been through (`Status.bit`). `version` counts its changes and is
    what compare-and-set checks. `slot` and `txid` are its identity (see `slot_of`); a test has neither.
    Times are in ms.
    """

    id: str
    click_id: str
    link_id: str
    affiliate_id: str
    campaign_id: str
    offer_id: str
    brand_id: str
    advertiser_id: str
    goal_id: str
    status: Status
    status_word: str
    txid: str
    slot: str
    customer_id: str
    amount: Money | None
    payout: Money | None
    revenue: Money | None
    adv_subs: Mapping[str, str]
    test: bool
    seen: int
    hold_until: int | None
    created_at: int
    updated_at: int
    version: int = 1


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of a conversion's status, or (with `from_status` None) its creation."""

    id: str
    conversion_id: str
    from_status: Status | None
    to_status: Status
    at: int
    by: str
    reason: str
    report_id: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows about one claim: loaded for a whole batch at once.

    `click` is the click that the claim names, or that its txid or customer led to. `by_txid` are the
    conversions of the same advertiser with the claim's txid; `by_click` those of the click (any goal).
    `by_customer` is the click of the customer's first conversion at this advertiser. `fired` pairs
    conversion IDs with the postbacks that already fired once for the whole conversion.
    `slot_hint` says what a value that is not a click ID is known as: "txid", "offer", "sub1"...
    `counts` says how many places of caps are taken, by `caps.cap_key`.
    """

    click: Click | None = None
    by_txid: tuple[Conversion, ...] = ()
    by_click: tuple[Conversion, ...] = ()
    by_customer: Click | None = None
    slot_hint: str = ""
    fired: frozenset[tuple[str, str]] = frozenset()
    counts: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The conversion as it now stands, whether it is new, and its transition (None: only details changed).

    `before` is how it stood, for a conversion that was changed. `counted` are the places that it takes under
    caps: the key, and how many are taken with it.
    """

    verdict: Verdict
    conversion: Conversion
    created: bool
    transition: Transition | None
    detail: str = ""
    before: Conversion | None = None
    counted: tuple[tuple[str, int], ...] = ()


def slot_of(goal: Goal, click_id: str, before: int) -> str:
    """Return the unique place of a new conversion beside `before` others of its click and goal.

    Once: `click/goal`. Limited: `click/goal/ordinal`. Unlimited: none, every report makes its own.
    """
    if goal.repeats == UNLIMITED:
        return ""
    return f"{click_id}/{goal.id}" if goal.repeats == ONCE else f"{click_id}/{goal.id}/{before + 1}"


def moved_to(conversion: Conversion, to: Status, at: int, goal: Goal | None, word: str) -> Conversion:
    """Return the conversion in another status, its version one higher; the advertiser called it `word`."""
    return replace(
        conversion,
        status=to,
        status_word=word,
        seen=conversion.seen | to.bit,
        hold_until=hold_until(goal, to, at),
        updated_at=at,
        version=conversion.version + 1,
    )


def transition_of(
    conversion: Conversion,
    before: Status | None,
    mint: Mint,
    at: int,
    actor: Actor,
    by: str,
    *,
    reason: str = "",
    report_id: str = "",
) -> Transition:
    """Return the transition into the status that a conversion has now; `before` is None at its creation."""
    return Transition(mint("trn"), conversion.id, before, conversion.status, at, by, reason, report_id, actor)


def hold_until(goal: Goal | None, status: Status, at: int) -> int | None:
    """Return when a hold that begins now runs out (ms); None when it does not."""
    if status is not Status.HOLD or goal is None or not goal.hold_seconds or goal.hold_then is None:
        return None
    return at + goal.hold_seconds * 1000
