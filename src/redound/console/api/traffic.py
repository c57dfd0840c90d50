"""What the traffic resources share: read-only rows, filtered by columns and by the time in their IDs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse

from redound.console.accounts.callers import Caller
from redound.console.api.etags import etag_of_values
from redound.console.api.filters import Apply, Filters, narrow, refuse_unknown
from redound.console.api.paging import page
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Values, known_id
from redound.console.errors import NotFoundError
from redound.core.ids import id_floor

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Record(Generic[M]):
    """One noun of the traffic. `visible` are the rows that exist for somebody."""

    visible: Callable[[Caller], QuerySet[M]]
    shapes: Callable[[Sequence[M], Caller], list[Values]]
    filters: Mapping[str, Apply] = field(default_factory=dict)

    def list(self, request: ApiRequest, filters: Filters) -> Values:
        """Return a page of what the caller sees."""
        refuse_unknown(request, filters)
        rows = narrow(self.visible(request.caller), filters, self.filters)
        return page(rows, filters, lambda found: self.shapes(found, request.caller))

    def find(self, request: ApiRequest, row_id: str) -> M:
        """Return the row; NotFoundError when it does not exist for the caller."""
        row = self.visible(request.caller).filter(pk=known_id(row_id)).first()
        if row is None:
            raise NotFoundError
        return row

    def get(self, request: ApiRequest, row_id: str, response: HttpResponse) -> Values:
        """Return one row with its ETag."""
        values = self.shapes([self.find(request, row_id)], request.caller)[0]
        response["ETag"] = etag_of_values(values)
        return values


def by_id_time(prefix: str) -> dict[str, Apply]:
    """Return the filters `since` and `until` on the time that IDs begin with: a range of the primary key."""

    def since(rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
        return rows.filter(pk__gte=id_floor(prefix, milliseconds(at)))

    def until(rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
        return rows.filter(pk__lt=id_floor(prefix, milliseconds(at)))

    return {"since": since, "until": until}


def milliseconds(at: datetime) -> int:
    """Return milliseconds since the epoch, never below 0."""
    return max(0, int(at.timestamp() * 1000))


def exactly(*columns: str) -> Apply:
    """Return the filter `q` of traffic: one of these columns, all of them indexed, is exactly the text."""

    def apply(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        condition = Q(pk=text)
        for name in columns:
            condition |= Q(**{name: text})
        return rows.filter(condition)

    return apply


def read_json(value: Any) -> Any:
    """Return a JSON column's value, whether or not it was read already; None for empty text."""
    if not isinstance(value, str | bytes):
        return value
    return orjson.loads(value) if value else None
