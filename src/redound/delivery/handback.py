"""Gives leased deliveries back without an attempt: released, parked or cancelled, in groups."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from redound.logs import log
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from redound.core.deliveries import LeasedDelivery
    from redound.store.port import Store

GROUP = 500
LINGER_SECONDS = 0.01
PAUSE_SECONDS = 0.5


class _Kind(NamedTuple):
    """What is asked for a group. `held`: the worker has its deliveries in hand and waits to let go."""

    verb: str
    delay_ms: int = 0
    reason: str = ""
    held: bool = True


class Handback:
    """Collects what this worker will not try now. `done` is called for each held one that was taken back."""

    def __init__(
        self, store: Store, clock: Callable[[], int], done: Callable[[LeasedDelivery], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._done = done
        self._waiting: dict[_Kind, list[LeasedDelivery]] = {}
        self._some = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def release(self, delivery: LeasedDelivery, delay_ms: int = 0, *, held: bool = True) -> None:
        """Let anybody claim it, `delay_ms` from now."""
        self._put(_Kind("release", delay_ms, held=held), delivery)

    def park(self, delivery: LeasedDelivery) -> None:
        """Let it wait until its postback is enabled again."""
        self._put(_Kind("park"), delivery)

    def cancel(self, delivery: LeasedDelivery, reason: str) -> None:
        """End it."""
        self._put(_Kind("cancel", reason=reason), delivery)

    def _put(self, kind: _Kind, delivery: LeasedDelivery) -> None:
        self._waiting.setdefault(kind, []).append(delivery)
        self._empty.clear()
        self._some.set()

    async def flushed(self) -> None:
        """Return when the database has taken all of it."""
        await self._empty.wait()

    async def run(self) -> None:
        """Hand back until cancelled."""
        while True:
            await self._some.wait()
            await asyncio.sleep(LINGER_SECONDS)
            while self._waiting:
                kind = next(iter(self._waiting))
                group = self._waiting.pop(kind)
                for start in range(0, len(group), GROUP):
                    await self._store_group(kind, group[start : start + GROUP])
            self._some.clear()
            self._empty.set()

    async def _store_group(self, kind: _Kind, group: list[LeasedDelivery]) -> None:
        while True:
            try:
                await self._give(kind, group)
            except StoreUnavailableError as error:
                log.warning("handback.failed", deliveries=len(group), verb=kind.verb, error=str(error))
                await asyncio.sleep(PAUSE_SECONDS)
            except Exception as error:  # noqa: BLE001 - whatever it was, the leases run out by themselves
                log.error("handback.broke", deliveries=len(group), verb=kind.verb, exc_info=error)
                break
            else:
                break
        if kind.held:
            for delivery in group:
                self._done(delivery)

    async def _give(self, kind: _Kind, group: list[LeasedDelivery]) -> None:
        if kind.verb == "release":
            await self._store.release(group, self._clock() + kind.delay_ms)
        elif kind.verb == "park":
            await self._store.park(group)
        else:
            await self._store.cancel(group, kind.reason)
