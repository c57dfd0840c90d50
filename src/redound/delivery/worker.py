"""The worker: one for each process, on one event loop. It takes deliveries in, sends them, records results.

Deliveries come as hand-offs from the intake of the same process, committed and leased already, or by claims
from the database. They wait in lanes, runners carry them out, and their results go to the recorder.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from redound.core.deliveries import Delivered, RetryAt
from redound.delivery.attempts import Attempts
from redound.delivery.chores import Heart, Indexing, Upkeep
from redound.delivery.claims import Claims
from redound.delivery.handback import Handback
from redound.delivery.holding import Holding
from redound.delivery.lanes import Lanes
from redound.delivery.lease import Leases
from redound.delivery.limits import Limits
from redound.delivery.recorder import Recorder
from redound.delivery.routes import Routes
from redound.delivery.runners import SIBLING_PAUSE_MS, Runners
from redound.logs import log
from redound.store.port import Handoff, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from redound.bus.port import Wake
    from redound.core.deliveries import Health, HealthStep, LeasedDelivery, Recorded
    from redound.core.health import HealthPolicy
    from redound.core.retries import RetryPolicy
    from redound.delivery.attempts import Sends
    from redound.delivery.lanes import Lane
    from redound.delivery.routes import Unseal
    from redound.store.port import Store
    from redound.store.snapshot import Snapshot

ACCEPT_PER_SLOT = 16
ACCEPT_MOST = 512
RECORD_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Options:
    """What a worker may use, and the installation's policies (see the settings of the same names)."""

    in_flight: int
    host_concurrency: int
    postback_concurrency: int
    attempt_timeout_seconds: float
    retries: RetryPolicy
    health: HealthPolicy


def wall_clock() -> int:
    """Return the time in ms since the epoch."""
    return time.time_ns() // 1_000_000


