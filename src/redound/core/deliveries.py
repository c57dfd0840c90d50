"""What is owed, what was tried and what came of it: the values that matching, worker and store hand on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Queue(IntEnum):
    """Which line an unfinished delivery waits in. PARKED is not claimed by anybody."""

    FRESH = 0
    RETRY = 1
    PARKED = 2


class DeliveryState(StrEnum):
    """What people see of a delivery; only the last three are final."""

    PENDING = "pending"
    LEASED = "leased"
    RETRYING = "retrying"
    PARKED = "parked"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One postback owed for one transition or click.

    `values` are the frozen macro values, empty ones left out. `affiliate_id` is the postback's: "" for a
    manager's. `ordered`: the conversion had transitions before this one, so an older delivery may still be
    unfinished. `shown` is the HTML of a postback that the visitor's browser is shown with the answer: such a
    delivery is delivered as it is stored, and nobody sends it.
    """

    id: str
    postback_id: str
    affiliate_id: str
    offer_id: str
    conversion_id: str
    click_id: str
    transition_id: str
    fire_key: str
    values: Mapping[str, str]
    test: bool
    created_at: int
    due_at: int
    parked: bool = False
    ordered: bool = False
    shown: str = ""


@dataclass(frozen=True, slots=True)
class LeasedDelivery:
    """A delivery in the hands of one worker. Every write about it carries `lease`, the fence.

    `attempts` were made before this one; `receiver_failures` of them were the receiver's fault.
    """

    id: str
    postback_id: str
    conversion_id: str
    click_id: str
    values: Mapping[str, str]
    test: bool
    created_at: int
    queue: Queue
    lease: str
    attempts: int = 0
    receiver_failures: int = 0
    first_attempt_at: int | None = None
    ordered: bool = False


class Fault(StrEnum):
    """Whose fault a failed attempt is. GUARD: our own rules refuse the address; trying again is useless."""

    NONE = "none"
    RECEIVER = "receiver"
    OURS = "ours"
    GUARD = "guard"


class ErrorKind(StrEnum):
    """The category of a failed attempt that people are shown; never a resolver detail or an address."""

    NONE = ""
    STATUS = "status"
    REDIRECT = "redirect"
    BODY = "body"
    DNS_NOT_FOUND = "dns_not_found"
    DNS_FAILED = "dns_failed"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    RESET = "reset"
    PROTOCOL = "protocol"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    TEMPLATE = "template"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class SentRequest:
    """What went out, with secrets masked: this is what is stored and shown."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. `body` is at most 64 KiB of text, undecodable bytes replaced."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """One HTTP try, success or not; a bad receiver is a value here, never an exception.

    `retry_after_seconds` is the receiver's wish, unbounded as it came.
    """

    request: SentRequest
    started_at: int
    duration_ms: int
    fault: Fault
    response: Response | None = None
    error_kind: ErrorKind = ErrorKind.NONE
    error_detail: str = ""
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver took it."""


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Try again at `at` (ms)."""

    at: int


@dataclass(frozen=True, slots=True)
class GivenUp:
    """No further attempt. `reason`: attempts_exhausted, guard_refused, gone, test, template."""

    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Ended without delivery, on purpose: superseded, archived or by hand."""

    reason: str


Step = Delivered | RetryAt | GivenUp | Cancelled


@dataclass(frozen=True, slots=True)
class Recorded:
    """One finished attempt with what follows from it; what the worker asks the store to make durable."""

    attempt_id: str
    delivery: LeasedDelivery
    result: AttemptResult
    step: Step


@dataclass(frozen=True, slots=True)
class Health:
    """How a postback's receiver has been doing. Times in ms.

    `failed_attempts` is the highest number of receiver failures of a single unfinished or failed delivery
    since the last success (the "11 of 25").
    """

    postback_id: str
    state: str = "ok"
    failures_in_row: int = 0
    failed_attempts: int = 0
    first_failure_at: int | None = None
    last_success_at: int | None = None
    disabled_at: int | None = None
    disabled_reason: str = ""
    last_response: str = ""


@dataclass(frozen=True, slots=True)
class Keep:
    """The postback stays as it is; `health` is its new record."""

    health: Health


@dataclass(frozen=True, slots=True)
class Warn:
    """It began to fail: `health` says how."""

    health: Health


@dataclass(frozen=True, slots=True)
class Disable:
    """It is to be disabled, once, with everybody concerned told; `health` holds the reason."""

    health: Health


HealthStep = Keep | Warn | Disable
