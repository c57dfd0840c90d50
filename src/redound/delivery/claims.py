"""Brings due deliveries from the database into the lanes: fairly, in few claims, and no more than fit.

Two things lead to a claim: a look (woken by the bus, by the next due time, and every half second) finds out
which lanes have something due; and a lane that the database has more of says so when it is half empty.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from redound.core.deliveries import Queue
from redound.delivery.lanes import MAX_QUOTA, MIN_QUOTA, Lane
from redound.logs import log
from redound.store.port import StoreUnavailableError, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redound.core.deliveries import LeasedDelivery
    from redound.delivery.lanes import Lanes
    from redound.delivery.lease import Leases
    from redound.store.port import Store

LOOK_SECONDS = 0.5
LOOK_GAP_SECONDS = 0.02
CLAIM_GAP_SECONDS = 0.002
CLAIM_ROWS = 500
LEAST_CLAIM = 8
MOST_LANES = 10_000


class Claims:
    """The claiming half of a worker. `take_in` gets each claimed delivery; `may_claim` says whether to."""

    def __init__(
        self,
        store: Store,
        lanes: Lanes,
        leases: Leases,
        clock: Callable[[], int],
        *,
        host: Callable[[str], str],
        take_in: Callable[[LeasedDelivery], None],
        claimed: Callable[[], None],
        may_claim: Callable[[], bool],
        buffer: int,
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._leases = leases
        self._clock = clock
        self._host = host
        self._take_in = take_in
        self._claimed = claimed
        self._may_claim = may_claim
        self._buffer = buffer
        self._hungry: dict[Lane, None] = {}
        self._woken = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._look_now = True
        self._look_at = 0.0
        self._next_due_at: int | None = None
        self._settled_at = 0
        self._ending = False

    def wake(self) -> None:
        """Something may be due: look soon."""
        self._look_now = True
        self._woken.set()

    def end(self) -> None:
        """Let `run` return after the claim under way: cutting it off would leave its rows leased."""
        self._ending = True
        self._woken.set()

    def feed(self, lane: Lane) -> None:
        """This lane has room and the database has more of it."""
        self._hungry[lane] = None
        self._woken.set()

    def expect(self, at: int) -> None:
        """Something falls due at `at` (ms): be there."""
        if self._next_due_at is None or at < self._next_due_at:
            self._next_due_at = at
            if at - self._clock() < LOOK_SECONDS * 1000:
                self._woken.set()

    async def run(self) -> None:
        """Look and claim until told to end."""
        while not self._ending:
            await self._pause()
            if not self._may_claim():
                self._look_now = True
                await asyncio.sleep(LOOK_SECONDS / 5)
                continue
            try:
                if self._is_time_to_look():
                    await self.look()
                await self.claim()
            except StoreUnavailableError as error:
                log.warning("claim.failed", error=str(error))
                await self._rest()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next look claims again
                log.error("claim.broke", exc_info=error)
                await self._rest()
            else:
                # What comes meanwhile is claimed together: one transaction instead of many.
                await asyncio.sleep(LOOK_GAP_SECONDS if self._look_now else CLAIM_GAP_SECONDS)

    async def _rest(self) -> None:
        self._look_now = True
        await asyncio.sleep(LOOK_SECONDS)

    async def _pause(self) -> None:
        """Wait for a reason to look or claim."""
        seconds = self._look_at - self._loop.time()
        if self._next_due_at is not None:
            seconds = min(seconds, (self._next_due_at - self._clock()) / 1000)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.001, seconds)):
                await self._woken.wait()
        self._woken.clear()

    def _is_time_to_look(self) -> bool:
        """Say so by the clock too: lanes that always want more must not hide what others wait for."""
        due = self._next_due_at is not None and self._next_due_at <= self._clock()
        return self._look_now or due or self._loop.time() >= self._look_at

    async def look(self) -> int:
        """Find out which lanes have something due; return how many of them have room for it."""
        self._look_now = False
        self._look_at = self._loop.time() + LOOK_SECONDS
        self._settle_quotas()
        now_ms = self._clock()
        for found in await self._store.lanes(now_ms, MOST_LANES):
            lane = self._lanes.lane(found.queue, found.postback_id, self._host(found.postback_id))
            lane.more = True
            if lane.hungry:
                self._hungry[lane] = None
        next_due_at = await self._store.next_due_at()
        # What is due already and was not taken (a dead receiver's backlog) is no reason to hurry.
        self._next_due_at = next_due_at if next_due_at is not None and next_due_at > now_ms else None
        return len(self._hungry)

    def _settle_quotas(self) -> None:
        """Halve, every now and then, the quota of lanes that hardly moved since."""
        now_ms = self._clock()
        if now_ms - self._settled_at < LOOK_SECONDS * 1000:
            return
        self._settled_at = now_ms
        for lane in self._lanes:
            if lane.items and lane.taken * 4 < lane.quota:
                lane.quota = max(MIN_QUOTA, lane.quota // 2)
            lane.taken = 0

    async def claim(self) -> int:
        """Claim for the lanes that are hungry, one claim at a time; return how many deliveries came."""
        async with self._one_at_a_time:
            wanted = self._wanted()
            if not wanted:
                return 0
            now_ms = self._clock()
            deliveries = await self._store.claim(
                list(wanted.values()), self._leases.token, now_ms, self._leases.until(now_ms)
            )
            self._place(wanted, deliveries)
            return len(deliveries)

    def _place(self, wanted: dict[Lane, Wanted], deliveries: Sequence[LeasedDelivery]) -> None:
        """Hand claimed deliveries on; a lane that got all it asked for may have more in the database."""
        counts: tuple[dict[str, int], dict[str, int]] = ({}, {})
        for delivery in deliveries:
            of_queue = counts[delivery.queue is Queue.RETRY]
            of_queue[delivery.postback_id] = of_queue.get(delivery.postback_id, 0) + 1
            self._take_in(delivery)
        for lane, want in wanted.items():
            lane.more = counts[want.queue is Queue.RETRY].get(want.postback_id, 0) >= want.limit
        self._claimed()

    def _wanted(self) -> dict[Lane, Wanted]:
        """Take hungry lanes in turn, each with its share of one claim and of the room that is left.

        A little of each rather than much of a few: what is claimed together is sent together, and a burst
        to one host needs many connections to it.
        """
        wanted: dict[Lane, Wanted] = {}
        rows = 0
        hungry = max(1, len(self._hungry))
        share = min(self._buffer - self._lanes.buffered, CLAIM_ROWS) // hungry
        share = max(share, LEAST_CLAIM if self._lanes.buffered < self._buffer else MIN_QUOTA)
        while self._hungry and rows < CLAIM_ROWS:
            lane = next(iter(self._hungry))
            del self._hungry[lane]
            if lane.dry:
                lane.dry = False
                lane.quota = min(MAX_QUOTA, 2 * lane.quota)
            limit = min(lane.quota - len(lane.items), share)
            if limit > 0:
                wanted[lane] = Wanted(lane.queue, lane.postback.name, limit)
                rows += limit
        if self._hungry:
            self._woken.set()
        return wanted
