"""From what a look says to what is done: an incident is opened, kept, closed, or nothing is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from redound.core.watch.rules import Look, read

if TYPE_CHECKING:
    from redound.core.watch.kinds import Evidence, Seen

Because = Literal["recovered", "quiet", "switched_off"]

BAD_LOOKS: Final = 2
"""So many looks in a row must say that it is bad before an incident is opened."""
CALM_LOOKS: Final = 3
"""So many in a row must say that it is not before it is closed."""
APART_MS: Final = 3_600_000
"""The same is not opened again until this long after it was closed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an incident is open, and how many looks in a row have said the opposite.

    `closed_at` is when the last one of the same was closed, None for never.
    """

    is_open: bool = False
    looks: int = 0
    closed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """Open an incident."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Keep:
    """Leave the incident open; `looks` in a row have said that it is over."""

    looks: int


@dataclass(frozen=True, slots=True)
class Close:
    """Close the incident."""

    because: Because
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no incident; `looks` in a row have said that something is bad."""

    looks: int


Step = Open | Keep | Close | Nothing


def judge(seen: Seen, standing: Standing, now_ms: int) -> Step:
    """Return what is to be done about one subject after this look."""
    reading = read(seen)
    if not standing.is_open:
        bad = seen.active and reading.look is Look.BAD
        if standing.closed_at is not None and now_ms - standing.closed_at < APART_MS:
            bad = False
        looks = standing.looks + 1 if bad else 0
        return Open(reading.evidence) if looks >= BAD_LOOKS else Nothing(looks)
    if not seen.active:
        return Close("switched_off", reading.evidence)
    if reading.look not in {Look.GOOD, Look.QUIET}:
        return Keep(0)
    looks = standing.looks + 1
    if looks < CALM_LOOKS:
        return Keep(looks)
    return Close("recovered" if reading.look is Look.GOOD else "quiet", reading.evidence)
