"""The store's named queries and plans through Django's connection: how the console writes traffic."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, cast

import orjson
from django.db import connection, transaction

from redound.console import runtime
from redound.store.counting import COUNTED, passed_over, to_note
from redound.store.loader import batch as rows_at_once
from redound.store.loader import django, statement
from redound.store.plans.steps import LostRaceError
from redound.store.plans.steps import perform as perform_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redound.store.plans.steps import Batch, Cursor, Step

Row = dict[str, Any]


def perform(steps: Iterable[Step]) -> int:
    """Run the steps of a plan in the present transaction and wake the worker after it; return rows touched.

    LostRaceError when another change came first: let it leave the atomic block.
    """
    with connection.cursor() as cursor:
        touched = perform_steps(cast("Cursor", cursor), connection.vendor, steps)
    transaction.on_commit(runtime.wake_worker)
    return touched


def perform_batches(batches: Iterable[Batch]) -> None:
    """Run batches of rows in the present transaction, each query once, and wake the worker after it.

    LostRaceError when rows of an exact one are missed: let it leave the atomic block.
    """
    with connection.cursor() as cursor:
        for batch in batches:
            if not batch.rows:
                continue
            note = to_note(batch.query, batch.rows) if batch.query in COUNTED else None
            if note is not None:
                _run_rows(cursor, *note)
            _run_rows(cursor, batch.query, batch.rows)
            if batch.exact and cursor.rowcount != len(batch.rows):
                raise LostRaceError(f"{batch.query}: another change came first")
            if batch.query in COUNTED and passed_over(batch.query, batch.rows, note):
                raise LostRaceError(f"{batch.query}: stored too long after the time in an ID")
    transaction.on_commit(runtime.wake_worker)


def _run_rows(cursor: Any, query: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if connection.vendor == "postgresql":
        cursor.execute(_of_arrays(query), [list(column) for column in zip(*rows, strict=True)])
    else:
        cursor.executemany(_of_rows(query), rows)


@functools.cache
def _of_rows(query: str) -> str:
    """Return a query for rows by position, as SQLite takes it: by name costs a third more."""
    return statement(query, "sqlite").replace("%", "%%")


@functools.cache
def _of_arrays(query: str) -> str:
    """Return a query of many rows at once as psycopg takes it; its arrays stand in order, each once."""
    return re.sub(r"\$\d+", "%s", rows_at_once(query).replace("%", "%%"))


def select(name: str, *values: object) -> list[Row]:
    """Return what a named query selects, by column name, as raw as the driver gives it."""
    sql, params = django(name, connection.vendor, values)
    with connection.cursor() as cursor:
        cursor.execute(sql, cast("dict[str, Any]", params))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def numbers(values: Iterable[int]) -> object:
    """Return a list parameter of integers as the database takes it."""
    return orjson.dumps(list(values)).decode() if connection.vendor == "sqlite" else list(values)


def array(values: Sequence[str]) -> object:
    """Return a list parameter as the database takes it: JSON on SQLite, an array on PostgreSQL."""
    return orjson.dumps(list(values)).decode() if connection.vendor == "sqlite" else list(values)
