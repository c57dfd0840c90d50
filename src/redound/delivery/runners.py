"""The sending half of the worker: what goes next, who carries it, and what becomes of the result.

A runner is a long-living coroutine that makes one attempt after the other; a task for each delivery would
cost as much as its request.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from redound.delivery.limits import Flight
from redound.delivery.routes import Standing
from redound.logs import log
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from redound.core.deliveries import LeasedDelivery
    from redound.delivery.attempts import Attempts
    from redound.delivery.handback import Handback
    from redound.delivery.holding import Holding
    from redound.delivery.lanes import Lane
    from redound.delivery.limits import Limits
    from redound.delivery.recorder import Recorder
    from redound.delivery.routes import Route, Routes
    from redound.store.port import Store

SLICE = 64
TICK_SECONDS = 0.1
IDLE_RUNNERS = 256
MOST_UNRECORDED = 20_000
SIBLING_PAUSE_MS = 1_000
UNKNOWN_PAUSE_MS = 1_000
BROKEN_PAUSE_MS = 60_000
UNKNOWN_PATIENCE_MS = 60_000

Job = tuple[Flight, "LeasedDelivery", "Route"]


class Runners:
    """Carries what is in hand out into the world. `hungry` is told of lanes that run low."""

    def __init__(
        self,
        store: Store,
        holding: Holding,
        limits: Limits,
        routes: Routes,
        attempts: Attempts,
        recorder: Recorder,
        handback: Handback,
        clock: Callable[[], int],
        hungry: Callable[[Lane], None],
    ) -> None:
        self._store = store
        self._holding = holding
        self._lanes = holding.lanes
        self._sequences = holding.sequences
        self._leases = holding.leases
        self._limits = limits
        self._routes = routes
        self._attempts = attempts
        self._recorder = recorder
        self._handback = handback
        self._clock = clock
        self._hungry = hungry
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle: list[asyncio.Future[Job | None]] = []
        self._pumping = False
        self._ticking = False
        self._tick_at = 0.0
        self._late_ms = 0.0
        self._open = True
        self._may_start = True
        self.made = 0

    def pump(self) -> None:
        """Start whatever may start, a slice at a time: the loop has others to serve, visitors among them."""
        self._look_around()
        for _ in range(SLICE):
            job = self._next()
            if job is None:
                return
            self._launch(job)
        if not self._pumping:
            self._pumping = True
            self._loop.call_soon(self._pump_on)

    def _pump_on(self) -> None:
        self._pumping = False
        self.pump()

    def _launch(self, job: Job) -> None:
        """Give a job to a runner that waits, else to a new one."""
        while self._idle:
            waiter = self._idle.pop()
            if not waiter.done():
                waiter.set_result(job)
                return
        task = self._loop.create_task(self._run(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def land(self, bound_seconds: float) -> int:
        """Start nothing more; wait for what is on the wire, and cut off what is there after the bound.

        What was cut off is handed back: whether its receiver took it is not known, so it is tried again.
        Return how many those were.
        """
        self._open = self._may_start = False
        for waiter in self._idle:
            if not waiter.done():
                waiter.set_result(None)
        if not self._tasks:
            return 0
        _, late = await asyncio.wait(self._tasks, timeout=bound_seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return len(late)

    def _next(self) -> Job | None:
        """Return the next send with its slots taken, None when nothing may start now."""
        if not self._may_start:
            return None
        while (found := self._lanes.take()) is not None:
            lane, delivery = found
            if lane.more and lane.hungry:
                self._hungry(lane)
            route = self._routes.of(delivery.postback_id)
            if route is not None and self._may_go(route, delivery):
                if lane.host.name != route.host:
                    lane.host = self._limits.host(route.host)
                flight = Flight(lane.postback, lane.host, self._loop.time() * 1000 - self._late_ms)
                self._limits.enter(flight)
                self._lanes.resume(lane)
                if not self._ticking:
                    self._next_tick()
                return flight, delivery, route
            self._lanes.resume(lane)
            if route is None:
                self._unknown(delivery)
        return None

    def _look_around(self) -> None:
        """See whether sends may start at all. Not done for each one: the lease's margin is in seconds."""
        self._may_start = (
            self._open and self._recorder.backlog <= MOST_UNRECORDED and self._leases.safe(self._clock())
        )

    def _may_go(self, route: Route, delivery: LeasedDelivery) -> bool:
        """Say whether to send it now; if not, it has been seen to. Tests go out whatever the standing."""
        if self._sequences.is_void(delivery):
            self._holding.drop(delivery)
            return False
        standing = self._routes.standing(route)
        if standing is not Standing.SEND and not delivery.test:
            self._handback.park(delivery)
            return False
        return self._sequences.begin(delivery)

    def _unknown(self, delivery: LeasedDelivery) -> None:
        """A postback that the snapshot does not know was archived, or made a moment ago."""
        if self._clock() - delivery.created_at < UNKNOWN_PATIENCE_MS:
            self._handback.release(delivery, UNKNOWN_PAUSE_MS)
        else:
            self._handback.cancel(delivery, "postback_archived")

    def _next_tick(self) -> None:
        self._ticking = True
        self._tick_at = self._loop.time() + TICK_SECONDS
        self._loop.call_at(self._tick_at, self._tick)

    def _tick(self) -> None:
        """Every tenth of a second while something is on the wire: let slow sends free the budget.

        Time by which this loop itself is late is taken out of the sends' ages: a busy process must not hold
        its receivers to be slow.
        """
        now = self._loop.time()
        self._late_ms += (now - self._tick_at) * 1000
        self._look_around()
        if self._limits.sweep(now * 1000 - self._late_ms):
            self.pump()
        if self._limits.in_flight:
            self._next_tick()
        else:
            self._ticking = False

    async def _run(self, job: Job | None) -> None:
        """Make one attempt after the other; wait when there is nothing to do, end when many wait already."""
        while job is not None:
            await self._serve(*job)
            job = self._next()
            if job is not None:
                if self._lanes.ready:
                    self.pump()  # an answer may have freed more than one slot
            elif len(self._idle) < IDLE_RUNNERS and self._open:
                waiter: asyncio.Future[Job | None] = self._loop.create_future()
                self._idle.append(waiter)
                job = await waiter

    async def _serve(self, flight: Flight, delivery: LeasedDelivery, route: Route) -> None:
        try:
            if delivery.ordered and not await self._older_first(route, delivery):
                self._handback.release(delivery, SIBLING_PAUSE_MS)
                return
            record = await self._attempts.make(route, delivery)
            flight.learn(record.result.error_kind)
            self.made += 1
            self._recorder.put(record)
        except asyncio.CancelledError:
            self._handback.release(delivery)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the runner must go on with the next one
            log.error("delivery.broke", delivery_id=delivery.id, exc_info=error)
            self._handback.release(delivery, BROKEN_PAUSE_MS)
        finally:
            self._limits.leave(flight)
            self._lanes.freed(flight.postback, flight.host)

    async def _older_first(self, route: Route, delivery: LeasedDelivery) -> bool:
        """Try the unfinished older ones of the same postback and conversion, due or not, each once.

        False when another process holds one of them, or the leases get short: then this one waits.
        """
        now_ms = self._clock()
        try:
            older, elsewhere = await self._store.claim_older(
                delivery, self._leases.token, now_ms, self._leases.until(now_ms)
            )
        except StoreUnavailableError as error:
            log.warning("claim.failed", delivery_id=delivery.id, error=str(error))
            return False
        for index, each in enumerate(older):
            if elsewhere or not self._may_send(each) or not self._sequences.hold(each):
                self._handback.release(each, held=False)
                elsewhere = True
            else:
                await self._try_older(route, each, older[index + 1 :])
        return not elsewhere and self._may_send(delivery)

    def _may_send(self, delivery: LeasedDelivery) -> bool:
        """Say whether its lease is still ours and outlasts a send: time has passed since it was taken."""
        return self._leases.owns(delivery.lease) and self._leases.safe(self._clock())

    async def _try_older(self, route: Route, each: LeasedDelivery, rest: list[LeasedDelivery]) -> None:
        try:
            record = await self._attempts.make(route, each)
        except asyncio.CancelledError:
            for left in (each, *rest):
                self._handback.release(left, held=left is each)
            raise
        self.made += 1
        self._recorder.put(record)
