"""A list as a page, as a file, or a few of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Model
from django.shortcuts import render

from redound.console.filters import narrow
from redound.console.shell.listing import asking, finding
from redound.console.shell.listing.export import as_csv
from redound.console.shell.listing.showing import Shown
from redound.console.shell.listing.values import Row
from redound.console.shell.page import here

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.http import HttpResponse, StreamingHttpResponse

    from redound.console.accounts.callers import Caller
    from redound.console.filters import Filters
    from redound.console.render import Values
    from redound.console.shell.listing.asking import Asked
    from redound.console.shell.listing.spec import Chip, Column, Counts, Look, Source, Tab, Words
    from redound.console.shell.page import PageRequest

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[M]):
    """One list. `page` is its URL's name, `detail` that of a row's own page, "" without one.

    `row_template` shows a row that generic cells cannot; it is given `row` and `list`. `drawer`: a row opens
    beside the list. `select`: managers tick rows, as `ids` of the form `bulk`. `more` adds to the values of
    a page of rows. `look` finds rows of large tables, and `counts` what its tabs show. `csv` are the fields
    of a file, those of the columns without them.
    """

    page: str
    source: Source[M]
    filters: type[Filters]
    columns: tuple[Column, ...]
    api: str = ""
    tabs: tuple[Tab, ...] = ()
    chips: tuple[Chip, ...] = ()
    search: Words = ""
    detail: str = ""
    drawer: bool = False
    select: bool = False
    row_template: str = "shell/listing/row.html"
    csv: tuple[str, ...] = ()
    empty: Words = ""
    empty_hint: Words = ""
    managers_only: frozenset[str] = frozenset()
    more: Callable[[Sequence[Values], PageRequest], None] | None = None
    look: Look | None = None
    counts: Counts | None = None

    def answer(
        self, request: PageRequest, template: str, context: Mapping[str, Any] | None = None
    ) -> HttpResponse | StreamingHttpResponse:
        """Return the page, or the file when `format=csv` asks for it."""
        asked = self.asked(request)
        if request.GET.get("format") == "csv":
            return as_csv(self, request, asked)
        return render(request, template, {**(context or {}), "list": self.shown(request, asked)})

    def asked(self, request: PageRequest) -> Asked:
        """Return what the address asks for, of what this person may."""
        return asking.read(request.GET, self.filters, self.columns_for(request.caller))

    def columns_for(self, caller: Caller) -> list[Column]:
        """Return the columns that somebody may have."""
        return [each for each in self.columns if caller.manages or each.name not in self.managers_only]

    def shown(self, request: PageRequest, asked: Asked | None = None) -> Shown[M]:
        """Return the list for a template."""
        asked = asked or self.asked(request)
        found = finding.find(self.source, self.look, request.caller, asked)
        return Shown(self, request, asked, found, self.rows(request, found.rows, asked))

    def rows(self, request: PageRequest, found: Sequence[M], asked: Asked) -> list[Row]:
        """Return rows as templates show them."""
        values = self.source.shapes(found, request.caller)
        if self.more is not None:
            self.more(values, request)
        columns = [each for each in self.columns if each.name in asked.columns]
        return [Row(each, columns, self._address(request, each)) for each in values]

    def fragment(self, request: PageRequest) -> HttpResponse:
        """Return those rows of `ids` that fit the filters, as HTML, for what changes while somebody looks.

        What a tab sets is let be: a row that has just left it is still shown there, as it now is.
        """
        asked = self.asked(request)
        ids = request.GET.get("ids", "").split(",")[:200]
        given = {"limit", *finding.names_of(self.tabs)}
        wanted = self.filters.model_validate(asked.wanted.model_dump(exclude_none=True, exclude=given))
        rows = narrow(self.source.visible(request.caller), wanted, self.source.filters)
        found = list(rows.filter(pk__in=ids).order_by("-pk"))
        shown = Shown(self, request, asked, finding.Found(found), self.rows(request, found, asked))
        return render(request, "shell/listing/rows.html", {"list": shown})

    def _address(self, request: PageRequest, values: Values) -> str:
        return here(request, self.detail, values["id"]) if self.detail else ""


def wants_part(request: PageRequest) -> bool:
    """Whether a row is to be shown beside its list: htmx asks, and not to bring a whole page back."""
    return bool(request.htmx) and not request.htmx.history_restore_request
