"""Moving the write-ahead log into the database, on a thread and connection of their own.

In the writer a checkpoint would stall commits. A passive one beside it never finishes under load, because
pages arrive while it copies; so when the log outgrows its bound the writers are held for the little that a
second pass has left to do, and the log starts from its beginning again.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from redound.gate import GateTimeoutError
from redound.store.sqlite.connection import connect

if TYPE_CHECKING:
    from redound.gate import Gate

log = structlog.get_logger(__name__)

CHECKPOINT_BYTES = 8 * 1024 * 1024
"""A log of this size is copied beside the writer."""

BOUND_BYTES = 64 * 1024 * 1024
"""A log of this size is emptied while the writers wait."""

IDLE_SECONDS = 5.0


class Checkpoints:
    """Watches the size of the log. `look` is called after commits and costs one look at a counter."""

    def __init__(self, path: Path, gate: Gate, every: int = 64) -> None:
        self._path = path
        self._log = Path(f"{path}-wal")
        self._gate = gate
        self._every = every
        self._commits = 0
        self._wake = threading.Event()
        self._over = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._thread = threading.Thread(target=self._run, name="redound-checkpoints", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Empty the log a last time and end; blocks until then."""
        if self._thread is not None:
            self._over = True
            self._wake.set()
            self._thread.join()
            self._thread = None

    def look(self) -> None:
        """Note a commit."""
        self._commits += 1
        if self._commits >= self._every:
            self._commits = 0
            self._wake.set()

    def _run(self) -> None:
        db = connect(self._path, writes=True)
        db.execute("PRAGMA busy_timeout = 0")
        try:
            while not self._over:
                self._wake.wait(IDLE_SECONDS)
                self._wake.clear()
                self._work(db)
            self._checkpoint(db, "TRUNCATE")
        finally:
            db.close()

    def _work(self, db: sqlite3.Connection) -> None:
        size = self._size()
        if size >= CHECKPOINT_BYTES:
            self._checkpoint(db, "PASSIVE")
        if size >= BOUND_BYTES:
            try:
                self._gate.acquire(1.0)
            except GateTimeoutError:
                return
            try:
                self._checkpoint(db, "TRUNCATE")
            finally:
                self._gate.release()

    def _size(self) -> int:
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0

    def _checkpoint(self, db: sqlite3.Connection, mode: str) -> None:
        """Copy pages; a reader or another process in the way only means that the next one gets further."""
        try:
            db.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
        except sqlite3.OperationalError as error:
            log.warning("store.checkpoint_failed", mode=mode, error=str(error))
