"""Finding a click by a value that its link carried, without an index on twenty parameters.

A chore reads new clicks and notes, for each value worth finding, day and key → click ID. The key is a hash:
short, of one size, and the same whatever the value's case, because trackers change that. Rows of one day lie
together, so that filling the index touches the pages of one day alone, however old the table grows; a
look-up asks each day. A hash may lie: whoever looks up compares the click's own values.
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, Final

from redound.core.placeholders import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MIN_LENGTH: Final = 3
MAX_LENGTH: Final = 500
MOST_VALUES: Final = 24
"""How many values of one click are noted."""
MOST_REPEATS: Final = 20
"""How often one value is noted in a batch: what every click says ("google") finds no click."""

_DAY_MS: Final = 86_400_000
_EMPTY = blake2b(digest_size=8, person=b"redound-sub")
_WHERE_FROM = frozenset({"url"})
"""The deep link is an address, not an identifier."""


def value_key(value: str) -> int:
    """Return the key of a value: 64 bits, signed, as both databases keep them."""
    hashed = _EMPTY.copy()
    hashed.update(value.strip().lower().encode("utf-8", "replace"))
    return int.from_bytes(hashed.digest(), "big", signed=True)


def day_of(time_ms: int) -> int:
    """Return the number of a UTC day since the epoch."""
    return time_ms // _DAY_MS


def worth_finding(value: str) -> bool:
    """Return whether somebody may look for this value: long enough, and no macro that nobody replaced."""
    return MIN_LENGTH <= len(value.strip()) <= MAX_LENGTH and not is_placeholder(value)


def index_rows(clicks: Iterable[tuple[str, int, Mapping[str, str]]]) -> list[tuple[int, int, str]]:
    """Return (day, key, click ID) for a batch of clicks (ID, time, parameters), in the order of the index."""
    keys: dict[str, int | None] = {}
    left: dict[int, int] = {}
    rows = set()
    for click_id, at, params in clicks:
        day = day_of(at)
        for name, value in islice(params.items(), MOST_VALUES):
            if value not in keys:
                keys[value] = value_key(value) if worth_finding(value) else None
            key = keys[value]
            if key is None or name in _WHERE_FROM:
                continue
            room = left.get(key, MOST_REPEATS)
            if room:
                left[key] = room - 1
                rows.add((day, key, click_id))
    return sorted(rows)


def slot_of(params: Mapping[str, str], asked: str) -> str:
    """Return the first parameter that has the value, exactly or else in another case; "" for none."""
    for name, value in params.items():
        if value == asked:
            return name
    wanted = asked.strip().lower()
    return next((name for name, value in params.items() if value.strip().lower() == wanted), "")
