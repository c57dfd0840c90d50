"""Processes with open streams: the whole in one, the console alone, on both databases."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.console.conftest import ENVIRONMENT
from tests.live.test_console import cookie_of, make_user
from tests.live.watching import Watcher

RUN = (
    "from redound import asgi, roles, settings\n"
    "roles.run(roles.{role}, settings.load(), '127.0.0.1', 0, pages=asgi.console,\n"
    "          terminal_logs=False, ready=lambda line: print(line, flush=True))\n"
)


@pytest.fixture
def start(bus, database_url, tmp_path):
    """Start a role on this test's database; none survives the test."""
    started = []

    def begin(role):
        env = {
            **os.environ,
            **ENVIRONMENT,
            "REDOUND_DATABASE_URL": database_url,
            "REDOUND_DATA_DIR": str(tmp_path),
        }
        process = subprocess.Popen(
            [sys.executable, "-c", RUN.format(role=role)],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        started.append(process)
        line = process.stdout.readline()
        assert line.startswith("Redound"), process.stderr.read()
        return process, int(line.rpartition(":")[2])

    yield begin
    for each in started:
        if each.poll() is None:
            each.kill()
        each.communicate()


@pytest.mark.parametrize("role", ["SERVE", "CONSOLE"])
def test_a_stop_does_not_wait_for_open_streams(start, role):
    """SIGTERM: streams end properly and at once, and so does the process."""
    cookie = cookie_of(make_user("Robert"))
    process, port = start(role)

    async def stop():
        streams = [
            await Watcher.open(port, f"/manage/live/{noun}", cookie=cookie)
            for noun in ("deliveries", "reports", "notifications")
        ]
        assert [each.status for each in streams] == [200] * 3
        for each in streams:
            await each.until("beat")
        process.send_signal(signal.SIGTERM)
        assert all([await each.ends(5) for each in streams])

    asyncio.run(stop())
    began = time.monotonic()
    _, error = process.communicate(timeout=20)
    assert process.returncode == 0, error
    assert time.monotonic() - began < 10
    assert "live.failed" not in error
    assert "Exception" not in error
