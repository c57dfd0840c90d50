"""What real clicks tell about the round trip: in which parameters a tracker's click ID arrives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from redound.core.lint.roundtrip import slot_of
from redound.core.macros import SUBS
from redound.core.placeholders import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ENOUGH: Final = 5
"""Clicks below which nothing is concluded."""
MOSTLY: Final = 0.8
"""Share of the clicks in which a slot has to be filled."""

_LIKE_AN_ID = re.compile(r"[A-Za-z0-9._\-]{8,200}")


def seen_slots(clicks: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Return the macros (`sub2`) whose values look like a click ID in an affiliate's latest clicks.

    That is: long enough, another one in every click, in nearly all of them, and no unreplaced macro. Only
    sub slots are looked at; other parameters may be anybody's.
    """
    if len(clicks) < ENOUGH:
        return ()
    found = []
    for name in SUBS:
        values = [value for params in clicks if (value := params.get(name, ""))]
        like = all(_LIKE_AN_ID.fullmatch(value) and not is_placeholder(value) for value in values)
        if len(values) >= MOSTLY * len(clicks) and len(set(values)) == len(values) and like:
            found.append(slot_of(name))
    return tuple(found)
