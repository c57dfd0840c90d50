"""`redound backup` and `redound restore`: one file with the database and, unless told not to, the keys."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer

from redound.cli.opening import installation
from redound.cli.output import CommandError, command, data, data_json, say

if TYPE_CHECKING:
    from redound.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    command(
        app,
        "backup",
        "Write database and keys to one file.",
        "backup ./redound-2026-11-20.tar",
        "backup --without-keys ./redound.tar",
    )(backup)
    command(app, "restore", "Put a backup back.", "restore ./redound-2026-11-20.tar")(restore)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Leave the secret keys out; keep them elsewhere.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write a consistent copy of the database, taken beside running servers, and the secret keys to a file.

    Whoever reads the file can read the stored credentials, unless the keys were left out. SQLite is copied
    by its own backup, PostgreSQL by `pg_dump`, which must be installed.
    """
    from redound.cli.archive import Manifest, write

    if file.exists():
        raise CommandError(f"{file} exists.", "Name a new file; backups are never written over.")
    with installation() as settings:
        manifest = Manifest.of(settings, with_keys=not without_keys)
        write(file, settings, manifest)
        _note(manifest.at)
    size = file.stat().st_size
    if as_json:
        data_json({"file": str(file), "bytes": size, "at": manifest.at, "keys": manifest.keys})
    else:
        data(str(file))
    say(f"{size:,} bytes, {manifest.dialect}.")
    if manifest.keys:
        say("It holds the secret keys: whoever reads it can read the stored credentials. Keep it safe.")
    else:
        say("It does NOT hold the secret keys. Without them it cannot be used: keep them elsewhere.")


def _note(at: str) -> None:
    """Keep the time in the database, for the System page."""
    from django.db import transaction

    from redound.console import named
    from redound.store.plans.upkeep import backup_taken

    with transaction.atomic():
        named.perform(backup_taken(at))


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `redound backup` wrote.")],
) -> None:
    """Put a backup into an installation that has no database yet; keys that it holds are put back as well.

    An existing database is never written over: move it away, or name an empty one in REDOUND_DATABASE_URL.
    Afterwards run `redound migrate` and `redound doctor`.
    """
    from redound.cli.archive import opened
    from redound.settings import load

    settings = load()
    with opened(file) as archive:
        _refuse_other_dialect(settings, archive.manifest.dialect)
        archive.put_database(settings)
        placed = archive.put_keys(settings)
    say(f"The database of {archive.manifest.at} is back.")
    for line in placed:
        say(line)
    say("Deliveries that were sent after the backup was taken will be sent again, with the same webhook-id.")
    say("Next: `redound migrate`, `redound doctor`, then `redound serve`.")


def _refuse_other_dialect(settings: Settings, dialect: str) -> None:
    if settings.dialect != dialect:
        raise CommandError(
            f"The backup is one of {dialect}, but REDOUND_DATABASE_URL names {settings.dialect}.",
            f"Set REDOUND_DATABASE_URL to a {dialect} database.",
        )
