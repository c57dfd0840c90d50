"""One attempt: render, send, decide. Nothing that a receiver does, or a template says, raises here."""

from __future__ import annotations

import logging
import os
import random
from typing import TYPE_CHECKING, Protocol

from redound.core.deliveries import (
    AttemptResult,
    Delivered,
    ErrorKind,
    Fault,
    GivenUp,
    Recorded,
    RetryAt,
    SentRequest,
)
from redound.core.ids import new_id
from redound.core.requests import build
from redound.core.retries import next_step
from redound.logs import Ration, log

if TYPE_CHECKING:
    from collections.abc import Callable

    from redound.core.catalog import Success
    from redound.core.deliveries import LeasedDelivery
    from redound.core.requests import OutboundRequest
    from redound.delivery.routes import Route

_DRAW_BYTES = 4096


class Sends(Protocol):
    """The one door out, as far as an attempt needs it."""

    async def send(
        self, request: OutboundRequest, success: Success, deadline_seconds: float
    ) -> AttemptResult:
        """Send once, within `deadline_seconds` in all; what went wrong is in the result."""


class Entropy:
    """The operating system's random bytes, drawn in blocks: a draw for each ID costs more than the ID."""

    __slots__ = ("_at", "_block")

    def __init__(self) -> None:
        self._block = b""
        self._at = _DRAW_BYTES

    def eight(self) -> bytes:
        """Return 8 bytes that nobody got before."""
        at = self._at
        if at >= len(self._block):
            self._block, at = os.urandom(_DRAW_BYTES), 0
        self._at = at + 8
        return self._block[at : at + 8]


class Attempts:
    """Makes attempts with one sender. `clock` gives ms since the epoch."""

    def __init__(self, sender: Sends, clock: Callable[[], int], timeout_seconds: float) -> None:
        self._sender = sender
        self._clock = clock
        self._timeout = timeout_seconds
        self._entropy = Entropy()
        self._log = AttemptLog()

    async def make(self, route: Route, delivery: LeasedDelivery) -> Recorded:
        """Try a delivery once and say what follows."""
        started_at = self._clock()
        entropy = self._entropy
        request: OutboundRequest | None = None
        try:
            if route.compiled is None:
                result = self._unsent(route, started_at, ErrorKind.TEMPLATE, route.problem)
            else:
                request = build(
                    route.compiled,
                    delivery.values,
                    delivery.id,
                    delivery.attempts + 1,
                    started_at,
                    entropy.eight().hex(),
                )
                result = await self._sender.send(request, route.postback.success, self._timeout)
        except Exception as error:  # noqa: BLE001 - a template or build that fails is an attempt that failed
            log.error(
                "attempt.broke", delivery_id=delivery.id, postback_id=delivery.postback_id, exc_info=error
            )
            result = self._unsent(route, started_at, ErrorKind.INTERNAL, type(error).__name__, request)
        now_ms = self._clock()
        step = next_step(result, delivery, route.retries, now_ms, random.random())  # noqa: S311 - jitter
        record = Recorded(new_id("att", started_at, entropy.eight()), delivery, result, step)
        self._log.write(record)
        return record

    @staticmethod
    def _unsent(
        route: Route, at: int, kind: ErrorKind, detail: str, request: OutboundRequest | None = None
    ) -> AttemptResult:
        """Return the result of an attempt that never reached the wire. The template is shown as it stands."""
        method = "GET" if route.postback.method.value == "GET" else "POST"
        sent = request.masked if request is not None else SentRequest(method, route.postback.url, ())
        return AttemptResult(sent, at, 0, Fault.OURS, error_kind=kind, error_detail=detail)


class AttemptLog:
    """The wide line of an attempt, `delivery.attempted`: failures at INFO, successes (the bulk) at DEBUG.

    Both are rationed, so that a dead receiver floods no log; a line says how many before it were held back.
    """

    __slots__ = ("_delivered", "_failed", "_verbose")

    def __init__(self) -> None:
        self._failed = Ration(50)
        self._delivered = Ration(20)
        self._verbose = log.is_enabled_for(logging.DEBUG)

    def write(self, record: Recorded) -> None:
        """Write the line if it is this one's turn."""
        delivered = isinstance(record.step, Delivered)
        if delivered and not self._verbose:
            return
        ration = self._delivered if delivered else self._failed
        if not ration.allows():
            return
        delivery, result, step = record.delivery, record.result, record.step
        line = log.debug if delivered else log.info
        line(
            "delivery.attempted",
            attempt_id=record.attempt_id,
            delivery_id=delivery.id,
            postback_id=delivery.postback_id,
            conversion_id=delivery.conversion_id,
            click_id=delivery.click_id,
            attempt=delivery.attempts + 1,
            status=result.response.status if result.response is not None else None,
            error_kind=result.error_kind.value,
            fault=result.fault.value,
            duration_ms=result.duration_ms,
            step=type(step).__name__,
            retry_at=step.at if isinstance(step, RetryAt) else None,
            reason=step.reason if isinstance(step, GivenUp) else "",
            held_back=ration.take_held_back(),
        )
