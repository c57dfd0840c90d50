"""The demo's Redound: an installation of its own, prepared from nothing and served in this process."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from redound.settings import Settings

HOST = "127.0.0.1"


MANAGER, AFFILIATE = "manager@demo.example", "affiliate@demo.example"


@dataclass(frozen=True, slots=True)
class Demo:
    """An installation that runs. `key` is a manager's; `password` that of MANAGER and AFFILIATE."""

    url: str
    key: str
    password: str

    async def let_in(self, affiliate_id: str) -> None:
        """Let AFFILIATE sign in as a person of this affiliate."""
        await asyncio.to_thread(_let_in, affiliate_id, self.password)


@asynccontextmanager
async def running(folder: Path, port: int) -> AsyncIterator[Demo]:
    """Serve a fresh installation in `folder`. Nothing of the environment counts but the log level."""
    from redound import asgi, logs
    from redound.roles import SERVE, Process

    settings = _settings(folder, port or _free_port())
    logs.configure(settings.log_level)
    password = secrets.token_urlsafe(9)
    key = await asyncio.to_thread(_prepare, settings, password)
    process = Process(SERVE, settings, HOST, int(settings.base_url.rpartition(":")[2]), asgi.console)
    await process.start()
    try:
        yield Demo(process.url, key, password)
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


def _prepare(settings: Settings, password: str) -> str:
    """Make tables, a manager and their key, in a thread of its own: Django's connections belong to one."""
    from redound.cli.setup import apply_migrations
    from redound.console import runtime

    runtime.start(settings)
    from django.db import connections

    from redound.console.accounts.keys import issue_key
    from redound.console.accounts.models import Role, User

    try:
        apply_migrations()
        manager = User.objects.create_user(MANAGER, password, name="Mona Lind", role=Role.MANAGER)
        return issue_key("The demo's", user=manager)[1]
    finally:
        connections.close_all()


def _let_in(affiliate_id: str, password: str) -> None:
    """Make the affiliate's person, in a thread of its own."""
    from django.db import connections

    from redound.console.accounts.models import Role, User

    try:
        User.objects.create_user(
            AFFILIATE, password, name="Ada Berg", role=Role.AFFILIATE, affiliate_id=affiliate_id
        )
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
