"""The rules: when the recent hours are bad, when they are good, and when nobody can say.

What opens an incident and what closes it lie apart, so that what wavers between them changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import dropwhile
from typing import TYPE_CHECKING, Final, assert_never

from redound.core.watch.kinds import Evidence, Kind, Tally
from redound.core.watch.statistics import at_least, at_most, lower_bound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redound.core.watch.kinds import Seen, Window

ENOUGH_USUAL: Final = 50
"""With less to compare with, a share is judged by its fixed bounds alone."""
TIMES: Final = 2.0
"""A share must be this many times the usual one."""
CALM_TIMES: Final = 1.25
"""At this many times the usual share, or below, things are as usual."""
LEAST_DAYS: Final = 7
"""Counts are compared with this many days at least."""
CHANCE: Final = 1e-5
"""Counts that come about by chance more often than this are no news."""
SILENT_EXPECTED: Final = 15
SILENT_PART: Final = 0.1
HEARD_EXPECTED: Final = 5
HEARD_PART: Final = 1 / 3
RATE_EXPECTED: Final = 30
RATE_USUAL: Final = 100
RATE_TIMES: Final = 2.0
RATE_CALM: Final = (0.7, 1.5)
RATE_CALM_EXPECTED: Final = 10
RATE_LEAST_HOURS: Final = 6
ODD_DAYS: Final = 1
"""On this many of the days before it may have been the same without being usual."""


class Look(StrEnum):
    """What a look says. QUIET: there is nothing at all to go by."""

    BAD = "bad"
    GOOD = "good"
    UNSURE = "unsure"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a look says, and what shows it."""

    look: Look
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class ShareRule:
    """A window of `least` is enough. Bad: surely `opens` or more; good: `closes` or less."""

    least: int
    opens: float
    closes: float


SHARES: Final[Mapping[Kind, ShareRule]] = {
    Kind.DELIVERIES_FAILING: ShareRule(10, 0.30, 0.10),
    Kind.CLICK_IDS_UNMATCHED: ShareRule(20, 0.10, 0.05),
    Kind.DUPLICATES: ShareRule(20, 0.20, 0.10),
}


def read(seen: Seen) -> Reading:
    """Return what the counts of one subject say."""
    match seen.kind:
        case Kind.DELIVERIES_FAILING | Kind.CLICK_IDS_UNMATCHED | Kind.DUPLICATES:
            return _share(SHARES[seen.kind], seen.windows)
        case Kind.REPORTS_SILENT:
            return _silence(seen)
        case Kind.CONVERSION_RATE:
            return _rate(seen.windows)
        case _:
            assert_never(seen.kind)


def _share(rule: ShareRule, windows: Sequence[Window]) -> Reading:
    for window in windows:
        now, before = window.latest, _pooled(window.days)
        if now.total < rule.least:
            continue
        usual = before.hits / before.total if before.total >= ENOUGH_USUAL else None
        found = Evidence(window.hours, now.total, now.hits, usual, days=len(_lived(window.days)))
        if lower_bound(now.hits, now.total) >= max(rule.opens, TIMES * (usual or 0)):
            return Reading(Look.BAD, found)
        good = found.share <= max(rule.closes, CALM_TIMES * (usual or 0))
        return Reading(Look.GOOD if good else Look.UNSURE, found)
    longest = windows[-1]
    look = Look.UNSURE if longest.latest.total else Look.QUIET
    return Reading(look, Evidence(longest.hours, longest.latest.total, longest.latest.hits))


def _silence(seen: Seen) -> Reading:
    """Compare how many reports came with how many were to be expected, given the clicks."""
    reading = None
    for position, window in enumerate(seen.windows):
        days = _lived(window.days)
        mean = sum(day.total for day in days) / len(days) if days else 0.0
        expected = mean * _traffic(seen.clicks[position]) if seen.clicks else mean
        came = window.whole.total
        found = Evidence(window.hours, came, 0, expected=expected, days=len(days))
        reading = Reading(Look.UNSURE if expected >= 1 else Look.QUIET, found)
        if expected >= HEARD_EXPECTED and came >= expected * HEARD_PART:
            return Reading(Look.GOOD, found)
        few = SILENT_PART * expected
        odd = sum(day.total <= SILENT_PART * mean for day in days)
        rare = came <= few and at_most(came, expected) <= CHANCE and odd <= ODD_DAYS
        if expected >= SILENT_EXPECTED and len(days) >= LEAST_DAYS and rare:
            return Reading(Look.BAD, found)
    return reading or Reading(Look.QUIET, Evidence(0, 0, 0))


def _traffic(clicks: Window) -> float:
    """Return which part of the usual clicks came, at most all: fewer clicks bring fewer reports."""
    days = _lived(clicks.days)
    usual = sum(day.total for day in days) / len(days) if days else 0.0
    return min(1.0, clicks.whole.total / usual) if usual else 1.0


def _rate(windows: Sequence[Window]) -> Reading:
    """Compare conversions with what the same clicks usually bring. None at all is silence, not a low rate."""
    longest = windows[-1]
    for window in windows:
        now, days = window.whole, _lived(window.days)
        before = _pooled(days)
        if window.hours < RATE_LEAST_HOURS or len(days) < LEAST_DAYS or before.hits < RATE_USUAL:
            continue
        usual = before.hits / before.total if before.total else 0.0
        expected = usual * now.total
        found = Evidence(window.hours, now.total, now.hits, usual, expected, len(days))
        if _fell(now, expected, days) or _rose(now, expected, days):
            return Reading(Look.BAD, found)
        low, high = (part * expected for part in RATE_CALM)
        if expected >= RATE_CALM_EXPECTED and low <= now.hits <= high:
            return Reading(Look.GOOD, found)
    look = Look.UNSURE if longest.whole.total else Look.QUIET
    return Reading(look, Evidence(longest.hours, longest.whole.total, longest.whole.hits))


def _fell(now: Tally, expected: float, days: Sequence[Tally]) -> bool:
    if expected < RATE_EXPECTED or not 0 < now.hits <= expected / RATE_TIMES:
        return False
    as_low = sum(day.hits * now.total <= now.hits * day.total for day in days if day.total)
    return as_low <= ODD_DAYS and at_most(now.hits, expected) <= CHANCE


def _rose(now: Tally, expected: float, days: Sequence[Tally]) -> bool:
    if now.hits < max(RATE_EXPECTED, RATE_TIMES * expected):
        return False
    as_high = sum(day.hits * now.total >= now.hits * day.total for day in days if day.total)
    return as_high <= ODD_DAYS and at_least(now.hits, expected) <= CHANCE


def _pooled(days: Sequence[Tally]) -> Tally:
    return sum(days, Tally())


def _lived(days: Sequence[Tally]) -> list[Tally]:
    """Return the days since there was anything: those before it began say nothing."""
    return list(reversed(list(dropwhile(lambda day: not day.total, reversed(days)))))
