"""Commands as processes of their own that need not import everything anew: forked off one that has.

A test that starts `redound` thirty times would spend most of its time on imports. So each pytest process has
one helper, which imports what every command does (never Django's settings: they belong to an installation)
and forks for each command asked of it. What comes out is a process like any other: it has its own
environment, can be killed, and answers with its exit code.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

READY = b"ready\n"
MOST = 1 << 20
LENGTH = 4


@dataclass(slots=True)
class Forked:
    """One process; `stdout` is what it prints, if that was asked for."""

    arguments: Sequence[str]
    pid: int
    _end: socket.socket
    _handle: int
    stdout: IO[str] | None = None
    returncode: int | None = field(default=None)

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when it has ended."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        """Return its exit code (of a signal the negative number), None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return the exit code."""
        if self.returncode is None:
            self._end.settimeout(timeout or 0.000_001 if timeout is not None else None)
            try:
                told = self._end.recv(64)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(list(self.arguments), timeout or 0) from None
            self.returncode = os.waitstatus_to_exitcode(int(told))
            self._end.close()
            os.close(self._handle)
        return self.returncode


def start(arguments: Sequence[str], env: Mapping[str, str], stderr: IO[Any]) -> Forked:
    """Start a command; its standard output is a pipe, its standard input is empty."""
    reading, writing = os.pipe()
    with Path(os.devnull).open() as nothing:
        try:
            forked = _fork(arguments, env, (nothing.fileno(), writing, stderr.fileno()))
        finally:
            os.close(writing)
    forked.stdout = os.fdopen(reading)
    return forked


def run(
    arguments: Sequence[str], env: Mapping[str, str], stdin: str, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; TimeoutExpired when that does not come in time."""
    with (
        tempfile.TemporaryFile("w+") as given,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as errors,
    ):
        given.write(stdin)
        given.seek(0)
        forked = _fork(arguments, env, (given.fileno(), out.fileno(), errors.fileno()))
        try:
            code = forked.wait(timeout)
        except subprocess.TimeoutExpired:
            forked.kill()
            raise
        for file in (out, errors):
            file.seek(0)
        return subprocess.CompletedProcess(list(arguments), code, out.read(), errors.read())


def _fork(arguments: Sequence[str], env: Mapping[str, str], files: Sequence[int]) -> Forked:
    end = socket.socket(socket.AF_UNIX)
    end.connect(_helper())
    asked = json.dumps({"arguments": list(arguments), "env": dict(env), "cwd": str(Path.cwd())}).encode()
    socket.send_fds(end, [len(asked).to_bytes(LENGTH, "big") + asked], files)
    pid = int(end.recv(16))
    return Forked(arguments, pid, end, os.pidfd_open(pid))


@functools.cache
def _helper() -> str:
    """Return the address of this process's helper; it ends when its standard input does, with us."""
    address = f"{tempfile.mkdtemp(prefix='redound-fork-')}/socket"
    helper = subprocess.Popen(
        [sys.executable, "-m", "tests.forking", address], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip

    def end() -> None:
        assert helper.stdin is not None
        helper.stdin.close()
        helper.wait(10)

    atexit.register(end)
    assert helper.stdout is not None
    assert helper.stdout.readline() == READY, "the helper did not start"
    return address


# In the helper


def _preload() -> None:
    """Import what commands and servers import before they know their installation."""
    import asyncpg
    import django.core.management
    import django.db.models
    import psycopg
    import pydantic

    import redound.asgi
    import redound.cli
    import redound.roles

    assert all((asyncpg, django, psycopg, pydantic, redound))
    gc.collect()
    gc.freeze()


def _serve(address: str) -> None:
    _preload()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        sys.stdout.buffer.write(READY)
        sys.stdout.flush()
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    Path(address).unlink()
                    Path(address).parent.rmdir()
                    return
                if key.fileobj is listener:
                    asker, _ = listener.accept()
                    pid = _answer(asker)
                    selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, asker))
                else:
                    selector.unregister(key.fileobj)
                    _tell_end(key.fd, *key.data)


def _answer(asker: socket.socket) -> int:
    """Fork as asked; return the child's ID."""
    data, files, _, _ = socket.recv_fds(asker, MOST, 3)
    size = int.from_bytes(data[:LENGTH], "big")
    data = data[LENGTH:]
    while len(data) < size:
        data += asker.recv(MOST)
    pid = os.fork()
    if not pid:
        _be(json.loads(data), files)
    for each in files:
        os.close(each)
    asker.sendall(b"%d" % pid)
    return pid


def _tell_end(handle: int, pid: int, asker: socket.socket) -> None:
    os.close(handle)
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(OSError):  # nobody waits for it any more
        asker.sendall(b"%d" % status)
    asker.close()


def _be(asked: dict[str, Any], files: Sequence[int]) -> NoReturn:
    """Be the command, in the child."""
    code = 1
    try:
        for target, each in enumerate(files):
            os.dup2(each, target)
        os.closerange(3, 1024)
        os.chdir(asked["cwd"])
        os.environ.clear()
        os.environ.update(asked["env"])
        sys.argv = ["redound", *asked["arguments"]]
        from redound.cli import main

        main()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter would
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(Exception):
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
