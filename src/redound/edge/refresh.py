"""Following the configuration: the snapshot in memory is brought up to date four times a second."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from redound.logs import Ration, log
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from redound.store.port import Store
    from redound.store.snapshot import Snapshot

EVERY_SECONDS = 0.25


class Refresher:
    """Keeps `snapshot` current. While the database is away the last known configuration stays in force."""

    def __init__(self, store: Store, snapshot: Snapshot, on_change: Callable[[], None]) -> None:
        self.snapshot = snapshot
        self._store = store
        self._on_change = on_change
        self._fresh_at = time.monotonic()
        self._ration = Ration(1)

    @property
    def age_seconds(self) -> float:
        """How long ago the configuration was known to be current."""
        return time.monotonic() - self._fresh_at

    async def refresh(self) -> None:
        """Look once. StoreUnavailableError while the database is away."""
        started = time.monotonic()
        if await self._store.refresh_snapshot(self.snapshot):
            self._on_change()
        self._fresh_at = started

    async def follow(self) -> None:
        """Look for as long as the process lives."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.refresh()
            except StoreUnavailableError as error:
                if self._ration.allows():
                    log.warning(
                        "configuration.stale", age_seconds=round(self.age_seconds, 1), error=str(error)
                    )
            except Exception:  # noqa: BLE001 - whatever it was, it is logged and the next round tries again
                if self._ration.allows():
                    log.exception("configuration.refresh_failed", age_seconds=round(self.age_seconds, 1))
