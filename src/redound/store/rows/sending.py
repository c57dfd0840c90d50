"""Rows of what goes out ↔ core values: deliveries, their place in the line, attempts, health.

As in `rows.traffic`: tuples in the order of the named queries' declarations and columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from redound.core.deliveries import Delivered, GivenUp, Health, LeasedDelivery, Queue, RetryAt
from redound.store.rows.traffic import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redound.core.deliveries import NewDelivery, Recorded
    from redound.store.batches import Placed

    Row = Sequence[Any]
    Values = tuple[Any, ...]

_QUEUE: Final = {queue.value: queue for queue in Queue}


def delivery_values(new: NewDelivery, macro_values: str) -> Values:
    """Return what `add_delivery` takes; `macro_values` is `text_of(new.values)`."""
    return (
        new.id,
        new.postback_id,
        new.affiliate_id,
        new.offer_id,
        new.conversion_id,
        new.click_id,
        new.transition_id,
        new.fire_key,
        macro_values,
        new.test,
        new.created_at,
    )


def due_rows(placed: Iterable[Placed]) -> list[Values]:
    """Return what `add_due` takes, a row a delivery that somebody has to send."""
    return [
        (
            row.delivery.id,
            row.delivery.postback_id,
            row.queue.value,
            row.at,
            row.lease,
            row.delivery.ordered,
        )
        for row in placed
        if not row.delivery.shown
    ]


def leased(row: Row) -> LeasedDelivery:
    """Read what `due_of_lane`, `claim` and `older_siblings` select."""
    return LeasedDelivery(
        id=row[0],
        postback_id=row[1],
        conversion_id=row[2],
        click_id=row[3],
        values=orjson.loads(row[4]),
        test=bool(row[5]),
        created_at=row[6],
        queue=_QUEUE[row[7]],
        lease=row[8],
        attempts=row[9],
        receiver_failures=row[10],
        first_attempt_at=row[11],
        ordered=bool(row[12]),
    )


def attempt_values(record: Recorded) -> Values:
    """Return what `add_attempt` takes."""
    result, delivery = record.result, record.delivery
    request, response = result.request, result.response
    sent = {"method": request.method, "url": request.url, "headers": request.headers, "body": request.body}
    got = ""
    if response is not None:
        got = text_of(
            {
                "status": response.status,
                "headers": response.headers,
                "body": response.body,
                "truncated": response.truncated,
            }
        )
    return (
        record.attempt_id,
        delivery.id,
        delivery.postback_id,
        delivery.attempts + 1,
        result.started_at,
        result.duration_ms,
        _outcome(record),
        None if response is None else response.status,
        text_of(sent),
        got,
        result.error_kind.value,
        result.error_detail,
    )


def shown_values(new: NewDelivery, attempt_id: str) -> Values:
    """Return what `add_attempt` takes of a delivery that the visitor's browser was shown."""
    sent = {"method": SHOWN, "url": "", "headers": [], "body": new.shown}
    return (
        attempt_id,
        new.id,
        new.postback_id,
        1,
        new.created_at,
        0,
        "delivered",
        None,
        text_of(sent),
        "",
        "",
        "",
    )


SHOWN: Final = "HTML"
"""What stands for a method at the attempt of a delivery that was shown instead of sent."""


def _outcome(record: Recorded) -> str:
    match record.step:
        case Delivered():
            return "delivered"
        case RetryAt():
            return "retry"
        case GivenUp():
            return "failed"
        case _:
            return "cancelled"


HEALTH: Final = (
    *("postback_id", "state", "failures_in_row", "failed_attempts", "first_failure_at", "last_success_at"),
    *("disabled_at", "disabled_reason", "last_response"),
)


def health_values(health: Health) -> Values:
    """Return what `put_health` takes: the columns HEALTH."""
    return (
        health.postback_id,
        health.state,
        health.failures_in_row,
        health.failed_attempts,
        health.first_failure_at,
        health.last_success_at,
        health.disabled_at,
        health.disabled_reason,
        health.last_response,
    )


def health(row: Row) -> Health:
    """Read the columns HEALTH."""
    return Health(*row)
