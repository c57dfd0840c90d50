"""Forgetting in a database: in small portions, each a short transaction, by named queries.

On PostgreSQL whole days of clicks, reports and attempts are dropped with their partitions. Everywhere else
rows are deleted, oldest first; keys begin with time, so that is one end of a table.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, Literal

import orjson

from redound.core.anonymous import truncate_ip
from redound.store.plans.steps import Batch, LostRaceError, Step
from redound.store.rows import traffic
from redound.store.statistics import read_mark

if TYPE_CHECKING:
    from redound.store.players import Statements

    Table = Literal["clicks", "reports", "attempts"]
    WithIp = Literal["clicks", "reports", "deliveries"]

TURN: Final = "retention"
_FAR_MS: Final = 600_000
_PURGE: Final = {"clicks": "purge_clicks", "reports": "purge_reports", "attempts": "purge_attempts"}
_AFTER: Final = {"clicks": "clicks_after", "reports": "reports_after", "deliveries": "deliveries_after"}
_PUT_IP: Final = {"clicks": "put_click_ip", "reports": "put_report_ip", "deliveries": "put_delivery_values"}


class Retention:
    """The verbs of forgetting, on a driver that runs named queries."""

    def __init__(self, statements: Statements) -> None:
        self._db = statements

    async def take_turn(self, holder: str, now_ms: int, until: int) -> bool:
        """Take the turn to forget, or keep it; False while another process has it."""
        times = (f"{each:016d}" for each in (until, now_ms, now_ms + _FAR_MS))
        plan = [Step("put_mark", (TURN,)), Step("take_turn", (TURN, holder, *times))]
        return (await self._db.perform(plan))[1] == 1

    async def uncounted_since(self, noun: str) -> date:
        """Return the first day of which statistics have not counted all: what is not counted is kept."""
        rows = await self._db.select("mark", f"statistics_{noun}")
        counted = read_mark(str(rows[0][0]) if rows else "")
        return datetime.fromtimestamp(counted.time_ms / 1000, tz=UTC).date()

    async def drop_days(self, table: Table, before: date) -> list[str]:
        """Drop the table's partitions of days before this one; return their names. SQLite has none.

        StoreUnavailableError when a reader is in the way: it is tried again another time.
        """
        names = [
            row[0] for row in await self._db.select("partitions_before", table, f"{table}_{before:%Y%m%d}")
        ]
        for name in names:
            await self._db.perform([Step("shortest_lock_timeout", ()), Step("drop_partition", (name,))])
        return names

    async def purge(self, table: Table, before: str, most: int) -> int:
        """Delete `most` of the rows with an ID before this; return how many that were."""
        return (await self._db.perform([Step(_PURGE[table], (before, most))]))[0]

    async def purge_sub_values(self, day: int, most: int) -> int:
        """Delete from the index of sub values what belongs to days before this; return how many rows."""
        return (await self._db.perform([Step("purge_sub_values", (day, most))]))[0]

    async def purge_deliveries(self, before: str, most: int) -> tuple[int, bool]:
        """Look at `most` deliveries with an ID before this; return how many went, and whether to go on.

        An unfinished one holds up all after it. What fired once for a conversion stays.
        """
        first = await self._db.select("first_unfinished")
        after = await self._mark("purged_deliveries")
        end = min(before, first[0][0]) if first else before
        found = await self._db.select("deliveries_after", after, end, most)
        if not found:
            return 0, False
        last = found[-1][0]
        try:
            done = await self._db.perform(
                [
                    Step("move_mark", ("purged_deliveries", after, last), 1),
                    Step("purge_deliveries", (after, last)),
                ]
            )
        except LostRaceError:
            return 0, False
        return done[1], len(found) == most

    async def truncate_ips(self, table: WithIp, before: str, most: int) -> int:
        """Take the last part off the IP addresses of the next `most` rows with an ID before this.

        Return how many rows were looked at. A delivery's is among its frozen values.
        """
        name = f"ips_{table}"
        after = await self._mark(name)
        found = await self._db.select(_AFTER[table], after, before, most)
        if not found:
            return 0
        shorter = _values_without_ip if table == "deliveries" else truncate_ip
        rows = [(row[0], new) for row in found if row[1] and (new := shorter(row[1])) != row[1]]
        plan: list[Batch | Step] = [Step("move_mark", (name, after, found[-1][0]), 1)]
        if rows:
            plan.append(Batch(_PUT_IP[table], rows=rows))
        try:
            await self._db.perform(plan)
        except LostRaceError:
            return 0
        return len(found)

    async def _mark(self, name: str) -> str:
        rows = await self._db.select("mark", name)
        if not rows:
            await self._db.perform([Step("put_mark", (name,))])
            return ""
        return str(rows[0][0])


def _values_without_ip(text: str) -> str:
    values = orjson.loads(text)
    if not values.get("ip"):
        return text
    return traffic.text_of({**values, "ip": truncate_ip(values["ip"])})
