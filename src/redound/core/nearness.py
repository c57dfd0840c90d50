"""How far one name is from another, counted in typing mistakes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NAME = 64
"""Longer names are compared by their beginning: nobody mistypes that much by accident."""


@lru_cache(maxsize=65_536)
def distance(one: str, other: str, most: int = 3) -> int:
    """Return the number of letters added, left out, exchanged or swapped with their neighbour.

    Optimal string alignment; anything above `most` is returned as `most + 1`.
    """
    one, other = one[:MAX_NAME], other[:MAX_NAME]
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i, *row[1:]]
        for j, theirs in enumerate(other, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != theirs))
            if above and j > 1 and letter == other[j - 2] and one[i - 2] == theirs:
                row[j] = min(row[j], above[j - 2] + 1)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def nearest(written: str, names: Iterable[str], count: int = 2) -> list[str]:
    """Return the names that may have been meant, nearest first; how far they may be grows with the length.

    One mistake for up to five letters, two for up to nine, three beyond.
    """
    lower = written.lower()
    most = 1 if len(lower) <= _SHORT else 2 if len(lower) <= _MIDDLE else 3
    found = [
        (far, abs(len(name) - len(lower)), name)
        for name in names
        if (far := distance(lower, name.lower(), most)) <= most
    ]
    return [name for _, _, name in sorted(found)[:count]]


_SHORT = 5
_MIDDLE = 9
