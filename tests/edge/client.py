"""A client that sends exactly the bytes a test wants, and reads the answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httptools

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Answer:
    """What came back. Header names are in lower case."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def verdict(self) -> str:
        """The verdict in the header."""
        return self.headers["x-redound-verdict"]


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Return when the condition holds; TimeoutError when it does not come to that."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.001)


class _Reader:
    def __init__(self) -> None:
        self.answer = Answer()
        self.done = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.answer.headers[name.decode().lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.answer.body += body

    def on_message_complete(self) -> None:
        self.done = True


async def raw(port: int, request: bytes, *, head: bool = False) -> Answer:
    """Send the bytes on a connection of their own and return the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        seen = _Reader()
        parser = httptools.HttpResponseParser(seen)
        while not seen.done:
            data = await asyncio.wait_for(reader.read(65536), 10)
            if not data:
                break
            parser.feed_data(data)
            if head and b"\r\n\r\n" in data:
                break
        seen.answer.status = parser.get_status_code()
        return seen.answer
    finally:
        writer.close()


async def ask(
    port: int,
    target: str | bytes,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """Send one request and return the answer."""
    given = {"Host": f"127.0.0.1:{port}", "User-Agent": "Mozilla/5.0 (X11) Firefox/140.0", **(headers or {})}
    if body:
        given["Content-Length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items()).encode()
    target = target.encode() if isinstance(target, str) else target
    request = method.encode() + b" " + target + b" HTTP/1.1\r\n" + lines + b"\r\n" + body
    return await raw(port, request, head=method == "HEAD")
