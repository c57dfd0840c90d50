"""The one door out: every request to a URL that a user typed goes through here.

Judge the URL's text, resolve, vet every address, dial a vetted one, check it again at the socket; no
redirects, no proxies, no decompression, one deadline over all of it, caps on what is read.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from redound.core.deliveries import AttemptResult, ErrorKind, Fault
from redound.core.retries import parse_retry_after
from redound.core.targets import Refusal, Target, check_url
from redound.delivery.answers import ANY_2XX, SUCCESS, Judgement, header, judge, judge_lost, read_response
from redound.delivery.deadlines import Deadlines
from redound.delivery.dialing import Dialer, NotConnected, client_context
from redound.delivery.pools import Pools
from redound.delivery.resolver import Resolver, Unresolved, system_lookup
from redound.delivery.wire import Connection

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from redound.core.addresses import Network
    from redound.core.catalog import Success
    from redound.core.deliveries import Response
    from redound.core.requests import OutboundRequest
    from redound.delivery.resolver import Lookup

log = structlog.get_logger()

DEADLINE_SECONDS = 15.0
IDLE_CONNECTIONS = 1024

# What the sender says itself, whatever the request brings along.
_OWN_HEADERS = frozenset({"host", "content-length", "accept-encoding", "connection", "transfer-encoding"})
_OWN_HEADERS |= {"expect", "upgrade", "te"}
_UNSENDABLE = Judgement(Fault.OURS, ErrorKind.TEMPLATE, "A header holds a line break or a control character.")


class Sender:
    """Sends requests from one event loop, any number at a time.

    `allow_networks` are the operator's; `lookup` and `ssl_context` are for tests.
    """

    def __init__(
        self,
        *,
        allow_networks: Sequence[Network] = (),
        deadline_seconds: float = DEADLINE_SECONDS,
        idle_connections: int = IDLE_CONNECTIONS,
        lookup: Lookup = system_lookup,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Belong to the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._allowed = tuple(allow_networks)
        self._deadline_seconds = deadline_seconds
        self._deadlines = Deadlines(self._loop)
        self._pools = Pools(self._loop, idle_connections)
        self._resolver = Resolver(lookup, allowed=self._allowed)
        self._dialer = Dialer(self._deadlines, ssl_context or client_context(), self._allowed)

    async def send(
        self, request: OutboundRequest, success: Success = ANY_2XX, deadline: float | None = None
    ) -> AttemptResult:
        """Send it once and say what came of it; a bad receiver, name or URL is a value, never an exception.

        `deadline` (seconds) bounds everything from the name's look-up to the body's last byte. Cancelling is
        safe: the connection is broken off.
        """
        attempt = _Attempt(self._loop, request, deadline or self._deadline_seconds)
        try:
            return await self._send(attempt, request, success)
        except asyncio.CancelledError:
            if attempt.connection is not None:
                attempt.connection.abort()
            raise
        except Exception as error:
            if attempt.connection is not None:
                attempt.connection.abort()
            log.exception("delivery.sender_failed", error=type(error).__name__)
            return attempt.failed(
                Judgement(Fault.OURS, ErrorKind.INTERNAL, "The request failed because of a fault in Redound.")
            )

    async def close(self) -> None:
        """Close idle connections and let the resolver go. What is still under way is the caller's to end."""
        self._deadlines.close()
        self._pools.close()
        self._resolver.close()

    async def _send(self, attempt: _Attempt, request: OutboundRequest, success: Success) -> AttemptResult:
        target = check_url(request.url, self._allowed)
        if isinstance(target, Refusal):
            return attempt.failed(Judgement(Fault.GUARD, ErrorKind.REFUSED, target.sentence))
        data = _encode(request, target)
        if data is None:
            return attempt.failed(_UNSENDABLE)
        connection = self._pools.take(target.origin.key, attempt.begun)
        if connection is not None:
            attempt.connection = connection
            kind = await connection.exchange(data, attempt.deadline, self._loop)
            # The receiver closed a kept connection just as we used it (RFC 9112 §9.3.1); it most likely
            # read nothing, and if it did, the idempotency key tells. Once more, on a new connection.
            if not (kind is ErrorKind.RESET and connection.silent):
                return self._finish(attempt, connection, kind, success)
        opened = await self._open(attempt, target)
        if not isinstance(opened, Connection):
            return attempt.failed(opened)
        attempt.connection = opened
        kind = await opened.exchange(data, attempt.deadline, self._loop)
        return self._finish(attempt, opened, kind, success)

    async def _open(self, attempt: _Attempt, target: Target) -> Connection | Judgement:
        """Resolve and dial within the deadline."""
        origin = target.origin
        stage = Judgement(Fault.OURS, ErrorKind.DNS_FAILED, "The host name could not be looked up in time.")
        try:
            async with asyncio.timeout_at(attempt.deadline):
                resolved = await self._resolver.resolve(origin)
                if isinstance(resolved, Unresolved):
                    return Judgement(resolved.fault, resolved.kind, resolved.detail)
                stage = Judgement(
                    Fault.RECEIVER, ErrorKind.TIMEOUT, f"After {attempt.seconds:g} s there was no connection."
                )
                dialled = await self._dialer.dial(origin, resolved.addresses)
        except TimeoutError:
            dialled = NotConnected(stage.kind, stage.fault, stage.detail)
        if isinstance(dialled, Connection):
            return dialled
        self._resolver.forget(origin)
        return Judgement(dialled.fault, dialled.kind, dialled.detail)

    def _finish(
        self, attempt: _Attempt, connection: Connection, kind: ErrorKind, success: Success
    ) -> AttemptResult:
        response = read_response(connection)
        if kind is not ErrorKind.NONE or response is None:
            return attempt.failed(judge_lost(kind, connection, attempt.seconds), response)
        now = self._loop.time()
        self._pools.give(connection, now)
        judgement = judge(response, success)
        if judgement is SUCCESS:
            return attempt.succeeded(response, now)
        return attempt.failed(judgement, response)


