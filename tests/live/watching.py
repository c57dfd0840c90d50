"""A client of live streams on a real socket, and rows to watch."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from redound.console.live.rows import Row
from redound.core.ids import new_id


def now_ms() -> int:
    """Return milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def row(audience: str = "", mark: str = "a", row_id: str = "", **fields: str) -> Row:
    """Return a delivery of somebody's, made now."""
    return Row(row_id or new_id("dlv", now_ms(), secrets.token_bytes(8)), mark, audience, fields)


@dataclass
class Event:
    """One event as it came."""

    name: str
    id: str
    data: Any


@dataclass
class Watcher:
    """One open stream."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    last_id: str = ""
    _text: str = ""

    @classmethod
    async def open(cls, port: int, path: str, **headers: str) -> Watcher:
        """Ask for a stream and read the answer's head."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        given = {"Host": f"127.0.0.1:{port}"} | {
            key.replace("_", "-"): value for key, value in headers.items()
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        writer.write(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)).decode()
        status, *rest = head.split("\r\n")
        self = cls(reader, writer, int(status.split()[1]))
        self.headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in rest if line)
        }
        if "content-length" in self.headers:
            self.body = await reader.readexactly(int(self.headers["content-length"]))
            writer.close()
        return self

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return json.loads(self.body)["code"]

    async def event(self, seconds: float = 20) -> Event | None:
        """Return the next event, None when the stream has ended properly."""
        while "\n\n" not in self._text:
            size = int((await asyncio.wait_for(self.reader.readline(), seconds)).strip() or b"0", 16)
            if size == 0:
                return None
            self._text += (await self.reader.readexactly(size)).decode()
            await self.reader.readexactly(2)
        block, _, self._text = self._text.partition("\n\n")
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        if "event" not in fields:
            return await self.event(seconds)
        self.last_id = fields["id"]
        return Event(fields["event"], fields["id"], json.loads(fields["data"]))

    async def rows(self, count: int) -> list[tuple[str, str]]:
        """Return the next rows as (ID, change), whatever else comes between them."""
        found = []
        while len(found) < count:
            event = await self.event()
            assert event is not None, "the stream has ended"
            assert event.name != "reset", "the stream was reset"
            if event.name == "row":
                found.append((event.data["id"], event.data["change"]))
        return found

    async def until(self, name: str) -> Event:
        """Return the next event of this name."""
        while True:
            event = await self.event()
            assert event is not None, "the stream has ended"
            if event.name == name:
                return event

    async def ends(self, seconds: float = 20) -> bool:
        """Whether the stream ends, rather than being cut off."""
        async with asyncio.timeout(seconds):
            while await self.event(seconds) is not None:
                pass
        return True

    def close(self) -> None:
        """Leave."""
        self.writer.transport.abort()
