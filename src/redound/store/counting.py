"""Noting what the roller of statistics would pass over, in the transaction that stores it.

The roller counts rows in the order of their IDs, which begin with their time, and stays some seconds behind
(`ROLL_AFTER_MS`). Who stores a row later than `LATE_MS` after the time in its ID (a spill file is replayed, a
process was stopped in between) notes it in `uncounted`; so does who changes a conversion. That every row is
counted exactly once follows from this and from how the roller moves on: docs/adr/0018.

Every runner of statements asks here, by the name of the query. For a batch that is in time it costs one look
at its smallest ID.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from redound.core.ids import CLICK, id_floor
from redound.store import batches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LATE_MS: Final = 10_000
LATE_ATTEMPT_MS: Final = 30_000
"""An attempt's ID has the time at which it was started; it is stored when the receiver has answered."""
SKEW_MS: Final = 5_000
"""How far the clocks of those who store and of the roller may be apart."""
ROLL_AFTER_MS: Final[Mapping[str, int]] = {
    "clicks": LATE_MS + SKEW_MS,
    "conversions": LATE_MS + SKEW_MS,
    "deliveries": LATE_MS + SKEW_MS,
    "attempts": LATE_ATTEMPT_MS + SKEW_MS,
}


@dataclass(frozen=True, slots=True)
class Watched:
    """A query that stores rows which are counted: the prefix of their IDs, and the query that notes them."""

    prefix: str
    note: str
    late_ms: int

    def floor(self, now_ms: int) -> str:
        """Return the ID before which a row is late."""
        return id_floor(self.prefix, max(0, now_ms - self.late_ms))


WATCHED: Final[Mapping[str, Watched]] = {
    "add_click": Watched(CLICK, "note_late_click", LATE_MS),
    "add_conversion": Watched("cnv", "note_late_conversion", LATE_MS),
    "add_delivery": Watched("dlv", "note_late_delivery", LATE_MS),
    "add_attempt": Watched("att", "note_late_attempt", LATE_ATTEMPT_MS),
}
CHANGES: Final[Mapping[str, str]] = {"change_conversion": "note_changed_conversion"}
"""Queries that change what was counted, and those that note it."""
COUNTED: Final = frozenset({*WATCHED, *CHANGES})


def to_note(query: str, rows: Sequence[Sequence[Any]]) -> tuple[str, list[tuple[str]]] | None:
    """Return what has to be noted before these rows are stored: a query and its rows; None for nothing.

    Half of the time that makes a row late is left for storing it: see `passed_over`.
    """
    change = CHANGES.get(query)
    if change is not None:
        return change, [(str(row[0]),) for row in rows]
    watched = WATCHED[query]
    floor = watched.floor(batches.wall_ms() + watched.late_ms // 2)
    if min(row[0] for row in rows) >= floor:
        return None
    return watched.note, [(str(row[0]),) for row in rows if str(row[0]) < floor]


def passed_over(
    query: str, rows: Sequence[Sequence[Any]], noted: tuple[str, list[tuple[str]]] | None
) -> bool:
    """Whether storing took so long that the roller may have passed over a row that was not noted.

    To be asked after the rows were stored and before that is committed: on PostgreSQL the transaction has
    its number by then. When it is so, all of it has to be done again.
    """
    watched = WATCHED.get(query)
    if watched is None:
        return False
    floor = watched.floor(batches.wall_ms())
    if min(row[0] for row in rows) >= floor:
        return False
    known = {row[0] for row in noted[1]} if noted is not None else ()
    return any(str(row[0]) < floor and row[0] not in known for row in rows)
