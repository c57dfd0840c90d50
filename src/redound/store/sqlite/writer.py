"""The one thread that writes: it takes all that waits, commits once, then answers all waiters.

A commit is first tried without savepoints: inside one, SQLite keeps a copy of every page that it touches,
which costs a report a third of its time. When a row turns out to be bad, all is rolled back and done again
carefully, each job (each report, each click) in a savepoint of its own, and the bad one falls out alone.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from dataclasses import dataclass
from enum import IntEnum
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import structlog

from redound.gate import GateTimeoutError
from redound.store.plans.steps import LostRaceError
from redound.store.port import StoreUnavailableError
from redound.store.sqlite.connection import BUSY_SECONDS, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from redound.gate import Gate

    Handler = Callable[[sqlite3.Connection, "Sequence[Job]"], None]
    """Does the jobs of one kind in the open transaction and sets each one's result."""

log = structlog.get_logger(__name__)

BAD_ROW = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    LostRaceError,
)
"""What a single row can be the cause of: half characters, numbers beyond 64 bits, a key that is taken."""

MOST_JOBS = 512
"""How many jobs one commit takes at most, so that a flood does not keep the first of them waiting."""


class Kind(IntEnum):
    """What jobs of one commit are grouped by, in the order in which groups run."""

    CLICKS = 0
    REPORTS = 1
    OUTCOMES = 2
    OTHER = 3


@dataclass(frozen=True, slots=True)
class Ways:
    """How jobs of a kind are done: `swiftly` fails with any bad row, `carefully` lets it fall out alone."""

    swiftly: Handler
    carefully: Handler


@dataclass(eq=False, slots=True)
class Job:
    """One call that waits for the writer; its handler sets `result` or `error`."""

    kind: Kind
    payload: Any
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Runs jobs in group commits, each kind in its ways; `after` is called after every commit."""

    def __init__(self, path: Path, gate: Gate, ways: Mapping[Kind, Ways], after: Callable[[], None]) -> None:
        self._path = path
        self._gate = gate
        self._ways = ways
        self._after = after
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._door = threading.Lock()
        self.commits = 0

    def start(self) -> None:
        """Begin to take jobs."""
        self._queue = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="redound-writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end; blocks until then."""
        with self._door:
            thread, self._thread = self._thread, None
            self._queue.put(None)
        if thread is not None:
            thread.join()

    async def submit(self, kind: Kind, payload: Any) -> Any:
        """Have a job done; return its result once it is durable."""
        loop = asyncio.get_running_loop()
        job = Job(kind, payload, loop.create_future(), loop)
        with self._door:
            # Shut by `stop`: a job behind its end mark would never be answered.
            if self._thread is None:
                raise StoreUnavailableError("the store is not open")
            self._queue.put(job)
        return await job.future

    def _run(self) -> None:
        db = connect(self._path, writes=True)
        try:
            going = True
            while going:
                jobs, going = self._take()
                if jobs:
                    self._commit(db, jobs)
                    self._answer(jobs)
                    self._after()
        finally:
            db.close()

    def _take(self) -> tuple[list[Job], bool]:
        """Return all that waits, at least one job, and whether to go on."""
        jobs: list[Job] = []
        job = self._queue.get()
        while job is not None:
            if not job.future.cancelled():
                jobs.append(job)
            if len(jobs) >= MOST_JOBS:
                return jobs, True
            try:
                job = self._queue.get_nowait()
            except Empty:
                return jobs, True
        return jobs, False

    def _commit(self, db: sqlite3.Connection, jobs: Sequence[Job]) -> None:
        try:
            self._gate.acquire(BUSY_SECONDS)
        except GateTimeoutError as error:
            _fail(jobs, StoreUnavailableError(str(error)))
            return
        try:
            try:
                self._transaction(db, jobs, careful=False)
            except BAD_ROW:
                self._transaction(db, jobs, careful=True)
        except Exception as error:
            # The disk, the lock or the file: none of these jobs can be blamed, and none was stored.
            if not isinstance(error, sqlite3.OperationalError):
                log.exception("store.commit_failed", jobs=len(jobs))
            _fail(jobs, StoreUnavailableError(f"SQLite could not commit: {error}"))
        finally:
            self._gate.release()

    def _transaction(self, db: sqlite3.Connection, jobs: Sequence[Job], *, careful: bool) -> None:
        db.execute("BEGIN IMMEDIATE")
        try:
            for kind in Kind:
                group = [job for job in jobs if job.kind is kind]
                if group:
                    ways = self._ways[kind]
                    (ways.carefully if careful else ways.swiftly)(db, group)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        self.commits += 1

    def _answer(self, jobs: Sequence[Job]) -> None:
        """Hand the results over: one wake-up a loop, however many waiters it has."""
        loops: dict[asyncio.AbstractEventLoop, list[Job]] = {}
        for job in jobs:
            loops.setdefault(job.loop, []).append(job)
        for loop, waiting in loops.items():
            try:
                loop.call_soon_threadsafe(_settle, waiting)
            except RuntimeError:  # that loop was closed: nobody waits there any more
                log.info("store.answer_unheard", jobs=len(waiting))


def _fail(jobs: Sequence[Job], error: BaseException) -> None:
    for job in jobs:
        job.error = error


def _settle(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)


def one_by_one(handler: Handler) -> Handler:
    """Return a handler that does each job in a savepoint: one that fails gets its error, leaves no trace."""

    def carefully(db: sqlite3.Connection, jobs: Sequence[Job]) -> None:
        for job in jobs:
            db.execute("SAVEPOINT job")
            try:
                handler(db, [job])
            except BAD_ROW as error:
                db.execute("ROLLBACK TO job")
                job.error = error
            db.execute("RELEASE job")

    return carefully
