"""One measured run of the worker, or of a client to compare it with, in a process of its own.

    python -m bench._deliver worker FILE --ports 1,2,3 --count 40000      drain what is stored
    python -m bench._deliver aiohttp|httptools --ports 1,2,3 --count 40000 --concurrency 64
    python -m bench._deliver flow FILE --ports 1,2,3 --per-second 1000 --seconds 20
    python -m bench._deliver idle|waiting FILE --ports 1 --count 100000

FILE is a migrated SQLite database, empty of traffic. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import resource
import ssl
import time
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
import uvloop
from bench._clients import aiohttp_loop, httptools_loop
from tests.builders import make_postback

from redound.core.deliveries import NewDelivery
from redound.core.health import HealthPolicy
from redound.core.ids import new_id
from redound.core.retries import RetryPolicy
from redound.delivery.sender import Sender
from redound.delivery.worker import Options, Worker, wall_clock
from redound.store.snapshot import Snapshot
from redound.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOPBACK = ip_network("127.0.0.0/8")
TARGET = "/postback?cid={sub1}&payout={payout}&status={status}&enqueued={conversion_time|ms}"
VALUES = {
    "click_id": "0123456789abcdefghjkmnpqrstvwxyz01234567",
    "sub1": "tracker-click-1",
    "conversion_id": "cnv_0123456789abcdef0123456789ab",
    "goal": "sale",
    "status": "approved",
    "payout": "10.00",
    "currency": "EUR",
    "offer_id": "ofr_0123456789abcdef0123456789ab",
    "offer_name": "Shoes",
    "affiliate_name": "Alice",
    "country": "DE",
}


class Bench:
    """A worker on a file, with one postback for each port."""

    def __init__(self, options: argparse.Namespace) -> None:
        scheme = "https" if options.certificate else "http"
        self.options = options
        self.postbacks = [
            make_postback(id=f"pbk_{port}", url=f"{scheme}://127.0.0.1:{port}{TARGET}")
            for port in options.ports
        ]
        self.made = 0

    async def start(self) -> None:
        """Open the file and build the worker; it does not run yet."""
        options = self.options
        self.store = SqliteStore(Path(options.file))
        await self.store.open()
        self.sender = Sender(
            allow_networks=[LOOPBACK],
            idle_connections=8192,
            ssl_context=context_of(options.certificate),
            deadline_seconds=15.0,
        )
        self.worker = Worker(
            self.store,
            self.sender,
            Snapshot(1, postbacks=self.postbacks),
            lambda sealed, _place: sealed,
            Options(
                in_flight=options.in_flight,
                host_concurrency=options.host_concurrency,
                postback_concurrency=options.postback_concurrency,
                attempt_timeout_seconds=15.0,
                retries=RetryPolicy((10.0,)),
                health=HealthPolicy(),
            ),
            node=f"bench-{os.getpid()}",
            alone=True,
        )

    async def stop(self) -> None:
        """Stop without waiting for receivers that hang."""
        await self.worker.stop(0.0)
        await self.sender.close()
        await self.store.close()

    def deliveries(self, count: int) -> list[NewDelivery]:
        """Make due deliveries, round robin over the postbacks."""
        now_ms = wall_clock()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now_ms / 1000)) + f".{now_ms % 1000:03}Z"
        values = {**VALUES, "conversion_time": stamp}
        first = NewDelivery(
            id="",
            postback_id="",
            affiliate_id="aff_alice",
            offer_id="ofr_shoes",
            conversion_id="",
            click_id="clk",
            transition_id="trn",
            fire_key="",
            values=values,
            test=False,
            created_at=now_ms,
            due_at=now_ms,
        )
        made = []
        for number in range(self.made, self.made + count):
            delivery_id = new_id("dlv", now_ms, number.to_bytes(8, "big"))
            postback = self.postbacks[number % len(self.postbacks)]
            made.append(
                replace(
                    first,
                    id=delivery_id,
                    postback_id=postback.id,
                    conversion_id=f"cnv{number}",
                    fire_key=delivery_id,
                )
            )
        self.made += count
        return made

    async def fill(self, count: int) -> None:
        """Store so many due deliveries."""
        for start in range(0, count, 2000):
            await self.store.add_clicks([], self.deliveries(min(2000, count - start)))


def context_of(certificate: str) -> ssl.SSLContext | None:
    """Return a client context that trusts the receiver's authority."""
    return ssl.create_default_context(cadata=Path(certificate).read_text()) if certificate else None


