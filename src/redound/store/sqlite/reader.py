"""Reading beside the writer: a few threads with a connection each, every read a snapshot of its own."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from redound.store import loader
from redound.store.configuration import NOUNS, changed_ids, changes
from redound.store.facts import wanted
from redound.store.indexing import INDEX_AT_ONCE, indexed_before
from redound.store.port import RECENT_CLICKS, StoreUnavailableError
from redound.store.rows import traffic
from redound.store.snapshot import Snapshot
from redound.store.sqlite.connection import connect, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from redound.core.conversions import Incoming
    from redound.store.snapshot import Changes

T = TypeVar("T")

THREADS = 2


class Reader:
    """Runs functions of a connection on reader threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="redound-reader")
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._mutex = threading.Lock()

    async def read(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Return what the function makes of a connection; its statements see one state of the database."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, function)
        except sqlite3.Error as error:
            raise StoreUnavailableError(f"SQLite could not read: {error}") from error
        except RuntimeError as error:  # the pool was shut down
            raise StoreUnavailableError("the store is closed") from error

    def _run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        db = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = connect(self._path, writes=False)
            with self._mutex:
                self._opened.append(db)
        db.execute("BEGIN")
        try:
            return function(db)
        finally:
            if db.in_transaction:
                db.execute("COMMIT")

    def close(self) -> None:
        """Finish what is being read, then close the connections."""
        self._pool.shutdown()
        for db in self._opened:
            db.close()


def _dictionaries(db: sqlite3.Connection, query: str, *values: list[str]) -> list[dict[str, Any]]:
    cursor = db.execute(loader.statement(query, "sqlite"), [traffic.text_of(each) for each in values])
    names = [each[0] for each in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def version(db: sqlite3.Connection) -> int:
    """Return the version of the configuration."""
    return int(rows_of(db, "config_version")[0][0])


def whole(db: sqlite3.Connection) -> tuple[int, Changes]:
    """Return the whole configuration and its version."""
    return version(db), changes({noun: _dictionaries(db, f"all_{noun}") for noun in NOUNS}, {})


def since(db: sqlite3.Connection, known: int) -> tuple[int, Changes | None]:
    """Return the changes since a version; None when so much has changed that it is no longer known."""
    current = version(db)
    rows = rows_of(db, "config_changes", known) if current != known else []
    if len(rows) != current - known:
        return current, None
    asked = changed_ids(rows)
    fetched = {noun: _dictionaries(db, f"some_{noun}", ids) for noun, ids in asked.items()}
    return current, changes(fetched, asked)


def snapshot(db: sqlite3.Connection) -> Snapshot:
    """Return the configuration as a snapshot."""
    current, everything = whole(db)
    found = Snapshot(current)
    found.apply(current, everything)
    return found


def clicks_to_index(db: sqlite3.Connection, now_ms: int) -> tuple[str, list[Any]]:
    """Return how far the index of sub values has come, and the next clicks for it."""
    was = str(rows_of(db, "sub_values_mark")[0][0])
    return was, rows_of(db, "clicks_to_index", was, indexed_before(now_ms), INDEX_AT_ONCE)


def hints(db: sqlite3.Connection, batch: Sequence[Incoming]) -> dict[str, str]:
    """Say what values that cannot be click IDs are known as: a txid, an offer, a parameter's value."""
    found = {}
    for value in wanted(batch).hints:
        hint = rows_of(db, "hint_of_value", value)[0][0] or _parameter(db, value)
        if hint:
            found[value] = hint
    return found


def _parameter(db: sqlite3.Connection, value: str) -> str:
    needle = ":" + traffic.text_of(value)
    for (params,) in rows_of(db, "recent_params_with", needle, RECENT_CLICKS):
        return traffic.parameter_of(params, value)
    return ""
