"""The verbs of the port on a SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any

from redound.gate import HostedError, gate_for
from redound.store.batches import queue_counts, wall_ms
from redound.store.facts import wanted as wanted_facts
from redound.store.indexing import came_late, rows_of_clicks
from redound.store.plans.steps import Step
from redound.store.port import StoreRefusedError, StoreUnavailableError
from redound.store.rows import traffic
from redound.store.sqlite import incoming as coming
from redound.store.sqlite import outgoing, reader
from redound.store.sqlite.checkpoints import Checkpoints
from redound.store.sqlite.connection import change, connect, rows_of, run_batch, run_step
from redound.store.sqlite.writer import Kind, Ways, Writer, one_by_one

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from redound.core.clicks import Click
    from redound.core.conversions import Facts, Incoming
    from redound.core.decisions import Decision
    from redound.core.deliveries import Health, HealthStep, LeasedDelivery, NewDelivery, Recorded
    from redound.store.plans.steps import Batch
    from redound.store.port import Handoff, Lane, Wanted
    from redound.store.snapshot import Snapshot
    from redound.store.sqlite.writer import Job

TRIGGERS = 26
"""How many triggers on configuration tables a migrated database has."""

_NOT_MIGRATED = "The database at {} is not migrated: run `redound migrate` first."


def _others(db: sqlite3.Connection, jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.result = job.payload(db)


class SqliteStore:
    """A store in one file. `who` tells people whose it is when a second process asks for it."""

    def __init__(self, path: Path, who: str = "redound serve", clock: Callable[[], int] = wall_ms) -> None:
        self._path = path
        self._who = who
        self._clock = clock
        self._gate = gate_for(path)
        self._hosts = False
        self._checkpoints = Checkpoints(path, self._gate)
        self.writer = Writer(
            path,
            self._gate,
            {
                Kind.CLICKS: Ways(coming.add_clicks, coming.add_clicks_carefully),
                Kind.REPORTS: Ways(coming.apply_reports, one_by_one(coming.apply_reports_carefully)),
                Kind.OUTCOMES: Ways(outgoing.record, one_by_one(outgoing.record)),
                Kind.OTHER: Ways(_others, one_by_one(_others)),
            },
            self._checkpoints.look,
        )
        self._reader = reader.Reader(path)

    async def open(self) -> None:
        """Become the data plane of this file, or say why not."""
        await asyncio.to_thread(self._open)

    def _open(self) -> None:
        if not self._path.exists():
            raise StoreRefusedError(f"There is no database at {self._path}: run `redound init` first.")
        try:
            self._gate.host(self._who)
        except HostedError as error:
            raise StoreRefusedError(str(error)) from error
        try:
            _check_migrated(self._path)
        except BaseException:
            self._gate.leave()
            raise
        self._hosts = True
        self.writer.start()
        self._checkpoints.start()

    async def close(self) -> None:
        """Finish what was taken, empty the log, let go of the file."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self.writer.stop()
        self._reader.close()
        self._checkpoints.stop()
        if self._hosts:  # a store that was refused must not put out the one that is there
            self._hosts = False
            self._gate.leave()

    async def _write(self, function: Callable[..., Any], *values: Any) -> Any:
        return await self.writer.submit(Kind.OTHER, lambda db: function(db, *values))

    async def ping(self) -> None:
        """Return when a transaction of the writer went through."""
        await self._write(reader.version)

    # Named queries, for what is no verb of the port

    async def select(self, query: str, *values: Any) -> list[Any]:
        """Return the rows of a named query."""
        return await self._reader.read(lambda db: rows_of(db, query, *values))

    async def select_together(self, asked: Sequence[Step]) -> list[list[Any]]:
        """Return the rows of several named queries, which see one state of the database."""
        return await self._reader.read(lambda db: [rows_of(db, each.query, *each.values) for each in asked])

    async def perform(self, plan: Sequence[Batch | Step]) -> list[int]:
        """Run what is planned in one transaction; return how many rows each part touched."""

        def run(db: sqlite3.Connection) -> list[int]:
            return [run_step(db, each) if isinstance(each, Step) else run_batch(db, each) for each in plan]

        touched: list[int] = await self._write(run)
        return touched

    # Configuration

    async def load_snapshot(self) -> Snapshot:
        """Return the whole configuration."""
        return await self._reader.read(reader.snapshot)

    async def refresh_snapshot(self, snapshot: Snapshot) -> bool:
        """Apply what changed since the snapshot's version."""
        current, changed = await self._reader.read(partial(reader.since, known=snapshot.version))
        if current == snapshot.version:
            return False
        if changed is None:
            fresh = await self.load_snapshot()
            snapshot.replace(fresh)
        else:
            snapshot.apply(current, changed)
        return True

    # Traffic in

    async def add_clicks(self, clicks: Sequence[Click], deliveries: Sequence[NewDelivery] = ()) -> None:
        """Store clicks and the deliveries of click postbacks."""
        call = coming.Clicks(clicks, deliveries, came_late(clicks, self._clock()))
        await self.writer.submit(Kind.CLICKS, call)

    async def find_clicks(self, ids: Collection[str]) -> dict[str, Click]:
        """Return the stored clicks among `ids`."""
        rows = await self._reader.read(lambda db: rows_of(db, "find_clicks", list(ids)))
        return {row[0]: traffic.click(row) for row in rows}

    async def apply_reports(
        self,
        incoming: Sequence[Incoming],
        decide: Callable[[Incoming, Facts], Decision],
        handoff: Callable[[], Handoff | None],
    ) -> tuple[list[Decision], list[LeasedDelivery]]:
        """Decide and store reports with their deliveries."""
        hints: dict[str, str] = {}
        if wanted_facts(incoming).hints:
            hints = await self._reader.read(lambda db: reader.hints(db, incoming))
        call = coming.Reports(incoming, decide, handoff(), hints)
        result: tuple[list[Decision], list[LeasedDelivery]] = await self.writer.submit(Kind.REPORTS, call)
        return result

    # Deliveries out

    async def lanes(self, now_ms: int, limit: int) -> list[Lane]:
        """Return the lanes in which something is due."""
        deadline = await self._reader.read(outgoing.first_deadline)
        if deadline is not None and deadline <= now_ms:
            await self._write(change, "free_expired", now_ms)
        return await self._reader.read(partial(outgoing.lanes, now_ms=now_ms, limit=limit))

    async def next_due_at(self) -> int | None:
        """Return when the next unparked delivery falls due, a lease's end included."""
        return await self._reader.read(outgoing.next_due_at)

    async def claim(
        self, wanted: Sequence[Wanted], lease: str, now_ms: int, until: int
    ) -> list[LeasedDelivery]:
        """Lease what is due in the wanted lanes."""
        found: list[LeasedDelivery] = await self._write(outgoing.claim, wanted, lease, now_ms, until)
        return found

    async def claim_older(
        self, delivery: LeasedDelivery, lease: str, now_ms: int, until: int
    ) -> tuple[list[LeasedDelivery], bool]:
        """Lease the older siblings that nobody holds."""
        found: tuple[list[LeasedDelivery], bool] = await self._write(
            outgoing.claim_older, delivery, lease, now_ms, until
        )
        return found

    async def extend(self, leases: Collection[str], until: int) -> int:
        """Move the deadline of what these leases hold."""
        return int(await self._write(change, "extend_leases", list(leases), until))

    async def free_leases(self, node: str) -> int:
        """Free what dead processes still hold: everything but this node's, for there is no other process."""
        return int(await self._write(change, "free_leases", f"{node}:", self._clock()))

    async def release(self, deliveries: Sequence[LeasedDelivery], at: int) -> None:
        """Give back what was not tried."""
        await self._write(outgoing.release, deliveries, at)

    async def park(self, deliveries: Sequence[LeasedDelivery]) -> None:
        """Give back into the queue PARKED."""
        await self._write(outgoing.park, deliveries, self._clock())

    async def cancel(self, deliveries: Sequence[LeasedDelivery], reason: str) -> None:
        """End without an attempt."""
        await self._write(outgoing.cancel, deliveries, reason, self._clock())

    async def record(
        self, records: Sequence[Recorded], judge: Callable[[Health, Sequence[Recorded]], HealthStep]
    ) -> list[Health]:
        """Store attempts and what follows from them."""
        call = outgoing.Outcomes(records, judge, self._clock())
        disabled: list[Health] = await self.writer.submit(Kind.OUTCOMES, call)
        return disabled

    # Upkeep

    async def heartbeat(self, node: str, role: str, now_ms: int) -> None:
        """Say that this process lives."""
        await self._write(change, "put_worker", node, role, now_ms)

    async def live_nodes(self, role: str, since_ms: int) -> list[str]:
        """Return the nodes of a role seen since then."""
        return await self._reader.read(
            lambda db: [row[0] for row in rows_of(db, "live_workers", role, since_ms)]
        )

    async def forget_node(self, node: str) -> None:
        """Take this process off the list."""
        await self._write(change, "forget_worker", node)

    async def mark_key(self, fingerprints: Sequence[str]) -> str:
        """Mark the database with the key in force; return the mark it bears."""
        return str(await self._write(outgoing.mark_key, fingerprints))

    async def chores(self, now_ms: int) -> dict[str, int]:
        """Do periodic upkeep."""
        done: dict[str, int] = await self._write(outgoing.chores, now_ms)
        return done

    async def index_sub_values(self, now_ms: int) -> int:
        """Note the values of the next clicks: read beside the writer, written in one short job of it."""
        was, clicks = await self._reader.read(partial(reader.clicks_to_index, now_ms=now_ms))
        if not clicks:
            return 0
        rows = await asyncio.to_thread(rows_of_clicks, clicks)
        await self._write(outgoing.add_sub_values, rows, was, clicks[-1][0])
        return len(clicks)

    async def backlog(self) -> dict[str, int]:
        """Return counts by queue name, and `oldest_due_at`."""
        return queue_counts(await self._reader.read(lambda db: rows_of(db, "backlog")))


def _check_migrated(path: Path) -> None:
    try:
        db = connect(path, writes=True)
    except sqlite3.DatabaseError as error:
        raise _unusable(path, error) from error
    try:
        found = rows_of(db, "config_triggers")[0][0]
        rows_of(db, "config_version")
    except sqlite3.DatabaseError as error:
        raise _unusable(path, error) from error
    finally:
        db.close()
    if found != TRIGGERS:
        raise StoreRefusedError(_NOT_MIGRATED.format(path))


def _unusable(path: Path, error: sqlite3.DatabaseError) -> Exception:
    if not isinstance(error, sqlite3.OperationalError):
        return StoreRefusedError(f"{path} is not a database of ours: {error}")
    if "no such table" in str(error):
        return StoreRefusedError(_NOT_MIGRATED.format(path))
    return StoreUnavailableError(f"SQLite could not open {path}: {error}")
