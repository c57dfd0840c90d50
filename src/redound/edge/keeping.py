"""Making clicks durable: in the database, or on disk here while that is away, and later over there."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING

from redound.logs import log
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redound.edge.metrics import Counters
    from redound.edge.spill import OpenedClick, Spill
    from redound.store.port import Store

STORE_SECONDS = 2.0
"""How long clicks wait for the database before they go to the spill file."""
LOOK_SECONDS = 0.25
"""How often a database that was away is looked at."""


class ClickKeeper:
    """Commits batches of clicks. `on_due` is told when what was stored owes deliveries."""

    def __init__(self, store: Store, spill: Spill, counters: Counters, on_due: Callable[[], None]) -> None:
        self._store = store
        self._spill = spill
        self._counters = counters
        self._on_due = on_due
        self._spilled = asyncio.Event()
        self.away = False

    async def commit(self, clicks: list[OpenedClick]) -> None:
        """Return when the clicks are durable somewhere. OSError when neither place takes them."""
        if not self.away:
            try:
                started = perf_counter()
                async with asyncio.timeout(STORE_SECONDS):
                    await self._add(clicks)
                self._counters.click_commits.observe(perf_counter() - started)
            except (StoreUnavailableError, TimeoutError) as error:
                # A timed-out call may still have stored them; replaying them changes nothing then.
                self.away = True
                log.error("click.store_away", clicks=len(clicks), error=str(error))
            except Exception:  # noqa: BLE001 - whatever it was, those who wait must be told
                self._counters.failures["clicks"] += 1
                log.exception("click.batch_refused", clicks=len(clicks))
            else:
                return
        await self._spill.write(clicks)
        self._counters.clicks_spilled += len(clicks)
        self._spilled.set()

    async def replay(self) -> None:
        """Bring what waits on disk to the database, if that answers. Raises StoreUnavailableError."""
        async with asyncio.timeout(STORE_SECONDS):
            await self._store.ping()
        self.away = False
        if self._spill.pending:
            count = await self._spill.replay(self._add)
            self._counters.clicks_replayed += count
            log.info("click.replayed", clicks=count)

    async def follow(self) -> None:
        """Replay for as long as the process lives, whenever something waits and the database is back."""
        while True:
            if not self._spill.pending:
                self._spilled.clear()
                await self._spilled.wait()
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.replay()
            except (StoreUnavailableError, TimeoutError):
                self.away = True
            except Exception:  # noqa: BLE001 - whatever it was, those who wait must be told
                self._counters.failures["replay"] += 1
                log.exception("click.replay_failed")

    async def _add(self, clicks: Sequence[OpenedClick]) -> None:
        deliveries = [delivery for opened in clicks for delivery in opened.deliveries]
        await self._store.add_clicks([opened.click for opened in clicks], deliveries)
        if deliveries:
            self._on_due()
