"""Traces on a database with millions of clicks, by every kind of question: milliseconds, without HTTP.

python -m bench.trace [--clicks 5000000] [--rounds 200]
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from bench._world import build

from redound.core.ids import mint_click_id, new_id
from redound.core.trace.sub_values import index_rows
from redound.store.loader import statement
from redound.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench._world import World

AT_ONCE = 50_000
DAYS = 90
CONVERTS = 100
LIMIT_MS = 50.0

Row = tuple[Any, ...]


class Traffic:
    """Rows of the last 90 days for one link, evenly spread, in the order of their IDs.

    Of `converts` clicks one converts, with a report, a delivery and an attempt.
    """

    def __init__(self, world: World, count: int, converts: int = CONVERTS) -> None:
        from redound.console.catalog.models import Goal, Link
        from redound.console.postbacks.models import Postback

        self.count = count
        self.converts = converts
        self.link = Link.objects.select_related("campaign", "offer__brand").get(pk=world.link_id)
        self.goal = Goal.objects.get()
        self.postback = Postback.objects.get()
        self.keys = Vault(world.settings.secret_key).click_keys
        self.step_ms = DAYS * 86_400_000 / count
        self.first_ms = time.time_ns() // 1_000_000 - DAYS * 86_400_000
        self.random = random.Random(7)  # noqa: S311 - made-up traffic

    def fill(self, db: sqlite3.Connection) -> None:
        """Insert everything."""
        for start in range(0, self.count, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, self.count))
            clicks = [self.click(number) for number in numbers]
            converted = [
                (click, number)
                for click, number in zip(clicks, numbers, strict=True)
                if not number % self.converts
            ]
            db.execute("BEGIN")
            self._add(db, "add_click", clicks)
            self._add(
                db, "add_sub_value", index_rows((row[0], row[6], orjson.loads(row[11])) for row in clicks)
            )
            for query, rows in self.results(converted).items():
                self._add(db, query, rows)
            db.execute("COMMIT")
            print(f"\r{start + len(clicks):>10} clicks", end="", flush=True)
        db.execute("UPDATE marks SET value = ? WHERE name = 'sub_values'", (clicks[-1][0],))
        db.commit()
        print()

    def _add(self, db: sqlite3.Connection, query: str, rows: Sequence[Row]) -> None:
        db.executemany(statement(query, "sqlite"), rows)

    def click(self, number: int) -> Row:
        """Return what `add_click` takes."""
        at = int(self.first_ms + number * self.step_ms)
        click_id = mint_click_id(self.keys, at, self.link.number, self.random.randbytes(8))
        campaign = self.link.campaign
        params = f'{{"sub1":"tracker-{number:09}","sub2":"{number % 97}","source":"blog"}}'
        ours = (
            self.link.pk,
            campaign.affiliate_id,
            campaign.pk,
            self.link.offer_id,
            self.link.offer.brand_id,
        )
        visitor = (f"203.0.113.{number % 256}", "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0", "", "DE")
        return (click_id, *ours, at, *visitor, params, 1, "", 0)

    def results(self, clicks: Sequence[tuple[Row, int]]) -> dict[str, list[Row]]:
        """Return the rows that follow from clicks which converted, by query."""
        found: dict[str, list[Row]] = {
            name: []
            for name in ("add_report", "add_conversion", "add_transition", "add_delivery", "add_attempt")
        }
        for click, number in clicks:
            at = click[6] + 60_000
            ids = {
                prefix: new_id(prefix, at, self.random.randbytes(8))
                for prefix in ("rpt", "cnv", "trn", "dlv", "att")
            }
            for name, row in self._result(click, f"T-{number}", at, ids):
                found[name].append(row)
        return found

    def _result(self, click: Row, txid: str, at: int, ids: dict[str, str]) -> Iterator[tuple[str, Row]]:
        click_id, link, affiliate, campaign, offer, brand = click[:6]
        advertiser = self.link.offer.brand.advertiser_id
        rpt, cnv, trn, dlv = ids["rpt"], ids["cnv"], ids["trn"], ids["dlv"]
        about = (advertiser, affiliate, offer, click_id, cnv, txid, "accepted", "", "GET")
        yield "add_report", (rpt, at, *about, f"click_id={click_id}", "", "", "198.51.100.9", 0)
        money = (None, "", 1000, "EUR", 1500, "EUR")
        yield (
            "add_conversion",
            (
                *(
                    cnv,
                    click_id,
                    link,
                    affiliate,
                    campaign,
                    offer,
                    brand,
                    advertiser,
                    self.goal.pk,
                    "approved",
                ),
                *("", txid, f"{click_id}/{self.goal.pk}", "", *money, "{}", 0, 4, None, at, at, 1),
            ),
        )
        told = orjson.dumps(
            [{"postback_id": self.postback.pk, "fired": True, "reason": "fires", "delivery_id": dlv}]
        ).decode()
        yield "add_transition", (trn, cnv, "", "approved", at, "report", "", "", rpt, told)
        yield "add_delivery", (dlv, self.postback.pk, affiliate, offer, cnv, click_id, trn, trn, "{}", 0, at)
        sent = orjson.dumps({"method": "GET", "url": self.postback.url, "headers": [], "body": ""}).decode()
        got = orjson.dumps({"status": 200, "headers": [], "body": "OK"}).decode()
        yield (
            "add_attempt",
            (ids["att"], dlv, self.postback.pk, 1, at, 40, "delivered", 200, sent, got, "", ""),
        )


def main(argv: list[str] | None = None) -> None:
    """Fill, ask and print."""
    parser = argparse.ArgumentParser(prog="bench.trace")
    parser.add_argument("--clicks", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="redound-bench-") as folder:
        run(Path(folder), options.clicks, options.rounds)


def run(folder: Path, clicks: int, rounds: int) -> None:
    """Measure in this folder."""
    world = build(folder, 9)
    found = next(folder.glob("*.sqlite3"))
    started = time.monotonic()
    db = sqlite3.connect(found, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -400000")
    Traffic(world, clicks).fill(db)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = found.stat().st_size / 2**30
    print(f"{clicks} clicks, {size:.1f} GiB, made in {time.monotonic() - started:.0f} s")
    measure(questions(db, clicks, rounds))


def questions(db: sqlite3.Connection, clicks: int, rounds: int) -> dict[str, list[str]]:
    """Return texts to ask for, by kind: spread over all of the time."""
    chosen = random.Random(8)  # noqa: S311 - a sample
    some = [number - number % CONVERTS for number in chosen.sample(range(clicks), rounds)]
    rows = [
        db.execute("SELECT id, click_id, txid FROM conversions WHERE txid = ?", (f"T-{n}",)).fetchone()
        for n in some
    ]
    silent = db.execute("SELECT id FROM clicks ORDER BY id DESC LIMIT ?", (rounds * 2,)).fetchall()
    return {
        "click ID, delivered": [row[1] for row in rows],
        "click ID, nothing reported": [row[0] for row in silent[1::2]],
        "sub value": [f"TRACKER-{number:09}" for number in some],
        "txid": [row[2] for row in rows],
        "conversion": [row[0] for row in rows],
        "cut click ID": [row[1][:32] for row in rows],
        "unknown value": [f"never-seen-{number}" for number in some],
    }


def measure(asked: dict[str, list[str]]) -> None:
    """Trace each text as a manager and as the affiliate; print medians and 99th percentiles."""
    from redound.console.accounts.callers import Caller
    from redound.console.api.trace import trace
    from redound.console.catalog.models import Affiliate

    people = {"manager": Caller("bench"), "affiliate": Caller("bench", Affiliate.objects.get().pk)}
    print(f"{'':42}{'first':>9}{'p50 ms':>9}{'p99 ms':>9}{'cpu p50':>9}{'cpu p99':>9}")
    worst = 0.0
    for kind, texts in asked.items():
        for name, caller in people.items():
            took = [_timed(lambda text=text, caller=caller: trace(text, caller)) for text in texts]
            wall, cpu = (sorted(times) for times in zip(*took, strict=True))
            last = int(len(took) * 0.99) - 1
            worst = max(worst, wall[last] if kind.startswith("click ID") else 0.0)
            middle, cpu_middle = statistics.median(wall), statistics.median(cpu)
            shown = (took[0][0], middle, wall[last], cpu_middle, cpu[last])
            print(f"{kind + ', ' + name:42}" + "".join(f"{each:>9.1f}" for each in shown))
    verdict = "within" if worst < LIMIT_MS else "BEYOND"
    print(f"a click's trace at the 99th percentile: {worst:.1f} ms, {verdict} the limit of {LIMIT_MS:g} ms")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    """Return the milliseconds that a call took, and those in which it had a core."""
    started, working = time.perf_counter(), time.thread_time()
    call()
    return (time.perf_counter() - started) * 1000, (time.thread_time() - working) * 1000


if __name__ == "__main__":
    main()
