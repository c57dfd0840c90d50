"""Columns as the traffic tables hold them: JSON as text, times as milliseconds since the epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from datetime import datetime


def read_json(value: Any) -> Any:
    """Return a JSON column's value, whether or not it was read already; None for empty text."""
    if not isinstance(value, str | bytes):
        return value
    return orjson.loads(value) if value else None


def milliseconds(at: datetime) -> int:
    """Return milliseconds since the epoch, never below 0."""
    return max(0, int(at.timestamp() * 1000))
