"""Fresh IDs: the impure side of `core.ids`."""

from __future__ import annotations

from os import urandom
from time import time_ns

from redound.core.ids import new_id

_POOL = 512


class Randomness:
    """Eight random bytes at a time, from a pool: the system is asked once for 512 of them.

    Threads may share one: taking the next of a list's iterator cannot be interrupted, so none is given twice.
    """

    __slots__ = ("_pool",)

    def __init__(self) -> None:
        self._pool = iter([b""][:0])

    def __call__(self) -> bytes:
        """Return eight bytes that nobody else was given."""
        found = next(self._pool, None)
        while found is None:
            fresh = urandom(8 * _POOL)
            self._pool = iter([fresh[at : at + 8] for at in range(0, len(fresh), 8)])
            found = next(self._pool, None)
        return found


random8 = Randomness()


def mint(prefix: str) -> str:
    """Return a fresh ID with this prefix."""
    return new_id(prefix, time_ns() // 1_000_000, random8())
