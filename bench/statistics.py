"""Statistics with a million deliveries: how fast they are rolled up, and how long the pages' questions take.

python -m bench.statistics [--deliveries 1000000] [--postgres] [--explain]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench._postgres import postgres
from bench._world import build

from redound.core.ids import mint_click_id, new_id
from redound.store.loader import parameters, statement
from redound.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench._world import World

AFFILIATES, OFFERS, POSTBACKS, DAYS = 60, 5, 200, 30
AT_ONCE = 20_000
LIMIT_MS = 100.0
COUNTRIES = ("DE", "LV", "PL", "BR", "IN", "")


class Traffic:
    """Thirty days of a network, evenly spread: for five deliveries a conversion and two clicks."""

    def __init__(self, world: World, deliveries: int) -> None:
        self.deliveries = deliveries
        self.keys = Vault(world.settings.secret_key).click_keys
        self.random = random.Random(7)  # noqa: S311 - made-up traffic
        self.now = time.time_ns() // 1_000_000
        self.first = self.now - DAYS * 86_400_000

    def _id(self, prefix: str, at: int) -> str:
        return new_id(prefix, at, self.random.randbytes(8))

    def batches(self) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
        """Yield rows by the query that adds them, in the order of time."""
        step = DAYS * 86_400_000 / self.deliveries
        found: dict[str, list[tuple[Any, ...]]] = {}
        for number in range(self.deliveries):
            at = int(self.first + number * step)
            who = number % AFFILIATES
            offer, postback = self.random.randrange(OFFERS), f"pbk_{number % POSTBACKS}"
            if number % 5 == 0:
                click = self._click(found, at, who, offer)
                self._click(found, at, who, offer)
                self._conversion(found, at, who, offer, click)
            self._delivery(found, at, who, offer, postback)
            if sum(map(len, found.values())) >= AT_ONCE:
                yield found
                found = {}
        yield found

    def _click(self, found: dict[str, list[Any]], at: int, who: int, offer: int) -> str:
        click_id = mint_click_id(self.keys, at, 1, self.random.randbytes(8))
        params = {"sub1": click_id[:12], "sub2": f"c{number_of(self.random, 20)}", "sub3": "top"}
        row = (
            *(click_id, f"lnk_{who}_{offer}", f"aff_{who}", f"cmp_{who}", f"ofr_{offer}", "brd_1", at),
            *("203.0.113.7", "Mozilla/5.0", "", self.random.choice(COUNTRIES), json.dumps(params)),
            *(True, "", False),
        )
        found.setdefault("add_click", []).append(row)
        return click_id

    def _conversion(self, found: dict[str, list[Any]], at: int, who: int, offer: int, click: str) -> None:
        status = self.random.choice(("approved", "approved", "approved", "pending", "rejected"))
        row = (
            *(self._id("cnv", at), click, f"lnk_{who}_{offer}", f"aff_{who}", f"cmp_{who}", f"ofr_{offer}"),
            *("brd_1", "adv_1", f"gol_{offer}", status, "", "", "", "", None, "", 1200, "EUR", 2000, "EUR"),
            *("{}", False, 1, None, at, at, 1),
        )
        found.setdefault("add_conversion", []).append(row)

    def _delivery(self, found: dict[str, list[Any]], at: int, who: int, offer: int, postback: str) -> None:
        delivery_id = self._id("dlv", at)
        good = self.random.random() < 0.95
        row = (
            *(delivery_id, postback, f"aff_{who}", f"ofr_{offer}", "", "", "", delivery_id),
            *('{"sub1":"tracker-click-1","payout":"12.00","status":"approved"}', False, at),
        )
        found.setdefault("add_delivery", []).append(row)
        found.setdefault("finish_delivery", []).append(
            (delivery_id, "delivered" if good else "failed", "", 1, at + 400)
        )
        attempt = (
            *(self._id("att", at), delivery_id, postback, 1, at, self.random.randrange(20, 900)),
            *("delivered" if good else "retry", 200 if good else 502, "{}", "{}"),
            *("" if good else "status", ""),
        )
        found.setdefault("add_attempt", []).append(attempt)


def number_of(source: random.Random, most: int) -> int:
    """Return a number of which small ones are frequent."""
    return min(source.randrange(most), source.randrange(most))


def fill(world: World, traffic: Traffic) -> None:
    """Insert everything, straight into the tables."""
    done = 0
    insert = _into_sqlite(world) if world.settings.dialect == "sqlite" else _into_postgres(world)
    for batch in traffic.batches():
        insert(batch)
        done += len(batch.get("add_delivery", ()))
        print(f"\r{done:>10} deliveries", end="", flush=True)
    print()


def _into_sqlite(world: World) -> Callable[[dict[str, list[Any]]], None]:
    db = sqlite3.connect(world.settings.sqlite_path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")

    def insert(batch: dict[str, list[Any]]) -> None:
        db.execute("BEGIN IMMEDIATE")
        for query, rows in batch.items():
            db.executemany(statement(query, "sqlite"), rows)
        db.execute("COMMIT")

    return insert


def _into_postgres(world: World) -> Callable[[dict[str, list[Any]]], None]:
    import psycopg

    db = psycopg.connect(world.settings.database_url, autocommit=True)
    tables = {
        "add_click": "clicks",
        "add_conversion": "conversions",
        "add_delivery": "deliveries",
        "add_attempt": "attempts",
    }

    def insert(batch: dict[str, list[Any]]) -> None:
        ends = {row[0]: row[1:] for row in batch.pop("finish_delivery", ())}
        for query, rows in batch.items():
            names = [f'"{name}"' for name in parameters(query)]
            if query == "add_delivery":
                names += ["state", "ended_because", "attempts", "finished_at"]
                rows = [(*row, *ends[row[0]]) for row in rows]  # noqa: PLW2901 - finished in one go
            with db.cursor().copy(f"COPY {tables[query]} ({', '.join(names)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    return insert


async def roll(world: World) -> float:
    """Roll everything up as the data plane does, without rests; return the seconds that took."""
    from redound.roles import open_store
    from redound.store.statistics import NOUNS, Statistics

    store = open_store(world.settings, "bench")
    await store.open()
    began = time.perf_counter()
    roller = Statistics(store)  # type: ignore[arg-type]  # both drivers can
    now = time.time_ns() // 1_000_000 + 120_000
    await roller.look_ahead(now)
    horizon = await roller.look_ahead(now)
    counted = 0
    for noun in NOUNS:
        while True:
            rolled = await roller.roll(noun, horizon, 2_000)
            counted += rolled.counted
            if not rolled.more:
                break
    took = time.perf_counter() - began
    await store.close()
    print(f"rolled up {counted} rows in {took:.0f} s: {counted / took:,.0f} rows/s")
    return took


def questions() -> dict[str, Callable[[], object]]:
    """Return what the pages ask, by name."""
    from zoneinfo import ZoneInfo

    from redound.console.accounts.callers import Caller
    from redound.console.clock import now_ms
    from redound.console.statistics import answering, overview
    from redound.console.statistics.reading import Question
    from redound.core.statistics import BUCKET_MS, bucket_of

    bob, alice = Caller("bob"), Caller("alice", affiliate_id="aff_1")
    until = bucket_of(now_ms()) + BUCKET_MS
    riga = ZoneInfo("Europe/Riga")

    def asked(
        days: int, group: str | None, interval: str | None, caller: Caller = bob
    ) -> Callable[[], object]:
        question = Question(until - days * 86_400_000, until, riga, group, interval)
        return lambda: answering.of_traffic(caller, question)

    return {
        "overview tiles, manager": lambda: overview.tiles(bob),
        "overview tiles, affiliate": lambda: overview.tiles(alice),
        "deliveries by hour, manager": lambda: overview.deliveries_by_hour(bob),
        "deliveries by hour, affiliate": lambda: overview.deliveries_by_hour(alice),
        "strips of 50 postbacks": lambda: overview.strips([f"pbk_{n}" for n in range(50)]),
        "why deliveries failed": lambda: overview.failure_reasons(bob),
        "needs attention": overview.attention,
        "7 days by day, manager": asked(7, None, "day"),
        "30 days by day, manager": asked(30, None, "day"),
        "30 days by affiliate, manager": asked(30, "affiliate", None),
        "30 days by link, affiliate": asked(30, "link", None, alice),
        "30 days by sub2, affiliate": asked(30, "sub2", None, alice),
        "30 days by country, manager": asked(30, "country", None),
    }


def explain(name: str, ask: Callable[[], object]) -> None:
    """Print how the database answers."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        ask()
    print(f"\n{name}")
    for query in caught.captured_queries:
        sql = query["sql"]
        with connection.cursor() as cursor:
            prefix = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
            cursor.execute(f"{prefix} {sql}" if "%" not in sql else f"{prefix} {sql.replace('%', '%%')}")
            lines = [str(row[-1]) for row in cursor.fetchall()]
        print("  ", sql[:100].replace("\n", " "), "\n      " + "\n      ".join(lines[:6]))


def measure(*, explained: bool) -> None:
    """Ask each question ten times; print how long it took, and how much of that this process worked."""
    print(f"{'':34}{'median':>9}{'worst':>9}{'CPU':>9}")
    for name, ask in questions().items():
        ask()
        times, worked = [], []
        for _ in range(10):
            began, busy = time.perf_counter(), time.process_time()
            ask()
            times.append(1000 * (time.perf_counter() - began))
            worked.append(1000 * (time.process_time() - busy))
        middle, cpu = statistics.median(times), statistics.median(worked)
        late = "" if middle < LIMIT_MS else "  over 100 ms"
        print(f"{name:34}{middle:>6.1f} ms{max(times):>6.1f} ms{cpu:>6.1f} ms{late}")
        if explained:
            explain(name, ask)


def main(arguments: list[str] | None = None) -> None:
    """Fill, roll, ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--explain", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url = stack.enter_context(postgres()) if options.postgres else ""
        world = build(Path(folder), 9, url)
        fill(world, Traffic(world, options.deliveries))
        asyncio.run(roll(world))
        if options.postgres:
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        measure(explained=options.explain)


if __name__ == "__main__":
    main()
