"""The file of a backup: a tar with `redound.json`, the database's copy and, perhaps, `keys.json`.

The database is SQLite's own consistent copy, or what `pg_dump --format=custom` writes.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from redound.cli.output import CommandError
from redound.cli.setup import make_data_dir
from redound.keys import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.settings import Settings

MANIFEST = "redound.json"
KEYS = "keys.json"
DATABASE = {"sqlite": "database.sqlite3", "postgres": "database.dump"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `at` is RFC 3339, UTC; `keys` whether the secret keys are in it."""

    version: str
    dialect: str
    at: str
    keys: bool

    @classmethod
    def of(cls, settings: Settings, *, with_keys: bool) -> Manifest:
        """Return that of a backup taken now."""
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return cls(version("redound"), settings.dialect, now, with_keys)


def write(file: Path, settings: Settings, manifest: Manifest) -> None:
    """Write a backup beside `file` and give it its name when it is whole and on the disk."""
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out, tempfile.TemporaryDirectory(dir=file.parent) as folder:
            copy = Path(folder) / DATABASE[settings.dialect]
            _copy_database(settings, copy)
            with tarfile.open(fileobj=out, mode="w") as tar:
                _add(tar, MANIFEST, asdict(manifest))
                tar.add(copy, DATABASE[settings.dialect])
                if manifest.keys:
                    keys = {"secret_key": settings.secret_key, "old_secret_keys": settings.old_secret_keys}
                    _add(tar, KEYS, keys)
            out.flush()
            os.fsync(out.fileno())
        os.link(partial, file)
    except OSError as error:
        problem = f"{file} cannot be written: {error.strerror or error}."
        raise CommandError(problem, "Name a file on a disk with room, in a folder that exists.") from error
    finally:
        partial.unlink(missing_ok=True)


def _add(tar: tarfile.TarFile, name: str, value: object) -> None:
    content = json.dumps(value, indent=2).encode()
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _copy_database(settings: Settings, copy: Path) -> None:
    if settings.dialect == "postgres":
        _run(
            "pg_dump", "--format=custom", "--no-owner", f"--file={copy}", f"--dbname={settings.database_url}"
        )
        return
    with (
        closing(sqlite3.connect(f"{settings.sqlite_path.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise CommandError(f"The copy of the database is damaged: {found}.", "`redound doctor` looks at it.")


def _run(*arguments: str) -> None:
    """Run a program of PostgreSQL's; CommandError with its last words when it fails."""
    program = shutil.which(arguments[0])
    if program is None:
        problem = f"{arguments[0]} is not installed here."
        raise CommandError(problem, "Install PostgreSQL's client programs, at least as new as the server.")
    done = subprocess.run([program, *arguments[1:]], capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    if done.returncode != 0:
        raise CommandError(f"{arguments[0]}: {done.stderr.strip()[-500:]}", "`redound doctor` may say more.")


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup that was unpacked into a folder."""

    folder: Path
    manifest: Manifest

    def put_database(self, settings: Settings) -> None:
        """Put the database where the settings say; CommandError when there is one already."""
        source = self.folder / DATABASE[self.manifest.dialect]
        make_data_dir(settings)
        if settings.dialect == "postgres":
            _refuse_tables(settings)
            _run(
                *("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction"),
                *(f"--dbname={settings.database_url}", str(source)),
            )
            return
        target = settings.sqlite_path
        if target.exists():
            raise CommandError(f"{target} exists.", "Move it away first; nothing is written over.")
        with source.open("rb") as file, target.open("xb") as out:
            shutil.copyfileobj(file, out)
            out.flush()
            os.fsync(out.fileno())
        target.chmod(0o600)

    def put_keys(self, settings: Settings) -> list[str]:
        """Put the secret key into the data directory unless one is set; return what is left to do."""
        if not self.manifest.keys:
            return ["The backup holds no keys: set REDOUND_SECRET_KEY to the one that was used before."]
        keys = json.loads((self.folder / KEYS).read_text())
        words = []
        if keys["old_secret_keys"]:
            words.append("Set REDOUND_OLD_SECRET_KEYS as it was before; keys.json in the backup has them.")
        if settings.secret_key == keys["secret_key"]:
            return words
        path = settings.data_dir / FILE
        if settings.secret_key or path.exists():
            return [
                *words,
                f"Another secret key is set already. The backup's is in its {KEYS}: use that one.",
            ]
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(keys["secret_key"] + "\n")
            file.flush()
            os.fsync(file.fileno())
        return [*words, f"The secret key is back in {path}."]


def _refuse_tables(settings: Settings) -> None:
    """Raise CommandError when the PostgreSQL database has tables of ours."""
    import psycopg

    with psycopg.connect(settings.database_url) as db:
        found = db.execute("SELECT to_regclass('config_version')").fetchone()
    if found is not None and found[0] is not None:
        raise CommandError(
            "The database has tables of Redound already.", "Name an empty one in REDOUND_DATABASE_URL."
        )


@contextmanager
def opened(file: Path) -> Iterator[Archive]:
    """Unpack a backup for as long as it is needed; CommandError when it is none."""
    with tempfile.TemporaryDirectory(dir=file.absolute().parent) as name:
        folder = Path(name)
        try:
            with tarfile.open(file) as tar:
                tar.extractall(folder, filter="data")
            manifest = Manifest(**json.loads((folder / MANIFEST).read_text()))
        except (tarfile.TarError, OSError, ValueError, TypeError) as error:
            problem = f"{file} is no backup of Redound, or it is damaged: {error}."
            raise CommandError(problem, "Take a file that `redound backup` wrote.") from error
        yield Archive(folder, manifest)
