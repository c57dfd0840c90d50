"""The portals' pages on a database with a million deliveries: milliseconds on the server, and bytes.

python -m bench.pages [--deliveries 1000000] [--rounds 20]

Each page is asked for through Django's own handler, without HTTP, by a person who is signed in. The limit is
100 ms of a core, as the clock shows it on an idle machine; of the whole run the slowest page is named.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import os
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench._world import build
from bench.trace import Traffic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench._world import World

LIMIT_MS = 100.0
NEVER_A_PAGE = ("live", "csv")


def main(argv: list[str] | None = None) -> None:
    """Fill, ask and print."""
    parser = argparse.ArgumentParser(prog="bench.pages")
    parser.add_argument("--deliveries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="redound-bench-") as folder:
        run(Path(folder), options.deliveries, options.rounds)


def run(folder: Path, deliveries: int, rounds: int) -> None:
    """Measure in this folder."""
    world = build(folder, 9)
    found = next(folder.glob("*.sqlite3"))
    started = time.monotonic()
    db = sqlite3.connect(found, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -400000")
    Traffic(world, deliveries, converts=1).fill(db)
    _vary(db)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    print(f"{deliveries} deliveries, made in {time.monotonic() - started:.0f} s")
    _roll_up(world)
    measure(rounds)


def _vary(db: sqlite3.Connection) -> None:
    """Let some have failed, wait for approval or been refused, as in life."""
    db.execute("BEGIN")
    db.execute("UPDATE deliveries SET state = 'delivered', finished_at = created_at + 300")
    db.execute("UPDATE deliveries SET state = 'failed' WHERE substr(id, -2) < '05'")
    db.execute("UPDATE conversions SET status = 'pending' WHERE substr(id, -2) < '20'")
    db.execute("UPDATE conversions SET status = 'rejected' WHERE substr(id, -2) > 'f0'")
    db.execute("UPDATE reports SET verdict = 'click_not_found' WHERE substr(id, -2) < '03'")
    db.execute("COMMIT")
    db.execute("ANALYZE")


def _roll_up(world: World) -> None:
    """Bring the statistics up to date, as the worker's chore does."""
    started = time.monotonic()
    rows = asyncio.run(_roll(world))
    print(f"statistics of {rows} rows rolled up in {time.monotonic() - started:.0f} s")


async def _roll(world: World) -> int:
    from redound.delivery.rolling import Rolling
    from redound.roles import open_store
    from redound.store.statistics import Statistics

    store = open_store(world.settings, "bench")
    await store.open()
    try:
        later = time.time_ns() // 1_000_000 + 3_600_000
        rolling = Rolling(Statistics(store), node="bench", clock=lambda: later, rest=0.0)
        rows = 0
        while counted := await rolling.round():
            rows += counted
        return rows
    finally:
        await store.close()


def people() -> dict[str, Any]:
    """Return a signed-in client of each portal."""
    from django.test import Client

    from redound.console.accounts.models import User
    from redound.console.catalog.models import Affiliate

    manager = User.objects.create_user("bob@example.com", name="Bob", role="manager")
    affiliate = User.objects.create_user(
        "alice@example.com", name="Alice", role="affiliate", affiliate=Affiliate.objects.get()
    )
    clients = {"manager": Client(SERVER_NAME="127.0.0.1"), "affiliate": Client(SERVER_NAME="127.0.0.1")}
    clients["manager"].force_login(manager)
    clients["affiliate"].force_login(affiliate)
    return clients


def addresses(portal: str) -> Iterator[str]:
    """Yield the addresses of a portal's pages that need no more than an ID, with one that there is."""
    from django.urls import get_resolver

    for resolver in get_resolver().url_patterns:
        if getattr(resolver, "namespace", None) != portal:
            continue
        for pattern in resolver.url_patterns:
            address = _address(portal, pattern)
            if address is not None:
                yield address


def _address(portal: str, pattern: Any) -> str | None:
    from django.urls import reverse

    if pattern.name.startswith(NEVER_A_PAGE):
        return None
    names = list(pattern.pattern.converters)
    if not names:
        return reverse(f"{portal}:{pattern.name}")
    row_id = _latest(pattern.name) if names == ["row_id"] else None
    return reverse(f"{portal}:{pattern.name}", args=[row_id]) if row_id else None


def _latest(name: str) -> str | None:
    """Return the ID of the newest row that a page of this name may show."""
    from django.apps import apps

    models = {
        "delivery": ("traffic", "Delivery"), "conversion": ("traffic", "Conversion"),
        "report": ("traffic", "Report"), "received-report": ("traffic", "Report"),
        "postback": ("postbacks", "Postback"), "postback-edit": ("postbacks", "Postback"),
        "offer": ("catalog", "Offer"), "affiliate": ("catalog", "Affiliate"),
        "advertiser": ("catalog", "Advertiser"),
    }  # fmt: skip
    if name not in models:
        return None
    row: Any = apps.get_model(*models[name]).objects.order_by("-pk").first()
    return str(row.pk) if row is not None else None


def measure(rounds: int) -> None:
    """Ask for every page; print ms (of the clock and of a core), queries, and KB after compression."""
    from django.db import connection

    print(f"{'page':48}{'p50 ms':>9}{'p99 ms':>9}{'core ms':>9}{'queries':>9}{'KB gzip':>9}")
    worst, slowest = 0.0, ""
    for portal, client in people().items():
        for address in addresses(portal):
            asked: list[str] = []
            with connection.execute_wrapper(_noting(asked)):
                first = client.get(address)
            if first.status_code != 200 or "<h1>" not in first.content.decode(errors="replace"):
                continue
            took, worked = zip(*(_timed(client, address) for _ in range(rounds)), strict=True)
            middle, core = statistics.median(took), statistics.median(worked)
            if core > worst:
                worst, slowest = core, address
            last = sorted(took)[int(rounds * 0.99) - 1]
            size = len(gzip.compress(first.content)) / 1024
            print(f"{address[:47]:48}{middle:>9.1f}{last:>9.1f}{core:>9.1f}{len(asked):>9}{size:>9.1f}")
    verdict = "within" if worst < LIMIT_MS else "BEYOND"
    print(
        f"slowest: {slowest}, {worst:.0f} ms of a core at the median, {verdict} the limit of {LIMIT_MS:g} ms"
    )
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _noting(asked: list[str]) -> Any:
    def note(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's form
        asked.append(sql)
        return execute(sql, values, many, context)

    return note


def _timed(client: Any, address: str) -> tuple[float, float]:
    """Return the milliseconds that an answer took, and those in which it had a core."""
    started, working = time.perf_counter(), time.thread_time()
    client.get(address)
    return (time.perf_counter() - started) * 1000, (time.thread_time() - working) * 1000


if __name__ == "__main__":
    main()
