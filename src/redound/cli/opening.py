"""How a command gets at the installation: its settings, its key, its database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from redound.cli.output import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.console.accounts.callers import Caller
    from redound.settings import Settings


@contextmanager
def installation() -> Iterator[Settings]:
    """Set the console up for one command and give its settings; a database in trouble becomes words."""
    from redound.console import runtime
    from redound.keys import with_secret_key
    from redound.settings import load

    settings = with_secret_key(load())
    runtime.start(settings)
    from django.db import DatabaseError, connections

    from redound.console.errors import ConsoleError

    try:
        yield settings
    except ConsoleError as error:
        raise CommandError(error.detail) from error
    except DatabaseError as error:
        raise CommandError(f"The database: {error}".strip(), _remedy(error)) from error
    finally:
        connections.close_all()


def _remedy(error: Exception) -> str:
    text = str(error)
    if "no such table" in text or "does not exist" in text:
        return "It has no tables yet, or older ones: run `redound init`."
    return "`redound doctor` looks at the database and says what to do."


def operator(command: str) -> Caller:
    """Return who a command acts as: somebody at the machine, who may do everything."""
    from redound.console.accounts.callers import Caller

    return Caller(by=f"command {command}")
