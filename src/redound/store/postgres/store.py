"""The verbs of the port on PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from redound.store.batches import by_postback, queue_counts, wall_ms
from redound.store.facts import wanted as wanted_facts
from redound.store.indexing import came_late
from redound.store.plans.steps import Step
from redound.store.port import SNAPSHOT_LAG_MS, StoreRefusedError, StoreUnavailableError
from redound.store.postgres import incoming as coming
from redound.store.postgres import outgoing, reading
from redound.store.postgres.connection import (
    TRANSIENT,
    UNAVAILABLE,
    change,
    change_many,
    create_pool,
    rows_of,
    run_batch,
    run_step,
)
from redound.store.postgres.flights import Flights
from redound.store.rows import traffic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence

    from redound.core.clicks import Click
    from redound.core.conversions import Facts
    from redound.core.decisions import Decision
    from redound.core.deliveries import Health, HealthStep, LeasedDelivery, NewDelivery, Recorded
    from redound.core.reports import Incoming
    from redound.store.plans.steps import Batch
    from redound.store.port import Handoff, Lane, Wanted
    from redound.store.postgres.connection import Connection
    from redound.store.postgres.flights import Job
    from redound.store.snapshot import Snapshot

T = TypeVar("T")

TRIGGERS = 10
TRIES = 5
CLICK_FLIGHTS, REPORT_FLIGHTS, RECORD_FLIGHTS, OTHERS = 2, 3, 2, 3


class PostgresStore:
    """A store on a server that any number of processes may share."""

    def __init__(self, url: str, clock: Callable[[], int] = wall_ms) -> None:
        self._url = url
        self._clock = clock
        self._pool: asyncpg.Pool | None = None
        self._clicks = Flights(self._flight(coming.add_clicks), CLICK_FLIGHTS)
        self._reports = Flights(self._flight(coming.apply_reports), REPORT_FLIGHTS)
        self._records = Flights(self._flight(outgoing.record), RECORD_FLIGHTS)

    async def open(self) -> None:
        """Connect, refuse a database that is not migrated, make the partitions of these days."""
        size = CLICK_FLIGHTS + REPORT_FLIGHTS + RECORD_FLIGHTS + OTHERS
        try:
            self._pool = await create_pool(self._url, size=size)
        except UNAVAILABLE as error:
            raise StoreUnavailableError(f"PostgreSQL cannot be reached: {error}") from error
        try:
            await self._with(self._check_migrated)
            await self._with(outgoing.make_partitions, self._clock())
        except BaseException:
            self._pool.terminate()
            self._pool = None
            raise

    async def _check_migrated(self, db: Connection) -> None:
        found = 0
        try:
            found = (await rows_of(db, "config_triggers"))[0][0]
            await rows_of(db, "config_version")
        except asyncpg.UndefinedTableError:
            found = 0
        if found != TRIGGERS:
            raise StoreRefusedError("The PostgreSQL database is not migrated: run `redound migrate` first.")

    async def close(self) -> None:
        """Finish what was taken, then disconnect."""
        for flights in (self._clicks, self._reports, self._records):
            await flights.drain()
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                async with asyncio.timeout(10):
                    await pool.close()
            except TimeoutError:
                pool.terminate()

    async def _with(self, function: Callable[..., Awaitable[T]], *values: Any) -> T:
        """Run a function on a connection; again when the database asked for that."""
        if self._pool is None:
            raise StoreUnavailableError("the store is not open")
        for left in reversed(range(TRIES)):
            try:
                async with self._pool.acquire() as db:
                    return await function(db, *values)
            except UNAVAILABLE as error:
                if isinstance(error, ValueError):
                    raise  # asyncpg's refusal to encode a value: the caller's, not the server's
                if not (left and isinstance(error, TRANSIENT)):
                    raise StoreUnavailableError(f"PostgreSQL: {error or type(error).__name__}") from error
        raise StoreUnavailableError("PostgreSQL: too many conflicts")

    def _flight(
        self, function: Callable[[Connection, Sequence[Job]], Awaitable[None]]
    ) -> Callable[[list[Job]], Awaitable[None]]:
        async def run(jobs: list[Job]) -> None:
            await self._with(function, jobs)

        return run

    async def _rows(self, query: str, *values: Any) -> list[Any]:
        return await self._with(rows_of, query, *values)

    async def ping(self) -> None:
        """Return when a transaction went through."""
        await self._with(reading.version)

    # Named queries, for what is no verb of the port

    async def select(self, query: str, *values: Any) -> list[Any]:
        """Return the rows of a named query."""
        return await self._rows(query, *values)

    async def select_together(self, asked: Sequence[Step]) -> list[list[Any]]:
        """Return the rows of several named queries, which see one state of the database."""

        async def run(db: Connection) -> list[list[Any]]:
            async with db.transaction(isolation="repeatable_read", readonly=True):
                return [await rows_of(db, each.query, *each.values) for each in asked]

        return await self._with(run)

    async def perform(self, plan: Sequence[Batch | Step]) -> list[int]:
        """Run what is planned in one transaction; return how many rows a step touched or a batch returned."""

        async def run(db: Connection) -> list[int]:
            async with db.transaction():
                return [
                    await run_step(db, each) if isinstance(each, Step) else len(await run_batch(db, each))
                    for each in plan
                ]

        return await self._with(run)

    # Configuration

    async def load_snapshot(self) -> Snapshot:
        """Return the whole configuration."""
        return await self._with(reading.snapshot)

    async def refresh_snapshot(self, snapshot: Snapshot) -> bool:
        """Apply what changed since the snapshot's version."""
        current, changed = await self._with(reading.since, snapshot.version)
        if current == snapshot.version:
            return False
        if changed is None:
            snapshot.replace(await self.load_snapshot())
        else:
            snapshot.apply(current, changed)
        return True

    # Traffic in

    async def add_clicks(self, clicks: Sequence[Click], deliveries: Sequence[NewDelivery] = ()) -> None:
        """Store clicks and the deliveries of click postbacks."""
        call = coming.Clicks(clicks, deliveries, came_late(clicks, self._clock()))
        await self._clicks.submit(call, len(clicks))

    async def find_clicks(self, ids: Collection[str]) -> dict[str, Click]:
        """Return the stored clicks among `ids`."""
        return {row[0]: traffic.click(row) for row in await self._rows("find_clicks", list(ids))}

    async def apply_reports(
        self,
        incoming: Sequence[Incoming],
        decide: Callable[[Incoming, Facts], Decision],
        handoff: Callable[[], Handoff | None],
    ) -> tuple[list[Decision], list[LeasedDelivery]]:
        """Decide and store reports with their deliveries."""
        asked = wanted_facts(incoming)
        hints = await self._with(reading.hints, incoming) if asked.hints else {}
        call = coming.Reports(incoming, decide, handoff(), hints)
        customers = (customer_id for customer_id, _ in asked.customers)
        keys = frozenset((*asked.clicks, *asked.txids, *customers))
        result: tuple[list[Decision], list[LeasedDelivery]] = await self._reports.submit(
            call, len(incoming), keys
        )
        return result

    # Deliveries out

    async def lanes(self, now_ms: int, limit: int) -> list[Lane]:
        """Return the lanes in which something is due."""
        return await self._with(outgoing.lanes, now_ms, limit)

    async def next_due_at(self) -> int | None:
        """Return when the next unparked delivery falls due, a lease's end included."""
        return await self._with(outgoing.next_due_at)

    async def claim(
        self, wanted: Sequence[Wanted], lease: str, now_ms: int, until: int
    ) -> list[LeasedDelivery]:
        """Lease what is due in the wanted lanes."""
        return await self._with(outgoing.claim, wanted, lease, now_ms, until)

    async def claim_older(
        self, delivery: LeasedDelivery, lease: str, now_ms: int, until: int
    ) -> tuple[list[LeasedDelivery], bool]:
        """Lease the older siblings that nobody holds."""
        return await self._with(outgoing.claim_older, delivery, lease, now_ms, until)

    async def extend(self, leases: Collection[str], until: int) -> int:
        """Move the deadline of what these leases hold."""
        return await self._with(change, "extend_leases", list(leases), until)

    async def free_leases(self, node: str) -> int:
        """Free what others hold; only for a process that knows itself to be alone."""
        return await self._with(change, "free_leases", f"{node}:", self._clock())

    async def release(self, deliveries: Sequence[LeasedDelivery], at: int) -> None:
        """Give back what was not tried."""
        await self._with(change_many, "release_due", [(each.id, each.lease, at) for each in deliveries])

    async def park(self, deliveries: Sequence[LeasedDelivery]) -> None:
        """Give back into the queue PARKED."""
        at = self._clock()
        await self._with(
            change_many, "park_due", [(each.id, each.lease, at, SNAPSHOT_LAG_MS) for each in deliveries]
        )

    async def cancel(self, deliveries: Sequence[LeasedDelivery], reason: str) -> None:
        """End without an attempt."""
        await self._with(outgoing.cancel, deliveries, reason, self._clock())

    async def record(
        self, records: Sequence[Recorded], judge: Callable[[Health, Sequence[Recorded]], HealthStep]
    ) -> list[Health]:
        """Store attempts and what follows from them."""
        call = outgoing.Outcomes(records, judge, self._clock())
        # Of two transactions with one postback the second would only wait for the first's lock on its health.
        keys = frozenset(by_postback(records))
        disabled: list[Health] = await self._records.submit(call, len(records), keys)
        return disabled

    # Upkeep

    async def heartbeat(self, node: str, role: str, now_ms: int) -> None:
        """Say that this process lives."""
        await self._with(change, "put_worker", node, role, now_ms)

    async def live_nodes(self, role: str, since_ms: int) -> list[str]:
        """Return the nodes of a role seen since then."""
        return [row[0] for row in await self._rows("live_workers", role, since_ms)]

    async def forget_node(self, node: str) -> None:
        """Take this process off the list."""
        await self._with(change, "forget_worker", node)

    async def mark_key(self, fingerprints: Sequence[str]) -> str:
        """Mark the database with the key in force; return the mark it bears."""
        return str(await self._with(outgoing.mark_key, fingerprints))

    async def chores(self, now_ms: int) -> dict[str, int]:
        """Do periodic upkeep."""
        return await self._with(outgoing.chores, now_ms)

    async def index_sub_values(self, now_ms: int) -> int:
        """Note the values of the next clicks."""
        return await self._with(outgoing.index_sub_values, now_ms)

    async def backlog(self) -> dict[str, int]:
        """Return counts by queue name, and `oldest_due_at`."""
        return queue_counts(await self._rows("backlog"))
