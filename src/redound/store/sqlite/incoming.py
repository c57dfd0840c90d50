"""Clicks and reports on the writer thread, in its transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING

import structlog

from redound.store.batches import decide_one, fallen, mended, place
from redound.store.facts import FactBook, wanted
from redound.store.plans.reports import delivery_batches, report_batches
from redound.store.rows import sending, traffic
from redound.store.sqlite.connection import change, change_many, rows_of, run_batch
from redound.store.sqlite.writer import BAD_ROW, one_by_one

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Mapping, Sequence

    from redound.core.clicks import Click
    from redound.core.conversions import Facts, Incoming
    from redound.core.decisions import Decision
    from redound.core.deliveries import LeasedDelivery, NewDelivery
    from redound.store.batches import Placed
    from redound.store.plans.steps import Batch
    from redound.store.port import Handoff
    from redound.store.sqlite.writer import Job

    Decide = Callable[[Incoming, Facts], Decision]

log = structlog.get_logger(__name__)


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
    decide: Decide
    handoff: Handoff | None
    hints: Mapping[str, str]


def add_clicks(db: sqlite3.Connection, jobs: Sequence[Job]) -> None:
    """Store the clicks of all jobs at once."""
    change_many(
        db, "add_click", [traffic.click_values(click) for job in jobs for click in job.payload.clicks]
    )
    _add_the_rest(db, jobs)


def add_clicks_carefully(db: sqlite3.Connection, jobs: Sequence[Job]) -> None:
    """Store each click on its own; one that the database cannot take is mended."""
    for job in jobs:
        for click in job.payload.clicks:
            try:
                change_many(db, "add_click", [traffic.click_values(click)])
            except BAD_ROW as error:
                log.warning("click.mended", click_id=click.id, error=str(error))
                change_many(db, "add_click", [traffic.click_values(mended(click))])
    one_by_one(_add_the_rest)(db, jobs)


def _add_the_rest(db: sqlite3.Connection, jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.payload.came_late:
            change(db, "lower_sub_values_mark", job.payload.came_late)
    placed = place(new for job in jobs for new in job.payload.deliveries)
    if placed:
        _store(db, delivery_batches(placed), placed)


def load_book(
    db: sqlite3.Connection, batch: Sequence[Incoming], hints: Mapping[str, str], caps: Collection[str] = ()
) -> FactBook:
    """Load what is known about a batch of reports, with as many look-ups as there are kinds of keys.

    `caps` are the keys of counts that are wanted: none until a decision asked for some.
    """
    counts = dict.fromkeys(caps, 0)
    if caps:
        counts.update(rows_of(db, "cap_counts", sorted(caps)))
    keys = wanted(batch)
    owners = {digest: row[0] for digest in keys.digests for row in rows_of(db, "owner_of_token", digest)}
    customers: dict[tuple[str, str], str] = {}
    for customer_id, digest in keys.customers:
        for (click_id,) in rows_of(db, "click_of_customer", customer_id, owners.get(digest, "")):
            customers[customer_id, digest] = click_id
    conversions = rows_of(db, "conversions_of_txids", list(keys.txids)) if keys.txids else []
    click_ids = {*keys.clicks, *customers.values()}
    if owners:
        click_ids.update(row[1] for row in conversions)
    if click_ids:
        conversions += rows_of(db, "conversions_of_clicks", list(click_ids))
    return FactBook(
        clicks=map(traffic.click, rows_of(db, "find_clicks", list(click_ids))) if click_ids else (),
        conversions=map(traffic.conversion, sorted(conversions, key=itemgetter(0))),
        fired=rows_of(db, "fired_once", [row[0] for row in conversions]) if conversions else (),
        owners=owners,
        customers=customers,
        hints=hints,
        counts=counts,
    )


def _decide(
    db: sqlite3.Connection,
    asked: Sequence[tuple[Incoming, Decide]],
    hints: Mapping[str, str],
) -> list[Decision]:
    """Decide reports one after the other; those that ask for counts of caps once more, with these."""
    caps: set[str] = set()
    while True:
        book = load_book(db, [incoming for incoming, _ in asked], hints, caps)
        decisions = [decide_one(incoming, book, decide) for incoming, decide in asked]
        if not book.uncounted:
            return decisions
        caps |= book.uncounted


def apply_reports(db: sqlite3.Connection, jobs: Sequence[Job]) -> None:
    """Decide and store the reports of all jobs at once."""
    hints = {value: hint for job in jobs for value, hint in job.payload.hints.items()}
    decided = _decide(
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
    leased = _store(db, report_batches(decisions, placed), placed)
    first = first_placed = 0
    for job, (end, end_placed) in zip(jobs, ends, strict=True):
        mine = [
            leased[row.delivery.id] for row in placed[first_placed:end_placed] if row.delivery.id in leased
        ]
        job.result = (decisions[first:end], mine)
        first, first_placed = end, end_placed


def _store(
    db: sqlite3.Connection, batches: Sequence[Batch], placed: Sequence[Placed]
) -> dict[str, LeasedDelivery]:
    """Store what is planned; return what was handed over, by delivery ID."""
    rows = placed
    for batch in batches:
        if batch.query == "add_due":
            # The look whether a delivery was really inserted would cost more than the row, and is rarely due.
            due = batch.rows if len(rows) == len(placed) else sending.due_rows(rows)
            change_many(db, "add_due_of_new", due)
            continue
        touched = run_batch(db, batch)
        if batch.query == "add_delivery" and touched != len(batch.rows):
            # Some fired before.
            kept = {row[0] for row in rows_of(db, "kept_deliveries", [row.delivery.id for row in placed])}
            rows = [row for row in placed if row.delivery.id in kept]
    return {row.delivery.id: row.leased() for row in rows if row.lease}


def apply_reports_carefully(db: sqlite3.Connection, jobs: Sequence[Job]) -> None:
    """Decide and store each report on its own; one that cannot be stored falls out alone."""
    for job in jobs:
        job.result = _one_by_one(db, job.payload)


def _one_by_one(db: sqlite3.Connection, calls: Reports) -> tuple[list[Decision], list[LeasedDelivery]]:
    """Decide and store each report on its own; one that cannot be stored falls out alone."""
    decisions: list[Decision] = []
    handed: list[LeasedDelivery] = []
    room = calls.handoff
    for incoming in calls.incoming:
        db.execute("SAVEPOINT report")
        try:
            (decision,) = _decide(db, [(incoming, calls.decide)], calls.hints)
            placed = place(decision.deliveries, room)
            leased = _store(db, report_batches([decision], placed), placed)
        except BAD_ROW:
            log.exception("report.unstored", report_id=incoming.report_id)
            db.execute("ROLLBACK TO report")
            decision, leased = fallen(incoming), {}
            _store(db, report_batches([decision], []), [])
        db.execute("RELEASE report")
        decisions.append(decision)
        handed += leased.values()
        room = None if room is None else replace(room, room=room.room - len(leased))
    return decisions, handed
