"""Finding the rows of a page: newest first, from a place on, and never by going through a whole table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Model

from redound.console.filters import narrow
from redound.console.shell.listing.spec import COUNTED, Count, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.filters import Filters
    from redound.console.shell.listing.asking import Asked
    from redound.console.shell.listing.spec import Look, Source, Tab

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Found(Generic[M]):
    """The rows of a page, newest first. `older` and `newer` are the IDs to go on from, "" for an end.

    `further`: the search was broken off before the page was full; `older` goes on with it.
    """

    rows: list[M]
    older: str = ""
    newer: str = ""
    further: bool = False


def find(source: Source[M], look: Look | None, caller: Caller, asked: Asked) -> Found[M]:
    """Return a page of what the caller sees and asks for."""
    place = Place(asked.wanted.limit, before=asked.cursor, after="" if asked.cursor else asked.newer)
    rows = narrow(source.visible(caller), asked.wanted, source.filters)
    looked = look(caller, asked.wanted, place) if look is not None else None
    if looked is not None:
        rows = rows.filter(pk__in=looked.ids)
    if place.after:
        return _newer(rows, place, looked.last if looked is not None else None)
    if place.before:
        rows = rows.filter(pk__lt=place.before)
    found = list(rows.order_by("-pk")[: place.limit + 1])
    shown = found[: place.limit]
    newer = _id(shown[:1]) if place.before else ""
    if len(found) > place.limit:
        return Found(shown, older=_id(shown[-1:]), newer=newer)
    last = looked.last if looked is not None else None
    return Found(shown, older=last or "", newer=newer, further=last is not None)


def _newer(rows: QuerySet[M], place: Place, last: str | None) -> Found[M]:
    """Return the rows next above a place; when there are no more, the first page will show them."""
    found = list(rows.filter(pk__gt=place.after).order_by("pk")[: place.limit + 1])
    shown = found[: place.limit][::-1]
    more = len(found) > place.limit
    older = _id(shown[-1:]) or place.after
    return Found(shown, older=older, newer=_id(shown[:1]) if more else last or "")


def _id(rows: Iterable[Model]) -> str:
    return next((str(row.pk) for row in rows), "")


def every(source: Source[M], look: Look | None, caller: Caller, asked: Asked, most: int) -> Iterator[list[M]]:
    """Yield all rows that are asked for in parts, at most so many, for a file."""
    wanted = asked.wanted.model_copy(update={"limit": 200})
    part = _from(asked, wanted, asked.cursor)
    left = most
    while left > 0:
        found = find(source, look, caller, part)
        if found.rows:
            yield found.rows[:left]
            left -= len(found.rows)
        if not found.older:
            return
        part = _from(asked, wanted, found.older)


def _from(asked: Asked, wanted: Filters, cursor: str) -> Asked:
    return replace(asked, wanted=wanted, cursor=cursor, newer="")


def count_tabs(
    source: Source[Any], caller: Caller, wanted: Filters, tabs: Iterable[Tab]
) -> Mapping[str, Count]:
    """Count what each tab would show, by its filters alone: for tables of a moderate size."""
    counts = {}
    for tab in tabs:
        rows = narrow(source.visible(caller), with_tab(wanted, tab, tabs), source.filters)
        found = rows.order_by()[: COUNTED + 1].count()
        counts[tab.name] = Count(min(found, COUNTED), more=found > COUNTED)
    return counts


def with_tab(wanted: Filters, tab: Tab, tabs: Iterable[Tab]) -> Filters:
    """Return the filters with this tab's in place of what any tab sets."""
    values = {**wanted.wanted(), **dict.fromkeys(names_of(tabs))}
    kept = {name: value for name, value in values.items() if value is not None}
    return type(wanted).model_validate({**kept, **tab.query})


def names_of(tabs: Iterable[Tab]) -> set[str]:
    """Return the parameters that tabs set."""
    return {name for tab in tabs for name in tab.query}
