"""ETags of configuration rows: the version of what can be edited, not of what traffic does to it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def etag_of(row: object) -> str:
    """Return the ETag of a row with `pk` and `updated_at`."""
    version = f"{getattr(row, 'pk', '')} {getattr(row, 'updated_at', '')}"
    return f'"{hashlib.sha256(version.encode()).hexdigest()[:24]}"'


def etag_of_values(values: Mapping[str, object]) -> str:
    """Return the ETag of a resource that is not edited: of all that is shown of it."""
    return f'"{hashlib.sha256(repr(values).encode()).hexdigest()[:24]}"'


def matches(if_match: str | None, etag: str) -> bool:
    """Whether If-Match allows the edit. A tag made weak by a compressing proxy still counts."""
    if if_match is None or if_match.strip() == "*":
        return True
    return etag in {tag.strip().removeprefix("W/") for tag in if_match.split(",")}
