"""Forgetting what need not be kept any longer: a side task of a process that delivers.

Days are whole days in UTC. One process at a time has the turn. Every portion is a short transaction, and
after each it rests several times as long as that took, so that clicks, reports and deliveries go before.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from redound.core.ids import CLICK, day_bounds
from redound.core.trace.sub_values import day_of
from redound.delivery.rounds import every
from redound.logs import log
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from redound.delivery.tidying import Tidying
    from redound.store.retention import Retention, Table, WithIp

LOOK_SECONDS = 60.0
TURN_MS = 120_000
AT_ONCE = 250
"""How many rows a transaction deletes or changes: some milliseconds of work."""
REST = 4.0
"""How long to rest after a portion, in proportion to what it took."""

PREFIXES: Final[dict[Table, str]] = {"clicks": CLICK, "reports": "rpt", "attempts": "att"}
COUNTED: Final = frozenset({"clicks", "attempts"})
"""Of these nothing goes before statistics have counted it; nor do deliveries."""
WITH_IP: Final[dict[WithIp, str]] = {"clicks": CLICK, "reports": "rpt", "deliveries": "dlv"}


@dataclass(frozen=True, slots=True)
class KeptDays:
    """For how many whole days things are kept, 0 for ever. `ips` is for whole IP addresses."""

    clicks: int = 0
    reports: int = 0
    attempts: int = 0
    deliveries: int = 0
    ips: int = 0


class Forgetting:
    """Forgets what is older than `kept`, and what `tidying` takes away. `node` is unique for each start."""

    def __init__(
        self,
        retention: Retention,
        kept: KeptDays,
        tidying: Tidying,
        *,
        node: str,
        clock: Callable[[], int],
        rest: float = REST,
        at_once: int = AT_ONCE,
    ) -> None:
        self._retention = retention
        self._kept = kept
        self._tidying = tidying
        self._node = node
        self._clock = clock
        self._rest = rest
        self._at_once = at_once

    async def run(self) -> None:
        """Look every minute until cancelled; then hand the turn on."""
        try:
            await every(LOOK_SECONDS, self.round, held_up="retention.held_up", failed="retention.failed")
        finally:
            with contextlib.suppress(StoreUnavailableError):
                now_ms = self._clock()
                await self._retention.take_turn(self._node, now_ms, now_ms)

    async def round(self) -> Counter[str]:
        """Forget all that is old enough; return how much of what, by name.

        Nothing when it is another's turn.
        """
        done: Counter[str] = Counter()
        taken_at = self._clock()
        if not await self._take_turn(taken_at):
            return done
        began = time.monotonic()
        async for name, count in self._portions():
            done[name] += count
            await asyncio.sleep((time.monotonic() - began) * self._rest)
            began = time.monotonic()
            now_ms = self._clock()
            if now_ms - taken_at > TURN_MS // 4:
                if not await self._take_turn(now_ms):
                    break
                taken_at = now_ms
        if any(done.values()):
            log.info("retention.done", **{name: count for name, count in done.items() if count})
        return done

    async def _take_turn(self, now_ms: int) -> bool:
        return await self._retention.take_turn(self._node, now_ms, now_ms + TURN_MS)

    async def _portions(self) -> AsyncIterator[tuple[str, int]]:
        """Do one portion after the other; give what each did."""
        for table, prefix in PREFIXES.items():
            first_kept = self._first_day(getattr(self._kept, table))
            if first_kept is None:
                continue
            if table in COUNTED:
                first_kept = min(first_kept, await self._retention.uncounted_since(table))
            yield f"{table}_days", len(await self._retention.drop_days(table, first_kept))
            before = day_bounds(prefix, first_kept)[0]
            while count := await self._retention.purge(table, before, self._at_once):
                yield table, count
        async for portion in self._sub_values():
            yield portion
        async for portion in self._deliveries():
            yield portion
        async for portion in self._ips():
            yield portion
        async for portion in self._tidying.portions(self._clock(), self._at_once):
            yield portion

    async def _sub_values(self) -> AsyncIterator[tuple[str, int]]:
        first_kept = self._first_day(self._kept.clicks)
        if first_kept is not None:
            day = day_of(_ms(first_kept))
            while count := await self._retention.purge_sub_values(day, self._at_once):
                yield "sub_values", count

    async def _deliveries(self) -> AsyncIterator[tuple[str, int]]:
        first_kept = self._first_day(self._kept.deliveries)
        if first_kept is None:
            return
        first_kept = min(first_kept, await self._retention.uncounted_since("deliveries"))
        before, more = day_bounds("dlv", first_kept)[0], True
        while more:
            count, more = await self._retention.purge_deliveries(before, self._at_once)
            yield "deliveries", count

    async def _ips(self) -> AsyncIterator[tuple[str, int]]:
        first_kept = self._first_day(self._kept.ips)
        if first_kept is None:
            return
        for table, prefix in WITH_IP.items():
            before = day_bounds(prefix, first_kept)[0]
            while count := await self._retention.truncate_ips(table, before, self._at_once):
                yield f"{table}_ips", count

    def _first_day(self, days: int) -> date | None:
        """Return the first day that is kept; None when all are."""
        if not days:
            return None
        today = datetime.fromtimestamp(self._clock() / 1000, tz=UTC).date()
        return today - timedelta(days=days)


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
