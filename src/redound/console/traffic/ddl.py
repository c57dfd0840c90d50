"""Running the DDL files of traffic tables in migrations, each in its vendor's dialect."""

from __future__ import annotations

import sqlite3
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def from_file(prefix: str) -> Callable[[Apps, BaseDatabaseSchemaEditor], None]:
    """Return what RunPython runs: `migrations/ddl/{prefix}{vendor}.sql`."""
    return partial(_run, prefix)


def _run(prefix: str, _apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    vendor = editor.connection.vendor
    folder = resources.files("redound.console.traffic").joinpath("migrations", "ddl")
    source = folder.joinpath(f"{prefix}{vendor}.sql").read_text(encoding="utf-8")
    with editor.connection.cursor() as cursor:
        for statement in _statements(source) if vendor == "sqlite" else [source]:
            cursor.execute(statement)


def _statements(source: str) -> Iterator[str]:
    """Split SQL into statements; triggers hold semicolons of their own, and `executescript` would commit."""
    statement = ""
    for line in source.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