class Worker:
    """Sends what is due. Make it on the loop that it runs on.

    `snapshot` is kept fresh by whoever owns it; `node` is unique for each start. `alone` says that no other
    process can hold deliveries (SQLite, guarded by its lock): then leases of a process that was killed are
    freed at the start instead of waiting for them to run out.
    """

    def __init__(
        self,
        store: Store,
        sender: Sends,
        snapshot: Snapshot,
        unseal: Unseal,
        options: Options,
        *,
        node: str,
        alone: bool = False,
        bus: Wake | None = None,
        clock: Callable[[], int] = wall_clock,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._alone = alone
        self._buffer = 2 * options.in_flight + 2048
        self._routes = Routes(snapshot, unseal, options.retries, options.health)
        self._limits = Limits(options.in_flight, options.host_concurrency, options.postback_concurrency)
        self._lanes = Lanes(self._limits)
        self._leases = Leases(node, options.attempt_timeout_seconds, clock())
        self._holding = Holding(self._lanes, self._leases, self._lane_of)
        self._handback = Handback(store, clock, self._back)
        self._recorder = Recorder(store, self._judge, self._recorded)
        attempts = Attempts(sender, clock, options.attempt_timeout_seconds)
        self._claims = Claims(
            store,
            self._lanes,
            self._leases,
            clock,
            host=self._host,
            take_in=self._take_in,
            claimed=self._pump,
            may_claim=self._may_claim,
            buffer=self._buffer,
        )
        self._runners = Runners(
            store,
            self._holding,
            self._limits,
            self._routes,
            attempts,
            self._recorder,
            self._handback,
            clock,
            self._claims.feed,
        )
        self.heart = Heart(store, self._leases, self._holding.tokens, clock, self._pump, self._lost)
        self.upkeep = Upkeep(store, clock)
        self.indexing = Indexing(store, clock)
        self._open = False
        self._claiming: asyncio.Task[None]
        self._tasks: list[asyncio.Task[None]] = []
        self._unsubscribe: Callable[[], None] | None = None
        self._delivered = 0

    # What the process calls

    async def start(self) -> None:
        """Free what a killed predecessor held, then begin to take, claim and send."""
        if self._alone:
            freed = await self._store.free_leases(self._leases.node)
            if freed:
                log.info("lease.freed", deliveries=freed, node=self._leases.node)
        self._open = True
        self._claiming = asyncio.create_task(self._claims.run())
        self._spawn(
            self._recorder.run(),
            self._handback.run(),
            self.heart.run(),
            self.upkeep.run(),
            self.indexing.run(),
        )
        if self._bus is not None:
            self._unsubscribe = self._bus.subscribe(self.wake)

    async def stop(self, bound_seconds: float = 20.0) -> None:
        """Claim nothing more, finish what is on the wire within the bound, give back the rest, record all."""
        self._open = False
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._claims.end()
        self._give_back_all()
        cut = await self._runners.land(bound_seconds)
        await asyncio.wait([self._claiming], timeout=RECORD_SECONDS)
        try:
            async with asyncio.timeout(RECORD_SECONDS):
                await self._recorder.flushed()
                await self._handback.flushed()
                await self._store.forget_node(self._leases.node)
        except (TimeoutError, StoreUnavailableError) as error:
            log.error("worker.unrecorded", results=self._recorder.backlog, error=str(error))
        for task in (self._claiming, *self._tasks):
            task.cancel()
        await asyncio.gather(self._claiming, *self._tasks, return_exceptions=True)
        log.info("worker.stopped", cut=cut, **self.stats())

    def wake(self) -> None:
        """Something may be due in the database: look soon. Called on the worker's loop."""
        self._claims.wake()

    def handoff(self) -> Handoff | None:
        """Return how the intake may lease fresh deliveries for this worker; None when it takes none now."""
        now_ms = self._clock()
        room = self._buffer - self._lanes.buffered
        if not self._open or room <= 0 or not self._leases.safe(now_ms):
            return None
        return Handoff(self._leases.token, self._leases.until(now_ms), room)

    def accept(self, deliveries: Sequence[LeasedDelivery]) -> None:
        """Take over deliveries that were committed under a hand-off, on the worker's loop.

        A lane that is full, because its receiver does not keep up, gives them back to the database.
        """
        for delivery in deliveries:
            lane = self._lane_of(delivery)
            most = min(ACCEPT_PER_SLOT * min(lane.postback.cap, lane.host.cap), ACCEPT_MOST)
            if len(lane.items) < most:
                self._take_in(delivery)
            else:
                lane.more = True
                self._handback.release(delivery, held=False)
        self._runners.pump()

    async def drained(self) -> None:
        """Return when nothing is due in the database and nothing is in hand."""
        while True:
            await self._claims.look()
            await self._claims.claim()
            if not self._holding.count:
                await self._handback.flushed()
                return
            self._holding.quiet.clear()
            await self._holding.quiet.wait()

    def stats(self) -> dict[str, int]:
        """Return what the worker holds and has done, for metrics."""
        return {
            "held": self._holding.count,
            "buffered": self._lanes.buffered,
            "in_flight": self._limits.in_flight,
            "slow": self._limits.slow,
            "unrecorded": self._recorder.backlog,
            "attempts": self._runners.made,
            "delivered": self._delivered,
        }

    # What its parts ask

    def _spawn(self, *coroutines: Coroutine[None, None, None]) -> None:
        self._tasks.extend(asyncio.create_task(coroutine) for coroutine in coroutines)

    def _pump(self) -> None:
        self._runners.pump()

    def _host(self, postback_id: str) -> str:
        route = self._routes.of(postback_id)
        return route.host if route is not None else ""

    def _lane_of(self, delivery: LeasedDelivery) -> Lane:
        lane = self._lanes.find(delivery.queue, delivery.postback_id)
        if lane is None:
            lane = self._lanes.lane(delivery.queue, delivery.postback_id, self._host(delivery.postback_id))
        return lane

    def _may_claim(self) -> bool:
        return self._open and not self._recorder.failing and self._leases.safe(self._clock())

    def _take_in(self, delivery: LeasedDelivery) -> None:
        if not self._open or not self._leases.owns(delivery.lease):
            self._handback.release(delivery, held=False)
        elif not self._holding.take(delivery):
            # It is in hand already, under a lease that ran out: never two attempts of it at once.
            self._handback.release(delivery, SIBLING_PAUSE_MS, held=False)

    def _give_back_all(self) -> None:
        for delivery in self._holding.take_out():
            self._handback.release(delivery)

    def _back(self, delivery: LeasedDelivery) -> None:
        self._holding.drop(delivery)
        self._runners.pump()

    def _judge(self, health: Health, records: Sequence[Recorded]) -> HealthStep:
        return self._routes.judge(health, records, self._clock())

    def _recorded(self, records: Sequence[Recorded], disabled: Sequence[Health]) -> None:
        for record in records:
            delivered = isinstance(record.step, Delivered)
            self._delivered += delivered
            self._holding.drop(record.delivery, delivered=delivered)
            if isinstance(record.step, RetryAt):
                self._claims.expect(record.step.at)
        for health in disabled:
            _log_disabled(health)
            self._routes.disable(health.postback_id)
        self._runners.pump()

    def _lost(self) -> None:
        lost = self._holding.lose(self._clock())
        if lost:
            log.warning("lease.lost", node=self._leases.node, deliveries=lost)


def _log_disabled(health: Health) -> None:
    """Write the wide line of a disable."""
    log.warning(
        "postback.disabled",
        postback_id=health.postback_id,
        reason=health.disabled_reason,
        failures_in_row=health.failures_in_row,
        failed_attempts=health.failed_attempts,
        first_failure_at=health.first_failure_at,
        last_success_at=health.last_success_at,
    )
