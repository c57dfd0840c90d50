"""The clients that deliveries are measured against: the same requests in a loop, and no bookkeeping."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, cast

import httptools

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Sequence

HEADERS = {"User-Agent": "Bench/1", "Accept": "*/*", "webhook-id": "dlv_1", "Idempotency-Key": "dlv_1"}


async def aiohttp_loop(urls: Sequence[str], concurrency: int, context: ssl.SSLContext | None) -> float:
    """Request every URL once, `concurrency` at a time, with aiohttp; return requests a second."""
    import aiohttp

    waiting = iter(urls)
    connector = aiohttp.TCPConnector(limit=0, ssl=context if context is not None else True)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def work() -> None:
            for url in waiting:
                async with session.get(url, headers=HEADERS) as answer:
                    await answer.read()
                    assert answer.status == 200

        begin = time.perf_counter()
        await asyncio.gather(*[work() for _ in range(concurrency)])
        return len(urls) / (time.perf_counter() - begin)


class _Client(asyncio.Protocol):
    """One connection at a time to one port: a request, its answer, the next request."""

    def __init__(self, port: int, waiting: Iterator[bytes], done: asyncio.Future[None]) -> None:
        self.port = port
        self.waiting = waiting
        self.done = done
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.send()

    def send(self) -> None:
        data = next(self.waiting, None)
        if data is None:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        assert self.parser.get_status_code() == 200
        self.finish()

    def finish(self) -> None:
        self.send()


class _OnceClient(_Client):
    """As above, with a new connection for each request."""

    def finish(self) -> None:
        self.transport.close()
        self.done.set_result(None)


async def httptools_loop(
    urls: Sequence[str], concurrency: int, context: ssl.SSLContext | None, *, keep: bool = True
) -> float:
    """Request every URL once over `concurrency` bare connections; return requests a second."""
    by_port: dict[int, list[bytes]] = {}
    for url in urls:
        authority, _, path = url.partition("://")[2].partition("/")
        lines = [f"GET /{path} HTTP/1.1", f"Host: {authority}", "Accept-Encoding: identity"]
        lines += [f"{name}: {value}" for name, value in HEADERS.items()]
        by_port.setdefault(int(authority.partition(":")[2]), []).append(
            ("\r\n".join(lines) + "\r\n\r\n").encode()
        )
    loop = asyncio.get_running_loop()
    ports = list(by_port)
    lines_by_port = {port: iter(lines) for port, lines in by_port.items()}

    async def connect(kind: type[_Client], port: int, waiting: Iterator[bytes]) -> None:
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(lambda: kind(port, waiting, done), "127.0.0.1", port, ssl=context)
        await done

    async def run(port: int) -> None:
        waiting = lines_by_port[port]
        if keep:
            await connect(_Client, port, waiting)
            return
        for data in waiting:
            await connect(_OnceClient, port, iter([data]))

    begin = time.perf_counter()
    await asyncio.gather(*[run(ports[number % len(ports)]) for number in range(concurrency)])
    return len(urls) / (time.perf_counter() - begin)