def memory_mb() -> float:
    """Return the resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 1e6, 1)


async def drain(options: argparse.Namespace) -> dict[str, object]:
    """Send what is stored, as fast as it goes; the time is until the last outcome is durable."""
    bench = Bench(options)
    await bench.start()
    await bench.fill(options.count)
    begin, cpu = time.perf_counter(), time.process_time()
    await bench.worker.start()
    await bench.worker.drained()
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    stats = bench.worker.stats()
    assert stats["delivered"] == options.count, stats
    await bench.stop()
    return {
        "per_second": round(options.count / seconds),
        "cpu_us": round(cpu / options.count * 1e6, 1),
        "memory_mb": memory_mb(),
    }


async def client(options: argparse.Namespace) -> dict[str, object]:
    """Make the same requests with a bare client."""
    urls = [
        f"{'https' if options.certificate else 'http'}://127.0.0.1:{options.ports[n % len(options.ports)]}"
        f"/postback?cid=tracker-click-1&payout=10.00&status=approved&enqueued={wall_clock()}"
        for n in range(options.count)
    ]
    context = context_of(options.certificate)
    cpu = time.process_time()
    if options.what == "aiohttp":
        rate = await aiohttp_loop(urls, options.concurrency, context)
    else:
        rate = await httptools_loop(urls, options.concurrency, context, keep=not options.close)
    cpu = time.process_time() - cpu
    return {
        "per_second": round(rate),
        "cpu_us": round(cpu / options.count * 1e6, 1),
        "memory_mb": memory_mb(),
    }


async def flow(options: argparse.Namespace) -> dict[str, object]:
    """Store deliveries at a steady rate while the worker runs; the receiver tells how old they arrived."""
    bench = Bench(options)
    await bench.start()
    await bench.worker.start()
    begin = time.perf_counter()
    while (passed := time.perf_counter() - begin) < options.seconds:
        owed = int(passed * options.per_second) - bench.made
        if owed > 0:
            await bench.store.add_clicks([], bench.deliveries(owed))
            bench.worker.wake()
        await asyncio.sleep(0.02)
    await asyncio.sleep(1.0)
    stats = bench.worker.stats()
    await bench.stop()
    return {"per_second": options.per_second, "stored": bench.made, **stats, "memory_mb": memory_mb()}


async def rest(options: argparse.Namespace) -> dict[str, object]:
    """Tell how long a start takes, and the memory of a worker that idles or has a dead receiver's backlog."""
    bench = Bench(options)
    begin = time.perf_counter()
    await bench.start()
    await bench.worker.start()
    started = time.perf_counter() - begin
    empty = memory_mb()
    if options.what == "waiting":
        await bench.fill(options.count)
        bench.worker.wake()
    await asyncio.sleep(options.seconds)
    cpu = time.process_time()
    await asyncio.sleep(2.0)
    busy = (time.process_time() - cpu) / 2.0
    result = {
        "start_ms": round(started * 1000, 1),
        "memory_before_mb": empty,
        "memory_mb": memory_mb(),
        "cpu_share": round(busy, 4),
        **bench.worker.stats(),
    }
    await bench.stop()
    return result


def _ports(text: str) -> Sequence[int]:
    return [int(port) for port in text.split(",")]


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["worker", "aiohttp", "httptools", "flow", "idle", "waiting"])
    parser.add_argument("file", nargs="?")
    parser.add_argument("--ports", type=_ports, required=True)
    parser.add_argument("--count", type=int, default=40_000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--in-flight", type=int, default=1024)
    parser.add_argument("--host-concurrency", type=int, default=64)
    parser.add_argument("--postback-concurrency", type=int, default=64)
    parser.add_argument("--per-second", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--certificate", default="")
    parser.add_argument("--close", action="store_true")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    run = {"worker": drain, "aiohttp": client, "httptools": client, "flow": flow}.get(options.what, rest)
    print(json.dumps(uvloop.run(run(options))))


if __name__ == "__main__":
    main()
