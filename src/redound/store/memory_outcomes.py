"""What follows from recorded attempts, in the memory store."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, assert_never

from redound.core.deliveries import Cancelled, Delivered, DeliveryState, GivenUp, Queue, RetryAt
from redound.core.ids import new_id
from redound.core.notices import disabled_because
from redound.store.batches import finished_at, first_attempt_at, receiver_failures
from redound.store.memory_tables import Notification
from redound.store.plans.notices import AUDIENCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.core.deliveries import Health, Recorded
    from redound.store.memory import MemoryStore


def finish(store: MemoryStore, record: Recorded) -> None:
    """End or reschedule a delivery after an attempt of its holder."""
    due = store.due[record.delivery.id]
    due.attempts = record.delivery.attempts + 1
    due.receiver_failures = receiver_failures(record)
    due.first_attempt_at = first_attempt_at(record)
    at = finished_at(record)
    match record.step:
        case Delivered():
            store.end(record.delivery.id, DeliveryState.DELIVERED, "", at)
            for older in store.older(record.delivery) if record.delivery.ordered else ():
                store.end(older, DeliveryState.CANCELLED, "superseded", at)
        case RetryAt(retry_at):
            health = store.healths.get(record.delivery.postback_id)
            stopped = health is not None and health.state == "disabled" and not record.delivery.test
            due.queue, due.at, due.lease = (Queue.PARKED, at, "") if stopped else (Queue.RETRY, retry_at, "")
        case GivenUp(reason):
            store.end(record.delivery.id, DeliveryState.FAILED, reason, at)
        case Cancelled(reason):
            store.end(record.delivery.id, DeliveryState.CANCELLED, reason, at)
        case _:
            assert_never(record.step)


def disable(store: MemoryStore, health: Health) -> None:
    """Park what a disabled postback owes and nobody holds, and tell manager and affiliate."""
    now = health.disabled_at or store.now_ms()
    for delivery_id, due in store.due.items():
        new = store.deliveries[delivery_id].new
        free = not due.lease or due.at <= now
        if new.postback_id == health.postback_id and due.queue is not Queue.PARKED and free and not new.test:
            due.queue, due.at, due.lease = Queue.PARKED, now, ""
    said = {each: f"was disabled: {disabled_because(health, each)}" for each in AUDIENCES}
    _notify(store, "postback_disabled", health.postback_id, said, now)


def _notify(store: MemoryStore, kind: str, postback_id: str, said: Mapping[str, str], now: int) -> None:
    postback = store.configuration.postbacks.get(postback_id)
    affiliate_id = (postback.affiliate_id or "") if postback else ""
    name = postback.name if postback else postback_id
    for audience in AUDIENCES if affiliate_id else AUDIENCES[:1]:
        store.notifications.append(
            Notification(
                id=new_id("ntf", now, secrets.token_bytes(8)),
                kind=kind,
                audience=audience,
                postback_id=postback_id,
                affiliate_id=affiliate_id,
                text=f"The postback {name} {said[audience]}",
                created_at=now,
            )
        )