class _Attempt:
    """The clock and the paper of one request."""

    __slots__ = ("_loop", "_sent", "begun", "connection", "deadline", "seconds", "started_at")

    def __init__(self, loop: asyncio.AbstractEventLoop, request: OutboundRequest, seconds: float) -> None:
        self._loop = loop
        self._sent = request.masked
        self.started_at = int(time.time() * 1000)
        self.begun = loop.time()
        self.seconds = seconds
        self.deadline = self.begun + seconds
        self.connection: Connection | None = None

    def succeeded(self, response: Response, now: float) -> AttemptResult:
        return AttemptResult(
            self._sent, self.started_at, round((now - self.begun) * 1000), Fault.NONE, response
        )

    def failed(self, judgement: Judgement, response: Response | None = None) -> AttemptResult:
        wish = None if response is None else header(response, "retry-after")
        now_ms = int(time.time() * 1000)
        return AttemptResult(
            self._sent,
            self.started_at,
            round((self._loop.time() - self.begun) * 1000),
            judgement.fault,
            response,
            judgement.kind,
            judgement.detail,
            None if wish is None else parse_retry_after(wish, now_ms),
        )


def _encode(request: OutboundRequest, target: Target) -> bytes | None:
    """Return the request as it goes on the wire, None if a value would break out of its line."""
    lines = [f"{name}: {value}\r\n" for name, value in request.headers if name.lower() not in _OWN_HEADERS]
    given = "".join(lines)
    if given.count("\n") != len(lines) or given.count("\r") != len(lines) or "\0" in given:
        return None
    body = request.body
    length = f"Content-Length: {len(body)}\r\n" if body or request.method != "GET" else ""
    head = (
        f"{request.method} {target.path_and_query} HTTP/1.1\r\nHost: {target.origin.authority}\r\n"
        f"Accept-Encoding: identity\r\n{length}{given}\r\n"
    )
    try:
        return head.encode() + body if body else head.encode()
    except UnicodeEncodeError:
        return None
