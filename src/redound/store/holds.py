"""Holds in a database: which have run out, and what is known about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redound.core.conversions import Facts
from redound.store.rows import traffic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.core.clicks import Click
    from redound.core.conversions import Conversion
    from redound.store.plans.steps import Batch
    from redound.store.players import Statements


@dataclass(frozen=True, slots=True)
class DueHold:
    """A conversion whose hold has run out, its click (None when that is gone) and what fired for it."""

    conversion: Conversion
    click: Click | None
    facts: Facts


class Holds:
    """The verbs of ending holds, on a driver that runs named queries."""

    def __init__(self, statements: Statements) -> None:
        self._db = statements

    async def configuration_version(self) -> int:
        """Return the version of the configuration that the database has."""
        return int((await self._db.select("config_version"))[0][0])

    async def due(self, now_ms: int, most: int) -> list[DueHold]:
        """Return conversions whose hold has run out, `most` at once, those that waited longest first."""
        found = [traffic.conversion(row) for row in await self._db.select("holds_due", now_ms, most)]
        if not found:
            return []
        click_ids = list({each.click_id for each in found})
        clicks = {row[0]: traffic.click(row) for row in await self._db.select("find_clicks", click_ids)}
        rows = await self._db.select("fired_once", [each.id for each in found])
        facts = Facts(fired=frozenset((row[0], row[1]) for row in rows))
        return [DueHold(each, clicks.get(each.click_id), facts) for each in found]

    async def store(self, batches: Sequence[Batch]) -> None:
        """Store ends of holds in one transaction.

        LostRaceError, and nothing stored, when one of the conversions was changed meanwhile.
        """
        await self._db.perform(batches)
