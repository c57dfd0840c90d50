"""A worker on a store and the real sender, with a clock that only the test moves."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, Self

from redound.core.catalog import HealthState
from redound.core.deliveries import DeliveryState, Health, LeasedDelivery, NewDelivery, Queue
from redound.core.health import HealthPolicy
from redound.core.retries import RetryPolicy
from redound.delivery.sender import Sender
from redound.delivery.worker import Options, Worker
from redound.store.memory import MemoryStore
from redound.store.snapshot import Changes, Snapshot
from tests.builders import NOW_MS, make_postback

if TYPE_CHECKING:
    from collections.abc import Callable

    from redound.core.catalog import Postback
    from redound.core.deliveries import AttemptResult, Recorded

LOOPBACK = (ip_network("127.0.0.0/8"),)
MINUTE_MS = 60_000

OPTIONS = Options(
    in_flight=64,
    host_concurrency=16,
    postback_concurrency=8,
    attempt_timeout_seconds=15.0,
    retries=RetryPolicy(schedule=(10.0, 30.0, 60.0), max_attempts=25),
    health=HealthPolicy(),
)


@dataclass
class Rig:
    """Everything around one worker. Use it as a context: it starts and stops the worker."""

    store: Any = None
    options: Options = OPTIONS
    sender: Any = None
    now_ms: int = NOW_MS
    node: str = "node-a"
    alone: bool = False
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.store = MemoryStore() if self.store is None else self.store
        self.store._clock = self.clock
        in_memory = isinstance(self.store, MemoryStore)
        self.snapshot = self.store.configuration if in_memory else Snapshot()

    def clock(self) -> int:
        """The time, in ms."""
        return self.now_ms

    async def __aenter__(self) -> Self:
        self._own_sender = None
        if self.sender is None:
            self.sender = self._own_sender = Sender(allow_networks=LOOPBACK)
        self.worker = self.make_worker()
        await self.worker.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.store.unavailable = False
        await self.worker.stop(0.0)
        if self._own_sender is not None:
            await self._own_sender.close()

    def make_worker(self, node: str | None = None) -> Worker:
        """Another worker on the same store."""
        return Worker(
            self.store,
            self.sender,
            self.snapshot,
            lambda sealed, _place: sealed,
            self.options,
            node=node or self.node,
            alone=self.alone,
            clock=self.clock,
        )

    # The configuration

    def postback(self, url: str, **changes: Any) -> Postback:
        """Alice's postback to this URL, in force at once."""
        postback = make_postback(url=url, **changes)
        self.change(postback)
        return postback

    def change(self, postback: Postback) -> None:
        """Put an edited postback into force."""
        self.snapshot.apply(self.snapshot.version + 1, Changes(postbacks={postback.id: postback}))

    def archive(self, postback: Postback) -> None:
        """Take a postback away."""
        self.snapshot.apply(self.snapshot.version + 1, Changes(postbacks={postback.id: None}))

    def disable(self, postback: Postback) -> None:
        """Let the snapshot show what the health says."""
        self.change(replace(postback, health=HealthState.DISABLED))

    async def enable(self, postback: Postback) -> None:
        """Enable a postback again, as the console's plan does: a clean health, what was parked is due."""
        self.store.healths[postback.id] = Health(postback.id)
        for delivery_id, due in self.store.due.items():
            if self.store.deliveries[delivery_id].new.postback_id == postback.id:
                due.queue, due.at = Queue.FRESH, self.now_ms
        self.change(replace(postback, health=HealthState.OK))

    # Deliveries

    def delivery(self, postback: Postback, **changes: Any) -> NewDelivery:
        """A delivery of its own conversion, due now; a later one is newer."""
        number = next(self._numbers)
        fresh = NewDelivery(
            id=f"dlv_{number:06}",
            postback_id=postback.id,
            affiliate_id="aff_alice",
            offer_id="ofr_shoes",
            conversion_id=f"cnv_{number}",
            click_id="clk_1",
            transition_id=f"trn_{number}",
            fire_key=f"trn_{number}",
            values={"sub1": "tracker-click-1", "status": "approved", "payout": "10.00"},
            test=False,
            created_at=self.now_ms,
            due_at=self.now_ms,
        )
        return replace(fresh, **changes)

    async def owe(self, *deliveries: NewDelivery) -> None:
        """Store deliveries; the worker has to find them."""
        await self.store.add_clicks([], deliveries)

    async def work(self) -> None:
        """Let the worker do all that is due now."""
        await self.worker.drained()

    async def later(self, milliseconds: int) -> None:
        """Move the clock on and let the worker do what has fallen due."""
        self.now_ms += milliseconds
        await self.worker.heart.beat()
        await self.work()

    # Looking

    def state(self, delivery: NewDelivery) -> str:
        """The stored state: open or a final one."""
        return self.store.deliveries[delivery.id].state

    def reason(self, delivery: NewDelivery) -> str:
        """Why it ended."""
        return self.store.deliveries[delivery.id].ended_because

    def attempts(self, delivery: NewDelivery) -> list[Recorded]:
        """Its attempts in order."""
        found = [each for each in self.store.attempts.values() if each.delivery.id == delivery.id]
        return sorted(found, key=lambda each: each.delivery.attempts)

    def results(self, delivery: NewDelivery) -> list[AttemptResult]:
        """What came of its attempts, in order."""
        return [each.result for each in self.attempts(delivery)]


def make_leased(delivery_id: str = "dlv_1", **changes: Any) -> LeasedDelivery:
    """A delivery of one postback in the hands of a worker."""
    leased = LeasedDelivery(
        id=delivery_id,
        postback_id="pbk_1",
        conversion_id=f"cnv_of_{delivery_id}",
        click_id="clk_1",
        values={},
        test=False,
        created_at=NOW_MS,
        queue=Queue.FRESH,
        lease="node-a:1",
    )
    return replace(leased, **changes)


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until something holds; the test's timeout is the end of patience."""
    while not condition():
        await asyncio.sleep(0.001)


DELIVERED = DeliveryState.DELIVERED
FAILED = DeliveryState.FAILED
CANCELLED = DeliveryState.CANCELLED
OPEN = "open"
