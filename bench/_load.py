"""A loopback load generator in a process of its own: closed loop, keep-alive, one request at a time.

    python bench/_load.py --port 8000 --connections 64 --seconds 5 --paths FILE

FILE holds one request target a line; each is used once, in order, again from the start when they run out.
Prints one JSON object: requests a second, answers by status, percentiles of the latency in ms.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, cast

import httptools
import uvloop

if TYPE_CHECKING:
    from collections.abc import Iterator

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


class Tally:
    """What all connections saw. Only what is answered between `begin` and `end` counts."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self.requests = requests
        self.statuses: Counter[int] = Counter()
        self.latencies: list[float] = []
        self.begin = self.end = 0.0
        self.broken = 0
        self.all = 0


class Connection(asyncio.Protocol):
    """Sends a request, reads the answer, sends the next."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.parser = httptools.HttpResponseParser(self)
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start."""
        self.transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        self.parser.feed_data(data)

    def connection_lost(self, _exc: Exception | None) -> None:
        """Count a connection that the server closed while it was wanted."""
        if time.perf_counter() < self.tally.end:
            self.tally.broken += 1

    def on_message_complete(self) -> None:
        """Note the answer and go on."""
        tally, now = self.tally, time.perf_counter()
        tally.all += 1
        if now >= tally.end:
            self.transport.close()
            return
        if now >= tally.begin:
            tally.statuses[self.parser.get_status_code()] += 1
            tally.latencies.append(now - self.sent_at)
        self._send()

    def _send(self) -> None:
        self.sent_at = time.perf_counter()
        self.transport.write(next(self.tally.requests))


def build(target: str, port: int) -> bytes:
    """Return the bytes of a GET as a browser sends it."""
    return (
        f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: {AGENT}\r\n"
        "Accept: text/html,application/xhtml+xml\r\nAccept-Language: en-GB,en;q=0.9\r\n"
        "Accept-Encoding: gzip, deflate\r\nReferer: https://blog.example.com/article\r\n\r\n"
    ).encode()


async def load(
    port: int, connections: int, seconds: float, warm_up: float, targets: list[str]
) -> dict[str, object]:
    """Run the load and return the result."""
    tally = Tally(itertools.cycle([build(target, port) for target in targets]))
    loop = asyncio.get_running_loop()
    tally.begin = time.perf_counter() + warm_up
    tally.end = tally.begin + seconds
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(tally), "127.0.0.1", port)
    await asyncio.sleep(tally.end - time.perf_counter() + 0.2)
    latencies = sorted(tally.latencies)
    count = len(latencies)
    assert count, "no request was answered"
    return {
        "per_second": round(count / seconds),
        "statuses": {str(status): number for status, number in sorted(tally.statuses.items())},
        "all": tally.all,
        "broken": tally.broken,
        "p50_ms": round(latencies[count // 2] * 1000, 2),
        "p99_ms": round(latencies[count * 99 // 100] * 1000, 2),
        "max_ms": round(latencies[-1] * 1000, 2),
    }


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--warm-up", type=float, default=1.0)
    parser.add_argument("--paths", type=Path, required=True)
    options = parser.parse_args()
    targets = options.paths.read_text().splitlines()
    result = uvloop.run(load(options.port, options.connections, options.seconds, options.warm_up, targets))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
