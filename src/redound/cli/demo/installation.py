"""The demo's Redound: an installation of its own, prepared from nothing and served in this process."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from redound.settings import Settings

HOST = "127.0.0.1"


@asynccontextmanager
async def running(folder: Path, port: int) -> AsyncIterator[tuple[str, str]]:
    """Serve a fresh installation in `folder`; give its address and a manager's key.

    Nothing of the environment counts but the log level.
    """
    from redound import asgi, logs
    from redound.roles import SERVE, Process

    settings = _settings(folder, port or _free_port())
    logs.configure(settings.log_level)
    key = await asyncio.to_thread(_prepare, settings)
    process = Process(SERVE, settings, HOST, int(settings.base_url.rpartition(":")[2]), asgi.console)
    await process.start()
    try:
        yield process.url, key
    finally:
        await process.stop()


def _settings(folder: Path, port: int) -> Settings:
    from dataclasses import replace

    from redound.keys import with_secret_key
    from redound.settings import load

    settings = load(
        {
            "REDOUND_DATA_DIR": str(folder),
            "REDOUND_BASE_URL": f"http://{HOST}:{port}",
            "REDOUND_ALLOW_NETWORKS": "127.0.0.0/8",
            "REDOUND_RETRY_SCHEDULE": "5s,15s,1m,5m",
            "REDOUND_LOG_LEVEL": os.environ.get("REDOUND_LOG_LEVEL", "ERROR"),
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    return replace(settings, secret_key=with_secret_key(settings, generate=True).secret_key)


def _prepare(settings: Settings) -> str:
    """Make the tables and a manager's key, in a thread of its own: Django's connections belong to threads."""
    from redound.cli.setup import apply_migrations
    from redound.console import runtime

    runtime.start(settings)
    from django.db import connections

    from redound.console.accounts.keys import issue_key
    from redound.console.accounts.models import Role, User

    try:
        apply_migrations()
        manager = User.objects.create_user(None, name="Demo", role=Role.MANAGER)
        return issue_key("The demo's", user=manager)[1]
    finally:
        connections.close_all()


async def import_csv(folder: Path, table: str) -> str:
    """Import a table of conversions with the command; return what was wrong with it, "" when nothing was.

    A process of its own beside the server, as anybody would do it. It ends with us.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".csv", dir=folder) as file:
        file.write(table)
        file.flush()
        command = (
            sys.executable,
            "-m",
            "redound",
            "import-csv",
            file.name,
            "--kind",
            "conversions",
            "--json",
        )
        process = await asyncio.create_subprocess_exec(
            *command, env=_environment(folder),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            printed, said = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return f"the import ended with {process.returncode}: {printed + said!r}" if process.returncode else ""


def _environment(folder: Path) -> dict[str, str]:
    """Return what a command beside the demo's server sees: its database and key, and none of our settings."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("REDOUND_")}
    return {**ours, "REDOUND_DATA_DIR": str(folder)}


def _free_port() -> int:
    """Return a port that is free now: links carry the address, so it must be known before they are made."""
    with socket.create_server((HOST, 0)) as taken:
        return int(taken.getsockname()[1])
