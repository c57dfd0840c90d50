"""uvicorn's httptools protocol with two additions: a bound on the request head, and a direct lane.

llhttp takes lines and headers of any length, and uvicorn keeps them all until the head is complete: a client
that never ends its head would fill the memory.

Clicks and reports by GET are most of the traffic, and what ASGI costs (a task, an event, two messages and
the checks of every header) is more than what they need. The direct lane hands them to the edge as an
`Exchange`, which writes its answer itself. Everything else, and every request that follows another one on
its connection before that was answered, goes through ASGI; the edge answers the same there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from typing import Any

    from uvicorn.config import Config
    from uvicorn.server import ServerState

MAX_HEAD = 64 * 1024
"""Bytes of request line and headers: room for a query that is over the limit and still kept as malformed."""
HEAD_SECONDS = 20.0
"""How long a client may take from connecting to the end of its first head."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain\r\n"
    b"content-length: 24\r\nconnection: close\r\n\r\nThe request is too long\n"
)
_METHODS = frozenset({b"GET", b"HEAD"})
_BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding", b"upgrade", b"expect"})


class _NoEvent:
    def set(self) -> None:
        """Nobody waits for a body here."""


class Exchange:
    """One request without a body and its answer. It stands where uvicorn keeps a RequestResponseCycle."""

    __slots__ = (
        "disconnected",
        "fields",
        "headers",
        "keep_alive",
        "method",
        "path",
        "peer",
        "protocol",
        "query",
        "response_complete",
    )
    message_event = _NoEvent()

    def __init__(
        self,
        protocol: BoundedHttp,
        method: bytes,
        path: bytes,
        query: bytes,
        headers: list[tuple[bytes, bytes]],
        fields: dict[bytes, bytes],
        peer: str,
        keep_alive: bool,  # noqa: FBT001 - the order agreed on with the callers
    ) -> None:
        self.protocol = protocol
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.fields = fields
        self.peer = peer
        self.keep_alive = keep_alive
        self.disconnected = False
        self.response_complete = False

    def answer(self, status: int, headers: bytes, body: bytes = b"") -> None:
        """Write the whole answer. `headers` are complete lines, content-length included."""
        self.response_complete = True
        if self.disconnected:
            return
        protocol = self.protocol
        closing = b"" if self.keep_alive else b"connection: close\r\n"
        if self.method == b"HEAD":
            body = b""
        protocol.transport.write(
            b"".join((STATUS_LINE[status], protocol.common_headers(), headers, closing, b"\r\n", body))
        )
        if not self.keep_alive:
            protocol.transport.close()
        protocol.on_response_complete()


class BoundedHttp(HttpToolsProtocol):
    """Closes a connection whose request head is too long, or whose first one takes too long."""

    _common: tuple[object, bytes] = (None, b"")

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._head_bytes = 0
        self._between = True
        self._head_timer: asyncio.TimerHandle | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._idle_since = 0.0
        self._peer = ""
        # `take(exchange)` says whether the application takes the request, to answer it later.
        self._take: Callable[[Exchange], bool] | None = getattr(self.app, "take", None)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time for the first head."""
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else ""
        self._head_timer = self.loop.call_later(HEAD_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        """Parse, unless this head is too long."""
        # Counted before, checked after parsing: whoever completes a head in between sets it back.
        self._head_bytes += len(data)
        if self._between and not data.isascii():
            data = _escape_request_line(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a head. The scope is made when it is known to be needed."""
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header. uvicorn looks for `Expect` in each; here that is looked for once, in all."""
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Hand the request to the direct lane or to ASGI."""
        self._head_bytes = 0
        self._between = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        url, headers = self.url, self.headers
        fields = dict(headers)
        if self._take is not None and self._goes_direct(self._take, fields):
            return
        super().on_message_begin()
        self.url, self.headers, self.scope["headers"] = url, headers, headers
        # For answers without an end: closing would wait for a client that does not read.
        self.scope["extensions"] = {"redound.abort": self.transport.abort}  # type: ignore[dict-item]
        self.expect_100_continue = fields.get(b"expect", b"").lower() == b"100-continue"
        super().on_headers_complete()

    def _goes_direct(self, take: Callable[[Exchange], bool], fields: dict[bytes, bytes]) -> bool:
        """Whether the edge took this request directly. `fields` are the headers by name, the last of each."""
        parser, cycle = self.parser, self.cycle
        method = parser.get_method()
        path, _, query = self.url.partition(b"?")
        if (
            method not in _METHODS
            or path[:1] != b"/"
            or b"%" in path
            or b"#" in self.url
            or (cycle is not None and not cycle.response_complete)
            or not _BODY_HEADERS.isdisjoint(fields)
        ):
            return False
        keep_alive = parser.should_keep_alive() and parser.get_http_version() != "1.0"
        exchange = Exchange(self, method, path, query, self.headers, fields, self._peer, keep_alive)
        self.cycle = exchange  # type: ignore[assignment]
        if take(exchange):
            return True
        self.cycle = cycle
        return False

    def on_body(self, body: bytes) -> None:
        """Take no body for a head."""
        self._head_bytes = 0
        if not isinstance(self.cycle, Exchange):
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Tell the ASGI cycle; an exchange was complete with its head."""
        self._between = True
        if not isinstance(self.cycle, Exchange):
            super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the times."""
        for timer in (self._head_timer, self._idle_timer):
            if timer is not None:
                timer.cancel()
        self._head_timer = self._idle_timer = None
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Start the next request of the connection, or the time until it counts as idle.

        uvicorn makes and cancels a timer for each answer, and any byte cancels it; here one timer looks from
        time to time how long ago the last answer was, so that half a head does not keep a connection.
        """
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        if self.flow.read_paused:
            self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def _close_if_idle(self) -> None:
        self._idle_timer = None
        if self.transport.is_closing():
            return
        left = self.timeout_keep_alive - (self.loop.time() - self._idle_since)
        if left <= 0 and self.cycle.response_complete:
            self.transport.close()
        else:
            self._idle_timer = self.loop.call_later(max(left, 1.0), self._close_if_idle)

    def common_headers(self) -> bytes:
        """Return the lines that every answer has (the date). uvicorn makes a new list of them each second."""
        found = self.server_state.default_headers
        known, lines = BoundedHttp._common
        if found is not known:
            lines = b"".join(b"%b: %b\r\n" % header for header in found)
            BoundedHttp._common = found, lines
        return lines


def _escape_request_line(data: bytes) -> bytes:
    """Percent-encode what is not ASCII in the first line.

    llhttp refuses such a target. Senders do put plain UTF-8 into their queries, and every report is kept.
    """
    line, end, rest = data.partition(b"\r\n")
    return quote_from_bytes(line, safe=_ASCII).encode() + end + rest


_ASCII = bytes(range(128)).decode()
