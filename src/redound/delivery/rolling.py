"""Rolling statistics up: a side task of a process that delivers.

It counts what was stored since the last round, in portions, and rests between them, so that clicks, reports
and deliveries of the same process go before. One process at a time has the turn; should two ever roll at once
the figures stay exact (`store.statistics`).
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from redound.delivery.rounds import every
from redound.store.statistics import NOUNS

if TYPE_CHECKING:
    from collections.abc import Callable

    from redound.store.statistics import Horizon, Statistics

ROUND_SECONDS = 5.0
"""How often is counted: with the seconds that the roller stays behind, figures are a minute old at most."""
TURN_MS = 30_000
AT_ONCE = 2_000
"""How many rows a portion has: some ten milliseconds of work."""
REST = 1.0
"""How long to rest after a portion, in proportion to what it took."""
PORTIONS = 200
"""How many portions of a noun come before the next noun's."""


class Rolling:
    """Rolls. `node` is unique for each start."""

    def __init__(
        self,
        statistics: Statistics,
        *,
        node: str,
        clock: Callable[[], int],
        rest: float = REST,
        at_once: int = AT_ONCE,
    ) -> None:
        self._statistics = statistics
        self._node = node
        self._clock = clock
        self._rest = rest
        self._at_once = at_once

    async def run(self) -> None:
        """Roll every few seconds until cancelled."""
        await every(ROUND_SECONDS, self.round, held_up="statistics.held_up", failed="statistics.failed")

    async def round(self) -> int:
        """Count what there is, a bounded part of each noun; return how many rows that were.

        Nothing when it is another's turn.
        """
        counted = 0
        horizon = None
        for noun in NOUNS:
            if not await self._take_turn():
                break
            if horizon is None:
                horizon = await self._statistics.look_ahead(self._clock())
            counted += await self._noun(noun, horizon)
        return counted

    async def _take_turn(self) -> bool:
        now_ms = self._clock()
        return await self._statistics.take_turn(self._node, now_ms, now_ms + TURN_MS)

    async def _noun(self, noun: str, horizon: Horizon) -> int:
        counted = 0
        for _ in range(PORTIONS):
            began = time.monotonic()
            rolled = await self._statistics.roll(noun, horizon, self._at_once)
            counted += rolled.counted
            if not rolled.more:
                break
            await asyncio.sleep((time.monotonic() - began) * self._rest)
        return counted
