"""Fresh identifiers for configuration rows: the impure edge of `core.ids`."""

from __future__ import annotations

import functools
import secrets
import time
from typing import TYPE_CHECKING

from redound.core.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable

LINK_NUMBER_BITS = 32


def fresh_id(prefix: str) -> str:
    """Return a new prefixed, time-ordered ID."""
    return new_id(prefix, time.time_ns() // 1_000_000, secrets.token_bytes(8))


def prefixed_id(prefix: str) -> Callable[[], str]:
    """Return a default for a model's primary key that migrations can serialise."""
    return functools.partial(fresh_id, prefix)


def link_number() -> int:
    """Return a random 32-bit number for a new link; the unique column catches the rare collision."""
    return secrets.randbits(LINK_NUMBER_BITS)
