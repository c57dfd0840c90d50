"""A page of a list as its template has it: tabs, filters, saved views, and the request that the API takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _

from redound.console import runtime
from redound.console.paging import write_cursor
from redound.console.render import moment
from redound.console.shell.listing import asking, finding
from redound.console.shell.models import SavedView
from redound.console.shell.page import here

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redound.console.shell.listing.answering import Listing
    from redound.console.shell.listing.asking import Asked
    from redound.console.shell.listing.spec import Chip, Column, Count, Words
    from redound.console.shell.listing.values import Row
    from redound.console.shell.page import PageRequest

M = TypeVar("M", bound=Model)
API = "/api/v1/"


@dataclass(frozen=True, slots=True)
class ShownTab:
    """A tab with its address and how many it shows."""

    label: Words
    url: str
    current: bool
    count: Count | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class ShownChip:
    """A filter as its form has it: what it is set to, in words, and what it can be set to."""

    chip: Chip
    value: str
    words: Words
    options: list[tuple[str, Words]]
    clear: str


@dataclass(frozen=True)
class Shown(Generic[M]):
    """A page of a list, for its template."""

    listing: Listing[M]
    request: PageRequest
    asked: Asked
    found: finding.Found[M]
    rows: list[Row]

    @property
    def path(self) -> str:
        """The list's address without filters."""
        return here(self.request, self.listing.page)

    @property
    def columns(self) -> list[Column]:
        """The columns that are shown."""
        return [each for each in self.listing.columns if each.name in self.asked.columns]

    @property
    def cols(self) -> Mapping[str, bool]:
        """The same by name, for row templates: `{% if list.cols.state %}`."""
        return dict.fromkeys(self.asked.columns, True)

    @property
    def choices(self) -> list[Column]:
        """The columns that there are."""
        return self.listing.columns_for(self.request.caller)

    @property
    def select(self) -> bool:
        """Whether rows have boxes to tick."""
        return self.listing.select and self.request.caller.manages

    @property
    def first(self) -> bool:
        """Whether this is the newest page, the one that lives."""
        return not self.asked.cursor and not self.asked.newer

    @property
    def filtered(self) -> bool:
        """Whether rows are left out."""
        return bool(self.asked.given)

    @property
    def older(self) -> str:
        """Where the next page is."""
        return self.asked.query(cursor=write_cursor(self.found.older)) if self.found.older else ""

    @property
    def newer(self) -> str:
        """Where the page before this one is."""
        return self.asked.query(newer=write_cursor(self.found.newer)) if self.found.newer else ""

    @property
    def newest(self) -> str:
        """The same list from its beginning."""
        return self.asked.query()

    @property
    def csv(self) -> str:
        """The same rows as a file."""
        return self.asked.query(format="csv")

    @property
    def clear(self) -> str:
        """The list without filters."""
        return self.asked.query(without=self.asked.given)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the filters' form carries on: parameters that have neither a chip nor the search field."""
        inputs = {"q", *(each.name for each in self.listing.chips)}
        pairs = [(name, value) for name, value in self.asked.given.items() if name not in inputs]
        return [*pairs, ("cols", ",".join(self.asked.columns))] if self.asked.chosen_columns else pairs

    @property
    def given(self) -> list[tuple[str, str]]:
        """The filters, for the form that chooses columns."""
        return list(self.asked.given.items())

    @cached_property
    def tabs(self) -> list[ShownTab]:
        """The list's own tabs, with counts, then the person's."""
        return [*self._own_tabs(), *self.views]

    def _own_tabs(self) -> Iterator[ShownTab]:
        tabs, given = self.listing.tabs, self.asked.given
        if not tabs:
            return
        caller, wanted = self.request.caller, self.asked.wanted
        if self.listing.counts is not None:
            counts = self.listing.counts(caller, wanted)
        else:
            counts = finding.count_tabs(self.listing.source, caller, wanted, tabs)
        names = finding.names_of(tabs)
        present = {name: value for name, value in given.items() if name in names}
        for tab in tabs:
            url = self.asked.query(without=names - tab.query.keys(), **tab.query)
            yield ShownTab(tab.label, url, dict(tab.query) == present, _told(counts.get(tab.name)))

    @cached_property
    def views(self) -> list[ShownTab]:
        """What the person saved of this list."""
        present = self.asked.query()
        kept = SavedView.objects.filter(user_id=self.request.user.pk, page=self.page_name)
        return [ShownTab(each.name, each.query, each.query == present, id=each.pk) for each in kept]

    @property
    def view(self) -> ShownTab | None:
        """The saved view that is looked at."""
        return next((each for each in self.views if each.current), None)

    @property
    def page_name(self) -> str:
        """What saved views of this list are kept under."""
        return f"{self.request.portal}:{self.listing.page}"

    @cached_property
    def chips(self) -> list[ShownChip]:
        """The filters."""
        manages = self.request.caller.manages
        hidden = frozenset() if manages else self.listing.managers_only
        return [self._chip(each) for each in self.listing.chips if each.name not in hidden]

    def _chip(self, chip: Chip) -> ShownChip:
        value = self.asked.given.get(chip.name, "")
        options = list(chip.options(self.request)) if chip.options is not None else _options(chip)
        of_tabs = {tab.query[chip.name]: tab.label for tab in self.listing.tabs if chip.name in tab.query}
        if value in of_tabs and value not in dict(options):
            options.append((value, of_tabs[value]))
        words = dict(options).get(value, value)
        return ShownChip(chip, value, words, options, self.asked.query(without=[chip.name]))

    @property
    def curl(self) -> str:
        """The request that makes the API answer with this list."""
        given = {name: value for name, value in self.asked.given.items() if name not in {"since", "until"}}
        wanted = self.asked.wanted
        moments = {"since": wanted.since, "until": wanted.until}
        times = {name: moment(at) for name, at in moments.items() if at is not None}
        query = asking.Asked(wanted, {**given, **times}, (), chosen_columns=False).query().rstrip("?")
        address = f"{runtime.settings().base_url}{API}{self.listing.api}{query}"
        quoted = address.replace("'", "'\\''")
        return f"curl -H 'Authorization: Bearer YOUR_KEY' '{quoted}'"


def _told(count: Count | None) -> Count | None:
    """Leave out a count that says nothing: none so far, but perhaps further back."""
    return None if count is not None and count.more and not count.number else count


def _options(chip: Chip) -> list[tuple[str, Any]]:
    match chip.kind:
        case "moment":
            return [
                ("1h", _("Last hour")),
                ("24h", _("Last 24 hours")),
                ("7d", _("Last 7 days")),
                ("30d", _("Last 30 days")),
            ]
        case "flag":
            return [("true", _("Yes")), ("false", _("No"))]
        case _:
            return []
