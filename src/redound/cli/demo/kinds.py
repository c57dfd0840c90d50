"""What there is to see: every callback of the demo is of one kind, known by the fields that it carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from redound.cli.demo.tracker import BROKEN_PATH
from redound.cli.demo.world import IMPORTED_ORDER

if TYPE_CHECKING:
    from redound.cli.demo.tracker import Callback


class Kind(StrEnum):
    """What a callback is about, in the words that are shown."""

    CONVERSION = "conversion"
    CHANGE = "status change"
    HOLD = "hold"
    HOLD_ENDED = "hold ran out"
    PLAYER = "qualified player"
    CLICK = "paid click"
    IMPORTED = "CSV import"
    FAILING = "failing tracker"


def kind_of(callback: Callback) -> Kind:
    """Return what a callback is about; it carries {event_type}, {txid}, {operation} and both statuses."""
    marks = {
        Kind.FAILING: callback.path == BROKEN_PATH,
        Kind.CLICK: callback.field("type") == "click",
        Kind.PLAYER: callback.field("type") == "qualified_cpa",
        Kind.IMPORTED: callback.field("order").startswith(IMPORTED_ORDER),
        Kind.HOLD_ENDED: callback.field("was") == "hold",
        Kind.HOLD: callback.field("status").lower() == "hold",
        Kind.CHANGE: callback.field("op") == "update",
    }
    return next((kind for kind, marked in marks.items() if marked), Kind.CONVERSION)


@dataclass(slots=True)
class Seen:
    """How many callbacks of each kind came, and the first of each.

    What the tracker refused counts for nothing, except at the tracker that fails on purpose.
    """

    counts: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    first: dict[Kind, Callback] = field(default_factory=dict)

    def add(self, callback: Callback) -> None:
        """Count a callback."""
        kind = kind_of(callback)
        if callback.good or kind is Kind.FAILING:
            self.counts[kind] += 1
            self.first.setdefault(kind, callback)

    @property
    def missing(self) -> list[Kind]:
        """The kinds that did not come yet."""
        return [kind for kind, count in self.counts.items() if not count]

    @property
    def words(self) -> str:
        """What was seen, and what is still to come."""
        seen = " · ".join(f"{kind} {count}" for kind, count in self.counts.items() if count)
        missing = ", ".join(self.missing)
        return f"{seen or 'nothing'}; not yet: {missing}" if missing else seen

    def summary(self) -> dict[str, dict[str, object]]:
        """Return for each kind that was seen how often, and its first callback as it arrived."""
        return {
            kind: {
                "count": self.counts[kind],
                "method": first.method,
                "path": first.path,
                "answered": first.status,
                "delivery_id": first.delivery_id,
                "fields": first.fields,
            }
            for kind, first in self.first.items()
        }
