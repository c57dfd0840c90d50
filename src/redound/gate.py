"""The order in which everybody writes to one SQLite file: fair within a process, courteous between processes.

SQLite lets one writer in at a time and makes the others poll: whoever commits back to back starves them.
Within a process a ticket lock hands the turn on in order of arrival, so our writer thread and Django's
transactions alternate. Between processes the data plane (the *host*) looks before each batch whether a
*guest* (a command beside the running server) holds the file's turn lock, and lets it go first.

Taking the gate while holding it deadlocks, as does waiting for the store inside a Django transaction.
The locks lie in files of their own beside the database: closing a second descriptor of the database itself
would drop SQLite's POSIX locks.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

COURTESY_SECONDS = 0.25
"""How long the host waits at most for a guest to finish; a guest that takes longer has SQLite's own lock."""

IMPATIENCE_SECONDS = 2.0
"""How long the host ignores guests after one of them used up its courtesy (it may be stopped)."""

_POLL_SECONDS = 0.001


class GateTimeoutError(Exception):
    """The turn to write did not come in time."""


class HostedError(Exception):
    """Another process is the data plane of this database; the message says which."""


class Gate:
    """The gate of one database file; get it from `gate_for`, so that there is one a process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False
        self._turn: int | None = None
        self._guest = False
        self._hosting: int | None = None
        self._impatient_until = 0.0

    # Taking turns

    def acquire(self, timeout: float | None = None) -> None:
        """Wait for the turn to write, in order of arrival; GateTimeoutError after `timeout` seconds."""
        ends = None if timeout is None else time.monotonic() + timeout
        turn = None
        with self._mutex:
            if self._taken:
                turn = threading.Lock()
                turn.acquire()
                self._waiting.append(turn)
            else:
                self._taken = True
        if turn is not None and not turn.acquire(timeout=-1 if timeout is None else timeout):
            self._give_up(turn)
        try:
            self._between_processes(ends)
        except BaseException:
            self._next()
            raise

    def _give_up(self, turn: threading.Lock) -> None:
        with self._mutex:
            if turn in self._waiting:
                self._waiting.remove(turn)
                raise GateTimeoutError(
                    f"{self._path.name}: other writers of this process were not done in time"
                )
        # The turn came between the timeout and now: it is ours after all.

    def release(self) -> None:
        """Hand the turn to whoever has waited longest."""
        if self._guest and self._turn is not None:
            self._guest = False
            fcntl.flock(self._turn, fcntl.LOCK_UN)
        self._next()

    def _next(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    # Between processes

    def _between_processes(self, ends: float | None) -> None:
        if self._turn is None:
            self._turn = _open(self._path, "-turn")
        if self._hosting is None:
            self._be_guest(self._turn, ends)
        else:
            self._be_host(self._turn)

    def _be_guest(self, turn: int, ends: float | None) -> None:
        while not _try(turn, fcntl.LOCK_EX):
            if ends is not None and time.monotonic() > ends:
                raise GateTimeoutError(f"{self._path.name}: other processes were not done writing in time")
            time.sleep(_POLL_SECONDS)
        self._guest = True

    def _be_host(self, turn: int) -> None:
        if not _try(turn, fcntl.LOCK_SH):
            now = time.monotonic()
            if now < self._impatient_until:
                return
            ends = now + COURTESY_SECONDS
            while not _try(turn, fcntl.LOCK_SH):
                if time.monotonic() > ends:
                    self._impatient_until = ends + IMPATIENCE_SECONDS
                    return
                time.sleep(_POLL_SECONDS)
        # Shared and given back at once: a guest that asks while we write gets it, and is seen next time.
        fcntl.flock(turn, fcntl.LOCK_UN)

    # The one data plane

    def host(self, who: str) -> None:
        """Become the data plane of this file, or raise HostedError, saying who is. `who` is for people."""
        plane = _open(self._path, "-plane")
        if not _try(plane, fcntl.LOCK_EX):
            holder = os.pread(plane, 4096, 0)
            os.close(plane)
            raise HostedError(_sentence(self._path, holder))
        note = json.dumps({"who": who, "pid": os.getpid(), "since": int(time.time())}).encode()
        os.ftruncate(plane, 0)
        os.pwrite(plane, note, 0)
        self._hosting = plane

    def leave(self) -> None:
        """Stop being the data plane."""
        if self._hosting is not None:
            os.ftruncate(self._hosting, 0)
            os.close(self._hosting)
            self._hosting = None


def _open(path: Path, suffix: str) -> int:
    return os.open(f"{path}{suffix}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sentence(path: Path, holder: bytes) -> str:
    try:
        note = json.loads(holder)
        by = f"{note['who']} (process {note['pid']})"
    except (ValueError, KeyError, TypeError):
        by = "another process"
    return (
        f"{path} is already served by {by}. SQLite allows one data plane at a time: "
        f"stop that one first, or use PostgreSQL for several."
    )


_gates: dict[Path, Gate] = {}
_gates_mutex = threading.Lock()


def gate_for(path: str | Path) -> Gate:
    """Return this process's gate of a database file."""
    resolved = Path(path).resolve()
    with _gates_mutex:
        return _gates.setdefault(resolved, Gate(resolved))
