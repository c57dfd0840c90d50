"""Hours and days as the reader has them, made of half-hours of UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from redound.core.statistics import BUCKET_MS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
_EPOCH: Final = date(1970, 1, 1)


def offset_at(at_ms: int, zone: ZoneInfo) -> int:
    """Return by how many ms the zone is ahead of UTC at a moment, to the half-hour.

    Nepal, the Chatham Islands and Eucla are a quarter of an hour off: their days begin at a quarter past.
    """
    offset = datetime.fromtimestamp(at_ms / 1000, zone).utcoffset() or timedelta()
    return (offset // timedelta(milliseconds=1) + BUCKET_MS // 2) // BUCKET_MS * BUCKET_MS


def segments(since: int, until: int, zone: ZoneInfo) -> Iterator[tuple[int, int, int]]:
    """Split a range where the zone's offset changes; yield since, until and offset, all in ms.

    A change falls on a half-hour; a day is stepped over at a time, which no zone changes twice in.
    """
    start, offset = since, offset_at(since, zone)
    at = since
    while at < until:
        following = min(until, at + DAY_MS)
        changed = offset_at(following, zone) if following < until else offset
        if changed != offset:
            cut = _change(at, following, offset, zone)
            yield start, cut, offset
            start, offset = cut, changed
        at = following
    if start < until:
        yield start, until, offset


def _change(low: int, high: int, offset: int, zone: ZoneInfo) -> int:
    """Return the first half-hour of `low` to `high` that has another offset."""
    while high - low > BUCKET_MS:
        middle = low + (high - low) // (2 * BUCKET_MS) * BUCKET_MS
        if middle == low or offset_at(middle, zone) == offset:
            low = max(middle, low + BUCKET_MS) if middle == low else middle
        else:
            high = middle
    return high


def start_of(number: int, unit: int, offset: int, zone: ZoneInfo) -> int:
    """Return the first ms of a period that is the `number`-th of its unit since 1970 by the zone's clocks."""
    if unit != DAY_MS:
        return number * unit - offset
    return start_of_day(_EPOCH + timedelta(days=number), zone)


def start_of_day(day: date, zone: ZoneInfo) -> int:
    """Return the first ms of a day of the zone."""
    return int(datetime.combine(day, time(), zone).astimezone(UTC).timestamp() * 1000)


def periods(since: int, until: int, interval: str, zone: ZoneInfo) -> list[int]:
    """Return the first ms of every hour or day that the range touches, in order."""
    found = []
    if interval == "day":
        day = datetime.fromtimestamp(since / 1000, zone).date()
        while (start := start_of_day(day, zone)) < until:
            found.append(start)
            day += timedelta(days=1)
        return found
    for first, last, offset in segments(since, until, zone):
        start = (first + offset) // HOUR_MS * HOUR_MS - offset
        found += [at for at in range(start, last, HOUR_MS) if not found or at > found[-1]]
    return found


def whole(since: int, until: int) -> tuple[int, int]:
    """Return the range widened to half-hours."""
    return since - since % BUCKET_MS, until + -until % BUCKET_MS
