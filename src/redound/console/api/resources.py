"""What all configuration resources share: list, get, create, edit; with ETag, If-Match and the audit log."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import transaction
from django.db.models import Model
from django.http import HttpResponse
from ninja.responses import Status

from redound.console.accounts.callers import Caller
from redound.console.api.reading import listed
from redound.console.api.requests import ApiRequest
from redound.console.errors import ChangedMeanwhileError, Fault
from redound.console.etags import etag_of, matches
from redound.console.filters import Filters
from redound.console.forms import Form
from redound.console.records.record import Record, find
from redound.console.render import Values
from redound.console.writing import write

M = TypeVar("M", bound=Model)
F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class Resource(Generic[M, F]):
    """One noun that is written too: `fill` makes a row of a form."""

    model: type[M]
    record: Record[M]
    fill: Callable[[M, F, Caller], Iterator[Fault]]

    def list(self, request: ApiRequest, filters: Filters) -> Values:
        """Return a page of what the caller sees."""
        return listed(self.record, request, filters)

    def get(self, request: ApiRequest, row_id: str, response: HttpResponse) -> Values:
        """Return one row with its ETag."""
        return self.answer(request, self.record.find(request.caller, row_id), response)

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

    def locked(self, request: ApiRequest, row_id: str) -> M:
        """Return the row, locked until the transaction ends; ChangedMeanwhileError if If-Match disagrees."""
        row = find(self.record.visible(request.caller).select_for_update(of=("self",)), row_id)
        if not matches(request.headers.get("If-Match"), etag_of(row)):
            raise ChangedMeanwhileError
        return row

    def answer(self, request: ApiRequest, row: M, response: HttpResponse) -> Values:
        """Return the row's values, its ETag set."""
        response["ETag"] = etag_of(row)
        return self.record.shapes([row], request.caller)[0]
