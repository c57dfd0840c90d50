"""From hourly counts to windows: the last hours of every subject, and the same hours of the days before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from redound.core.watch.kinds import DAYS, MEASURES, WINDOWS, Kind, Measure, Seen, Tally, Window

if TYPE_CHECKING:
    from collections.abc import Iterable

Subject = tuple[Measure, str]

HOUR_MS: Final = 3_600_000
HOURS_A_DAY: Final = 24
RECENT_HOURS: Final = max(WINDOWS)


@dataclass(frozen=True, slots=True)
class Hour:
    """What was counted for a subject in an hour since the epoch."""

    hour: int
    measure: Measure
    subject: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Before:
    """What was counted in the same hours as those of a window, some days before (1 is yesterday)."""

    window: int
    measure: Measure
    subject: str
    day: int
    tally: Tally


class Counts:
    """The counts up to the hour that goes on, `hour`."""

    def __init__(self, hour: int, recent: Iterable[Hour], before: Iterable[Before]) -> None:
        self._hour = hour
        self._recent: dict[Subject, list[Hour]] = defaultdict(list)
        self._before: dict[Subject, list[Before]] = defaultdict(list)
        for each in recent:
            self._recent[each.measure, each.subject].append(each)
        for known in before:
            self._before[known.measure, known.subject].append(known)

    def subjects(self, kind: Kind) -> set[str]:
        """Return who there is something to say about: silence is about those who were heard before."""
        found = set(self._recent)
        if kind is Kind.REPORTS_SILENT:
            found |= set(self._before)
        return {subject for measure, subject in found if measure is MEASURES[kind]}

    def seen(self, kind: Kind, subject: str, *, active: bool, opened_at: int | None) -> Seen:
        """Return what a look at a subject sees. Days since an incident was opened are not the usual."""
        skip = 0 if opened_at is None else max(0, self._hour - opened_at // HOUR_MS) // HOURS_A_DAY
        clicks = self._windows((Measure.CLICKS, subject), skip) if kind is Kind.REPORTS_SILENT else ()
        return Seen(kind, self._windows((MEASURES[kind], subject), skip), clicks, active)

    def _windows(self, subject: Subject, skip: int) -> tuple[Window, ...]:
        return tuple(self._window(subject, hours, skip) for hours in WINDOWS)

    def _window(self, subject: Subject, hours: int, skip: int) -> Window:
        recent = self._recent.get(subject, ())
        first = self._hour - hours
        whole = _sum(each.tally for each in recent if first <= each.hour < self._hour)
        latest = whole + _sum(each.tally for each in recent if each.hour == self._hour)
        days = [Tally()] * DAYS
        for each in self._before.get(subject, ()):
            if each.window == hours and 1 <= each.day <= DAYS:
                days[each.day - 1] += each.tally
        return Window(hours, whole, latest, tuple(days[skip:]))


def _sum(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, Tally())
