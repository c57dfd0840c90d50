"""Telling what became of an ID on its way: cut, changed in case, wrapped, misread, altered.

Two kinds of IDs get lost: ours, on the way through the advertiser's system, and the tracker's, when an
advertiser sends that one to us in place of ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from redound.core.ids import ALPHABET, CLICK_ID_LENGTH, NotOurs, read_click_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.core.clicks import Click
    from redound.core.ids import ClickIdParts, ClickKeys

MIN_PIECE: Final = 16
"""Characters of our click ID that a piece of it must have: 42 bits of time, the link and some of chance."""
MIN_VALUE: Final = 6
"""Characters that a value must have to be taken for a tracker's click ID."""
MIN_CUT: Final = 8
"""Characters that a piece of one must have; and at least half of it."""
MOST_VALUES: Final = 24
MOST_FORMS: Final = 500
MAX_VALUE: Final = 200
"""Characters of the longest value that is looked for."""

_RUN = re.compile(rf"[{ALPHABET}]{{{CLICK_ID_LENGTH},}}", re.IGNORECASE | re.ASCII)
_MISREAD = str.maketrans("oOiIlLuU", "0011" + "11" + "vv")


class How(StrEnum):
    """What became of the ID."""

    SAME = "same"
    CASE = "case_changed"
    CUT = "cut"
    LENGTHENED = "lengthened"
    MISREAD = "misread"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class Likeness:
    """A text resembles `original`. `slot` is the click's parameter that holds it; "" for our click ID."""

    how: How
    original: str
    slot: str = ""


def find_ours(keys: ClickKeys, text: str) -> tuple[ClickIdParts, How] | None:
    """Return the click ID of ours that is in a text, genuine as it is or once misread letters are mended.

    None when there is none, or only a piece of one: see `piece`.
    """
    whole = read_click_id(keys, text)
    if not isinstance(whole, NotOurs):
        return whole, How.SAME
    for candidate, how in _candidates(text):
        parts = read_click_id(keys, candidate)
        if not isinstance(parts, NotOurs):
            return parts, how
    return None


def _candidates(text: str) -> Iterator[tuple[str, How]]:
    shown = text[:MAX_VALUE]
    for how, form in ((How.LENGTHENED, shown), (How.MISREAD, shown.translate(_MISREAD))):
        for run in _RUN.findall(form):
            for start in range(len(run) - CLICK_ID_LENGTH + 1):
                yield run[start : start + CLICK_ID_LENGTH], how


def piece(text: str) -> str:
    """Return the text in lower case if it may be a beginning of a click ID of ours, else ""."""
    lower = text.lower()
    if MIN_PIECE <= len(lower) < CLICK_ID_LENGTH and all(each in ALPHABET for each in lower):
        return lower
    return ""


def altered(text: str) -> str:
    """Return what a text of our shape, but not genuine, shares with the ID that it was made from.

    The time and key and link stand first and are the least likely to be touched: the first half, in lower
    case; "" for a text of another shape.
    """
    lower = text.lower()
    if len(lower) != CLICK_ID_LENGTH or any(each not in ALPHABET for each in lower):
        return ""
    return lower[: CLICK_ID_LENGTH // 2]


def forms(click: Click) -> dict[str, Likeness]:
    """Return what a report may have said in place of this click's ID → what that is, `MOST_FORMS` at most.

    Pieces of our ID; the values of its parameters as they are and in either case; then pieces of these.
    """
    found: dict[str, Likeness] = {}
    for length in range(MIN_PIECE, CLICK_ID_LENGTH):
        for form in (click.id[:length], click.id[:length].upper()):
            found[form] = Likeness(How.CUT, click.id)
    values = [(slot, value) for slot, value in click.params.items() if MIN_VALUE <= len(value) <= MAX_VALUE][
        :MOST_VALUES
    ]
    for slot, value in values:
        for form in (value.lower(), value.upper()):
            found[form] = Likeness(How.CASE, value, slot)
    for slot, value in values:
        found[value] = Likeness(How.SAME, value, slot)
    for slot, value in values:
        for length in range(len(value) - 1, max(MIN_CUT, len(value) // 2) - 1, -1):
            if len(found) < MOST_FORMS:
                found.setdefault(value[:length], Likeness(How.CUT, value, slot))
    found.pop(click.id, None)
    return found
