"""Embedded mode: the console's pages beside the traffic, in one process and on one port.

Django runs as WSGI in a bounded thread pool (under ASGI it starts two threads a request). A thread is held
only while Django works: the request's body is read before one is taken, and an answer of ordinary size is
sent after it was given back, so that a slow client never occupies a thread. Larger answers are streamed
with a bound on what waits unsent.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import io
import tempfile
import threading
from collections import deque
from typing import IO, TYPE_CHECKING, Any, TypeVar

import orjson

from redound.edge.http import JSON, NO_STORE, TEXT, ClientGoneError, Proxies, respond
from redound.environ import Whole, make_environ, whole
from redound.keys import compare
from redound.live.app import Live
from redound.logs import log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from wsgiref.types import WSGIApplication

    from redound.bus.port import Wake
    from redound.console.live.rows import Noun, Sample
    from redound.edge.http import Header, Message, Receive, Scope, Send
    from redound.settings import Settings

T = TypeVar("T")

THREADS = 8
MAX_WAITING = 128
"""Console requests that may wait for a thread; one more is answered 503."""
MAX_REQUEST = 16 * 1024 * 1024
MAX_UPLOAD = 513 * 1024 * 1024
"""A file to import; the console itself says what is wrong with one of more than 512 MiB."""
IMPORTS = "/api/v1/imports"
MAX_RESPONSE = 256 * 1024 * 1024
WHOLE = 1024 * 1024
"""An answer up to this size leaves its thread at once; of a larger one so much may wait unsent."""
IN_MEMORY = 256 * 1024
BODY_SECONDS = 60.0
STALL_SECONDS = 30.0
"""How long a streamed answer waits for a client that does not read."""

_BUSY = b'{"title":"Busy","status":503,"code":"console_busy"}'


def console(settings: Settings, wake: Wake | None) -> Console:
    """Set Django up and return its pages and their live streams as an ASGI application."""
    from django.core.handlers.wsgi import WSGIHandler  # noqa: PLC0415 - Django is set up first

    from redound.console import runtime  # noqa: PLC0415 - Django is set up first

    runtime.start(settings, wake)
    from redound.console.shell import assets  # noqa: PLC0415 - Django is set up first

    assets.collect()
    return Console(WsgiBridge(WSGIHandler(), Proxies(settings.trusted_proxies), may_upload=_may_upload))


class Console:
    """The pages, and the live streams that some of them open."""

    def __init__(self, bridge: WsgiBridge) -> None:
        self.live = Live(bridge.ask, self._look)
        self._bridge = bridge

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return what answers the request."""
        if self.live.takes(scope["path"]):
            return self.live(scope, receive, send)
        return self._bridge(scope, receive, send)

    async def _look(self, noun: Noun, known: Mapping[str, str]) -> Sample:
        from redound.console.live.reading import look  # noqa: PLC0415 - Django is set up first

        return await self._bridge.in_thread(lambda: look(noun, known))

    def alone(self) -> ConsoleAlone:
        """Return these pages for a process without traffic. WrongKeyError: the database knows another key."""
        self._bridge.wait_for(_check_key)  # in a thread: Django refuses to read on the event loop
        return ConsoleAlone(self, self._bridge)

    def hang_up(self) -> None:
        """End the streams: who stops waits for every answer to be complete."""
        self.live.hang_up()

    def close(self) -> None:
        """End the threads when their work is done."""
        self._bridge.close()


class ConsoleAlone:
    """The pages of a process without traffic, and probes that ask Django's own connection."""

    def __init__(self, pages: Console, bridge: WsgiBridge) -> None:
        self._pages = pages
        self._bridge = bridge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"]
        if path == "/healthz":
            await respond(send, 200, (JSON, NO_STORE), b'{"status":"ok"}')
        elif path == "/readyz":
            problem = await self._bridge.in_thread(_database_problem)
            body = orjson.dumps({"ready": problem is None, "checks": {"database": problem or "ok"}})
            await respond(send, 200 if problem is None else 503, (JSON, NO_STORE), body)
        else:
            await self._pages(scope, receive, send)


