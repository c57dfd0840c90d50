"""When a delivery is tried again, or given up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from redound.core.deliveries import Delivered, ErrorKind, Fault, GivenUp, RetryAt

if TYPE_CHECKING:
    from redound.core.deliveries import AttemptResult, LeasedDelivery, Step

GONE = 410
MAX_ATTEMPTS = 25  # Everflow
RETRY_AFTER_LEAST_SECONDS = 1.0
RETRY_AFTER_MOST_SECONDS = 6 * 3600.0

_SPREAD = 0.2  # of a scheduled wait
_WISH_SPREAD = 0.1  # of a receiver's wish
_WISH_SPREAD_MOST_SECONDS = 60.0

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SECONDS = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,6})?")
_CLOCK = r"(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
# The three forms of RFC 9110 §5.6.7, the last two of them obsolete but still to be understood.
_DATES = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        rf"[a-z]{{3}}, (?P<day>\d{{2}}) (?P<month>[a-z]{{3}}) (?P<year>\d{{4}}) {_CLOCK} GMT",
        rf"[a-z]{{6,9}}, (?P<day>\d{{2}})-(?P<month>[a-z]{{3}})-(?P<year>\d{{2}}) {_CLOCK} GMT",
        rf"[a-z]{{3}} (?P<month>[a-z]{{3}}) (?P<day>[ \d]\d) {_CLOCK} (?P<year>\d{{4}})",
    )
)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and when a delivery is tried.

    `schedule` holds the seconds to wait after the first, second… attempt; its last entry repeats.
    `max_attempts` counts every attempt, the first one too.
    """

    schedule: tuple[float, ...]
    max_attempts: int = MAX_ATTEMPTS


def next_step(
    result: AttemptResult, delivery: LeasedDelivery, policy: RetryPolicy, now_ms: int, jitter: float
) -> Step:
    """Return what follows from one attempt of a delivery that had `delivery.attempts` before it.

    `jitter` is a random number from [0, 1). Every attempt uses up a step of the schedule, whoever's fault it
    was. A test has one attempt. A refusal by our guard and a template that cannot be rendered would only be
    refused again; 410 says that nobody wants it any more.
    """
    reason = _end(result, delivery, policy)
    if result.fault is Fault.NONE:
        return Delivered()
    if reason:
        return GivenUp(reason)
    wait = max(
        _scheduled(policy.schedule, delivery.attempts, jitter), _wished(result.retry_after_seconds, jitter)
    )
    return RetryAt(now_ms + round(wait * 1000))


def parse_retry_after(value: str, now_ms: int) -> float | None:
    """Return the seconds that a Retry-After header asks for (a number or an HTTP date), None for nonsense.

    A date in the past is 0. Not bounded: that is `next_step`'s affair.
    """
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    for form in _DATES:
        found = form.fullmatch(value)
        if found is not None:
            at = _date_ms(found, now_ms)
            return None if at is None else max(0.0, (at - now_ms) / 1000)
    return None


def _end(result: AttemptResult, delivery: LeasedDelivery, policy: RetryPolicy) -> str:
    if delivery.test:
        return "test"
    if result.fault is Fault.GUARD:
        return "guard_refused"
    if result.error_kind is ErrorKind.TEMPLATE:
        return "template"
    if result.response is not None and result.response.status == GONE:
        return "gone"
    return "attempts_exhausted" if delivery.attempts + 1 >= policy.max_attempts else ""


def _scheduled(schedule: tuple[float, ...], attempts_before: int, jitter: float) -> float:
    """Return the scheduled wait, up to a fifth longer: what failed together must not return together."""
    return schedule[min(attempts_before, len(schedule) - 1)] * (1 + _SPREAD * jitter)


def _wished(seconds: float | None, jitter: float) -> float:
    """Return the receiver's wish within bounds, a little later for the same reason.

    It can put a retry off, never bring it forward: "Retry-After: 1" all through an outage would otherwise
    use up all attempts in half a minute.
    """
    if seconds is None:
        return 0.0
    bounded = min(max(seconds, RETRY_AFTER_LEAST_SECONDS), RETRY_AFTER_MOST_SECONDS)
    spread = min(bounded * _WISH_SPREAD, _WISH_SPREAD_MOST_SECONDS) * jitter
    return min(bounded + spread, RETRY_AFTER_MOST_SECONDS)


def _date_ms(found: re.Match[str], now_ms: int) -> int | None:
    year = int(found["year"])
    if len(found["year"]) == 2:  # noqa: PLR2004 - RFC 850: two digits, not more than 50 years ahead
        century = datetime.fromtimestamp(now_ms / 1000, UTC).year // 100 * 100
        year += century
    month = found["month"].lower()
    if month not in _MONTHS:
        return None
    clock = (int(found["hour"]), int(found["minute"]), min(int(found["second"]), 59))
    try:
        moment = datetime(year, _MONTHS.index(month) + 1, int(found["day"]), *clock, tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp() * 1000)
