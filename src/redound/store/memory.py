"""The store in plain dictionaries: for tests of the planes. It passes the same conformance suite."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from redound.core.catalog import HealthState
from redound.core.conversions import Accepted
from redound.core.deliveries import DeliveryState, Disable, Health, LeasedDelivery, Queue
from redound.store.batches import (
    by_postback,
    decide_one,
    fallen,
    place,
    queue_counts,
    storable,
    wall_ms,
)
from redound.store.memory_facts import book_for
from redound.store.memory_outcomes import disable, finish
from redound.store.memory_tables import Due, Kept, copy_of
from redound.store.memory_upkeep import cancel_parked, note_values, resume_strays
from redound.store.port import SNAPSHOT_LAG_MS, Lane, StoreUnavailableError
from redound.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from redound.core.clicks import Click
    from redound.core.conversions import Conversion, Facts, Incoming, Transition
    from redound.core.decisions import Decision
    from redound.core.deliveries import HealthStep, NewDelivery, Recorded
    from redound.store.batches import Placed
    from redound.store.memory_tables import Notification
    from redound.store.port import Handoff, Wanted


class MemoryStore:
    """A database for one test. Its tables are public; `unavailable` makes every verb fail.

    `configuration` is what `load_snapshot` copies; change it with `configure`.
    """

    def __init__(self, configuration: Snapshot | None = None, clock: Callable[[], int] = wall_ms) -> None:
        self.configuration = configuration or Snapshot()
        self.unavailable = False
        self.clicks: dict[str, Click] = {}
        self.reports: dict[str, Decision] = {}
        self.conversions: dict[str, Conversion] = {}
        self.transitions: dict[str, Transition] = {}
        self.deliveries: dict[str, Kept] = {}
        self.due: dict[str, Due] = {}
        self.attempts: dict[str, Recorded] = {}
        self.healths: dict[str, Health] = {}
        self.notifications: list[Notification] = []
        self.key_mark = ""
        self.nodes: dict[str, tuple[str, int]] = {}
        self.sub_values: set[tuple[int, int, str]] = set()
        self.noted: set[str] = set()
        self.cap_counts: dict[str, int] = {}
        self._fire_keys: set[tuple[str, str]] = set()
        self._clock = clock

    def now_ms(self) -> int:
        """Return the time by the store's clock."""
        return self._clock()

    def _check(self) -> None:
        if self.unavailable:
            raise StoreUnavailableError("the test has taken the database away")

    async def open(self) -> None:
        """Nothing to open."""
        self._check()

    async def close(self) -> None:
        """Nothing to close."""

    async def ping(self) -> None:
        """Return unless unavailable."""
        self._check()

    # Configuration

    def configure(self, configuration: Snapshot) -> None:
        """Replace the configuration by one of a higher version."""
        configuration.version = max(configuration.version, self.configuration.version + 1)
        self.configuration = configuration

    async def load_snapshot(self) -> Snapshot:
        """Return a copy of the configuration."""
        self._check()
        return copy_of(self.configuration)

    async def refresh_snapshot(self, snapshot: Snapshot) -> bool:
        """Make `snapshot` equal to the configuration."""
        self._check()
        if snapshot.version == self.configuration.version:
            return False
        snapshot.replace(copy_of(self.configuration))
        return True

    # Traffic in

    async def add_clicks(self, clicks: Sequence[Click], deliveries: Sequence[NewDelivery] = ()) -> None:
        """Keep clicks and deliveries."""
        self._check()
        for click in clicks:
            self.clicks.setdefault(click.id, click)
        self._insert(place(deliveries))

    async def find_clicks(self, ids: Collection[str]) -> dict[str, Click]:
        """Return the known clicks among `ids`."""
        self._check()
        return {each: self.clicks[each] for each in ids if each in self.clicks}

    async def apply_reports(
        self,
        incoming: Sequence[Incoming],
        decide: Callable[[Incoming, Facts], Decision],
        handoff: Callable[[], Handoff | None],
    ) -> tuple[list[Decision], list[LeasedDelivery]]:
        """Decide and keep one report after the other."""
        self._check()
        room = handoff()
        decisions = []
        placed: list[Placed] = []
        for each in incoming:
            decision = decide_one(each, book_for(self, each), decide)
            if storable(each.raw_query + each.raw_body) != each.raw_query + each.raw_body:
                decision = fallen(each)
            decisions.append(decision)
            self.reports[each.report_id] = decision
            if isinstance(decision.outcome, Accepted):
                self.conversions[decision.outcome.conversion.id] = decision.outcome.conversion
                self.cap_counts.update(decision.outcome.counted)
                if decision.outcome.transition is not None:
                    self.transitions[decision.outcome.transition.id] = decision.outcome.transition
            inserted = self._insert(place(decision.deliveries, room))
            handed = sum(1 for row in inserted if row.lease)
            room = None if room is None else replace(room, room=room.room - handed)
            placed += inserted
        return decisions, [row.leased() for row in placed if row.lease]

    def _insert(self, placed: Iterable[Placed]) -> list[Placed]:
        inserted = []
        for row in placed:
            key = (row.delivery.postback_id, row.delivery.fire_key)
            if key in self._fire_keys:
                continue
            self._fire_keys.add(key)
            self.deliveries[row.delivery.id] = Kept(row.delivery)
            self.due[row.delivery.id] = Due(row.queue, row.at, row.lease)
            if row.delivery.shown:
                self.due[row.delivery.id].attempts = 1
                self.end(row.delivery.id, DeliveryState.DELIVERED, "", row.delivery.created_at)
            inserted.append(row)
        return inserted

    # Deliveries out

    async def lanes(self, now_ms: int, limit: int) -> list[Lane]:
        """Return the lanes in which something is due."""
        self._check()
        found: dict[tuple[Queue, str], int] = {}
        for delivery_id, due in self.due.items():
            if due.queue is not Queue.PARKED and due.at <= now_ms:
                key = (due.queue, self.deliveries[delivery_id].new.postback_id)
                found[key] = min(due.at, found.get(key, due.at))
        lanes = [Lane(queue, postback_id, at) for (queue, postback_id), at in found.items()]
        lanes.sort(key=lambda lane: (lane.queue, lane.at, lane.postback_id))
        return [
            lane
            for queue in (Queue.FRESH, Queue.RETRY)
            for lane in [each for each in lanes if each.queue is queue][:limit]
        ]

    async def next_due_at(self) -> int | None:
        """Return when the next unparked delivery falls due."""
        self._check()
        return min((due.at for due in self.due.values() if due.queue is not Queue.PARKED), default=None)

    async def claim(
        self, wanted: Sequence[Wanted], lease: str, now_ms: int, until: int
    ) -> list[LeasedDelivery]:
        """Lease what is due in the wanted lanes."""
        self._check()
        claimed = []
        for lane in wanted:
            waiting = [
                delivery_id
                for delivery_id, due in self.due.items()
                if due.queue is lane.queue
                and due.at <= now_ms
                and self.deliveries[delivery_id].new.postback_id == lane.postback_id
            ]
            waiting.sort(key=lambda each: (self.due[each].at, each))
            claimed += [self._lease(each, lease, until) for each in waiting[: lane.limit]]
        return claimed

    def _lease(self, delivery_id: str, lease: str, until: int) -> LeasedDelivery:
        due, new = self.due[delivery_id], self.deliveries[delivery_id].new
        due.lease, due.at = lease, until
        return LeasedDelivery(
            id=new.id,
            postback_id=new.postback_id,
            conversion_id=new.conversion_id,
            click_id=new.click_id,
            values=new.values,
            test=new.test,
            created_at=new.created_at,
            queue=due.queue,
            lease=lease,
            attempts=due.attempts,
            receiver_failures=due.receiver_failures,
            first_attempt_at=due.first_attempt_at,
            ordered=new.ordered,
        )

    def older(self, delivery: LeasedDelivery) -> list[str]:
        """Return the unfinished older siblings of a delivery, oldest first."""
        return sorted(
            each
            for each in self.due
            if each < delivery.id
            and self.deliveries[each].new.conversion_id == delivery.conversion_id != ""
            and self.deliveries[each].new.postback_id == delivery.postback_id
        )

    async def claim_older(
        self, delivery: LeasedDelivery, lease: str, now_ms: int, until: int
    ) -> tuple[list[LeasedDelivery], bool]:
        """Lease the older siblings that nobody holds."""
        self._check()
        older = [each for each in self.older(delivery) if self.due[each].queue is not Queue.PARKED]
        held = [each for each in older if self.due[each].lease and self.due[each].at > now_ms]
        return [self._lease(each, lease, until) for each in older if each not in held], bool(held)

    async def extend(self, leases: Collection[str], until: int) -> int:
        """Move the deadline of what these leases hold."""
        self._check()
        rows = [due for due in self.due.values() if due.lease and due.lease in leases]
        for due in rows:
            due.at = until
        return len(rows)

    async def free_leases(self, node: str) -> int:
        """Free what others hold."""
        self._check()
        rows = [due for due in self.due.values() if due.lease and not due.lease.startswith(f"{node}:")]
        for due in rows:
            due.lease, due.at = "", self._clock()
        return len(rows)

    def _held(self, deliveries: Iterable[LeasedDelivery]) -> list[Due]:
        return [
            self.due[each.id]
            for each in deliveries
            if each.id in self.due and self.due[each.id].lease == each.lease
        ]

    async def release(self, deliveries: Sequence[LeasedDelivery], at: int) -> None:
        """Give back what was not tried."""
        self._check()
        for due in self._held(deliveries):
            due.lease, due.at = "", at

    async def park(self, deliveries: Sequence[LeasedDelivery]) -> None:
        """Give back into the queue PARKED what is stopped in truth, and the rest for a moment later."""
        self._check()
        held = [each for each in deliveries if self._held([each])]
        for each in held:
            due, stopped = self.due[each.id], self.is_stopped(each.postback_id)
            due.queue = Queue.PARKED if stopped else Queue.RETRY
            due.lease, due.at = "", self._clock() + (0 if stopped else SNAPSHOT_LAG_MS)

    def is_stopped(self, postback_id: str) -> bool:
        """Whether a postback is disabled or switched off."""
        postback = self.configuration.postbacks.get(postback_id)
        health = self.healths.get(postback_id)
        if health is not None and health.state == "disabled":
            return True
        return postback is not None and (
            not postback.enabled or (health is None and postback.health is HealthState.DISABLED)
        )

    async def cancel(self, deliveries: Sequence[LeasedDelivery], reason: str) -> None:
        """End without an attempt."""
        self._check()
        for each in deliveries:
            if each.id in self.due and self.due[each.id].lease == each.lease:
                self.end(each.id, DeliveryState.CANCELLED, reason, self._clock())

    def end(self, delivery_id: str, state: DeliveryState, reason: str, at: int) -> None:
        """End a delivery, whoever holds it."""
        due, kept = self.due.pop(delivery_id), self.deliveries[delivery_id]
        kept.state, kept.ended_because, kept.finished_at = state, reason, at
        kept.attempts = due.attempts

    async def record(
        self, records: Sequence[Recorded], judge: Callable[[Health, Sequence[Recorded]], HealthStep]
    ) -> list[Health]:
        """Keep attempts and what follows from them."""
        self._check()
        owned = [each for each in records if self._held([each.delivery])]
        disabled = []
        for each in records:
            self.attempts[each.attempt_id] = each
        for postback_id, group in by_postback(owned).items():
            before = self.healths.get(postback_id, Health(postback_id))
            step = judge(before, group)
            self.healths[postback_id] = step.health
            if isinstance(step, Disable) and before.state != "disabled":
                disabled.append(step.health)
        for each in owned:
            finish(self, each)
        for health in disabled:
            disable(self, health)
        return disabled

    # Upkeep

    async def mark_key(self, fingerprints: Sequence[str]) -> str:
        """Mark with the key in force; return the mark."""
        self._check()
        if not self.key_mark or self.key_mark in fingerprints:
            self.key_mark = fingerprints[0]
        return self.key_mark

    async def heartbeat(self, node: str, role: str, now_ms: int) -> None:
        """Note that the node lives."""
        self._check()
        self.nodes[node] = (role, now_ms)

    async def live_nodes(self, role: str, since_ms: int) -> list[str]:
        """Return the nodes of a role seen since then."""
        self._check()
        return sorted(node for node, (of, seen) in self.nodes.items() if of == role and seen >= since_ms)

    async def forget_node(self, node: str) -> None:
        """Take the node off the list."""
        self._check()
        self.nodes.pop(node, None)

    async def chores(self, now_ms: int) -> dict[str, int]:
        """Cancel what has been parked too long, and resume what was parked too late."""
        self._check()
        return {
            "parked_cancelled": cancel_parked(self, now_ms),
            "strays_resumed": resume_strays(self, now_ms),
        }

    async def index_sub_values(self, now_ms: int) -> int:
        """Note the values of clicks that are not noted yet."""
        self._check()
        return note_values(self, now_ms)

    async def backlog(self) -> dict[str, int]:
        """Return counts by queue name, and `oldest_due_at`."""
        self._check()
        by_queue = [[due.at for due in self.due.values() if due.queue is queue] for queue in Queue]
        return queue_counts((queue, len(at), min(at)) for queue, at in enumerate(by_queue) if at)
