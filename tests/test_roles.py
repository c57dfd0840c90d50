"""The operator starts and stops processes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from redound import roles
from redound.settings import SettingError, load
from redound.store.port import StoreRefusedError
from tests.edge.client import ask


@pytest.fixture
def settings(tmp_path, sqlite_file):
    """An installation on SQLite, prepared."""
    return load(
        {
            "REDOUND_DATA_DIR": str(tmp_path),
            "REDOUND_DATABASE_URL": f"sqlite:///{sqlite_file}",
            "REDOUND_SECRET_KEY": "k" * 50,
        }
    )


def port_of(process: roles.Process) -> int:
    """Where a process listens."""
    return int(process.url.rpartition(":")[2])


async def test_an_edge_answers_from_its_start_to_its_stop(settings):
    """Probes, an unknown link, a report; afterwards nobody listens."""
    process = roles.Process(roles.EDGE, settings)
    await process.start()
    port = port_of(process)
    assert (await ask(port, "/healthz")).status == 200
    assert (await ask(port, "/readyz")).json["ready"] is True
    assert (await ask(port, "/c/0000000")).status == 404
    assert (await ask(port, "/postback?click_id=x")).verdict == "malformed_click_id"
    assert (await ask(port, "/manage/")).status == 404
    await process.stop()
    with pytest.raises(ConnectionRefusedError):
        await ask(port, "/healthz")


async def test_a_process_can_be_started_again_after_a_stop(settings):
    """Everything was let go of: port, locks, files."""
    for _ in range(2):
        process = roles.Process(roles.EDGE, settings)
        await process.start()
        assert (await ask(port_of(process), "/readyz")).status == 200
        await process.stop()


async def test_a_second_data_plane_on_the_same_file_is_refused(settings):
    """It says who has it, and the first one is not disturbed."""
    first = roles.Process(roles.EDGE, settings)
    await first.start()
    with pytest.raises(StoreRefusedError, match="redound edge"):
        await roles.Process(roles.DELIVER, settings).start()
    assert (await ask(port_of(first), "/readyz")).status == 200
    await first.stop()


async def test_a_port_in_use_stops_the_start_before_the_database_is_opened(settings):
    """The message names it; the database is free for the next try."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(roles.StartError, match=str(port)):
            await roles.Process(roles.EDGE, settings, port=port).start()
    process = roles.Process(roles.EDGE, settings)
    await process.start()
    await process.stop()


async def test_a_database_without_tables_stops_the_start(tmp_path):
    """And whoever prepares it can do so right away."""
    settings = load({"REDOUND_DATA_DIR": str(tmp_path), "REDOUND_SECRET_KEY": "k" * 50})
    with pytest.raises(StoreRefusedError, match="redound init"):
        await roles.Process(roles.EDGE, settings).start()


def test_a_role_without_a_key_does_not_start(tmp_path):
    """Only `init`, and `serve` on SQLite, make one."""
    with pytest.raises(SettingError, match="REDOUND_SECRET_KEY"):
        roles.Process(roles.EDGE, load({"REDOUND_DATA_DIR": str(tmp_path)}))
    assert not list(tmp_path.iterdir())


async def test_a_worker_alone_answers_probes_and_nothing_else(settings):
    """`redound deliver` on its port."""
    process = roles.Process(roles.DELIVER, settings)
    await process.start()
    port = port_of(process)
    assert (await ask(port, "/readyz")).json["checks"]["worker"] == "ok"
    assert b'redound_worker{what="in_flight"} 0.0' in (await ask(port, "/metrics")).body
    assert (await ask(port, "/postback?click_id=x")).status == 404
    await process.stop()


async def test_a_stop_waits_for_what_is_under_way(settings):
    """A report that was begun before the stop is answered."""
    process = roles.Process(roles.EDGE, settings)
    await process.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(process))
    writer.write(b"POST /postback HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nclick_")
    await writer.drain()
    await ask(port_of(process), "/healthz")
    stopping = asyncio.create_task(process.stop())
    await asyncio.sleep(0)
    writer.write(b"id=x")
    answer = await asyncio.wait_for(reader.read(), 20)
    assert b"x-redound-verdict: malformed_click_id" in answer
    await stopping
    writer.close()


class Command:
    """A role in a process of its own, as the command line runs it."""

    def __init__(self, role: str, settings) -> None:
        script = (
            "from redound import asgi, roles, settings\n"
            f"roles.run(roles.{role}, settings.load(), '127.0.0.1', 0, pages=asgi.console,\n"
            "          terminal_logs=False, ready=lambda line: print(line, flush=True))\n"
        )
        environment = {
            **os.environ,
            "REDOUND_DATA_DIR": str(settings.data_dir),
            "REDOUND_DATABASE_URL": settings.database_url,
            "REDOUND_SECRET_KEY": settings.secret_key,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", script],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
        )

    def port(self) -> int:
        """Wait for the ready line and return where it listens."""
        line = self.process.stdout.readline()
        assert line.startswith("Redound"), self.process.stderr.read()
        return int(line.rpartition(":")[2])

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        """Send a signal; return exit code, the rest of stdout, and stderr."""
        self.process.send_signal(number)
        out, error = self.process.communicate(timeout=40)
        return self.process.returncode, out, error


@pytest.fixture
def command(settings):
    """Start commands; none survives the test."""
    started = []

    def start(role: str) -> Command:
        started.append(Command(role, settings))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


async def test_serve_prints_one_line_when_it_is_ready_and_ends_on_sigterm(command):
    """Everything in one process: pages, traffic, worker; exit code 0, nothing else on stdout."""
    serve = command("SERVE")
    port = await asyncio.to_thread(serve.port)
    ready = await ask(port, "/readyz")
    assert ready.json["ready"] is True
    assert (await ask(port, "/c/0000000")).headers["x-redound-code"] == "unknown_link"
    page = await ask(port, "/admin/login/")
    assert page.status in {200, 404}
    assert "x-redound-code" not in page.headers
    code, out, error = await asyncio.to_thread(serve.end, signal.SIGTERM)
    assert (code, out) == (0, ""), error
    assert '"event":"process.stopped"' in error


@pytest.mark.parametrize("role", ["SERVE", "EDGE"])
async def test_a_killed_process_can_be_started_again_at_once(command, role):
    """Locks die with their holder."""
    for _ in range(2):
        process = command(role)
        port = await asyncio.to_thread(process.port)
        assert (await ask(port, "/readyz")).status == 200
        await asyncio.to_thread(process.end, signal.SIGKILL)


async def test_the_console_alone_answers_pages_and_probes(command):
    """`redound console`: no tracking links there."""
    console = command("CONSOLE")
    port = await asyncio.to_thread(console.port)
    assert (await ask(port, "/healthz")).status == 200
    assert (await ask(port, "/readyz")).json == {"ready": True, "checks": {"database": "ok"}}
    code, _, error = await asyncio.to_thread(console.end, signal.SIGINT)
    assert code == 0, error
