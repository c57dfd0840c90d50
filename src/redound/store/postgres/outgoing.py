"""Claims, outcomes and upkeep in transactions of PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import asyncpg
import structlog

from redound.core.deliveries import Queue
from redound.core.ids import CLICK, day_bounds
from redound.store.batches import by_postback, finished_at
from redound.store.indexing import INDEX_AT_ONCE, indexed_before, rows_of_clicks
from redound.store.plans.notices import disabling_steps
from redound.store.plans.outcomes import outcomes
from redound.store.port import CANCEL_AT_ONCE, FORGET_WORKERS_MS, KEEP_CHANGES, PARKED_FOR_MS, Lane
from redound.store.postgres.connection import change, change_many, rows_of, run_batch, run_step
from redound.store.rows import sending

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redound.core.deliveries import Health, HealthStep, LeasedDelivery, Recorded
    from redound.store.port import Wanted
    from redound.store.postgres.connection import Connection
    from redound.store.postgres.flights import Job

log = structlog.get_logger(__name__)

DAYS_AHEAD: Final = 3
PARTITIONED: Final = (("clicks", CLICK), ("reports", "rpt"), ("attempts", "att"))
_UPKEEP_LOCK: Final = 7_308_332
_INDEX_LOCK: Final = 7_308_333


@dataclass(frozen=True, slots=True)
class Outcomes:
    """A call of `record`."""

    records: Sequence[Recorded]
    judge: Callable[[Health, Sequence[Recorded]], HealthStep]
    now_ms: int


async def record(db: Connection, jobs: Sequence[Job]) -> None:
    """Record the outcomes of all jobs in one transaction."""
    async with db.transaction():
        for job in jobs:
            job.result = await _record(db, job.payload)


async def _record(db: Connection, call: Outcomes) -> list[Health]:
    # Health before the line: whoever takes both locks takes them in this order, sorted by ID.
    healths = await _locked_healths(db, list(by_postback(call.records)))
    leases = dict(await rows_of(db, "leases_of", [each.delivery.id for each in call.records]))
    found = outcomes(call.records, leases, healths, call.judge)
    for batch in found.batches:
        await run_batch(db, batch)
    for delivered in found.superseding:
        delivery = delivered.delivery
        older = await rows_of(db, "superseded", delivery.id, delivery.postback_id, delivery.conversion_id)
        await end_open(db, [each[0] for each in older], "superseded", finished_at(delivered))
    for health in found.disabled:
        await change(db, "free_expired", health.disabled_at or call.now_ms)
        for step in disabling_steps(health, call.now_ms):
            await run_step(db, step)
    return found.disabled


async def _locked_healths(db: Connection, postback_ids: Sequence[str]) -> dict[str, Health]:
    if not postback_ids:
        return {}
    rows = await rows_of(db, "health_of", postback_ids)
    if len(rows) < len(postback_ids):
        # A first outcome: without a row there is nothing to lock, and two workers would both judge it first.
        await change_many(db, "put_health_row", [(each,) for each in postback_ids])
        rows = await rows_of(db, "health_of", postback_ids)
    return {row[0]: sending.health(row) for row in rows}


async def end_open(db: Connection, ids: Sequence[str], reason: str, at: int) -> None:
    """Cancel unfinished deliveries, whoever holds them."""
    await change_many(db, "cancel_open", [(each, reason, at) for each in ids])
    await change_many(db, "end_due", [(each,) for each in ids])


async def lanes(db: Connection, now_ms: int, limit: int) -> list[Lane]:
    """Return the lanes in which something is due."""
    await change(db, "free_expired", now_ms)
    return [
        Lane(queue, postback_id, at)
        for queue in (Queue.FRESH, Queue.RETRY)
        for postback_id, at in await rows_of(db, "lanes", queue.value, now_ms, limit)
    ]


async def next_due_at(db: Connection) -> int | None:
    """Return when the next unparked delivery falls due, a lease's end included."""
    at = [(await rows_of(db, "next_due", queue.value))[0][0] for queue in (Queue.FRESH, Queue.RETRY)]
    at.append((await rows_of(db, "first_deadline"))[0][0])
    return min((each for each in at if each is not None), default=None)


