"""What every driver does with a batch apart from talking to its database."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from redound.core.conversions import Refusal, Verdict
from redound.core.decisions import Decision
from redound.core.deliveries import Fault, LeasedDelivery, Queue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from redound.core.clicks import Click
    from redound.core.conversions import Facts, Incoming
    from redound.core.deliveries import NewDelivery, Recorded
    from redound.store.facts import FactBook
    from redound.store.port import Handoff

log = structlog.get_logger(__name__)


def wall_ms() -> int:
    """Return the time in ms since the epoch: the clock of a store that was given none."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Placed:
    """A new delivery with its place in the line: `lease` is empty unless it is handed over at once."""

    delivery: NewDelivery
    queue: Queue
    at: int
    lease: str = ""

    def leased(self) -> LeasedDelivery:
        """Return it as the worker that it was handed to sees it."""
        new = self.delivery
        return LeasedDelivery(
            id=new.id,
            postback_id=new.postback_id,
            conversion_id=new.conversion_id,
            click_id=new.click_id,
            values=new.values,
            test=new.test,
            created_at=new.created_at,
            queue=self.queue,
            lease=self.lease,
            ordered=new.ordered,
        )


def place(deliveries: Iterable[NewDelivery], handoff: Handoff | None = None) -> list[Placed]:
    """Give new deliveries their place: parked, leased to the caller while it has room, or in the fresh line.

    What a browser was shown has no place in the line: its row is left out of it. A parked row's `at` is when
    it was parked; a delayed delivery is never handed over.
    """
    room = 0 if handoff is None else handoff.room
    placed = []
    for new in deliveries:
        if new.shown:
            placed.append(Placed(new, Queue.FRESH, new.created_at))
        elif new.parked:
            placed.append(Placed(new, Queue.PARKED, new.created_at))
        elif room > 0 and handoff is not None and new.due_at <= new.created_at:
            room -= 1
            placed.append(Placed(new, Queue.FRESH, handoff.until, handoff.lease))
        else:
            placed.append(Placed(new, Queue.FRESH, new.due_at))
    return placed


def decide_one(incoming: Incoming, book: FactBook, decide: Callable[[Incoming, Facts], Decision]) -> Decision:
    """Decide one report and let the book learn it. A decision that fails falls out alone.

    Any exception of `decide` is a fault of ours; it must neither lose the report nor hold up its batch.
    """
    try:
        decision = decide(incoming, book.facts(incoming))
    except Exception:
        log.exception("report.undecided", report_id=incoming.report_id)
        return fallen(incoming)
    book.learn(decision)
    return decision


def fallen(incoming: Incoming) -> Decision:
    """Return what is stored of a report that could not be: everything that any database takes."""
    return Decision(
        incoming=replace(
            incoming,
            raw_query=storable(incoming.raw_query),
            raw_body=storable(incoming.raw_body),
            content_type=storable(incoming.content_type),
            method=storable(incoming.method),
            ip=storable(incoming.ip),
            claim=replace(incoming.claim, txid=storable(incoming.claim.txid)),
        ),
        outcome=Refusal(
            Verdict.INTERNAL_ERROR, "The report could not be applied; the fault is ours, not yours."
        ),
    )


def storable(text: str) -> str:
    """Return text that both databases take: NUL and half characters become the replacement character."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def mended(click: Click) -> Click:
    """Return a click as any database takes it."""
    return replace(
        click,
        ip=storable(click.ip),
        user_agent=storable(click.user_agent),
        referrer=storable(click.referrer),
        country=storable(click.country),
        params={storable(name): storable(value) for name, value in click.params.items()},
    )


def finished_at(record: Recorded) -> int:
    """Return when an attempt was over, ms."""
    return record.result.started_at + record.result.duration_ms


def receiver_failures(record: Recorded) -> int:
    """Return how many attempts of its delivery failed because of the receiver, this one included."""
    return record.delivery.receiver_failures + (record.result.fault is Fault.RECEIVER)


def first_attempt_at(record: Recorded) -> int:
    """Return when the first attempt of its delivery began, ms."""
    first = record.delivery.first_attempt_at
    return record.result.started_at if first is None else first


def by_postback(records: Sequence[Recorded]) -> dict[str, list[Recorded]]:
    """Return records by postback, tests left out, in the order of postback IDs (the order of row locks)."""
    found: dict[str, list[Recorded]] = {}
    for record in records:
        if not record.delivery.test:
            found.setdefault(record.delivery.postback_id, []).append(record)
    return dict(sorted(found.items()))


def queue_counts(rows: Iterable[Sequence[int]]) -> dict[str, int]:
    """Return what `Store.backlog` returns, from rows of queue, count and earliest time."""
    counts = {queue.name.lower(): 0 for queue in Queue}
    oldest = 0
    for queue, count, first_at in rows:
        counts[Queue(queue).name.lower()] = count
        if queue != Queue.PARKED:
            oldest = min(oldest or first_at, first_at)
    return {**counts, "oldest_due_at": oldest}
