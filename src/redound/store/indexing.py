"""Noting which clicks carried a value, off the click path: what the drivers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from redound.core.ids import click_floor
from redound.core.trace.sub_values import index_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redound.core.clicks import Click

INDEX_AT_ONCE: Final = 1_000
"""How many clicks one call of `index_sub_values` reads."""
INDEX_LATE_MS: Final = 15_000
"""Clicks younger than this wait: one with an earlier ID may still be committed."""


def rows_of_clicks(clicks: Iterable[Sequence[Any]]) -> list[tuple[int, int, str]]:
    """Return the rows of the index for what `clicks_to_index` selects."""
    return index_rows((click_id, at, orjson.loads(params)) for click_id, at, params in clicks)


def indexed_before(now_ms: int) -> str:
    """Return the ID before which clicks are noted at this time."""
    return click_floor(max(0, now_ms - INDEX_LATE_MS))


def came_late(clicks: Sequence[Click], now_ms: int) -> str:
    """Return what the mark is to be lowered to when clicks are stored long after they were made, else ""."""
    if not clicks or clicks[0].created_at >= now_ms - INDEX_LATE_MS // 2:
        return ""
    return click_floor(max(0, min(click.created_at for click in clicks)))
