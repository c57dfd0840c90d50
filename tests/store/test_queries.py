"""Every named query is prepared on both databases in every shape that is used, and files hold no strays."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import asyncpg
import psycopg
import pytest

import redound
from redound.store import loader
from redound.store.postgres.connection import asyncpg_dsn

SOURCE = Path(redound.__file__).parent
NAMES = sorted(loader.queries())
DIALECTS = {name: query.dialects for name, query in loader.queries().items()}


def is_setting(name):
    """Say whether a query changes a setting, which cannot be prepared."""
    return loader.statement(name, "asyncpg").startswith("SET ")


@pytest.mark.parametrize("name", [name for name in NAMES if "sqlite" in DIALECTS[name]])
def test_sqlite_prepares(name, sqlite_template):
    """SQLite compiles the query; EXPLAIN prepares without running."""
    db = sqlite3.connect(f"{sqlite_template.as_uri()}?mode=ro&immutable=1", uri=True)
    marks = [None] * len(loader.parameters(name))
    db.execute(f"EXPLAIN {loader.statement(name, 'sqlite')}", marks)
    sql = loader.statement(name, "django_sqlite")
    assert sql.count("%(") == len(re.findall(r"\?\d+", loader.statement(name, "sqlite")))
    db.close()


async def test_postgres_prepares(postgres_url):
    """PostgreSQL prepares each query for one row, and for many those that are run in batches."""
    db = await asyncpg.connect(asyncpg_dsn(postgres_url))
    in_batches = 0
    for name in NAMES:
        if "postgres" not in DIALECTS[name] or is_setting(name):
            continue
        await db.prepare(loader.statement(name, "asyncpg"))
        try:
            batch = loader.batch(name)
        except loader.QueryError:
            continue
        await db.prepare(batch)
        in_batches += 1
    await db.close()
    assert in_batches > 15


def test_django_prepares(postgres_url):
    """Django's driver takes its shape too: parameters by name, every value cast to its declared type."""
    with psycopg.connect(postgres_url) as db:
        for name in NAMES:
            if "postgres" not in DIALECTS[name] or is_setting(name):
                continue
            sql, values = loader.django(name, "postgresql", [None] * len(loader.parameters(name)))
            db.execute(f"EXPLAIN {sql}", values)


@pytest.mark.parametrize("name", NAMES)
def test_no_query_is_forgotten(name):
    """Each named query is used somewhere; the nouns' are built from their table's name."""
    if name.startswith(("all_", "some_")):
        return
    used = re.compile(rf'"{name}"')
    files = [file for folder in ("store", "console") for file in (SOURCE / folder).rglob("*.py")]
    assert any(used.search(file.read_text()) for file in files)


def test_a_missing_query_is_named():
    """A typing mistake says which query."""
    with pytest.raises(loader.QueryError, match="no_such_query"):
        loader.statement("no_such_query", "sqlite")


def test_values_are_bound_by_name_for_django():
    """The order of a query's declaration becomes names."""
    sql, values = loader.django("read_notification", "sqlite", ("ntf_1", 5))
    assert values == {"id": "ntf_1", "at": 5}
    assert "%(at)s" in sql
