"""Attempts for tests of retries and health: what a delivery had behind it, and what came of one more."""

from __future__ import annotations

from redound.core.deliveries import (
    AttemptResult,
    Delivered,
    ErrorKind,
    Fault,
    LeasedDelivery,
    Queue,
    Recorded,
    Response,
    RetryAt,
    SentRequest,
)

NOW = 1_795_000_000_000


def a_delivery(
    *, attempts: int = 0, failures: int | None = None, first: int | None = None, test: bool = False
) -> LeasedDelivery:
    """A leased delivery with `attempts` behind it, all the receiver's failures unless told otherwise."""
    return LeasedDelivery(
        id="dlv_1",
        postback_id="pbk_1",
        conversion_id="cnv_1",
        click_id="c",
        values={},
        test=test,
        created_at=NOW,
        queue=Queue.RETRY if attempts else Queue.FRESH,
        lease="here",
        attempts=attempts,
        receiver_failures=attempts if failures is None else failures,
        first_attempt_at=(NOW if first is None else first) if attempts else None,
    )


def a_result(
    fault: Fault = Fault.RECEIVER,
    *,
    status: int | None = 500,
    kind: ErrorKind = ErrorKind.STATUS,
    wish: float | None = None,
    at: int = NOW,
    body: str = "",
) -> AttemptResult:
    """What came of one attempt; a failure unless told otherwise. It took 10 ms."""
    response = None if status is None else Response(status, (), body)
    return AttemptResult(
        SentRequest("GET", "https://t.example/", ()), at, 10, fault, response, kind, "", wish
    )


def a_success(*, at: int = NOW) -> AttemptResult:
    """The receiver took it."""
    return a_result(Fault.NONE, status=200, kind=ErrorKind.NONE, at=at, body="OK")


def recorded(result: AttemptResult, delivery: LeasedDelivery | None = None) -> Recorded:
    """A finished attempt."""
    step = Delivered() if result.fault is Fault.NONE else RetryAt(NOW)
    return Recorded("att_1", delivery or a_delivery(), result, step)
