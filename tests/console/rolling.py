"""Rolling statistics up in tests of the console, as the data plane does: until nothing is left to count."""

from __future__ import annotations

import asyncio
from pathlib import Path
from unittest.mock import patch

from redound.console import runtime
from redound.console.clock import now_ms
from redound.store.counting import ROLL_AFTER_MS
from redound.store.statistics import NOUNS, Statistics


def roll() -> None:
    """Count everything that is stored up to this moment; nobody else is writing, so nothing is waited for."""
    with patch.dict(ROLL_AFTER_MS, dict.fromkeys(NOUNS, 0)):
        asyncio.run(_roll())


async def _roll() -> None:
    settings = runtime.settings()
    if settings.dialect == "sqlite":
        from redound.store.sqlite import SqliteStore

        store = SqliteStore(Path(settings.sqlite_path))
    else:
        from redound.store.postgres import PostgresStore

        store = PostgresStore(settings.database_url)
    await store.open()
    try:
        roller = Statistics(store)
        now = now_ms() + 1
        await roller.look_ahead(now)
        horizon = await roller.look_ahead(now)
        for noun in NOUNS:
            while (await roller.roll(noun, horizon, 100)).more:
                pass
        await roller.roll("deliveries", horizon, 100)
    finally:
        await store.close()
