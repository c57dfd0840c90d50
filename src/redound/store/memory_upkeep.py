"""Periodic upkeep of the memory store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.core.deliveries import DeliveryState, Queue
from redound.core.trace.sub_values import index_rows
from redound.store.indexing import INDEX_AT_ONCE, indexed_before
from redound.store.port import PARKED_FOR_MS

if TYPE_CHECKING:
    from redound.store.memory import MemoryStore


def cancel_parked(store: MemoryStore, now_ms: int) -> int:
    """Cancel what has been parked too long."""
    old = [
        each
        for each, due in store.due.items()
        if due.queue is Queue.PARKED and due.at < now_ms - PARKED_FOR_MS
    ]
    for each in old:
        store.end(each, DeliveryState.CANCELLED, "parked_too_long", now_ms)
    return len(old)


def resume_strays(store: MemoryStore, now_ms: int) -> int:
    """Send on what was parked after its postback had been enabled."""
    strays = [
        due
        for each, due in store.due.items()
        if due.queue is Queue.PARKED and not store.is_stopped(store.deliveries[each].new.postback_id)
    ]
    for due in strays:
        due.queue, due.at = Queue.RETRY, now_ms
    return len(strays)


def note_values(store: MemoryStore, now_ms: int) -> int:
    """Note the values of clicks that are not noted yet."""
    before = indexed_before(now_ms)
    fresh = [click for click in store.clicks.values() if click.id < before and click.id not in store.noted]
    fresh = sorted(fresh, key=lambda click: click.id)[:INDEX_AT_ONCE]
    store.noted |= {click.id for click in fresh}
    store.sub_values |= set(index_rows((click.id, click.created_at, click.params) for click in fresh))
    return len(fresh)
