"""What all records share: the rows that exist for somebody, filtered, shown, a page at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from redound.console.accounts.callers import Caller
from redound.console.columns import milliseconds
from redound.console.errors import NotFoundError
from redound.console.filters import Apply, Filters, narrow
from redound.console.paging import page
from redound.console.render import Values
from redound.core.ids import id_floor

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Record(Generic[M]):
    """One noun. `visible` are the rows that exist for somebody; `shapes` renders a page of them at once.

    `filters` are those that are more than a column of the same name.
    """

    visible: Callable[[Caller], QuerySet[M]]
    shapes: Callable[[Sequence[M], Caller], list[Values]]
    filters: Mapping[str, Apply] = field(default_factory=dict)

    def rows(self, caller: Caller, wanted: Filters) -> QuerySet[M]:
        """Return what the caller sees, narrowed to what is wanted; paging aside."""
        return narrow(self.visible(caller), wanted, self.filters)

    def page(self, caller: Caller, wanted: Filters) -> Values:
        """Return a page of what the caller sees, newest first."""
        return page(self.rows(caller, wanted), wanted, lambda found: self.shapes(found, caller))

    def find(self, caller: Caller, row_id: str) -> M:
        """Return the row; NotFoundError when it does not exist for the caller."""
        return find(self.visible(caller), row_id)

    def one(self, caller: Caller, row_id: str) -> Values:
        """Return what is shown of a row; NotFoundError as `find`."""
        return self.shapes([self.find(caller, row_id)], caller)[0]


def find(among: QuerySet[M], row_id: str) -> M:
    """Return the row with the ID; NotFoundError when it is not among these, or can be no ID at all."""
    row = among.filter(pk=row_id).first() if _may_be_id(row_id) else None
    if row is None:
        raise NotFoundError
    return row


def _may_be_id(row_id: str) -> bool:
    """Whether a database can be asked for it."""
    return row_id.isascii() and row_id.replace("_", "").isalnum()


def each(shape: Callable[[M, Caller], Values]) -> Callable[[Sequence[M], Caller], list[Values]]:
    """Return a renderer of pages from one of rows."""

    def shapes(rows: Sequence[M], caller: Caller) -> list[Values]:
        return [shape(row, caller) for row in rows]

    return shapes


def by_id_time(prefix: str) -> dict[str, Apply]:
    """Return the filters `since` and `until` on the time that IDs begin with: a range of the primary key."""

    def since(rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
        return rows.filter(pk__gte=id_floor(prefix, milliseconds(at)))

    def until(rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
        return rows.filter(pk__lt=id_floor(prefix, milliseconds(at)))

    return {"since": since, "until": until}


def exactly(*columns: str) -> Apply:
    """Return the filter `q` of traffic: one of these columns, all of them indexed, is exactly the text."""

    def apply(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        condition = Q(pk=text)
        for name in columns:
            condition |= Q(**{name: text})
        return rows.filter(condition)

    return apply
