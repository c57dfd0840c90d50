"""What is known about the thing that somebody asks for: read by the console, judged by the rules here.

Facts are read for one person and hold nothing that this person may not see, so no rule needs to know who
asks. Times are in ms.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from redound.core.reports import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redound.core.catalog import Affiliate, Goal, Link, Offer, Postback
    from redound.core.clicks import Click
    from redound.core.conversions import Conversion, Transition
    from redound.core.deliveries import DeliveryState
    from redound.core.evaluating import Evaluation
    from redound.core.trace.likeness import Likeness


class Kind(StrEnum):
    """What the text that somebody asks for turned out to be. RECEIVED: it came as a click ID in a report."""

    CLICK = "click"
    SUB_VALUE = "sub_value"
    TXID = "txid"
    REPORT = "report"
    CONVERSION = "conversion"
    DELIVERY = "delivery"
    ATTEMPT = "attempt"
    RECEIVED = "received"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Asked:
    """The text asked for and what it is. `id` is that of the row which it names, as far as there is one.

    `made_at` and `link` belong to a click ID of ours that is not stored. `likeness` says which click ID of
    ours the text is a changed form of. `slot` is the parameter in which a sub value came, and `spelt` how it
    was spelt there; `clicks` counts the clicks that carry it (of those that are looked up). `forged`: it has
    the form of our click IDs and is none.
    """

    text: str
    kind: Kind = Kind.UNKNOWN
    id: str = ""
    made_at: int | None = None
    link: Link | None = None
    likeness: Likeness | None = None
    slot: str = ""
    spelt: str = ""
    clicks: int = 0
    forged: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A report as stored. `click_id` is what it claimed, or the click that it was led to."""

    id: str
    at: int
    verdict: Verdict
    detail: str = ""
    click_id: str = ""
    conversion_id: str = ""
    txid: str = ""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A report that names none of our clicks, but something that looks like this one."""

    report: Report
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What was made of one postback for one transition when it came; `reason` is one of `matching.Reason`."""

    postback_id: str
    fired: bool
    reason: str
    conversion_id: str
    transition_id: str
    at: int
    detail: str = ""
    delivery_id: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One HTTP try; `status` None: there was no answer. Texts are as stored, secrets masked."""

    id: str
    number: int
    started_at: int
    duration_ms: int
    method: str
    url: str
    sent_body: str = ""
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    error_kind: str = ""
    error_detail: str = ""

    def header(self, name: str) -> str:
        """Return an answer's header by its lower-case name, "" when it has none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery with its attempts, oldest first. `next_at` is when an unfinished one is next tried."""

    id: str
    postback_id: str
    conversion_id: str
    transition_id: str
    state: DeliveryState
    created_at: int
    ended_because: str = ""
    finished_at: int | None = None
    next_at: int | None = None
    test: bool = False
    attempts: tuple[Attempt, ...] = ()

    @property
    def last(self) -> Attempt | None:
        """The latest attempt."""
        return self.attempts[-1] if self.attempts else None


@dataclass(frozen=True, slots=True)
class Owner:
    """A postback as it is today, with the health that is not part of its configuration."""

    postback: Postback
    archived: bool = False
    disabled_at: int | None = None
    disabled_reason: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known.

    `near` are reports whose click ID looks like this click's, or like its tracker's. `strays` counts, by
    verdict, reports of the advertiser since the click that led to no click at all (managers only).
    `offer_reported_at` is when a report for the offer last came, on any click that the asker may see.
    `usual_lengths`: slot → the one length that its values have on the affiliate's other clicks.
    `elsewhere` are conversions of other clicks with the same sub value.
    `now` is what each postback would make of the last transition (or of the click) today.
    `worker_seen_at` is when a process that sends callbacks was last seen.
    """

    asked: Asked
    now_ms: int
    click: Click | None = None
    offer: Offer | None = None
    affiliate: Affiliate | None = None
    goals: Mapping[str, Goal] = field(default_factory=dict)
    reports: tuple[Report, ...] = ()
    conversions: tuple[Conversion, ...] = ()
    transitions: tuple[Transition, ...] = ()
    evaluated: tuple[Evaluated, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    postbacks: Mapping[str, Owner] = field(default_factory=dict)
    near: tuple[NearMiss, ...] = ()
    strays: Mapping[Verdict, int] = field(default_factory=dict)
    offer_reported_at: int | None = None
    usual_lengths: Mapping[str, int] = field(default_factory=dict)
    elsewhere: tuple[Conversion, ...] = ()
    now: tuple[Evaluation, ...] = ()
    worker_seen_at: int | None = None

    def name_of(self, postback_id: str) -> str:
        """Return how people call a postback."""
        owner = self.postbacks.get(postback_id)
        return owner.postback.name if owner is not None else postback_id

    def goal_of(self, conversion: Conversion) -> str:
        """Return the code of a conversion's goal."""
        goal = self.goals.get(conversion.goal_id)
        return goal.code if goal is not None else conversion.goal_id


ACCEPTING = frozenset({Verdict.ACCEPTED, Verdict.UPDATED, Verdict.TEST})
"""The verdicts of reports that changed something."""


def narrowed(facts: Facts) -> Facts:
    """Leave to the rules what was asked for: one conversion, one delivery, one report that led to nothing.

    The story keeps all of it; the diagnosis answers the question.
    """
    asked = facts.asked
    match asked.kind:
        case Kind.CONVERSION:
            return _of_conversions(facts, {asked.id})
        case Kind.DELIVERY | Kind.ATTEMPT:
            return replace(
                facts,
                deliveries=tuple(each for each in facts.deliveries if each.id == asked.id),
                evaluated=(),
                reports=(),
                near=(),
            )
        case Kind.REPORT | Kind.TXID | Kind.RECEIVED:
            return _of_reports(facts)
        case _:
            return facts


def _of_conversions(facts: Facts, wanted: set[str]) -> Facts:
    return replace(
        facts,
        conversions=tuple(each for each in facts.conversions if each.id in wanted),
        transitions=tuple(each for each in facts.transitions if each.conversion_id in wanted),
        evaluated=tuple(each for each in facts.evaluated if each.conversion_id in wanted),
        deliveries=tuple(each for each in facts.deliveries if each.conversion_id in wanted),
        reports=(),
        near=(),
    )


def _of_reports(facts: Facts) -> Facts:
    asked = facts.asked
    if asked.kind is Kind.REPORT:
        named = [each for each in facts.reports if each.id == asked.id]
    elif asked.kind is Kind.TXID:
        named = [each for each in facts.reports if each.txid == asked.text]
    else:
        named = [each for each in facts.reports if each.click_id == asked.text]
    made = {each.conversion_id for each in named if each.verdict in ACCEPTING}
    if asked.kind is Kind.TXID:
        made |= {each.id for each in facts.conversions if each.txid == asked.text}
    if made:
        return _of_conversions(facts, made)
    if not named:
        return facts
    return replace(
        facts, reports=tuple(named), conversions=(), transitions=(), evaluated=(), deliveries=(), near=()
    )


FEWEST_CLICKS = 5
"""How many other clicks must agree before a length counts as usual."""


def usual_lengths(others: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """Return slot → length for the slots whose values all have one length on enough other clicks."""
    lengths: dict[str, list[int]] = {}
    for params in others:
        for slot, value in params.items():
            if value:
                lengths.setdefault(slot, []).append(len(value))
    return {
        slot: found[0]
        for slot, found in lengths.items()
        if len(found) >= FEWEST_CLICKS and len(set(found)) == 1
    }
