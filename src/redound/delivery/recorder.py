"""Makes results durable in groups: while one group is being stored, the next one gathers.

Nothing waits for a record but the next of an ordered sequence, so a group may linger a few milliseconds and
a busy worker pays one transaction for hundreds of attempts. When the database cannot take them, results are
kept and offered again; their leases protect them from being tried by others meanwhile.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from redound.core.deliveries import Response, SentRequest
from redound.logs import log
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redound.core.deliveries import Health, HealthStep, Recorded
    from redound.store.port import Store

GROUP = 500
LINGER_SECONDS = 0.006
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0


class Recorder:
    """Collects finished attempts of one worker.

    `done` is called with each group once it is durable (or cannot ever be), and with the healths of the
    postbacks that it disabled.
    """

    def __init__(
        self,
        store: Store,
        judge: Callable[[Health, Sequence[Recorded]], HealthStep],
        done: Callable[[Sequence[Recorded], Sequence[Health]], None],
    ) -> None:
        self._store = store
        self._judge = judge
        self._done = done
        self._pending: list[Recorded] = []
        self._storing = 0
        self._some = asyncio.Event()
        self._group = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._hurry = False
        self.failing = False

    @property
    def backlog(self) -> int:
        """Results that are not durable yet."""
        return len(self._pending) + self._storing

    def put(self, record: Recorded) -> None:
        """Queue one result."""
        pending = self._pending
        pending.append(record)
        if len(pending) == 1:
            self._empty.clear()
            self._some.set()
        if len(pending) >= GROUP:
            self._group.set()

    async def flushed(self) -> None:
        """Return when everything put so far is durable; from now on groups do not linger."""
        self._hurry = True
        self._group.set()
        await self._empty.wait()

    async def run(self) -> None:
        """Store groups until cancelled."""
        while True:
            await self._some.wait()
            if len(self._pending) < GROUP and not self._hurry:
                await self._linger()
            group, self._pending = self._pending[:GROUP], self._pending[GROUP:]
            self._storing = len(group)
            self._group.clear()
            if len(self._pending) >= GROUP:
                self._group.set()
            await self._store_group(group)
            self._storing = 0
            if not self._pending:
                self._some.clear()
                self._empty.set()

    async def _linger(self) -> None:
        handle = asyncio.get_running_loop().call_later(LINGER_SECONDS, self._group.set)
        await self._group.wait()
        handle.cancel()

    async def _store_group(self, group: list[Recorded]) -> None:
        try:
            await self._store_group_once(group)
        except Exception as error:  # noqa: BLE001 - whatever it was, the results are kept and tried again
            await self._store_apart(group, error)

    async def _store_group_once(self, group: list[Recorded]) -> None:
        """Store a group as soon as the database takes it."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                disabled = await self._store.record(group, self._judge)
            except StoreUnavailableError as error:
                if not self.failing:
                    log.warning("record.failed", results=len(group), error=str(error))
                self.failing = True
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            else:
                self.failing = False
                self._done(group, disabled)
                return

    async def _store_apart(self, group: list[Recorded], error: Exception) -> None:
        """Find what cannot be stored, and store the others."""
        if len(group) == 1:
            await self._store_bare(group[0], error)
            return
        half = len(group) // 2
        await self._store_group(group[:half])
        await self._store_group(group[half:])

    async def _store_bare(self, record: Recorded, error: Exception) -> None:
        """Store a result without what was sent and answered; else its delivery would be sent for ever."""
        log.error("record.refused", delivery_id=record.delivery.id, exc_info=error)
        result = record.result
        bare = replace(
            result,
            request=SentRequest(result.request.method, "", ()),
            response=None if result.response is None else Response(result.response.status),
            error_detail="What was sent and answered could not be stored.",
        )
        try:
            await self._store_group_once([replace(record, result=bare)])
        except Exception as again:  # noqa: BLE001 - whatever it was, the results are kept and tried again
            log.error("record.dropped", delivery_id=record.delivery.id, exc_info=again)
            self._done([record], ())
