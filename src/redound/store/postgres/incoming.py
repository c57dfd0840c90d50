"""Clicks and reports in one transaction of PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING

import structlog

from redound.store.batches import decide_one, fallen, mended, place
from redound.store.facts import FactBook, wanted
from redound.store.plans.reports import delivery_batches, report_batches
from redound.store.plans.steps import LostRaceError
from redound.store.postgres.connection import NOT_STORABLE, change, change_many, rows_of, run_batch
from redound.store.rows import traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from redound.core.clicks import Click
    from redound.core.conversions import Facts
    from redound.core.decisions import Decision
    from redound.core.deliveries import LeasedDelivery, NewDelivery
    from redound.core.reports import Incoming
    from redound.store.batches import Placed
    from redound.store.plans.steps import Batch
    from redound.store.port import Handoff
    from redound.store.postgres.connection import Connection
    from redound.store.postgres.flights import Job

log = structlog.get_logger(__name__)

TRIES = 5
"""How often a report that lost a race is judged again before it counts as not storable."""


@dataclass(frozen=True, slots=True)
class Clicks:
    """A call of `add_clicks`. `came_late`: see `indexing.came_late`."""

    clicks: Sequence[Click]
    deliveries: Sequence[NewDelivery]
    came_late: str = ""


@dataclass(frozen=True, slots=True)
class Reports:
    """A call of `apply_reports`."""

    incoming: Sequence[Incoming]
    decide: Callable[[Incoming, Facts], Decision]
    handoff: Handoff | None
    hints: Mapping[str, str]


async def add_clicks(db: Connection, jobs: Sequence[Job]) -> None:
    """Store the clicks of all jobs at once, with what they owe."""
    clicks = [click for job in jobs for click in job.payload.clicks]
    placed = place(new for job in jobs for new in job.payload.deliveries)
    late = [job.payload.came_late for job in jobs if job.payload.came_late]
    if not placed and not late:
        await _add(db, clicks)
        return
    async with db.transaction():
        await _add(db, clicks)
        for batch in delivery_batches(placed):
            await run_batch(db, batch)
        if late:
            await change(db, "lower_sub_values_mark", min(late))


async def _add(db: Connection, clicks: Sequence[Click]) -> None:
    """Store clicks; when one cannot be stored, halve them until it is alone, and mend it."""
    try:
        rows = [traffic.click_values(click) for click in clicks]
        async with db.transaction():
            await change_many(db, "add_click", rows)
    except NOT_STORABLE as error:
        if len(clicks) == 1:
            log.warning("click.mended", click_id=clicks[0].id, error=str(error))
            async with db.transaction():
                await change_many(db, "add_click", [traffic.click_values(mended(clicks[0]))])
            return
        half = len(clicks) // 2
        await _add(db, clicks[:half])
        await _add(db, clicks[half:])


async def load_book(
    db: Connection, batch: Sequence[Incoming], hints: Mapping[str, str], caps: Collection[str] = ()
) -> FactBook:
    """Load what is known about a batch of reports, with as many look-ups as there are kinds of keys.

    `caps` are the keys of counts that are wanted: none until a decision asked for some.
    """
    counts = dict.fromkeys(caps, 0)
    if caps:
        counts.update(await rows_of(db, "cap_counts", sorted(caps)))
    keys = wanted(batch)
    owners = {
        digest: row[0] for digest in keys.digests for row in await rows_of(db, "owner_of_token", digest)
    }
    customers: dict[tuple[str, str], str] = {}
    for customer_id, digest in keys.customers:
        for (click_id,) in await rows_of(db, "click_of_customer", customer_id, owners.get(digest, "")):
            customers[customer_id, digest] = click_id
    conversions = await rows_of(db, "conversions_of_txids", keys.txids) if keys.txids else []
    click_ids = {*keys.clicks, *customers.values()}
    if owners:
        click_ids.update(row[1] for row in conversions)
    clicks = []
    if click_ids:
        conversions += await rows_of(db, "conversions_of_clicks", list(click_ids))
        clicks = await rows_of(db, "find_clicks", list(click_ids))
    fired = []
    if conversions:
        fired = await rows_of(db, "fired_once", [row[0] for row in conversions])
    return FactBook(
        clicks=map(traffic.click, clicks),
        conversions=map(traffic.conversion, sorted(conversions, key=itemgetter(0))),
        fired=fired,
        owners=owners,
        customers=customers,
        hints=hints,
        counts=counts,
    )


async def apply_reports(db: Connection, jobs: Sequence[Job]) -> None:
    """Decide and store the reports of all jobs in one transaction; when one fails, each on its own."""
    try:
        async with db.transaction():
            await _apply_together(db, jobs)
    except NOT_STORABLE:
        # A bad row, or a race with another process that this batch lost: find out which report it was.
        async with db.transaction():
            for job in jobs:
                job.result = await _one_by_one(db, job.payload)


async def _decide(
    db: Connection,
    asked: Sequence[tuple[Incoming, Callable[[Incoming, Facts], Decision]]],
    hints: Mapping[str, str],
) -> list[Decision]:
    """Decide reports one after the other; those that ask for counts of caps once more, with these."""
    caps: set[str] = set()
    while True:
        book = await load_book(db, [incoming for incoming, _ in asked], hints, caps)
        decisions = [decide_one(incoming, book, decide) for incoming, decide in asked]
        if not book.uncounted:
            return decisions
        caps |= book.uncounted


async def _apply_together(db: Connection, jobs: Sequence[Job]) -> None:
    hints = {value: hint for job in jobs for value, hint in job.payload.hints.items()}
    decided = await _decide(
        db, [(each, job.payload.decide) for job in jobs for each in job.payload.incoming], hints
    )
    decisions: list[Decision] = []
    placed: list[Placed] = []
    ends: list[tuple[int, int]] = []
    for job in jobs:
        calls = job.payload
        start = len(decisions)
        decisions += decided[start : start + len(calls.incoming)]
        placed += place((new for each in decisions[start:] for new in each.deliveries), calls.handoff)
        ends.append((len(decisions), len(placed)))
    leased = await _store(db, report_batches(decisions, placed), placed)
    first = first_placed = 0
    for job, (end, end_placed) in zip(jobs, ends, strict=True):
        mine = [
            leased[row.delivery.id] for row in placed[first_placed:end_placed] if row.delivery.id in leased
        ]
        job.result = (decisions[first:end], mine)
        first, first_placed = end, end_placed


async def _store(
    db: Connection, batches: Sequence[Batch], placed: Sequence[Placed]
) -> dict[str, LeasedDelivery]:
    """Store what is planned; return what was handed over, by delivery ID."""
    kept: set[str] = set()
    for batch in batches:
        found = await run_batch(db, batch)
        if batch.query == "add_delivery":
            kept = {row[0] for row in found}
    return {row.delivery.id: row.leased() for row in placed if row.lease and row.delivery.id in kept}


async def _one_by_one(db: Connection, calls: Reports) -> tuple[list[Decision], list[LeasedDelivery]]:
    """Decide and store each report on its own; one that cannot be stored falls out alone."""
    decisions: list[Decision] = []
    handed: list[LeasedDelivery] = []
    room = calls.handoff
    for incoming in calls.incoming:
        decision, leased = await _alone(db, incoming, calls, room)
        decisions.append(decision)
        handed += leased
        room = None if room is None else replace(room, room=room.room - len(leased))
    return decisions, handed


async def _alone(
    db: Connection, incoming: Incoming, calls: Reports, room: Handoff | None
) -> tuple[Decision, list[LeasedDelivery]]:
    """Apply one report; judged again, with what the winner stored, as long as it loses races."""
    for _ in range(TRIES):
        try:
            async with db.transaction():
                (decision,) = await _decide(db, [(incoming, calls.decide)], calls.hints)
                placed = place(decision.deliveries, room)
                leased = await _store(db, report_batches([decision], placed), placed)
        except LostRaceError:
            continue
        except NOT_STORABLE:
            log.exception("report.unstored", report_id=incoming.report_id)
            break
        return decision, list(leased.values())
    decision = fallen(incoming)
    await _store(db, report_batches([decision], []), [])
    return decision, []