async def claim(
    db: Connection, wanted: Sequence[Wanted], lease: str, now_ms: int, until: int
) -> list[LeasedDelivery]:
    """Lease what is due in the wanted lanes, past rows that another worker is claiming."""
    await change(db, "free_expired", now_ms)
    rows = await rows_of(
        db,
        "claim",
        [int(each.queue) for each in wanted],
        [each.postback_id for each in wanted],
        [each.limit for each in wanted],
        lease,
        now_ms,
        until,
    )
    return [sending.leased(row) for row in rows]


async def claim_older(
    db: Connection, delivery: LeasedDelivery, lease: str, now_ms: int, until: int
) -> tuple[list[LeasedDelivery], bool]:
    """Lease the older siblings that nobody holds."""
    async with db.transaction():
        rows = await rows_of(db, "older_siblings", delivery.id, delivery.postback_id, delivery.conversion_id)
        free = [row for row in rows if not row[8] or row[13] <= now_ms]
        await change_many(db, "lease_due", [(row[0], lease, until) for row in free])
    return [sending.leased((*row[:8], lease, *row[9:])) for row in free], len(free) < len(rows)


async def cancel(db: Connection, deliveries: Sequence[LeasedDelivery], reason: str, at: int) -> None:
    """End without an attempt what is still held."""
    async with db.transaction():
        leases = dict(await rows_of(db, "leases_of", [each.id for each in deliveries]))
        held = [each.id for each in deliveries if leases.get(each.id) == each.lease]
        await end_open(db, held, reason, at)


async def mark_key(db: Connection, fingerprints: Sequence[str]) -> str:
    """Mark the database with the first of these unless it bears a mark that is none of them."""
    first, *others = fingerprints
    await change(db, "mark_key", first)
    for old in others:
        await change(db, "mark_key_anew", first, old)
    return str((await rows_of(db, "key_mark"))[0][0])


async def chores(db: Connection, now_ms: int) -> dict[str, int]:
    """Do periodic upkeep, unless another worker is at it."""
    done = {}
    async with db.transaction():
        if (await rows_of(db, "one_at_a_time", _UPKEEP_LOCK))[0][0]:
            old = await rows_of(db, "parked_too_long", now_ms - PARKED_FOR_MS, CANCEL_AT_ONCE)
            await end_open(db, [row[0] for row in old], "parked_too_long", now_ms)
            done = {
                "parked_cancelled": len(old),
                "strays_resumed": await change(db, "resume_strays", now_ms),
                "changes_forgotten": await change(db, "forget_config_changes", KEEP_CHANGES),
                "workers_forgotten": await change(db, "forget_dead_workers", now_ms - FORGET_WORKERS_MS),
            }
    if done:
        done["partitions_made"] = await make_partitions(db, now_ms)
    return done


async def index_sub_values(db: Connection, now_ms: int) -> int:
    """Note the values of the next clicks, unless another worker is at it."""
    async with db.transaction():
        if not (await rows_of(db, "one_at_a_time", _INDEX_LOCK))[0][0]:
            return 0
        was = (await rows_of(db, "sub_values_mark"))[0][0]
        clicks = await rows_of(db, "clicks_to_index", was, indexed_before(now_ms), INDEX_AT_ONCE)
        if clicks:
            rows = await asyncio.to_thread(rows_of_clicks, clicks)
            await change_many(db, "add_sub_value", rows)
            await change(db, "move_sub_values_mark", was, clicks[-1][0])
        return len(clicks)


async def make_partitions(db: Connection, now_ms: int) -> int:
    """Make the partitions of today and the days ahead; return how many were missing.

    One that cannot be made now (a reader is in the way, or its rows came before it and lie in the default
    partition) is left to the next time: nothing depends on it but retention.
    """
    today = datetime.fromtimestamp(now_ms / 1000, tz=UTC).date()
    made = 0
    for ahead in range(DAYS_AHEAD + 1):
        day = today + timedelta(days=ahead)
        for table, prefix in PARTITIONED:
            low, high = day_bounds(prefix, day)
            try:
                async with db.transaction():
                    await change(db, "short_lock_timeout")
                    made += (await rows_of(db, "make_partition", table, f"{table}_{day:%Y%m%d}", low, high))[
                        0
                    ][0]
            except (
                asyncpg.LockNotAvailableError,
                asyncpg.CheckViolationError,
                asyncpg.DuplicateTableError,
            ) as error:
                log.warning("store.partition_not_made", table=table, day=str(day), error=str(error))
    return made
