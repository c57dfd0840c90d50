"""`redound init` and `redound migrate`: database, tables and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from redound.cli.opening import installation
from redound.cli.output import CommandError, command, data, say

if TYPE_CHECKING:
    from redound.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    command(app, "init", "Prepare a new installation.", "init")(init)
    command(app, "migrate", "Bring the tables up to this version.", "migrate", "migrate --dry-run")(migrate)


def init() -> None:
    """Prepare the data directory, the secret key and the database's tables. Run again it changes nothing."""
    from redound.keys import FILE, with_secret_key
    from redound.settings import load

    settings = load()
    make_data_dir(settings)
    keyed = with_secret_key(settings, generate=True)
    with installation():
        applied = apply_migrations()
    where = "REDOUND_SECRET_KEY" if settings.secret_key else str(settings.data_dir / FILE)
    say(f"Database: {_where(keyed)}, {applied} migrations applied.")
    say(f"Secret key: {where}. Keep it, apart from backups of the database.")
    say("Next: `redound user create EMAIL --role manager` to sign in to the portals,")
    say("`redound key create --manager NAME` for the API.")
    say("Then: `redound serve`.")


def migrate(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be applied.")] = False,
) -> None:
    """Apply the migrations that the database lacks. Stop the processes on SQLite first."""
    with installation():
        if dry_run:
            for name in missing_migrations():
                data(name)
            return
        applied = apply_migrations()
    say(
        f"{applied} migrations applied."
        if applied
        else "Nothing to do: the tables are those of this version."
    )


def make_data_dir(settings: Settings) -> None:
    """Make the data directory, for its owner alone."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if settings.dialect == "sqlite":
            settings.sqlite_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        problem = f"{settings.data_dir} cannot be made: {error.strerror}."
        raise CommandError(problem, "Set REDOUND_DATA_DIR to a folder that can be written.") from error


def missing_migrations() -> list[str]:
    """Return the names of the migrations that the database lacks. Needs Django set up."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def apply_migrations() -> int:
    """Apply what is missing and return how many migrations that were. Needs Django set up."""
    from django.core.management import call_command

    missing = missing_migrations()
    if missing:
        call_command("migrate", verbosity=0, interactive=False)
    return len(missing)


def _where(settings: Settings) -> str:
    return str(settings.sqlite_path) if settings.dialect == "sqlite" else "PostgreSQL"
