"""What follows from recorded attempts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from redound.core.deliveries import (
    Cancelled,
    Delivered,
    DeliveryState,
    Disable,
    GivenUp,
    Health,
    Queue,
    RetryAt,
)
from redound.store.batches import by_postback, finished_at, first_attempt_at, receiver_failures
from redound.store.plans.steps import Batch
from redound.store.rows import sending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from redound.core.deliveries import HealthStep, Recorded

DISABLED = "disabled"


@dataclass(slots=True)
class Outcomes:
    """What a batch of records stores.

    `superseding` are the records after which older siblings are to be cancelled; `disabled` the healths of
    postbacks that this batch disables.
    """

    batches: list[Batch]
    superseding: list[Recorded] = field(default_factory=list)
    disabled: list[Health] = field(default_factory=list)


def outcomes(
    records: Sequence[Recorded],
    leases: Mapping[str, str],
    healths: Mapping[str, Health],
    judge: Callable[[Health, Sequence[Recorded]], HealthStep],
) -> Outcomes:
    """Decide what is stored of records, given who holds their deliveries now and how their postbacks do.

    `leases` maps delivery IDs to the lease that holds them, and must be read under a lock. A record whose
    lease is not that one came too late: only its attempt is kept.
    """
    owned = [each for each in records if leases.get(each.delivery.id) == each.delivery.lease]
    attempts, ended = Batch("add_attempt"), Batch("end_due")
    finished, retried, health_rows = Batch("finish_delivery"), Batch("retry_due"), Batch("put_health")
    found = Outcomes([attempts, ended, finished, retried, health_rows])
    attempts.rows = [sending.attempt_values(each) for each in records]
    stopped = {postback_id for postback_id, health in healths.items() if health.state == DISABLED}
    for postback_id, group in by_postback(owned).items():
        step = judge(healths.get(postback_id) or Health(postback_id), group)
        health_rows.rows.append(sending.health_values(step.health))
        if isinstance(step, Disable) and postback_id not in stopped:
            found.disabled.append(step.health)
        if step.health.state == DISABLED:
            stopped.add(postback_id)
    for record in owned:
        delivery = record.delivery
        match record.step:
            case Delivered():
                state, reason = DeliveryState.DELIVERED, ""
                if delivery.ordered and delivery.conversion_id:
                    found.superseding.append(record)
            case GivenUp(reason):
                state = DeliveryState.FAILED
            case Cancelled(reason):
                state = DeliveryState.CANCELLED
            case RetryAt(at):
                parks = delivery.postback_id in stopped and not delivery.test
                retried.rows.append(_retry(record, finished_at(record) if parks else at, parks=parks))
                continue
            case _:
                assert_never(record.step)
        ended.rows.append((delivery.id,))
        finished.rows.append((delivery.id, state.value, reason, delivery.attempts + 1, finished_at(record)))
    return found


def _retry(record: Recorded, at: int, *, parks: bool) -> tuple[object, ...]:
    delivery = record.delivery
    return (
        delivery.id,
        delivery.lease,
        (Queue.PARKED if parks else Queue.RETRY).value,
        at,
        delivery.attempts + 1,
        receiver_failures(record),
        first_attempt_at(record),
    )
