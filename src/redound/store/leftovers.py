"""What has served its purpose, taken away in small portions by named queries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from redound.store.plans.steps import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.store.players import Statements

    Kind = Literal["bin_requests", "bins", "repeatable_posts", "jobs", "cap_counts", "imports_forgotten"]

_QUERIES: Final = {
    "bin_requests": "purge_bin_requests",
    "bins": "purge_bins",
    "repeatable_posts": "purge_repeatable_posts",
    "jobs": "purge_jobs",
    "cap_counts": "purge_cap_counts",
    "imports_forgotten": "forget_imports",
}
_IN_MS: Final = frozenset({"bin_requests", "bins"})


class Leftovers:
    """The verbs of tidying up, on a driver that runs named queries. Each returns how many rows it took."""

    def __init__(self, statements: Statements) -> None:
        self._db = statements

    async def purge(self, kind: Kind, before_ms: int, most: int) -> int:
        """Take away `most` of what ended before this moment."""
        return await self._do(_QUERIES[kind], _before(kind, before_ms), most)

    async def purge_import_rows(self, most: int) -> int:
        """Take away verdicts of imports that were forgotten."""
        return await self._do("purge_import_rows", most)

    async def purge_dry_runs(self, most: int) -> int:
        """Take away forgotten imports of which nothing was ever applied."""
        return await self._do("purge_dry_runs", most)

    async def needed(self, import_ids: Sequence[str]) -> set[str]:
        """Return the imports among these that still need their file."""
        return {row[0] for row in await self._db.select("imports_with_files", list(import_ids))}

    async def _do(self, query: str, *values: object) -> int:
        return (await self._db.perform([Step(query, values)]))[0]


def _before(kind: Kind, ms: int) -> int | str:
    """Return a moment as the table of this kind has it."""
    if kind in _IN_MS:
        return ms
    moment = datetime.fromtimestamp(ms / 1000, tz=UTC)
    return f"{moment:%Y-%m-%d}" if kind == "cap_counts" else f"{moment:%Y-%m-%d %H:%M:%S}"
