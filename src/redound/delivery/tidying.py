"""Tidying up: what has served its purpose goes, a portion at a time, in the turn of retention."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from redound.store.leftovers import Kind, Leftovers

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
JOBS_MS: Final = 30 * DAY_MS
"""How long bulk jobs are kept after their end."""
UPLOAD_SECONDS: Final = 6 * 3600
"""A file without an import may still be coming in for so long."""
_AGES: Final[tuple[tuple[Kind, int], ...]] = (
    ("bin_requests", 0),
    ("bins", 0),
    ("repeatable_posts", DAY_MS),
    ("jobs", JOBS_MS),
)


class Tidying:
    """Takes away expired bins, answers kept for repeated POSTs, old jobs, and what old imports left behind.

    `import_days` and `cap_days` say for how many whole days imports and counts of daily caps are kept, 0 for
    ever. `folder` is where uploads of this machine lie.
    """

    def __init__(
        self, leftovers: Leftovers, folder: Path, *, import_days: int = 0, cap_days: int = 0
    ) -> None:
        self._leftovers = leftovers
        self._folder = folder
        self._import_days = import_days
        self._cap_days = cap_days

    async def portions(self, now_ms: int, most: int) -> AsyncIterator[tuple[str, int]]:
        """Do one portion after the other; give what each did."""
        ages = list(_AGES)
        if self._import_days:
            ages.append(("imports_forgotten", self._import_days * DAY_MS))
        if self._cap_days:
            ages.append(("cap_counts", self._cap_days * DAY_MS))
        for kind, age in ages:
            while count := await self._leftovers.purge(kind, now_ms - age, most):
                yield kind, count
        while count := await self._leftovers.purge_import_rows(most):
            yield "import_rows", count
        while count := await self._leftovers.purge_dry_runs(most):
            yield "imports", count
        if count := await self._files():
            yield "import_files", count

    async def _files(self) -> int:
        """Delete uploads whose import was forgotten or never came to be."""
        found = await asyncio.to_thread(_old_files, self._folder)
        if not found:
            return 0
        needed = await self._leftovers.needed(list(found))
        unneeded = [path for name, path in found.items() if name not in needed]
        await asyncio.to_thread(_delete, unneeded)
        return len(unneeded)


def _old_files(folder: Path) -> dict[str, Path]:
    """Return import ID → its upload, without what may be coming in just now."""
    try:
        files = list(folder.glob("imp_*.csv"))
    except OSError:
        return {}
    latest = time.time() - UPLOAD_SECONDS
    return {path.stem: path for path in files if _changed_at(path) < latest}


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()


def _delete(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
