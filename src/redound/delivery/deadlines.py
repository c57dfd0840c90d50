"""One coarse timer for all exchanges under way: a timer of its own for each would cost more than the rest.

Deadlines fall into slots of `TICK_SECONDS`; an exchange is ended at the end of its slot, never early. The
timer runs only while something is under way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

TICK_SECONDS = 0.05


class Expiring(Protocol):
    """What a deadline can be set for."""

    def expire(self) -> None:
        """End: the deadline has passed."""


class Deadlines:
    """The slots. A member leaves early by discarding itself from the slot it was given."""

    __slots__ = ("_loop", "_slots", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Use the clock of `loop`."""
        self._loop = loop
        self._slots: dict[int, set[Expiring]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def slot(self, deadline: float) -> set[Expiring]:
        """Return the set that expires just after `deadline` (loop time); the caller joins it at once."""
        number = int(deadline / TICK_SECONDS) + 1
        slot = self._slots.get(number)
        if slot is None:
            slot = self._slots[number] = set()
            if self._timer is None:
                self._timer = self._loop.call_later(TICK_SECONDS, self._tick)
        return slot

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        now = int(self._loop.time() / TICK_SECONDS)
        for number in [number for number in self._slots if number <= now]:
            for member in list(self._slots.pop(number)):
                member.expire()
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick) if self._slots else None
