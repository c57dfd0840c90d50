"""Stores of every kind, opened and empty, with Alice's small world configured."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest_asyncio

from redound.store.memory import MemoryStore
from redound.store.postgres import PostgresStore
from redound.store.sqlite import SqliteStore
from tests.builders import (
    NOW_MS,
    make_advertiser,
    make_affiliate,
    make_brand,
    make_campaign,
    make_link,
    make_offer,
    make_postback,
)
from tests.store.rig import Database, Rig, sqlite_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest


def clock() -> int:
    """The time at which every test stands."""
    return NOW_MS


def world() -> list[object]:
    """Acme, its offer, and Alice with a link and a postback."""
    return [
        make_advertiser(),
        make_brand(),
        make_offer(),
        make_affiliate(),
        make_campaign(),
        make_link(),
        make_postback(),
    ]


@asynccontextmanager
async def opened(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """An opened store of a kind, with Alice's world configured."""
    if kind == "memory":
        rig = Rig(MemoryStore(clock=clock))
    elif kind == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('sqlite_file')}"
        rig = Rig(SqliteStore(sqlite_path(url), clock=clock), Database(url))
    else:
        url = request.getfixturevalue("postgres_url")
        rig = Rig(PostgresStore(url, clock=clock), Database(url))
    rig.configure(*world())
    await rig.store.open()
    yield rig
    await rig.store.close()
    if rig.database is not None:
        rig.database.close()


@pytest_asyncio.fixture(params=["memory", "sqlite", "postgres"])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """A store of each kind in turn."""
    async with opened(request.param, request) as rig:
        yield rig


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def sql_rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """A store on each real database in turn."""
    async with opened(request.param, request) as rig:
        yield rig
