"""What all configuration resources share: list, get, create, edit; with ETag, If-Match and the audit log."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from ninja.responses import Status

from redound.console.accounts.callers import Caller
from redound.console.api.etags import etag_of, matches
from redound.console.api.filters import Apply, Filters, narrow, refuse_unknown
from redound.console.api.paging import page
from redound.console.api.requests import ApiRequest
from redound.console.errors import ChangedMeanwhileError, Fault, NotFoundError
from redound.console.forms import Form
from redound.console.writing import write

M = TypeVar("M", bound=Model)
F = TypeVar("F", bound=Form)
Values = dict[str, Any]


def each(shape: Callable[[M, Caller], Values]) -> Callable[[Sequence[M], Caller], list[Values]]:
    """Return a renderer of pages from one of rows."""

    def shapes(rows: Sequence[M], caller: Caller) -> list[Values]:
        return [shape(row, caller) for row in rows]

    return shapes


def known_id(row_id: str) -> str:
    """Return an ID that a database can be asked for; NotFoundError for what cannot be one."""
    if not row_id.isascii() or not row_id.replace("_", "").isalnum():
        raise NotFoundError
    return row_id


@dataclass(frozen=True, slots=True)
class Resource(Generic[M, F]):
    """One noun. `visible` are the rows that exist for somebody; `shapes` renders a page at once."""

    model: type[M]
    visible: Callable[[Caller], QuerySet[M]]
    shapes: Callable[[Sequence[M], Caller], list[Values]]
    fill: Callable[[M, F, Caller], Iterator[Fault]]
    filters: Mapping[str, Apply] = field(default_factory=dict)

    def list(self, request: ApiRequest, filters: Filters) -> Values:
        """Return a page of what the caller sees."""
        refuse_unknown(request, filters)
        rows = narrow(self.visible(request.caller), filters, self.filters)
        return page(rows, filters, lambda found: self.shapes(found, request.caller))

    def get(self, request: ApiRequest, row_id: str, response: HttpResponse) -> Values:
        """Return one row with its ETag."""
        return self.answer(request, self.find(request, row_id), response)

    def create(self, request: ApiRequest, form: F, response: HttpResponse) -> Status[Values]:
        """Store a new row and return it, 201."""
        with transaction.atomic():
            row = write(self.model(), form, self.fill, request.caller)
        response["Location"] = f"{request.path}/{row.pk}"
        return Status(201, self.answer(request, row, response))

    def edit(self, request: ApiRequest, row_id: str, form: F, response: HttpResponse) -> Values:
        """Change what the form gives, unless If-Match names another version."""
        with transaction.atomic():
            row = self.locked(request, row_id)
            write(row, form, self.fill, request.caller)
        return self.answer(request, row, response)

    def find(self, request: ApiRequest, row_id: str) -> M:
        """Return the row; NotFoundError when it does not exist for the caller."""
        row = self.visible(request.caller).filter(pk=known_id(row_id)).first()
        if row is None:
            raise NotFoundError
        return row

    def locked(self, request: ApiRequest, row_id: str) -> M:
        """Return the row, locked until the transaction ends; ChangedMeanwhileError if If-Match disagrees."""
        visible = self.visible(request.caller).select_for_update(of=("self",))
        row = visible.filter(pk=known_id(row_id)).first()
        if row is None:
            raise NotFoundError
        if not matches(request.headers.get("If-Match"), etag_of(row)):
            raise ChangedMeanwhileError
        return row

    def answer(self, request: ApiRequest, row: M, response: HttpResponse) -> Values:
        """Return the row's values, its ETag set."""
        response["ETag"] = etag_of(row)
        return self.shapes([row], request.caller)[0]
