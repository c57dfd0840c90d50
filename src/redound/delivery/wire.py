"""One HTTP/1.1 connection to a receiver: one exchange at a time, hard limits, no trust.

The hot path: one future an exchange, the parser reused over the life of the connection, no task and no
timer. What came is read from the connection's fields by whoever awaited the future.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httptools

from redound.core.deliveries import ErrorKind

if TYPE_CHECKING:
    from redound.core.addresses import Address
    from redound.delivery.deadlines import Deadlines, Expiring

MAX_BODY = 65_536
MAX_HEAD = 65_536
MAX_HEADERS = 256
MAX_RECEIVED = 1 << 20  # whatever it is spent on: chunk extensions, trailers, interim answers

_FINAL = 200
_SWITCHING = 101


class Connection(asyncio.Protocol):
    """A connection. After an exchange `status`, `headers`, `body` and `truncated` hold the answer.

    `headers` is flat: a name, its value, the next name…

    `silent`: no byte of an answer has come yet. `head_done`: the final answer's head is complete.
    `reusable`: it may serve another exchange; `closed`: it is gone.
    """

    __slots__ = (
        "_deadlines",
        "_failure",
        "_head_bytes",
        "_parser",
        "_received",
        "_slot",
        "_transport",
        "_waiter",
        "address",
        "body",
        "closed",
        "head_done",
        "headers",
        "idle_since",
        "key",
        "opened_at",
        "reusable",
        "silent",
        "status",
        "truncated",
    )

    def __init__(self, key: str, address: Address, deadlines: Deadlines, opened_at: float) -> None:
        """Belong to the origin `key` at the vetted `address`; `opened_at` is loop time."""
        self.key, self.address, self.opened_at, self.idle_since = key, address, opened_at, opened_at
        self._deadlines = deadlines
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.WriteTransport | None = None
        self._waiter: asyncio.Future[ErrorKind] | None = None
        self._slot: set[Expiring] = set()
        self.closed = False
        self._reset()

    def _reset(self) -> None:
        self.status = 0
        self.headers: list[bytes] = []
        self.body: bytes | bytearray = b""
        self.silent = True
        self.head_done = self.truncated = self.reusable = False
        self._head_bytes = self._received = 0
        self._failure = ErrorKind.NONE

    # What the sender calls

    def exchange(
        self, data: bytes, deadline: float, loop: asyncio.AbstractEventLoop
    ) -> asyncio.Future[ErrorKind]:
        """Send a whole request; the future gives NONE once the answer is here, or how it failed.

        One exchange at a time. Whoever stops waiting for the future has to call `abort`.
        """
        self._reset()
        waiter: asyncio.Future[ErrorKind] = loop.create_future()
        self._waiter = waiter
        self._slot = slot = self._deadlines.slot(deadline)
        slot.add(self)
        if self._transport is None or self.closed:
            self._end(ErrorKind.RESET)
        else:
            self._transport.write(data)
        return waiter

    def abort(self) -> None:
        """Break off, whatever is under way."""
        self.closed = True
        self.reusable = False
        self._end(ErrorKind.RESET)
        if self._transport is not None:
            self._transport.abort()

    def expire(self) -> None:
        """End the exchange: its time is up."""
        self._end(ErrorKind.TIMEOUT)

    def _end(self, kind: ErrorKind) -> None:
        waiter = self._waiter
        if waiter is None:
            return
        self._waiter = None
        self._slot.discard(self)
        if not waiter.done():
            waiter.set_result(kind)
        if not self.reusable and not self.closed:
            self.abort()

    # What the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; a connection given up during its making is dropped."""
        self._transport = transport  # type: ignore[assignment] # TCP and TLS transports can write
        if self.closed:
            self.abort()

    def data_received(self, data: bytes) -> None:
        """Feed the parser. Bytes nobody asked for end the connection: they would be the next answer."""
        if self._waiter is None:
            self.abort()
            return
        size = len(data)
        self.silent = False
        self._received += size
        if not self.head_done:
            self._head_bytes += size
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.reusable = False
            self._end(self._failure or ErrorKind.PROTOCOL)
            return
        if self._received > MAX_RECEIVED or (self._head_bytes > MAX_HEAD and self._head_is_too_large()):
            self._end(ErrorKind.TOO_LARGE)

    def eof_received(self) -> None:
        """Take the end of the stream for the end of a body that has no other; let the transport close."""
        self._cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember that it is gone; what was under way is over."""
        self.closed = True
        self.reusable = False
        self._cut(clean=exc is None)

    def _cut(self, *, clean: bool = True) -> None:
        self.reusable = False
        if self._waiter is None:
            return
        whole = clean and self.head_done and not self._is_delimited()
        self._end(ErrorKind.NONE if whole else ErrorKind.RESET)

    def _is_delimited(self) -> bool:
        return any(name.lower() in {b"content-length", b"transfer-encoding"} for name in self.headers[::2])

    def _head_is_too_large(self) -> bool:
        """Tell a large head from a body that began in the same read."""
        if not self.head_done:
            return True
        return sum(map(len, self.headers)) > MAX_HEAD

    # What the parser calls

    def on_message_begin(self) -> None:
        """Refuse a second answer to one request."""
        if self._waiter is None:
            self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, up to the limit; trailers after the body are dropped."""
        if self.head_done or self._waiter is None:
            return
        headers = self.headers
        headers.append(name)
        headers.append(value)
        if len(headers) > 2 * MAX_HEADERS:
            self._refuse(ErrorKind.TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Keep the status."""
        if self._waiter is None:
            return
        self.status = self._parser.get_status_code()
        if self.status == _SWITCHING:
            self._refuse(ErrorKind.PROTOCOL)
        self.head_done = True

    def on_body(self, data: bytes) -> None:
        """Keep the body's beginning; at the limit the exchange is over, whatever is still to come."""
        if self._waiter is None:
            return
        if not self.body:
            self.body = data
        else:
            if isinstance(self.body, bytes):
                self.body = bytearray(self.body)
            self.body += data
        if len(self.body) <= MAX_BODY:
            return
        self.body = self.body[:MAX_BODY]
        self.truncated = True
        self._end(ErrorKind.NONE)

    def on_message_complete(self) -> None:
        """End the exchange; after an interim answer (1xx) wait on."""
        if self._waiter is None:
            return
        if self.status < _FINAL:
            self.head_done = False
            self.headers = []
            return
        self.reusable = self._parser.should_keep_alive()
        self._end(ErrorKind.NONE)

    def _refuse(self, kind: ErrorKind) -> None:
        self._failure = kind
        raise _LimitError


class _LimitError(Exception):
    """The receiver went too far; it stops the parser, and data_received ends the exchange."""
