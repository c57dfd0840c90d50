"""The rows of a URL with what each is for, and what the macros in them tell a receiver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redound.core.lint.lookalikes import latin
from redound.core.macros import resolve
from redound.core.parsing import Where
from redound.core.roles import MACRO_ROLES, Role, role_of
from redound.core.styles import Style

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redound.core.gallery import Tracker
    from redound.core.parsing import Row, Span
    from redound.core.styles import Written


@dataclass(frozen=True, slots=True)
class Cell:
    """A row with what it is for. `names` are the canonical names of those of its macros that exist."""

    row: Row
    role: Role
    names: tuple[str, ...]

    @property
    def span(self) -> Span:
        """The whole row, name and value."""
        return self.row.start, self.row.end

    @property
    def value_span(self) -> Span:
        """The value alone."""
        return self.row.value_start, self.row.end


def canonical(macro: Written) -> str | None:
    """Return our name of a macro that works as it is written, aliases included; None for any other."""
    return resolve(macro.name) if macro.style is Style.BRACE else None


def cell_of(row: Row, tracker: Tracker | None) -> Cell:
    """Return a row with its role: by the table of the tracker that it is for, else by its name."""
    names = tuple(name for macro in row.macros if (name := canonical(macro)) is not None)
    if row.where is Where.PATH:
        return Cell(row, Role.OTHER, names)
    return Cell(row, _role(row, tracker), names)


def _role(row: Row, tracker: Tracker | None) -> Role:
    key = latin(row.key)
    known = tracker.role_of(key) if tracker is not None else None
    return role_of(key) if known is None else known


def tells(names: Iterable[str], role: Role) -> bool:
    """Return whether one of these macros tells the receiver what the role is for."""
    return any(MACRO_ROLES.get(name) is role for name in names)


def identifies(name: str) -> bool:
    """Return whether a macro of ours can tell a tracker, or us, which click it is about."""
    return name.startswith(("sub", "param.")) or name == "click_id"
