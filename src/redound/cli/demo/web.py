"""As much HTTP as the demo needs: a server for its tracker and shop, a client for its visitors."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

MOST_BODY = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One request that came in. Header names are lower-case; `fields` are query and body together."""

    method: str
    target: str
    path: str
    headers: Mapping[str, str]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered, or what an answer was."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> dict[str, object]:
        """Return the body as an object, empty when it is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


async def listen(handle: Callable[[Request], Awaitable[Answer]]) -> tuple[asyncio.Server, str]:
    """Serve `handle` on a free port of the loopback; return the server and its address without a slash."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                await _write(writer, await handle(request))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    length = min(int(headers.get("content-length", "0")), MOST_BODY)
    body = (await reader.readexactly(length)).decode("utf-8", "replace")
    parts = urlsplit(target)
    fields = dict(parse_qsl(parts.query, keep_blank_values=True)) | _fields(
        headers.get("content-type", ""), body
    )
    return Request(method, target, parts.path, headers, fields)


def _fields(content_type: str, body: str) -> dict[str, str]:
    if "json" in content_type:
        given = Answer(200, body).json()
        return {name: "" if value is None else str(value) for name, value in given.items()}
    return dict(parse_qsl(body, keep_blank_values=True))


async def _write(writer: asyncio.StreamWriter, answer: Answer) -> None:
    body = answer.body.encode()
    lines = [
        f"HTTP/1.1 {answer.status} -",
        "content-type: text/plain; charset=utf-8",
        f"content-length: {len(body)}",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    await writer.drain()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)


async def fetch(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Make one request to this machine, following no redirect. Any status is an answer; OSError is none."""
    return await asyncio.to_thread(_fetch, method, url, body, dict(headers or {}))


def _fetch(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - loopback addresses of the demo
    try:
        with _opener.open(request, timeout=20) as response:
            return Answer(response.status, _text(response.read()), _lower(response.headers.items()))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, _text(error.read()), _lower(error.headers.items()))


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _lower(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}
