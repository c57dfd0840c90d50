"""A callback was owed: it waits, it was ended, or it could not be brought to the receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redound.core.deliveries import DeliveryState, ErrorKind
from redound.core.retries import GONE
from redound.core.trace.causes import deliveries as causes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redound.core.trace.causes import Cause, Diagnosis
    from redound.core.trace.facts import Attempt, Delivery, Facts
    from redound.core.trace.rules import Rule

_LATE_MS: Final = 30_000
_SILENT_MS: Final = 60_000


_BY_KIND: Final[Mapping[str, Cause]] = {
    ErrorKind.REFUSED: causes.GUARD,
    ErrorKind.TEMPLATE: causes.TEMPLATE,
    ErrorKind.DNS_NOT_FOUND: causes.DNS_NOT_FOUND,
    ErrorKind.DNS_FAILED: causes.DNS_FAILED,
    ErrorKind.CONNECT: causes.CONNECT,
    ErrorKind.TLS: causes.TLS,
    ErrorKind.TIMEOUT: causes.TIMEOUT,
    ErrorKind.RESET: causes.RESET,
    ErrorKind.PROTOCOL: causes.NOT_HTTP,
    ErrorKind.TOO_LARGE: causes.NOT_HTTP,
    ErrorKind.INTERNAL: causes.OUR_FAULT,
}


_ENDED: Final[Mapping[str, Cause]] = {
    "postback_archived": causes.ARCHIVED,
    "not_resumed": causes.NOT_RESUMED,
    "parked_too_long": causes.PARKED_TOO_LONG,
}
_UNFINISHED = frozenset(
    {DeliveryState.PENDING, DeliveryState.LEASED, DeliveryState.RETRYING, DeliveryState.PARKED}
)


def undelivered(facts: Facts) -> Iterator[tuple[Delivery, Attempt]]:
    """Deliveries that failed or are tried again, each with its latest attempt; newest first."""
    for delivery in reversed(facts.deliveries):
        last = delivery.last
        if last is not None and delivery.state not in {DeliveryState.DELIVERED, DeliveryState.CANCELLED}:
            yield delivery, last


def about(facts: Facts, delivery: Delivery, attempt: Attempt | None) -> dict[str, str | int | None]:
    """Return the evidence that all findings about a delivery share."""
    return {
        "postback": facts.name_of(delivery.postback_id),
        "postback_id": delivery.postback_id,
        "delivery_id": delivery.id,
        "conversion_id": delivery.conversion_id,
        "attempts": len(delivery.attempts) or None,
        "attempt_id": attempt.id if attempt is not None else None,
        "status": attempt.status if attempt is not None else None,
        "host": _host(attempt.url) if attempt is not None else None,
        "detail": attempt.error_detail if attempt is not None else None,
        "next_at": delivery.next_at,
    }


def _host(url: str) -> str:
    """Return host and port of what was sent; what stands before an @ is not for showing."""
    return url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]


def unreachable(facts: Facts) -> Diagnosis | None:
    """The latest attempt got no answer at all."""
    for delivery, last in undelivered(facts):
        cause = _BY_KIND.get(last.error_kind)
        if cause is not None:
            return cause.because(**about(facts, delivery, last))
    return None


def disabled(facts: Facts) -> Diagnosis | None:
    """The postback was disabled for its failures: parked deliveries wait, failed ones have ended."""
    for delivery in reversed(facts.deliveries):
        owner = facts.postbacks.get(delivery.postback_id)
        if owner is None or (delivery.last and delivery.last.status == GONE):
            continue
        if owner.disabled_at is None:
            if delivery.state is DeliveryState.PARKED:
                return causes.PARKED_OFF.because(**about(facts, delivery, delivery.last))
            continue
        told: dict[str, str | int | None] = {
            **about(facts, delivery, delivery.last),
            "disabled_at": owner.disabled_at,
            "why": owner.disabled_reason,
        }
        if delivery.state is DeliveryState.PARKED:
            return causes.PARKED.because(**told)
        if delivery.state is DeliveryState.FAILED and not delivery.test:
            return causes.DISABLED.because(**told)
    return None


def ended(facts: Facts) -> Diagnosis | None:
    """A delivery was cancelled, for a reason that is no success of a newer one."""
    for delivery in reversed(facts.deliveries):
        if delivery.state is DeliveryState.CANCELLED and delivery.ended_because != "superseded":
            cause = _ENDED.get(delivery.ended_because, causes.CANCELLED)
            return cause.because(**about(facts, delivery, delivery.last), why=delivery.ended_because)
    return None


def waiting(facts: Facts) -> Diagnosis | None:
    """A delivery has had no attempt yet."""
    for delivery in facts.deliveries:
        if delivery.state not in _UNFINISHED or delivery.attempts or delivery.state is DeliveryState.PARKED:
            continue
        due = delivery.next_at
        told = about(facts, delivery, None)
        if due is None or facts.now_ms - _LATE_MS <= due <= facts.now_ms:
            return causes.IN_WORK.because(**told)
        if due > facts.now_ms:
            return causes.DELAYED.because(**told)
        seen = facts.worker_seen_at
        silent = seen is None or seen < facts.now_ms - _SILENT_MS
        return (causes.NO_WORKER if silent else causes.OVERDUE).because(**told, due_at=due)
    return None


def superseded(facts: Facts) -> Diagnosis | None:
    """Only the newer of two got through, as it should be."""
    for delivery in facts.deliveries:
        if delivery.state is DeliveryState.CANCELLED and delivery.ended_because == "superseded":
            return causes.SUPERSEDED.because(**about(facts, delivery, delivery.last))
    return None


RULES: Final[tuple[Rule, ...]] = (disabled, unreachable, ended)
WAITING: Final[tuple[Rule, ...]] = (waiting,)
LAST: Final[tuple[Rule, ...]] = (superseded,)
