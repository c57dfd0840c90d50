"""A real `redound serve` on one database: started, asked, stopped, killed, started again."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tests import forking
from tests.journeys.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.forking import Forked

T = TypeVar("T")
COMMAND = (str(Path(sys.executable).with_name("redound")),)
START_SECONDS = 40
RUN_SECONDS = 90
STOP_SECONDS = 30


@dataclass(slots=True)
class Installation:
    """One database and data directory, and at most one server on them.

    `settings` are environment variables; loopback receivers are allowed and logs are quiet unless it says
    otherwise. Servers take a free port each time. Processes are `forked` off a helper unless it says
    otherwise (see `tests.forking`); else they are started as a shell would.
    """

    database_url: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    base_url: str = ""
    bobs_key: str = ""
    server: subprocess.Popen[str] | Forked | None = None
    forked: bool = True
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        """Keep what the servers say beside the data."""
        self.log = self.folder / "server.log"

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this installation sees."""
        ours = {
            "REDOUND_DATABASE_URL": self.database_url,
            "REDOUND_DATA_DIR": str(self.folder),
            "REDOUND_ALLOW_NETWORKS": "127.0.0.0/8",
            "REDOUND_LOG_LEVEL": "WARNING",
        }
        return {**os.environ, **ours, **self.settings}

    def run(self, *arguments: str, stdin: str = "", code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; `code` is the exit code that it must have."""
        if self.forked:
            done = forking.run(arguments, self.environment, stdin, RUN_SECONDS)
        else:
            done = subprocess.run(
                [*COMMAND, *arguments], env=self.environment, input=stdin, capture_output=True, text=True,
                timeout=RUN_SECONDS, check=False,
            )  # fmt: skip
        assert code is None or done.returncode == code, f"{arguments}: {done.returncode}\n{done.stderr}"
        return done

    def manager(self) -> Client:
        """Return the client of Bob, the manager, which works once a server runs; make his key if need be."""
        self.bobs_key = self.bobs_key or self.run("key", "create", "--manager", "Bob").stdout.strip()
        return Client(self.base_url, self.bobs_key)

    def start(self, role: str = "serve") -> str:
        """Start a role on a free port and wait for its ready line; return its address."""
        with self.log.open("a") as log:
            arguments = (role, "--host", "127.0.0.1", "--port", "0")
            if self.forked:
                self.server = forking.start(arguments, self.environment, log)
            else:
                self.server = subprocess.Popen(
                    [*COMMAND, *arguments],
                    env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True,
                )  # fmt: skip
        line = self._ready_line(self.server)
        found = re.search(r"http://[\d.]+:\d+", line)
        assert found, f"no ready line with an address: {line!r}\n{self.log.read_text()[-4000:]}"
        self.base_url = found[0]
        return self.base_url

    def _ready_line(self, server: subprocess.Popen[str] | Forked) -> str:
        assert server.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(server.stdout, selectors.EVENT_READ)
            return server.stdout.readline() if selector.select(START_SECONDS) else ""

    def kill(self) -> None:
        """End the server as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask the server to end; return its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        server, self.server = self.server, None
        if server is None:
            return 0
        server.send_signal(how)
        try:
            return server.wait(STOP_SECONDS)
        finally:
            if server.poll() is None:
                server.kill()
                server.wait()
            if server.stdout is not None:
                server.stdout.close()

    def client(self, key: str = "") -> Client:
        """Somebody who speaks to the server that runs now."""
        return Client(self.base_url, key)


def eventually(condition: Callable[[], T], seconds: float = 15.0, *, what: str) -> T:
    """Ask `condition` until it gives something true, and return that; `what` says what is awaited."""
    ends = time.monotonic() + seconds
    pause = 0.01
    while not (found := condition()):
        assert time.monotonic() < ends, f"not within {seconds} s: {what}"
        time.sleep(pause)  # another process is watched from outside; nothing here could be awaited
        pause = min(pause * 1.5, 0.2)
    return found
