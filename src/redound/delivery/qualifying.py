"""Finding players who met a reward plan: on news of them, when a plan changes, and on a schedule.

A side task of a process that delivers. It works in small portions, decides on a thread of its own and rests
between them, so that clicks, reports and deliveries of the same process go before. One process at a time has
the turn; should two ever evaluate the same player, compare-and-set in the database lets one of them pay.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from redound.core.players import ProgressState
from redound.core.settling import Surroundings, conclude, settle
from redound.delivery.rounds import every
from redound.logs import log
from redound.store.plans.players import settlement_batches
from redound.store.plans.steps import LostRaceError
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redound.core.decisions import Change, Mint
    from redound.core.players import PlayerBook, Progress
    from redound.core.rewards import RewardPlan
    from redound.core.settling import Met, Settlement
    from redound.store.players import Customer, Players, Portion
    from redound.store.snapshot import Snapshot

LOOK_SECONDS = 1.0
"""How soon news is seen."""
TURN_MS = 60_000
AT_ONCE = 200
"""How many players a portion has: some ten milliseconds of work."""
REST = 0.25
"""How long to rest after a portion, in proportion to what it took."""
CATCH_UP_SECONDS = 5.0
TRIES = 3


class Qualifying:
    """Evaluates players. `mint` makes IDs, `fired` is called when conversions with deliveries were stored.

    `snapshot` is kept fresh by whoever owns it; `node` is unique for each start.
    """

    def __init__(
        self,
        players: Players,
        snapshot: Snapshot,
        *,
        node: str,
        interval_seconds: float,
        clock: Callable[[], int],
        mint: Mint,
        fired: Callable[[], None],
        rest: float = REST,
    ) -> None:
        self._players = players
        self._snapshot = snapshot
        self._node = node
        self._interval_ms = int(interval_seconds * 1000)
        self._clock = clock
        self._mint = mint
        self._fired = fired
        self._rest = rest

    async def run(self) -> None:
        """Look once a second until cancelled."""
        await every(
            LOOK_SECONDS, self.round, held_up="players.unevaluated", failed="players.evaluation_failed"
        )

    async def round(self) -> int:
        """Evaluate everybody there is a reason for; return how many players were looked at."""
        now_ms = self._clock()
        schedule = await self._players.schedule()
        due = not now_ms < schedule.next_at <= now_ms + self._interval_ms
        if not due and not await self._players.is_waiting():
            return 0
        if not await self._players.take_turn(self._node, now_ms, now_ms + TURN_MS):
            return 0
        looked = await self._work_off(now_ms)
        if due:
            async for portion in self._players.overdue(now_ms, AT_ONCE):
                looked += await self._take([portion])
            await self._players.evaluated(now_ms, now_ms + self._interval_ms)
        return looked

    async def _work_off(self, taken_at: int) -> int:
        """Take portions until nobody is left: of changed plans and of news in turn, so that neither waits."""
        looked = 0
        await self._catch_up()
        while True:
            found = [await take(AT_ONCE) for take in (self._players.scan, self._players.news)]
            portions = [portion for portion in found if portion is not None]
            if not portions:
                return looked
            looked += await self._take(portions)
            now_ms = self._clock()
            if now_ms - taken_at > TURN_MS // 4:
                if not await self._players.take_turn(self._node, now_ms, now_ms + TURN_MS):
                    return looked
                taken_at = now_ms

    async def _take(self, portions: Sequence[Portion]) -> int:
        """Evaluate portions with the plans of this moment, then rest; return how many players they had."""
        began = time.monotonic()
        plans = await self._players.plans()
        for portion in portions:
            await self._portion(portion, plans)
        await asyncio.sleep((time.monotonic() - began) * self._rest)
        return sum(len(portion.customers) for portion in portions)

    async def _catch_up(self) -> None:
        """Wait until our configuration is as new as the database's: a goal made just now must be known."""
        version = await self._players.configuration_version()
        ends = time.monotonic() + CATCH_UP_SECONDS
        while self._snapshot.version < version and time.monotonic() < ends:  # noqa: ASYNC110 - it is refreshed by polling
            await asyncio.sleep(0.05)

    async def _portion(self, portion: Portion, plans: Sequence[RewardPlan]) -> None:
        """Evaluate a portion in one transaction; when that fails, each player in one of their own."""
        try:
            await self._evaluate(portion.customers, plans, portion)
        except StoreUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it is logged and the next round tries again
            log.info("players.one_by_one", players=len(portion.customers), error=str(error))
            for customer in portion.customers:
                await self._alone(customer, plans)
            if portion.done:
                await self._players.store(portion.done)

    async def _alone(self, customer: Customer, plans: Sequence[RewardPlan]) -> None:
        for _ in range(TRIES):
            try:
                await self._evaluate([customer], plans)
            except LostRaceError:
                continue
            except StoreUnavailableError:
                raise
            except Exception:  # noqa: BLE001 - whatever it was, it is logged and the next round tries again
                log.exception("player.unevaluated", advertiser_id=customer[0])
            return
        log.error("player.contested", advertiser_id=customer[0])

    async def _evaluate(
        self, customers: Sequence[Customer], plans: Sequence[RewardPlan], portion: Portion | None = None
    ) -> None:
        books = await self._players.books(customers)
        now_ms = self._clock()
        settlements = await asyncio.to_thread(self._settle, books, plans, now_ms)
        met = [each for settlement in settlements for each in settlement.met]
        around = await self._players.surroundings(met) if met else Surroundings()
        earned, changes = await asyncio.to_thread(self._conclude, met, around, now_ms)
        rows = [
            earned.pop((row.player_id, row.plan_id), row)
            for settlement in settlements
            for row in settlement.progress
        ]
        rows += earned.values()
        batches = settlement_batches(settlements, rows, changes)
        if portion is not None:
            batches += portion.done
        if batches:
            await self._players.store(batches)
        if any(change.deliveries for change in changes):
            self._fired()
        _log(settlements, rows)

    def _settle(
        self, books: Sequence[PlayerBook], plans: Sequence[RewardPlan], now_ms: int
    ) -> list[Settlement]:
        return [settle(book, plans, self._snapshot, now_ms, self._mint) for book in books]

    def _conclude(
        self, met: Sequence[Met], around: Surroundings, now_ms: int
    ) -> tuple[dict[tuple[str, str], Progress], list[Change]]:
        """Make the conversions; a row that was met before and still cannot be paid stays as it is."""
        earned: dict[tuple[str, str], Progress] = {}
        changes = []
        for each in met:
            progress, change = conclude(each, around, self._snapshot, now_ms, self._mint)
            if progress is not each.progress:
                earned[progress.player_id, progress.plan_id] = progress
            if change is not None:
                changes.append(change)
        return earned, changes


def _log(settlements: Sequence[Settlement], rows: Sequence[Progress]) -> None:
    for row in rows:
        if row.state is ProgressState.QUALIFIED:
            log.info(
                "player.qualified",
                player_id=row.player_id,
                plan_id=row.plan_id,
                conversion_id=row.conversion_id,
                made=row.made,
            )
    log.debug("players.evaluated", players=len(settlements), changed=len(rows))
