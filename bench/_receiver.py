"""A bare receiver for benches, in a process of its own: llhttp, prepared answers, any number of listeners.

    python -m bench._receiver --listeners 200 --delay-ms 100 --hang 10 --close --tls

Prints one JSON object with its ports (and its authority's certificate), then answers lines on standard
input: "stats" gives the requests so far and how old they were on arrival, by the `enqueued=` (ms, epoch)
in their query; "reset" forgets them. The first `--hang` listeners take requests and never answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, cast

import httptools
import uvloop

if TYPE_CHECKING:
    import ssl

BODY = b"OK"


class Tally:
    """What came, over all listeners; `ages` in ms of requests with `enqueued=` that were answered."""

    def __init__(self) -> None:
        self.requests = 0
        self.hung = 0
        self.ages: list[int] = []

    def stats(self) -> dict[str, float]:
        """Counts, and percentiles of the ages in ms."""
        ages = sorted(self.ages)
        shares = {"p50": 0.5, "p99": 0.99, "max": 1.0} if ages else {}
        return {
            "requests": self.requests,
            "hung": self.hung,
            **{name: ages[min(len(ages) - 1, int(len(ages) * share))] for name, share in shares.items()},
        }


class Answering(asyncio.Protocol):
    """One connection. Requests have no bodies of interest; each gets the same answer."""

    def __init__(self, tally: Tally, answer: bytes, delay: float, *, hang: bool, close: bool) -> None:
        self.tally = tally
        self.answer = answer
        self.delay = delay
        self.hang = hang
        self.close = close
        self.parser = httptools.HttpRequestParser(self)
        self.url = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """Keep the target."""
        self.url = url

    def on_message_complete(self) -> None:
        """Answer, now or later or never."""
        tally = self.tally
        if self.hang:
            tally.hung += 1
            return
        tally.requests += 1
        _, found, sent = self.url.partition(b"enqueued=")
        if found:
            tally.ages.append(int(time.time() * 1000) - int(sent.partition(b"&")[0]))
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.write)
        else:
            self.write()

    def write(self) -> None:
        """Send the answer."""
        self.transport.write(self.answer)
        if self.close:
            self.transport.close()


async def listen(options: argparse.Namespace) -> None:
    """Bind all listeners, say where, and answer the parent until it closes standard input."""
    loop = asyncio.get_running_loop()
    tally = Tally()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(BODY)}\r\n"
    answer = (head + ("Connection: close\r\n" if options.close else "") + "\r\n").encode() + BODY
    context, certificate = _tls() if options.tls else (None, "")
    ports = []
    for number in range(options.listeners):
        make = partial(
            Answering,
            tally,
            answer,
            options.delay_ms / 1000,
            hang=number < options.hang,
            close=options.close,
        )
        server = await loop.create_server(make, "127.0.0.1", 0, backlog=8192, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
    print(json.dumps({"ports": ports, "certificate": certificate}), flush=True)
    asking = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(asking), sys.stdin)
    while line := await asking.readline():
        print(json.dumps(tally.stats()), flush=True)
        if line.strip() == b"reset":
            tally.__init__()


def _tls() -> tuple[ssl.SSLContext, str]:
    from cryptography.hazmat.primitives.serialization import Encoding
    from tests.certificates import authority

    certificate = authority()._certificate.public_bytes(Encoding.PEM)
    return authority().server_context("good"), certificate.decode()


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listeners", type=int, default=1)
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--hang", type=int, default=0)
    parser.add_argument("--close", action="store_true")
    parser.add_argument("--tls", action="store_true")
    uvloop.run(listen(parser.parse_args()))


if __name__ == "__main__":
    main()
