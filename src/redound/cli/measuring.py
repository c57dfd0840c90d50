"""`redound bench`: what this machine gives, measured in a few seconds, beside a running server if need be."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from redound.cli.output import command, data_json, say, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 1.0
ROWS = 100
WIDTH = 300
"""Bytes of a row, about those of a click."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement: how many a second, of what."""

    name: str
    per_second: int
    means: str


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    command(app, "bench", "Measure this machine.", "bench", "bench --json")(bench)


def bench(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a figure.")] = False,
) -> None:
    """Measure the disk under the data directory and one processor core, a second each.

    The disk's durable commits bound clicks and reports, which share commits; the core's figures are those of
    the steps that every click and every callback takes. Nothing of the installation is touched.
    """
    from redound.settings import load

    settings = load()
    folder = settings.data_dir if settings.data_dir.is_dir() else Path.cwd()
    say(f"Measuring in {folder.absolute()}, {SECONDS:g} s each.")
    figures = []
    for figure in _figures(folder):
        figures.append(figure)
        if as_json:
            data_json(asdict(figure))
    if not as_json:
        table(["", "a second", "means"], [(f.name, f"{f.per_second:,}", f.means) for f in figures])


def _figures(folder: Path) -> Iterator[Figure]:
    yield Figure(
        "durable commits", _commits(folder, 1), "one row each, as SQLite writes them: waits for the disk"
    )
    yield Figure(
        "durable rows", _commits(folder, ROWS) * ROWS, f"{ROWS} rows a commit, as traffic is written"
    )
    yield Figure("click IDs", _rate(_minting()), "made and signed, on one core")
    yield Figure(
        "callback URLs", _rate(_rendering()), "rendered from a template with five macros, on one core"
    )


def _rate(once: Callable[[], object]) -> int:
    """Return how often a second `once` can be called."""
    done, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < SECONDS:
        for _ in range(50):
            once()
        done += 50
    return round(done / took)


def _commits(folder: Path, rows: int) -> int:
    """Return how many commits of so many rows a second reach the disk."""
    with tempfile.TemporaryDirectory(prefix="redound-bench-", dir=folder) as name:
        with closing(sqlite3.connect(Path(name) / "bench.sqlite3", isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("CREATE TABLE rows (id TEXT PRIMARY KEY, filling TEXT) WITHOUT ROWID")
            number = 0
            done, began = 0, time.perf_counter()
            while (took := time.perf_counter() - began) < SECONDS:
                db.execute("BEGIN IMMEDIATE")
                batch = [(f"{number + each:012x}", "x" * WIDTH) for each in range(rows)]
                db.executemany("INSERT INTO rows VALUES (?, ?)", batch)
                db.execute("COMMIT")
                number += rows
                done += 1
        return round(done / took)


def _minting() -> Callable[[], object]:
    from redound.core.ids import ClickKeys, mint_click_id

    keys = ClickKeys(1, {1: os.urandom(32)})
    return lambda: mint_click_id(keys, 1_790_000_000_000, 7, b"12345678")


def _rendering() -> Callable[[], object]:
    from redound.core.templates import Position, Template, parse_template

    text = "https://tracker.example.com/postback?cid={sub1}&payout={payout}&cur={currency}&st={status}&tid={txid}"
    template = parse_template(text, Position.URL)
    values = {
        "sub1": "a1b2c3",
        "payout": "12.00",
        "currency": "EUR",
        "status": "approved",
        "txid": "order-1",
    }
    if not isinstance(template, Template):
        raise TypeError(template)
    return lambda: template.render(values)
