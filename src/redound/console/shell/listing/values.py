"""A row's values as its cells and files have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from redound.console.shell.listing.spec import Column


@dataclass(frozen=True, slots=True)
class Cell:
    """What a column shows of a row; `ref` is the ID that it leads to."""

    column: Column
    value: Any
    ref: Any


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its values by field, and its page."""

    values: Mapping[str, Any]
    columns: Sequence[Column]
    url: str

    @property
    def id(self) -> str:
        """The row's ID."""
        return str(self.values["id"])

    @property
    def cells(self) -> Iterator[Cell]:
        """The cells of the shown columns."""
        for column in self.columns:
            value = value_at(self.values, column.key or column.name)
            yield Cell(column, value, value_at(self.values, column.ref) if column.to else None)

    def __getitem__(self, name: str) -> Any:
        """Return a field, for templates: `{{ row.state }}`."""
        return self.values[name]


def value_at(values: Mapping[str, Any], key: str) -> Any:
    """Return what lies at a field; dots lead inside. None where nothing is."""
    found: Any = values
    for name in key.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found
