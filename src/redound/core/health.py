"""When a postback whose receiver keeps failing is disabled (after Everflow).

Counted are failures that the receiver caused; our own trouble and our guard's refusals neither count nor
reset. Any success resets. What is disabled stays so until a person enables it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from redound.core.catalog import HealthState
from redound.core.deliveries import Disable, Fault, Health, Keep, Warn
from redound.core.retries import GONE, MAX_ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.core.deliveries import AttemptResult, HealthStep, Recorded

WARN_AFTER = 3
REASON_EXHAUSTED = "attempts_exhausted"
REASON_IN_A_ROW = "failures_in_row"
REASON_GONE = "gone"

_SHOWN_BODY = 500


@dataclass(frozen=True, slots=True)
class HealthPolicy:
    """When to disable: a delivery failed `max_attempts` times because of its receiver (Everflow: 25).

    With `failures_in_row` above 0 the rule is another instead: that many failures in a row, of whatever
    deliveries, within `within_seconds`. `410 Gone` disables at once under either.
    """

    max_attempts: int = MAX_ATTEMPTS
    failures_in_row: int = 0
    within_seconds: float = 3600.0


def observe(
    health: Health,
    records: Sequence[Recorded],
    strict: bool,  # noqa: FBT001 - the order agreed on with the callers
    policy: HealthPolicy,
    now_ms: int,
) -> HealthStep:
    """Take finished attempts of one postback, in the order they finished, into its health.

    `strict` drops Everflow's second condition, that nothing of the postback got through since the first
    attempt of the delivery that failed. Warn and Disable are returned once, when it comes to that. A success
    later in the same batch still saves the postback, except from a 410.
    """
    tally = _Tally(
        health.failures_in_row, health.failed_attempts, health.first_failure_at, health.last_success_at
    )
    for record in records:
        if record.delivery.test:
            continue
        if record.result.fault is Fault.NONE:
            tally.add_success(record)
        elif record.result.fault is Fault.RECEIVER:
            tally.add_failure(record, policy, strict=strict)
    if tally.latest is None:
        return Keep(health)
    return _step(health, tally, now_ms)


def _finished_at(result: AttemptResult) -> int:
    return result.started_at + result.duration_ms


@dataclass(slots=True)
class _Tally:
    """The numbers of a health while a batch is counted, and why it has to be disabled, if so."""

    failures_in_row: int
    failed_attempts: int
    first_failure_at: int | None
    last_success_at: int | None
    latest: AttemptResult | None = None
    reason: str = ""

    def add_success(self, record: Recorded) -> None:
        """Reset."""
        finished = _finished_at(record.result)
        self.failures_in_row = self.failed_attempts = 0
        self.first_failure_at = None
        self.last_success_at = max(finished, self.last_success_at or finished)
        self.latest = record.result
        if self.reason != REASON_GONE:
            self.reason = ""

    def add_failure(self, record: Recorded, policy: HealthPolicy, *, strict: bool) -> None:
        """Count. Under the rule of failures in a row, one outside the time begins a new row."""
        finished, first = _finished_at(record.result), self.first_failure_at
        windowed = policy.failures_in_row > 0
        if first is None or (windowed and finished - first > policy.within_seconds * 1000):
            self.failures_in_row, self.first_failure_at = 0, finished
        self.failures_in_row += 1
        failures = record.delivery.receiver_failures + 1
        self.failed_attempts = max(self.failed_attempts, failures)
        self.latest = record.result
        response = record.result.response
        if response is not None and response.status == GONE:
            self.reason = REASON_GONE
        elif self.reason:
            return
        elif windowed:
            self.reason = REASON_IN_A_ROW if self.failures_in_row >= policy.failures_in_row else ""
        elif failures >= policy.max_attempts and (strict or not self._got_through(record)):
            self.reason = REASON_EXHAUSTED

    def _got_through(self, record: Recorded) -> bool:
        """Say whether anything of the postback was delivered since this delivery's first attempt."""
        since = record.delivery.first_attempt_at
        since = record.result.started_at if since is None else since
        return self.last_success_at is not None and self.last_success_at >= since


def _step(health: Health, tally: _Tally, now_ms: int) -> HealthStep:
    before = HealthState(health.state)
    failing = tally.failures_in_row >= WARN_AFTER or tally.failed_attempts >= WARN_AFTER
    after = before
    if before is not HealthState.DISABLED:
        after = HealthState.FAILING if failing else HealthState.OK
        after = HealthState.DISABLED if tally.reason else after
    disable = after is HealthState.DISABLED and before is not HealthState.DISABLED
    health = replace(
        health,
        state=after.value,
        failures_in_row=tally.failures_in_row,
        failed_attempts=tally.failed_attempts,
        first_failure_at=tally.first_failure_at,
        last_success_at=tally.last_success_at,
        last_response=_shown(tally.latest) if tally.latest else health.last_response,
        disabled_at=now_ms if disable else health.disabled_at,
        disabled_reason=tally.reason if disable else health.disabled_reason,
    )
    if disable:
        return Disable(health)
    return Warn(health) if after is HealthState.FAILING and before is HealthState.OK else Keep(health)


def _shown(result: AttemptResult) -> str:
    """Return the last answer as JSON for people: status, beginning of the body, error kind and detail."""
    response = result.response
    shown = {
        "status": None if response is None else response.status,
        "body": "" if response is None else response.body[:_SHOWN_BODY],
        "error": {"kind": result.error_kind.value, "detail": result.error_detail},
        "at": _finished_at(result),
    }
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
