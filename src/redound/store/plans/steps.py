"""Steps, and how Django's connection runs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from redound.store import loader
from redound.store.counting import COUNTED, passed_over, to_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Values = tuple[Any, ...]


class LostRaceError(Exception):
    """Somebody else changed the row first; roll back, read again, and decide again or tell the person."""


@dataclass(frozen=True, slots=True)
class Step:
    """One named query with the values of one row; `expect` is the row count it must have, None for any."""

    query: str
    values: Values
    expect: int | None = None


@dataclass(slots=True)
class Batch:
    """One named query with the values of many rows; `exact`: each of them must hit a row."""

    query: str
    exact: bool = False
    rows: list[Values] = field(default_factory=list)

    def steps(self) -> list[Step]:
        """Return the same, a step a row."""
        return [Step(self.query, row, 1 if self.exact else None) for row in self.rows]


class Cursor(Protocol):
    """As much of a Django cursor as steps need."""

    rowcount: int

    def execute(self, sql: str, params: Mapping[str, object]) -> object:
        """Run one statement."""


def perform(cursor: Cursor, vendor: str, steps: Iterable[Step]) -> int:
    """Run steps in order on a Django cursor inside `transaction.atomic()`; return how many rows they touched.

    `vendor` is that of the connection. LostRaceError when a step misses its row: let it leave the atomic
    block, so that nothing of it stays.
    """
    touched = 0
    for step in steps:
        note = to_note(step.query, [step.values]) if step.query in COUNTED else None
        if note is not None:
            for row in note[1]:
                cursor.execute(*loader.django(note[0], vendor, row))
        cursor.execute(*loader.django(step.query, vendor, step.values))
        if note is None and step.query in COUNTED and passed_over(step.query, [step.values], None):
            raise LostRaceError(f"{step.query}: stored too long after the time in its ID")
        if step.expect is not None and cursor.rowcount != step.expect:
            raise LostRaceError(f"{step.query}: another change came first")
        touched += max(cursor.rowcount, 0)
    return touched
