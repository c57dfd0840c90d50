"""Streams of Server-Sent Events: `GET /live/{noun}` and `/manage/live/{noun}`.

    event: row
    id: 3f0c….17
    data: {"id":"dlv_…","change":"new","state":"pending"}

`row` is a row that came (`new`) or changed its looks (`state`); `reset` says that changes were missed, so
reload; `beat` comes at once and then while nothing happens. Each has the cursor to come back with, in the
header `Last-Event-ID` or, for a connection that the page opens itself, in `last_id=`.

Who may watch is asked of Django, with the reader's cookies, at the start and again and again: a session that
ended closes its streams. Nothing else here uses Django's threads but one look a second at each noun watched.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import parse_qsl

import orjson

from redound.console.live.rows import FILTERS, NOUNS, Noun
from redound.edge.http import JSON, NO_STORE, NOSNIFF, respond
from redound.live.feeds import Feed, Reader
from redound.logs import log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from redound.console.live.rows import Sample
    from redound.edge.http import Header, Receive, Scope, Send
    from redound.live.feeds import Change

PREFIXES: Final = ("/live/", "/manage/live/")
IN_ALL: Final = 200
"""Streams of this process."""
PER_PERSON: Final = 10
BEAT_SECONDS: Final = 15.0
ASK_SECONDS: Final = 30.0
"""How often it is asked whether the reader still may watch."""
STALL_SECONDS: Final = 10.0
"""How long a reader may take none of what is sent."""
JOIN_SECONDS: Final = 10.0
RETRY_MS: Final = 3_000
MOST_QUERY: Final = 2_000
STREAM: Final[tuple[Header, ...]] = (
    (b"content-type", b"text/event-stream"),
    (b"x-accel-buffering", b"no"),
    NO_STORE,
    NOSNIFF,
)


class Asked(Protocol):
    """What Django answered."""

    @property
    def status(self) -> int:
        """HTTP's status."""

    @property
    def body(self) -> bytes:
        """The body, whole."""


