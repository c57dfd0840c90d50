"""Finding conversions in a large table: step by step from the newest, by the one order it is kept in.

Only IDs, transactions and customers have an index of their own, and what waits for a decision has one for
managers. For anything else the latest rows are looked through, a window at a time and a few windows at most;
who wants more looks further back.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from redound.console import named
from redound.console.filters import narrow
from redound.console.records.conversions import ConversionFilters, conversions
from redound.console.shell.listing import Count, Looked
from redound.console.shell.listing.spec import COUNTED as COUNTED_WAITING
from redound.core.states import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.filters import Filters
    from redound.console.shell.listing import Place
    from redound.console.traffic.models import Conversion

WINDOW: Final = 20_000
WINDOWS: Final = 4
PART: Final = 1_000
"""How many of those that wait are looked at in one go."""
AFTER_ALL: Final = "cnv_~"
"""Greater than every ID of a conversion."""
WAITING: Final = frozenset({Status.PENDING.value, Status.HOLD.value})
COUNTED: Final = 5_000
"""Of how many of the latest conversions the tabs count the statuses."""
BY_COLUMN: Final = {
    "click_id": "conversions_of_clicks",
    "txid": "conversions_of_txids",
    "customer_id": "conversions_of_customers",
}
"""The queries that find conversions by a column that has an index."""
MOST_NAMED: Final = 500
SCANNED: Final = frozenset(
    {"status", "offer_id", "goal_id", "brand_id", "campaign_id", "link_id", "test", "affiliate_id"}
)


def look(caller: Caller, wanted: Filters, place: Place) -> Looked | None:
    """Return the IDs of a page; None when an index finds them."""
    given = wanted.wanted()
    for name, query in BY_COLUMN.items():
        if name in given:
            return Looked(_ids(query, given[name]))
    if "q" in given:
        return Looked(
            [given["q"], *(each for query in BY_COLUMN.values() for each in _ids(query, given["q"]))]
        )
    if not given.keys() & SCANNED:
        return None
    rows = narrow(conversions.visible(caller), wanted, conversions.filters)
    status = getattr(wanted, "status", None)
    if status in WAITING and caller.manages and not place.after:
        return _waiting(rows, status, place)
    every = conversions.visible(caller)
    upwards = bool(place.after)
    edge = place.after or place.before
    ids: list[str] = []
    for _window in range(WINDOWS):
        far = _far(every, edge, upwards=upwards)
        part = _between(rows, edge, far, upwards=upwards)
        ids += part.values_list("pk", flat=True)[: place.limit + 1 - len(ids)]
        if far is None:
            return Looked(ids)
        if len(ids) > place.limit:
            break
        edge = far
    return Looked(ids, last=edge)


def _ids(query: str, text: str) -> list[str]:
    return [row["id"] for row in named.select(query, named.array([text]))[:MOST_NAMED]]


def _waiting(rows: QuerySet[Conversion], status: str, place: Place) -> Looked:
    """Look through what has this open status alone."""
    edge, ids = place.before or AFTER_ALL, list[str]()
    for _window in range(WINDOWS):
        part = [row["id"] for row in named.select("open_conversions", status, edge, PART)]
        found = rows.filter(pk__in=part).order_by("-pk").values_list("pk", flat=True)
        ids += found[: place.limit + 1 - len(ids)]
        if len(part) < PART:
            return Looked(ids)
        edge = part[-1]
        if len(ids) > place.limit:
            break
    return Looked(ids, last=edge)


def _far(every: QuerySet[Conversion], edge: str, *, upwards: bool) -> str | None:
    """Return the ID at the far end of a window, None when the table ends before it."""
    beyond = _between(every, edge, None, upwards=upwards).values_list("pk", flat=True)
    return next(iter(beyond[WINDOW - 1 : WINDOW]), None)


def _between(
    rows: QuerySet[Conversion], edge: str, far: str | None, *, upwards: bool
) -> QuerySet[Conversion]:
    """Return the rows after `edge` as far as `far`, in the direction of the search."""
    if upwards:
        rows = rows.filter(pk__gt=edge)
        return (rows if far is None else rows.filter(pk__lte=far)).order_by("pk")
    if edge:
        rows = rows.filter(pk__lt=edge)
    return (rows if far is None else rows.filter(pk__gte=far)).order_by("-pk")


def counts(caller: Caller, wanted: Filters) -> Mapping[str, Count]:
    """Count the statuses among the latest conversions that the other filters find, in one query."""
    without = ConversionFilters.model_validate(
        {name: value for name, value in wanted.wanted().items() if name != "status"}
    )
    newest = conversions.visible(caller).order_by("-pk").values_list("pk", flat=True)
    begin = next(iter(newest[COUNTED : COUNTED + 1]), None)
    rows = narrow(conversions.visible(caller), without, conversions.filters)
    if begin is not None:
        rows = rows.filter(pk__gt=begin)
    found = Counter(rows.order_by().values_list("status", flat=True))
    more = begin is not None
    numbers = {each.value: Count(found[each.value], more=more) for each in Status}
    if more and caller.manages and not without.wanted():
        numbers |= {status: _count(status) for status in WAITING}
    return {**numbers, "all": Count(sum(found.values()), more=more)}


def _count(status: str) -> Count:
    """Count what waits, all of it, as far as tabs count."""
    (row,) = named.select("count_open_conversions", status, COUNTED_WAITING + 1)
    return Count(min(row["number"], COUNTED_WAITING), more=row["number"] > COUNTED_WAITING)
