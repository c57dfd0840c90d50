"""A real HTTP receiver on loopback, fast and, when told to, hostile.

    with Receiver() as tracker:                      # a port of its own, a thread of its own
        tracker.answers(Answer(status=500), Answer())   # for the next requests, in order; then 200 OK again
        tracker.always(Answer(status=410))           # from now on
        tracker.at("/slow", hang())                  # for one path, always
        url = tracker.url("/postback?cid={sub1}")
        ...
        tracker.wait(1)                              # or `await tracker.seen(1)`; both return what came
        assert tracker.requests[0].query == {"cid": "abc"}

Nasty answers: hang, held (until `release()`), drip, reset, half, redirect, huge, gzip_bomb, many_headers,
raw.
TLS: `Receiver(tls="good" | "self_signed" | "expired" | "wrong_host")`; `trust()` is a client context that
knows the authority behind "good", "expired" and "wrong_host".
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

import httptools

from tests.answers import (
    Answer,
    drip,
    gzip_bomb,
    half,
    hang,
    held,
    huge,
    many_headers,
    raw,
    redirect,
    reset,
)
from tests.certificates import authority

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

__all__ = [
    "Answer",
    "Received",
    "Receiver",
    "drip",
    "gzip_bomb",
    "half",
    "hang",
    "held",
    "huge",
    "many_headers",
    "raw",
    "redirect",
    "reset",
]

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came. `connection` counts connections from 1, `target` is the raw request target."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    connection: int
    at: float

    @property
    def path(self) -> str:
        """The path without the query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The query, decoded; the last of equal names wins."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The body read as a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(slots=True)
class _Plan:
    default: Answer = field(default_factory=Answer)
    queue: deque[Answer] = field(default_factory=deque)
    by_path: dict[str, Answer] = field(default_factory=dict)


class Receiver:
    """A receiver to enter with `with`. Everything but the constructor's arguments may change while it runs.

    `record=False` keeps nothing but the count (for load).
    """

    def __init__(
        self, *, tls: str | None = None, host: str = "127.0.0.1", name: str = "localhost", record: bool = True
    ) -> None:
        """Say what it is to be; nothing is bound before `with`."""
        self.host, self.name, self.tls, self.record = host, name, tls, record
        self.port = 0
        self.requests: list[Received] = []
        self.count = 0
        self.connections = 0
        self.open_connections = 0
        self.bytes_sent = 0
        self._plan = _Plan()
        self._changed = threading.Condition()
        self._held: asyncio.Event | None = None
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._transports: set[asyncio.Transport] = set()

    # Programming

    def answers(self, *answers: Answer) -> None:
        """Give these answers to the next requests, in order; afterwards the standing one."""
        self._plan.queue.extend(answers)

    def always(self, answer: Answer) -> None:
        """Change the standing answer and forget those still queued."""
        self._plan.queue.clear()
        self._plan.default = answer

    def at(self, path: str, answer: Answer) -> None:
        """Answer requests for this path (without query) in this way."""
        self._plan.by_path[path] = answer

    def release(self) -> None:
        """Let all held answers go, also those to come."""
        self._loop.call_soon_threadsafe(self._held_event().set)

    def drop_connections(self) -> None:
        """Close every open connection, idle ones too, as a restarting server would."""
        done = threading.Event()

        def drop() -> None:
            for transport in list(self._transports):
                transport.abort()
            done.set()

        self._loop.call_soon_threadsafe(drop)
        done.wait(PATIENCE_SECONDS)

    # Looking

    def url(self, rest: str = "/", *, host: str | None = None) -> str:
        """The URL of a path here."""
        shown = host or self.host
        shown = f"[{shown}]" if ":" in shown else shown
        return f"{'https' if self.tls else 'http'}://{shown}:{self.port}{rest}"

    def trust(self) -> ssl.SSLContext:
        """A client context that trusts the authority of this receiver's certificate."""
        return authority().client_context()

    def wait(self, count: int = 1, timeout: float = PATIENCE_SECONDS) -> list[Received]:
        """Return the requests once there are `count`; AssertionError after `timeout` seconds."""
        with self._changed:
            enough = self._changed.wait_for(lambda: self.count >= count, timeout)
        assert enough, f"{self.count} of {count} requests came within {timeout} s"
        return list(self.requests)

    @property
    def context(self) -> ssl.SSLContext:
        """The server's own TLS context."""
        return authority().server_context(self.tls or "good", self.name)

    async def seen(self, count: int = 1, timeout: float = PATIENCE_SECONDS) -> list[Received]:
        """Do the same without blocking the event loop."""
        return await asyncio.to_thread(self.wait, count, timeout)

    # Running

    def __enter__(self) -> Self:
        """Bind, listen and answer from a thread."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.create_server((self.host, 0), family=family, backlog=4096)
        self.port = listener.getsockname()[1]
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listener, started), daemon=True)
        self._thread.start()
        assert started.wait(PATIENCE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        """Break everything off."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE_SECONDS)

    def _held_event(self) -> asyncio.Event:
        if self._held is None:
            self._held = asyncio.Event()
        return self._held

    def _run(self, listener: socket.socket, started: threading.Event) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve(listener, started))

    async def _serve(self, listener: socket.socket, started: threading.Event) -> None:
        self._stop = asyncio.Event()
        context = self.context if self.tls else None
        server = await self._loop.create_server(lambda: _Connection(self), sock=listener, ssl=context)
        started.set()
        await self._stop.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        for transport in list(self._transports):
            transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)

    def _choose(self, target: bytes) -> Answer:
        plan = self._plan
        if plan.by_path:
            found = plan.by_path.get(target.partition(b"?")[0].decode("latin-1"))
            if found is not None:
                return found
        return plan.queue.popleft() if plan.queue else plan.default

    def _note(self, received: Received | None) -> None:
        if received is None:
            self.count += 1
            return
        with self._changed:
            self.requests.append(received)
            self.count += 1
            self._changed.notify_all()