class Refused(Exception):  # noqa: N818 - an answer to give rather than an error
    """This stream is not opened; the status and a code say why."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Live:
    """The ASGI application of streams.

    `ask` gives what Django answers to the request of a scope; `look` reads what is new among the
    youngest rows of a noun, given the marks of those that are known.
    """

    def __init__(
        self,
        ask: Callable[[Scope], Awaitable[Asked]],
        look: Callable[[Noun, Mapping[str, str]], Awaitable[Sample]],
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._ask = ask
        self.feeds: dict[str, Feed] = {noun: Feed(noun, _looking(look, noun), clock) for noun in NOUNS}
        self._open: set[asyncio.Task[Any]] = set()
        self._by_person: Counter[str] = Counter()
        self._over = False

    @property
    def open(self) -> int:
        """How many streams there are."""
        return len(self._open)

    def takes(self, path: str) -> bool:
        """Whether a request is for a stream."""
        return path.startswith(PREFIXES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: with a stream, or with the reason why not."""
        try:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - requests are tasks
            noun = self._check(scope)
            self._open.add(task)
            try:
                await self._admit(noun, scope, receive, send)
            finally:
                self._open.discard(task)
        except Refused as refusal:
            headers: list[Header] = [JSON, NO_STORE]
            if refusal.status == 503:  # noqa: PLR2004 - HTTP's
                headers.append((b"retry-after", b"15"))
            body = orjson.dumps({"status": refusal.status, "code": refusal.code})
            await respond(send, refusal.status, headers, body)

    def hang_up(self) -> None:
        """End every stream at once; new ones are refused."""
        self._over = True
        for task in self._open:
            task.cancel()

    def _check(self, scope: Scope) -> str:
        """Return the noun; Refused for what is none, and while there is no room."""
        noun: str = scope["path"].rpartition("/")[2]
        if noun not in self.feeds:
            raise Refused(404, "not_found")
        if scope["method"] != "GET":
            raise Refused(405, "method_not_allowed")
        if dict(scope["headers"]).get(b"sec-fetch-site", b"same-origin") not in {b"same-origin", b"none"}:
            raise Refused(403, "cross_site")
        if len(scope["query_string"]) > MOST_QUERY:
            raise Refused(400, "query_too_long")
        if self._over or len(self._open) >= IN_ALL:
            raise Refused(503, "streams_full")
        return noun

    async def _admit(self, noun: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            allowed = await self._allowed(scope)
            person = str(allowed["user"])
            if self._by_person[person] >= PER_PERSON:
                raise Refused(503, "too_many_streams")
            self._by_person[person] += 1
            try:
                await self._serve(noun, allowed, scope, receive, send)
            finally:
                self._by_person -= Counter([person])
        except asyncio.CancelledError:
            if not self._over:
                raise
            # The process stops: the answer ends as it should, and the page comes back to the next one.
            with contextlib.suppress(Exception):
                await send({"type": "http.response.body", "body": b""})

    async def _allowed(self, scope: Scope) -> dict[str, Any]:
        answer = await self._ask(scope)
        if answer.status == 200:  # noqa: PLR2004 - HTTP's
            found: dict[str, Any] = orjson.loads(answer.body)
            return found
        if 300 <= answer.status < 400:  # noqa: PLR2004 - HTTP's: a page would lead to the sign-in
            raise Refused(401, "signed_out")
        raise Refused(answer.status, "refused")

    async def _serve(
        self, noun: str, allowed: dict[str, Any], scope: Scope, receive: Receive, send: Send
    ) -> None:
        feed, (filters, cursor) = self.feeds[noun], _wishes(scope)
        reader = Reader(str(allowed["audience"]), filters)
        try:
            try:
                async with asyncio.timeout(JOIN_SECONDS):
                    await feed.join(reader, cursor)
            except TimeoutError:
                raise Refused(503, "database_unavailable") from None
            stream = _Stream(feed, reader, scope, send)
            await _first_of(stream.run(), _until_gone(receive), self._until_not_allowed(scope, allowed))
            await stream.end()
        finally:
            feed.leave(reader)

    async def _until_not_allowed(self, scope: Scope, allowed: dict[str, Any]) -> None:
        """Return when the reader may not watch any more, or as somebody else."""
        while True:
            await asyncio.sleep(ASK_SECONDS)
            try:
                if await self._allowed(scope) != allowed:
                    return
            except Refused as refusal:
                if refusal.status < 500:  # noqa: PLR2004 - HTTP's: what is broken is asked again
                    return


class _Stream:
    """What one reader is sent."""

    def __init__(self, feed: Feed, reader: Reader, scope: Scope, send: Send) -> None:
        self._feed = feed
        self._reader = reader
        self._abort: Callable[[], None] | None = scope.get("extensions", {}).get("redound.abort")
        self._to = send

    async def run(self) -> None:
        """Send what comes until the reader does not take it; RuntimeError then."""
        await self._to({"type": "http.response.start", "status": 200, "headers": STREAM})
        await self._send(b"retry: %d\n\n" % RETRY_MS + self._event("beat", self._feed.cursor))
        while True:
            reset, changes = await self._reader.take(BEAT_SECONDS)
            if reset:
                await self._send(self._event("reset", self._feed.cursor))
            elif changes:
                await self._send(b"".join(self._event("row", each.cursor, each) for each in changes))
            else:
                await self._send(self._event("beat", self._feed.cursor))

    async def end(self) -> None:
        """End the answer, so that the reader knows that nothing was cut off."""
        with contextlib.suppress(Exception):
            await self._send(b"", more=False)

    def _event(self, name: str, cursor: str, change: Change | None = None) -> bytes:
        data: dict[str, str] = {}
        if change is not None:
            data = {"id": change.row.id, "change": change.kind}
            data |= {key: change.row.fields[key] for key in ("state", "verdict") if key in change.row.fields}
        return b"event: %b\nid: %b\ndata: %b\n\n" % (name.encode(), cursor.encode(), orjson.dumps(data))

    async def _send(self, body: bytes, *, more: bool = True) -> None:
        try:
            async with asyncio.timeout(STALL_SECONDS):
                await self._to({"type": "http.response.body", "body": body, "more_body": more})
        except TimeoutError:
            log.info("live.reader_stalled")
            if self._abort is not None:
                self._abort()  # closing would wait for what it does not read
            raise


async def _first_of(*waits: Awaitable[None]) -> None:
    """Return when the first of them ends; the others are cancelled. What a stream raises is its end."""
    tasks = [asyncio.ensure_future(each) for each in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception) and not isinstance(ended, TimeoutError):
                log.error("live.failed", exc_info=ended)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _looking(
    look: Callable[[Noun, Mapping[str, str]], Awaitable[Sample]], noun: Noun
) -> Callable[[Mapping[str, str]], Awaitable[Sample]]:
    return lambda known: look(noun, known)


def _wishes(scope: Scope) -> tuple[dict[str, frozenset[str]], str]:
    """Return the wanted values by field, and the cursor. Other parameters are the page's affair."""
    query = parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=50)
    filters: dict[str, frozenset[str]] = {}
    cursor = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
    for name, value in query:
        if name in FILTERS:
            filters[name] = filters.get(name, frozenset()) | set(value.split(","))
        elif name == "last_id" and not cursor:
            cursor = value
    return filters, cursor
