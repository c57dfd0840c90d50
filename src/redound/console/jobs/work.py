"""What a kind of job does: one piece at a time, as a count or in earnest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.console.accounts.callers import Caller


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work: the ID of the last row, and what it came to by name; 0 `rows`: nothing is left."""

    rows: int
    last_id: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


class Work(Protocol):
    """One kind of job."""

    def piece(self, wanted: Mapping[str, Any], caller: Caller, after: str, *, dry_run: bool) -> Piece:
        """Do the rows after this ID, as many as are good at a time; with `dry_run` only count them."""
