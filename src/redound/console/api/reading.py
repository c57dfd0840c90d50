"""Records over the API: a page of them, or one with its ETag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redound.console.etags import etag_of_values
from redound.console.filters import refuse_unknown

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.api.requests import ApiRequest
    from redound.console.filters import Filters
    from redound.console.records.record import Record
    from redound.console.render import Values


def listed(record: Record[Any], request: ApiRequest, filters: Filters) -> Values:
    """Return a page of what the caller sees; InvalidError for a parameter that is no filter."""
    refuse_unknown(request.GET, filters)
    return record.page(request.caller, filters)


def got(record: Record[Any], request: ApiRequest, row_id: str, response: HttpResponse) -> Values:
    """Return one row with its ETag; NotFoundError when it does not exist for the caller."""
    values = record.one(request.caller, row_id)
    response["ETag"] = etag_of_values(values)
    return values
