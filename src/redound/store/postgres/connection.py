"""Addresses as libpq takes them, what errors mean, and running named queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import asyncpg
from psycopg.conninfo import conninfo_to_dict

from redound.store import loader
from redound.store.counting import COUNTED, passed_over, to_note
from redound.store.plans.steps import LostRaceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from redound.store.plans.steps import Batch, Step

    Connection: TypeAlias = Any
    """asyncpg.Connection, as the pool hands it out; the package has no types."""

NOT_STORABLE: Final = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,
    TypeError,
    OverflowError,
    LostRaceError,
)
"""What a single row can be the cause of: NUL, half characters, numbers beyond 64 bits, a key that is taken.
asyncpg's own refusal to encode a value is a ValueError."""

TRANSIENT: Final = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)

UNAVAILABLE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    *TRANSIENT,
    OSError,
    TimeoutError,
)

_SESSION: Final = {
    "timezone": "UTC",
    "jit": "off",
    # Every query of ours looks rows up by an index. Plans are made once, perhaps for a table still empty:
    # a plan that reads it whole would be kept while it grows to millions.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}

_CLIENT_ONLY: Final = frozenset(
    (
        *("connect_timeout", "client_encoding", "fallback_application_name", "keepalives", "keepalives_idle"),
        *("keepalives_interval", "keepalives_count", "tcp_user_timeout", "gssencmode", "channel_binding"),
        *("load_balance_hosts", "sslcompression", "requirepeer"),
    )
)


def asyncpg_dsn(url: str) -> str:
    """Return what asyncpg understands of an address that libpq reads, socket folders in `host=` included.

    Settings of libpq's client that asyncpg would pass to the server are left out.
    """
    given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    kept = {name: value for name, value in given.items() if name not in _CLIENT_ONLY}
    return f"postgresql://?{urlencode(kept)}"


async def create_pool(url: str, *, size: int) -> asyncpg.Pool:
    """Return a pool of connections; giving one back costs no round trip."""
    return await asyncpg.create_pool(
        asyncpg_dsn(url),
        min_size=1,
        max_size=size,
        timeout=10,
        command_timeout=60,
        statement_cache_size=512,
        max_cacheable_statement_size=0,
        server_settings=_SESSION,
        reset=_leave_as_is,
    )


async def _leave_as_is(connection: Connection) -> None:
    """Change nothing: our transactions end where they begin and session settings are never touched."""


async def rows_of(db: Connection, query: str, *values: Any) -> list[Any]:
    """Run a named query."""
    rows: list[Any] = await db.fetch(loader.statement(query, "asyncpg"), *values)
    return rows


async def change(db: Connection, query: str, *values: Any) -> int:
    """Run a named query that writes; return how many rows it touched."""
    note = await _note(db, query, [values])
    touched = _count(await db.execute(loader.statement(query, "asyncpg"), *values))
    _check(query, [values], note)
    return touched


async def change_many(db: Connection, query: str, rows: Sequence[Sequence[Any]]) -> list[Any]:
    """Run a named query for many rows in one statement; return what it returns."""
    if not rows:
        return []
    note = await _note(db, query, rows)
    found: list[Any] = await db.fetch(loader.batch(query), *zip(*rows, strict=True))
    _check(query, rows, note)
    return found


def _check(query: str, rows: Sequence[Sequence[Any]], note: Any) -> None:
    if query in COUNTED and passed_over(query, rows, note):
        raise LostRaceError(f"{query}: stored too long after the time in an ID")


async def _note(db: Connection, query: str, rows: Sequence[Sequence[Any]]) -> Any:
    """Note what the roller would pass over; that is durable with the rows, or neither is."""
    if query not in COUNTED:
        return None
    if not db.is_in_transaction():
        raise RuntimeError(f"{query} must run in a transaction: what it stores is counted")
    note = to_note(query, rows)
    if note is not None:
        await db.fetch(loader.batch(note[0]), *zip(*note[1], strict=True))
    return note


async def run_batch(db: Connection, batch: Batch) -> list[Any]:
    """Run a planned batch; LostRaceError when one of its rows had to hit and did not.

    Exact ones return an ID for each row that hit.
    """
    found = await change_many(db, batch.query, batch.rows)
    if batch.exact and len(found) != len(batch.rows):
        raise LostRaceError(f"{batch.query}: {len(batch.rows) - len(found)} of {len(batch.rows)} rows missed")
    return found


async def run_step(db: Connection, step: Step) -> int:
    """Run a planned step; LostRaceError when it did not touch as many rows as it must."""
    touched = await change(db, step.query, *step.values)
    if step.expect is not None and touched != step.expect:
        raise LostRaceError(f"{step.query}: touched {touched} rows, not {step.expect}")
    return touched


def _count(status: str) -> int:
    """Read the row count of a command tag such as "UPDATE 3"."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdecimal() else 0