class _Connection(asyncio.Protocol):
    """One connection: parses requests and carries out answers, at once where no waiting is asked for."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.parser = httptools.HttpRequestParser(self)
        self.ready: dict[Answer, bytes] = {}
        self.can_write = asyncio.Event()
        self.can_write.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.receiver.connections += 1
        self.receiver.open_connections += 1
        self.number = self.receiver.connections
        self.receiver._transports.add(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.receiver.open_connections -= 1
        self.receiver._transports.discard(self.transport)
        self.can_write.set()

    def pause_writing(self) -> None:
        self.can_write.clear()

    def resume_writing(self) -> None:
        self.can_write.set()

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.write(
                b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            self.transport.close()

    # What the parser calls

    def on_message_begin(self) -> None:
        self.target = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        receiver = self.receiver
        receiver._note(self._received() if receiver.record else None)
        answer = receiver._choose(self.target)
        if answer.raw is None and answer.then == "keep" and not (answer.delay or answer.hold or answer.hang):
            data = self.ready.get(answer)
            if data is None:
                data = self.ready[answer] = answer.head(len(answer.body)) + answer.body
            self.transport.write(data)
            return
        task = receiver._loop.create_task(self._carry_out(answer))
        receiver._tasks.add(task)
        task.add_done_callback(receiver._tasks.discard)

    def _received(self) -> Received:
        return Received(
            method=self.parser.get_method().decode(),
            target=self.target.decode("latin-1"),
            headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.headers),
            body=self.body,
            connection=self.number,
            at=time.time(),
        )

    async def _carry_out(self, answer: Answer) -> None:
        if answer.hang:
            return
        if answer.hold:
            await self.receiver._held_event().wait()
        if answer.delay:
            await asyncio.sleep(answer.delay)
        whole = answer.raw if answer.raw is not None else answer.head(len(answer.body)) + answer.body
        for piece in self._pieces(answer, whole):
            if self.transport.is_closing():
                return
            self.transport.write(piece)
            self.receiver.bytes_sent += len(piece)
            await (asyncio.sleep(answer.drip_seconds) if answer.drip_seconds else self.can_write.wait())
        self._finish(answer)

    def _pieces(self, answer: Answer, whole: bytes) -> Iterator[bytes]:
        if answer.drip_seconds:
            yield from (whole[index : index + 1] for index in range(len(whole)))
        elif whole:
            yield whole
        if answer.repeat:
            block, times = answer.repeat
            for _ in range(times):
                yield block

    def _finish(self, answer: Answer) -> None:
        if answer.then == "close":
            self.transport.close()
        elif answer.then == "reset":
            wire = self.transport.get_extra_info("socket")
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
