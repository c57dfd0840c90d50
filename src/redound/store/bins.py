"""Catch-all bins in a database: what a token answers, and what was sent to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from redound.store.plans.steps import Step

if TYPE_CHECKING:
    from redound.store.players import Statements

MOST_KEPT: Final = 200
"""Requests that a bin keeps; the oldest make room."""


@dataclass(frozen=True, slots=True)
class Bin:
    """How a bin answers."""

    id: str
    status: int
    delay_ms: int
    body: str


@dataclass(frozen=True, slots=True)
class BinRequest:
    """A request as it came; `truncated`: there was more of the body. `at` is in ms."""

    id: str
    bin_id: str
    at: int
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: str
    truncated: bool
    ip: str


class Bins:
    """The verbs of bins, on a driver that runs named queries."""

    def __init__(self, statements: Statements) -> None:
        self._db = statements

    async def find(self, token: str, now_ms: int) -> Bin | None:
        """Return the bin of this token, None when there is none or it has expired."""
        found = await self._db.select("find_bin", token, now_ms)
        return Bin(*found[0]) if found else None

    async def keep(self, request: BinRequest) -> None:
        """Store a request; the oldest beyond MOST_KEPT go."""
        values = (
            *(request.id, request.bin_id, request.at, request.method, request.path, request.query),
            *(orjson.dumps(request.headers).decode(), request.body, request.truncated, request.ip),
        )
        plan = [Step("add_bin_request", values), Step("trim_bin", (request.bin_id, MOST_KEPT))]
        await self._db.perform(plan)
