"""Connections kept alive between exchanges, by origin: every one of them leads to an address that was vetted.

A connection serves for five minutes at most, so a receiver that moves is followed; the one used last is
taken first, so a quiet time closes what is too many.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from redound.delivery.wire import Connection

IDLE_SECONDS = 30.0
AGE_SECONDS = 300.0
SWEEP_SECONDS = 5.0


class Pools:
    """Idle connections, `limit` of them in all."""

    __slots__ = ("_count", "_idle", "_limit", "_loop", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, limit: int) -> None:
        """Sweep on `loop`, only while something is idle."""
        self._loop = loop
        self._limit = limit
        self._idle: dict[str, deque[Connection]] = {}
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return self._count

    def take(self, key: str, now: float) -> Connection | None:
        """Return a living connection to this origin, None when there is none."""
        idle = self._idle.get(key)
        while idle:
            connection = idle.pop()
            self._count -= 1
            if self._is_fit(connection, now):
                return connection
            connection.abort()
        return None

    def give(self, connection: Connection, now: float) -> None:
        """Keep a connection whose exchange is over; one that cannot be used again is closed."""
        if not connection.reusable or connection.closed or now - connection.opened_at > AGE_SECONDS:
            connection.abort()
            return
        if self._count >= self._limit:
            self._evict()
        connection.idle_since = now
        idle = self._idle.get(connection.key)
        if idle is None:
            idle = self._idle[connection.key] = deque()
        idle.append(connection)
        self._count += 1
        if self._timer is None:
            self._timer = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def close(self) -> None:
        """Close every idle connection."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for idle in self._idle.values():
            for connection in idle:
                connection.abort()
        self._idle.clear()
        self._count = 0

    def _is_fit(self, connection: Connection, now: float) -> bool:
        return (
            connection.reusable
            and not connection.closed
            and now - connection.idle_since <= IDLE_SECONDS
            and now - connection.opened_at <= AGE_SECONDS
        )

    def _sweep(self) -> None:
        now = self._loop.time()
        self._keep(lambda connection: self._is_fit(connection, now))
        self._timer = self._loop.call_later(SWEEP_SECONDS, self._sweep) if self._count else None

    def _evict(self) -> None:
        """Close the quarter that has been idle longest, so that new receivers find room (rarely needed)."""
        idle = [connection for group in self._idle.values() for connection in group]
        idle.sort(key=lambda connection: connection.idle_since)
        victims = set(idle[: 1 + len(idle) // 4])
        self._keep(lambda connection: connection not in victims)

    def _keep(self, wanted: Callable[[Connection], bool]) -> None:
        """Close all connections but those wanted."""
        for key, idle in list(self._idle.items()):
            kept = deque(connection for connection in idle if wanted(connection))
            self._count += len(kept) - len(idle)
            for connection in set(idle).difference(kept):
                connection.abort()
            if kept:
                self._idle[key] = kept
            else:
                del self._idle[key]
