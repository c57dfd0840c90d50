"""Connections to the database file, and running named queries on them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from redound.store import loader
from redound.store.counting import COUNTED, to_note
from redound.store.plans.steps import LostRaceError
from redound.store.rows.traffic import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from redound.store.plans.steps import Batch, Step

BUSY_SECONDS = 10.0
"""How long a writer of another process may keep us waiting before the call fails."""

_COMMON = (
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -32768",
)
_WRITER = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    # Checkpoints have a thread of their own; in the writer they would stall commits.
    "PRAGMA wal_autocheckpoint = 0",
    # Debian compiles it in; overwriting what is deleted costs the hot table `due` a second write.
    "PRAGMA secure_delete = OFF",
)


def connect(path: Path, *, writes: bool) -> sqlite3.Connection:
    """Return a connection in autocommit mode, for one thread at a time; transactions are begun by hand."""
    db = sqlite3.connect(
        path if writes else f"{path.absolute().as_uri()}?mode=rw",
        uri=not writes,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    for pragma in (*_COMMON, *_WRITER) if writes else (*_COMMON, "PRAGMA query_only = ON"):
        db.execute(pragma)
    return db


def rows_of(db: sqlite3.Connection, query: str, *values: Any) -> list[Any]:
    """Run a named query; lists among the values become JSON, as `json_each` wants them."""
    bound = [text_of(value) if isinstance(value, list) else value for value in values]
    return db.execute(loader.statement(query, "sqlite"), bound).fetchall()


def change(db: sqlite3.Connection, query: str, *values: Any) -> int:
    """Run a named query that writes; return how many rows it touched."""
    if query in COUNTED:
        _note(db, query, [values])
    bound = [text_of(value) if isinstance(value, list) else value for value in values]
    return db.execute(loader.statement(query, "sqlite"), bound).rowcount


def change_many(db: sqlite3.Connection, query: str, rows: Sequence[Sequence[Any]]) -> int:
    """Run a named query for many rows; return how many rows it touched."""
    if query in COUNTED:
        _note(db, query, rows)
    return db.executemany(loader.statement(query, "sqlite"), rows).rowcount


def _note(db: sqlite3.Connection, query: str, rows: Sequence[Sequence[Any]]) -> None:
    """Note what the roller would pass over. Nobody else writes until we have: no check is needed after."""
    note = to_note(query, rows) if rows else None
    if note is not None:
        db.executemany(loader.statement(note[0], "sqlite"), note[1])


def run_batch(db: sqlite3.Connection, batch: Batch) -> int:
    """Run a planned batch; LostRaceError when one of its rows had to hit and did not."""
    touched = change_many(db, batch.query, batch.rows)
    if batch.exact and touched != len(batch.rows):
        raise LostRaceError(f"{batch.query}: {len(batch.rows) - touched} of {len(batch.rows)} rows missed")
    return touched


def run_step(db: sqlite3.Connection, step: Step) -> int:
    """Run a planned step; LostRaceError when it did not touch as many rows as it must."""
    touched = change(db, step.query, *step.values)
    if step.expect is not None and touched != step.expect:
        raise LostRaceError(f"{step.query}: touched {touched} rows, not {step.expect}")
    return touched
