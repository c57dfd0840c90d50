"""What a worker does on the side: it shows that it lives, keeps its leases, and keeps the tables in shape."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from redound.logs import log

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from redound.delivery.lease import Leases
    from redound.store.port import Store

ROLE = "deliver"
UPKEEP_SECONDS = 60.0
INDEX_SECONDS = 5.0
INDEX_PAUSE_SECONDS = 0.05
RETRY_SECONDS = 1.0


class Heart:
    """The heartbeat.

    `in_hand` gives the tokens under which something is held; `alive` is called after a beat that the
    database took, `lost` when the leases are over.
    """

    def __init__(
        self,
        store: Store,
        leases: Leases,
        in_hand: Callable[[], Collection[str]],
        clock: Callable[[], int],
        alive: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        self._store = store
        self._leases = leases
        self._in_hand = in_hand
        self._clock = clock
        self._alive = alive
        self._lost = lost

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            taken = await self.beat()
            await asyncio.sleep(self._leases.heartbeat_ms / 1000 if taken else RETRY_SECONDS)

    async def beat(self) -> bool:
        """Extend every lease; False when the database did not take it.

        Then nothing is started any more when the leases get short, and all is given up when they are over.
        """
        leases = self._leases
        now_ms = self._clock()
        if leases.is_over(now_ms):
            self._lost()
        try:
            async with asyncio.timeout(leases.heartbeat_ms / 1000):
                await self._store.extend(leases.tokens(now_ms, self._in_hand()), leases.until(now_ms))
                await self._store.heartbeat(leases.node, ROLE, now_ms)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is logged and the next round tries again
            log.warning("heartbeat.failed", node=leases.node, error=str(error) or type(error).__name__)
            return False
        leases.extended(now_ms)
        self._alive()
        return True


class Indexing:
    """Keeps the index of sub values near the latest clicks (`store.index_sub_values`)."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        """Do it every few seconds until cancelled; a lag is made up in steps that leave room for traffic."""
        while True:
            indexed = await self.step()
            await asyncio.sleep(INDEX_PAUSE_SECONDS if indexed else INDEX_SECONDS)

    async def step(self) -> int:
        """Do a batch; return how many clicks that were."""
        try:
            return await self._store.index_sub_values(self._clock())
        except Exception as error:  # noqa: BLE001 - whatever it was, it is logged and the next round tries again
            log.warning("indexing.failed", error=str(error) or type(error).__name__)
            return 0


class Upkeep:
    """Periodic work on the tables (`store.chores`). Every worker asks; the database sees that one does it."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        """Do it every minute until cancelled."""
        while True:
            await self.round()
            await asyncio.sleep(UPKEEP_SECONDS)

    async def round(self) -> dict[str, int]:
        """Do it once; return what was done, by name."""
        try:
            done = await self._store.chores(self._clock())
        except Exception as error:  # noqa: BLE001 - whatever it was, it is logged and the next round tries again
            log.warning("chores.failed", error=str(error) or type(error).__name__)
            return {}
        if any(done.values()):
            log.info("chores.done", **done)
        return done