def _check_key() -> None:
    """Compare the database's mark with our key; a database that does not answer is for `/readyz` to tell."""
    from django.db import DatabaseError  # noqa: PLC0415 - Django is set up first

    from redound.console import named, runtime  # noqa: PLC0415 - Django is set up first

    with contextlib.suppress(DatabaseError):
        marks = named.select("key_mark")
        compare(str(marks[0]["value"]) if marks else "", runtime.vault())


def _database_problem() -> str | None:
    """Return why the database does not answer, or None."""
    from django.db import DatabaseError, connection  # noqa: PLC0415 - Django is set up first

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        connection.close()
        return str(error).strip()
    return None


def _may_upload(credentials: str) -> bool:
    """Return whether who shows these may import files; DatabaseError when that cannot be told."""
    from redound.console.accounts import keys, permissions  # noqa: PLC0415 - Django is set up first
    from redound.console.errors import ConsoleError  # noqa: PLC0415 - Django is set up first

    scheme, _, key = credentials.partition(" ")
    try:
        permissions.check(keys.recognise(key.strip()), "imports", "write")
    except ConsoleError:
        return False
    return scheme.lower() == "bearer"


class WsgiBridge:
    """A WSGI application as an ASGI one, in `threads` threads of its own.

    `may_upload` judges the Authorization header of a file to import, in a thread, before its body is read.
    Without leave none of it is: the application answers the head alone.
    """

    def __init__(
        self,
        application: WSGIApplication,
        proxies: Proxies,
        threads: int = THREADS,
        *,
        may_upload: Callable[[str], bool] = bool,
    ) -> None:
        self._may_upload = may_upload
        self._application = application
        self._proxies = proxies
        self._pool = concurrent.futures.ThreadPoolExecutor(threads, thread_name_prefix="console")
        self._free = asyncio.Semaphore(threads)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._waiting >= MAX_WAITING:
            await respond(send, 503, (JSON, NO_STORE, (b"retry-after", b"1")), _BUSY)
            return
        try:
            with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as body:
                leave = await self._leave(scope)
                if leave and not await _read(receive, body, leave):
                    await respond(send, 413, (TEXT, NO_STORE), b"The request is too large\n")
                    return
                self._waiting += 1
                try:
                    await self._free.acquire()
                finally:
                    self._waiting -= 1
                await self._work(make_environ(scope, body, self._proxies), receive, send)
        except ClientGoneError:
            return

    async def _leave(self, scope: Scope) -> int:
        """Return how many bytes a body may have; 0 for a file from somebody who may not import any."""
        if scope["method"] != "POST" or scope["path"].rstrip("/") != IMPORTS:
            return MAX_REQUEST
        shown = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        may = await self.in_thread(lambda: self._may_upload(shown.decode("latin-1")))
        return MAX_UPLOAD if may else 0

    async def _work(self, environ: dict[str, Any], receive: Receive, send: Send) -> None:
        """Let a thread make the answer and send it. One of `free` was taken; it goes back with the thread."""
        loop = asyncio.get_running_loop()
        reply = Reply(loop)
        working = self._pool.submit(reply.run, self._application, environ)
        working.add_done_callback(lambda _: loop.call_soon_threadsafe(self._free.release))
        gone = loop.create_task(_wait_until_gone(receive, reply))
        try:
            await reply.relay(send)
        finally:
            gone.cancel()
            reply.abandon()
            await asyncio.wrap_future(working)  # it may still read the request's body

    async def in_thread(self, function: Callable[[], T]) -> T:
        """Return what the function returns in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, function)

    def wait_for(self, function: Callable[[], T]) -> T:
        """Return what the function returns in one of the threads; the caller stands still meanwhile."""
        return self._pool.submit(function).result()

    async def ask(self, scope: Scope) -> Whole:
        """Return the whole answer to the head of a request; its client gets none of it."""
        environ = make_environ(scope, io.BytesIO(), self._proxies)
        return await self.in_thread(lambda: whole(self._application, environ))

    def close(self) -> None:
        """End the threads when their work is done."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Reply:
    """What passes from the thread that runs the application to the loop that sends.

    The answer is handed over whole when the application is done within WHOLE bytes, else bit by bit.
    Methods of the first group run in the thread, of the second on the loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ready = asyncio.Event()
        self._changed = threading.Condition()
        self._chunks: deque[bytes] = deque()
        self._unsent = 0
        self._total = 0
        self._streaming = False
        self._done = False
        self._abandoned = False
        self._status = 500
        self._headers: list[Header] = []

    # In the thread

    def run(self, application: WSGIApplication, environ: dict[str, Any]) -> None:
        """Run the application to its end. What it raises is logged and answered 500."""
        try:
            iterable = application(environ, self._start)
            try:
                for chunk in iterable:
                    self._put(chunk)
            finally:
                close = getattr(iterable, "close", None)
                if close is not None:
                    close()
        except ClientGoneError:
            pass
        except Exception:  # noqa: BLE001 - the last resort: a 500 and a logged trace
            log.exception("console.failed", method=environ["REQUEST_METHOD"], path=environ["PATH_INFO"])
            self._fail()
        finally:
            with self._changed:
                self._done = True
            self._tell()

    def _start(self, status: str, headers: list[tuple[str, str]], _exc_info: object = None, /) -> Any:
        self._status = int(status.split(" ", 1)[0])
        self._headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return self._put

    def _put(self, chunk: bytes) -> None:
        with self._changed:
            self._chunks.append(chunk)
            self._unsent += len(chunk)
            self._total += len(chunk)
            if self._total > MAX_RESPONSE:
                log.error("console.response_too_large", bytes=self._total)
                raise ClientGoneError
            if self._unsent <= WHOLE and not self._streaming:
                return
            self._streaming = True
        self._tell()
        with self._changed:
            if not self._changed.wait_for(lambda: self._unsent <= WHOLE or self._abandoned, STALL_SECONDS):
                self._abandoned = True
            if self._abandoned:
                raise ClientGoneError

    def _fail(self) -> None:
        with self._changed:
            if self._streaming:
                self._abandoned = True
                return
            self._status, self._headers = 500, [TEXT, NO_STORE]
            self._chunks.clear()
            self._chunks.append(b"Internal server error\n")

    def _tell(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._ready.set)
        except RuntimeError:  # the loop has ended: the process stops
            return

    # On the loop

    async def relay(self, send: Send) -> None:
        """Send the answer as it comes; RuntimeError when a streamed one broke off."""
        await self._ready.wait()
        done, chunks = self._take()
        headers = self._headers
        body = b"".join(chunks)
        if done and not any(name == b"content-length" for name, _ in headers):
            headers = [*headers, (b"content-length", b"%d" % len(body))]
        if self._abandoned:
            return
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        while True:
            await send({"type": "http.response.body", "body": body, "more_body": not done})
            if done:
                return
            await self._ready.wait()
            done, chunks = self._take()
            if self._abandoned:
                raise RuntimeError("a streamed answer broke off")
            body = b"".join(chunks)

    def abandon(self) -> None:
        """Nobody reads any more: let the thread end at its next chunk."""
        with self._changed:
            self._abandoned = self._abandoned or not self._done
            self._changed.notify_all()

    def _take(self) -> tuple[bool, Iterable[bytes]]:
        self._ready.clear()
        with self._changed:
            chunks, self._chunks = self._chunks, deque()
            self._unsent = 0
            self._changed.notify_all()
            return self._done, chunks


async def _read(receive: Receive, body: IO[bytes], limit: int) -> bool:
    """Read the request's body into the file and rewind it; False when it is too large or too slow.

    A larger limit gives more time in proportion.
    """
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS * limit / MAX_REQUEST):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGoneError
                size += len(message.get("body", b""))
                if size > limit:
                    return False
                body.write(message.get("body", b""))
                if not message.get("more_body", False):
                    break
    except TimeoutError:
        return False
    body.seek(0)
    return True


async def _wait_until_gone(receive: Receive, reply: Reply) -> None:
    message: Message = {"type": ""}
    while message["type"] != "http.disconnect":
        message = await receive()
    reply.abandon()
