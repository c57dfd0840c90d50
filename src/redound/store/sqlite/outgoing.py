"""Claims, outcomes and upkeep on the writer thread, in its transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redound.core.deliveries import Queue
from redound.store.batches import by_postback, finished_at
from redound.store.plans.notices import disabling_steps
from redound.store.plans.outcomes import outcomes
from redound.store.port import (
    CANCEL_AT_ONCE,
    FORGET_WORKERS_MS,
    KEEP_CHANGES,
    PARKED_FOR_MS,
    SNAPSHOT_LAG_MS,
    Lane,
)
from redound.store.rows import sending
from redound.store.sqlite.connection import change, change_many, rows_of, run_batch, run_step

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from redound.core.deliveries import Health, HealthStep, LeasedDelivery, Recorded
    from redound.store.port import Wanted
    from redound.store.sqlite.writer import Job


@dataclass(frozen=True, slots=True)
class Outcomes:
    """A call of `record`."""

    records: Sequence[Recorded]
    judge: Callable[[Health, Sequence[Recorded]], HealthStep]
    now_ms: int


def record(db: sqlite3.Connection, jobs: Sequence[Job]) -> None:
    """Record the outcomes of each job."""
    for job in jobs:
        job.result = _record(db, job.payload)


def _record(db: sqlite3.Connection, call: Outcomes) -> list[Health]:
    ids = [each.delivery.id for each in call.records]
    leases = dict(rows_of(db, "leases_of", ids))
    found = outcomes(call.records, leases, _healths(db, call.records), call.judge)
    for batch in found.batches:
        if batch.rows:
            run_batch(db, batch)
    for delivered in found.superseding:
        _supersede(db, delivered)
    for health in found.disabled:
        change(db, "free_expired", health.disabled_at or call.now_ms)
        for step in disabling_steps(health, call.now_ms):
            run_step(db, step)
    return found.disabled


def _healths(db: sqlite3.Connection, records: Sequence[Recorded]) -> dict[str, Health]:
    postback_ids = list(by_postback(records))
    return {row[0]: sending.health(row) for row in rows_of(db, "health_of", postback_ids)}


def _supersede(db: sqlite3.Connection, delivered: Recorded) -> None:
    """Cancel older siblings of a delivered one, so that a late `pending` never follows an `approved`."""
    delivery = delivered.delivery
    older = rows_of(db, "superseded", delivery.id, delivery.postback_id, delivery.conversion_id)
    end_open(db, [each[0] for each in older], "superseded", finished_at(delivered))


def end_open(db: sqlite3.Connection, ids: Sequence[str], reason: str, at: int) -> None:
    """Cancel unfinished deliveries, whoever holds them."""
    change_many(db, "cancel_open", [(each, reason, at) for each in ids])
    change_many(db, "end_due", [(each,) for each in ids])


def lanes(db: sqlite3.Connection, now_ms: int, limit: int) -> list[Lane]:
    """Return the lanes in which something is due."""
    return [
        Lane(queue, postback_id, at)
        for queue in (Queue.FRESH, Queue.RETRY)
        for postback_id, at in rows_of(db, "lanes", queue.value, now_ms, limit)
    ]


def first_deadline(db: sqlite3.Connection) -> int | None:
    """Return when the first lease runs out."""
    found: int | None = rows_of(db, "first_deadline")[0][0]
    return found


def next_due_at(db: sqlite3.Connection) -> int | None:
    """Return when the next unparked delivery falls due, a lease's end included."""
    at = [rows_of(db, "next_due", queue.value)[0][0] for queue in (Queue.FRESH, Queue.RETRY)]
    return min((each for each in (*at, first_deadline(db)) if each is not None), default=None)


def claim(
    db: sqlite3.Connection, wanted: Sequence[Wanted], lease: str, now_ms: int, until: int
) -> list[LeasedDelivery]:
    """Lease what is due in the wanted lanes, and what a dead holder left there."""
    change(db, "free_expired", now_ms)
    found = []
    for lane in wanted:
        found += rows_of(db, "due_of_lane", int(lane.queue), lane.postback_id, now_ms, lane.limit)
    return _lease(db, found, lease, until)


def _lease(
    db: sqlite3.Connection, rows: Sequence[Sequence[object]], lease: str, until: int
) -> list[LeasedDelivery]:
    change_many(db, "lease_due", [(row[0], lease, until) for row in rows])
    return [sending.leased((*row[:8], lease, *row[9:])) for row in rows]


def claim_older(
    db: sqlite3.Connection, delivery: LeasedDelivery, lease: str, now_ms: int, until: int
) -> tuple[list[LeasedDelivery], bool]:
    """Lease the older siblings that nobody holds."""
    rows = rows_of(db, "older_siblings", delivery.id, delivery.postback_id, delivery.conversion_id)
    free = [row for row in rows if not row[8] or row[13] <= now_ms]
    return _lease(db, free, lease, until), len(free) < len(rows)


def release(db: sqlite3.Connection, deliveries: Sequence[LeasedDelivery], at: int) -> None:
    """Give back what was not tried."""
    change_many(db, "release_due", [(each.id, each.lease, at) for each in deliveries])


def park(db: sqlite3.Connection, deliveries: Sequence[LeasedDelivery], at: int) -> None:
    """Give back into the queue PARKED."""
    change_many(db, "park_due", [(each.id, each.lease, at, SNAPSHOT_LAG_MS) for each in deliveries])


def cancel(db: sqlite3.Connection, deliveries: Sequence[LeasedDelivery], reason: str, at: int) -> None:
    """End without an attempt what is still held."""
    leases = dict(rows_of(db, "leases_of", [each.id for each in deliveries]))
    held = [each.id for each in deliveries if leases.get(each.id) == each.lease]
    end_open(db, held, reason, at)


def add_sub_values(db: sqlite3.Connection, rows: Sequence[tuple[int, int, str]], was: str, mark: str) -> None:
    """Append to the index of sub values and move its mark."""
    change_many(db, "add_sub_value", rows)
    change(db, "move_sub_values_mark", was, mark)


def mark_key(db: sqlite3.Connection, fingerprints: Sequence[str]) -> str:
    """Mark the database with the first of these unless it bears a mark that is none of them."""
    first, *others = fingerprints
    change(db, "mark_key", first)
    for old in others:
        change(db, "mark_key_anew", first, old)
    return str(rows_of(db, "key_mark")[0][0])


def chores(db: sqlite3.Connection, now_ms: int) -> dict[str, int]:
    """Do periodic upkeep."""
    old = [row[0] for row in rows_of(db, "parked_too_long", now_ms - PARKED_FOR_MS, CANCEL_AT_ONCE)]
    end_open(db, old, "parked_too_long", now_ms)
    return {
        "parked_cancelled": len(old),
        "strays_resumed": change(db, "resume_strays", now_ms),
        "changes_forgotten": change(db, "forget_config_changes", KEEP_CHANGES),
        "workers_forgotten": change(db, "forget_dead_workers", now_ms - FORGET_WORKERS_MS),
    }
