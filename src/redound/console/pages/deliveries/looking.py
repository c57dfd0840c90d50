"""Finding deliveries among millions: IDs by the index that fits, a bounded number of them at a go.

What no index narrows (an offer, a goal, an answer) is looked for among the latest ones; a page that did not
fill says how far was looked and goes on from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redound.console import named
from redound.console.columns import milliseconds
from redound.console.postbacks.models import Postback
from redound.console.shell.listing import Count, Looked
from redound.core.deliveries import Queue
from redound.core.ids import id_floor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redound.console.accounts.callers import Caller
    from redound.console.filters import Filters
    from redound.console.shell.listing import Place

COUNTED: Final = 1_000
"""Tabs count so far; beyond, they show that there are more."""
WINDOW, WINDOW_OF = 2_000, 600
"""Among how many of the latest deliveries is searched: of all, and of each postback of an affiliate."""
FIRST, AFTER_ALL = "", "~"
BY_ID: Final = frozenset({"q", "click_id", "conversion_id"})
"""Filters that find a few rows by an index of their own."""
BY_RANGE: Final = frozenset({"since", "until", "postback_id", "affiliate_id"})
"""Filters that the queries here take; the state is apart."""
OF_SOME: Final[Mapping[str, str]] = {
    "latest_deliveries": "latest_deliveries_of",
    "latest_failed_deliveries": "latest_failed_deliveries_of",
    "latest_due": "latest_due_of",
    "next_deliveries": "next_deliveries_of",
    "count_deliveries": "count_deliveries_of",
    "count_failed_deliveries": "count_failed_deliveries_of",
    "count_due": "count_due_of",
}
"""The same queries for the deliveries of some postbacks."""
OPEN: Final = frozenset({"pending", "leased", "retrying", "parked"})


def look(caller: Caller, wanted: Filters, place: Place) -> Looked | None:
    """Return the IDs among which the rows of a page are; None when a filter finds them by itself."""
    given = wanted.wanted()
    if not BY_ID.isdisjoint(given):
        return None
    states = _states(given)
    owners = owners_of(caller, given)
    since, before = bounds(wanted, place.before)
    searched = bool(given.keys() - BY_RANGE - {"state"}) or states not in ({"failed"}, set())
    window = WINDOW if owners is None else WINDOW_OF
    most = window if searched else place.limit + 1
    if place.after:
        found = _ids("next_deliveries", owners, max(place.after, since), before, most)
    else:
        found = _ids(_line(states), owners, since, before, most)
    return Looked(found, last=found[-1] if len(found) == most else None)


def _line(states: set[str]) -> str:
    """Return the query that goes through the fewest rows for these states."""
    if states == {"failed"}:
        return "latest_failed_deliveries"
    return "latest_due" if states and states <= OPEN else "latest_deliveries"


def counts(caller: Caller, wanted: Filters) -> Mapping[str, Count]:
    """Count what the tabs show, as far as that is cheap; nothing while other filters are on."""
    given = wanted.wanted()
    if given.keys() - BY_RANGE - {"state"}:
        return {}
    owners = owners_of(caller, given)
    place = (owners, *bounds(wanted), COUNTED + 1)
    by_state = {str(row["state"]): int(row["number"]) for row in _select("count_deliveries", *place)}
    failed = int(_select("count_failed_deliveries", *place)[0]["number"])
    due = _select("count_due", *place)
    parked = sum(row["number"] for row in due if row["queue"] == Queue.PARKED)
    tried = sum(row["number"] for row in due if row["queue"] != Queue.PARKED and row["tried"])
    every = sum(by_state.values())
    return {
        "all": _count(every),
        "failed": _count(failed),
        "retrying": _count(tried),
        "parked": _count(parked),
        "delivered": Count(min(by_state.get("delivered", 0), COUNTED), more=every > COUNTED),
    }


def owners_of(caller: Caller, given: Mapping[str, object]) -> list[str] | None:
    """Return the postbacks whose deliveries are meant; None for all there are."""
    affiliate_id = caller.affiliate_id or given.get("affiliate_id")
    wanted = given.get("postback_id")
    if affiliate_id is None:
        return [str(wanted)] if wanted is not None else None
    own = Postback.objects.filter(affiliate_id=str(affiliate_id))
    if wanted is not None:
        own = own.filter(pk=str(wanted))
    return list(own.values_list("pk", flat=True))


def bounds(wanted: Filters, before: str = "") -> tuple[str, str]:
    """Return the IDs that a page lies between, from the times asked for and the place it begins at."""
    since = id_floor("dlv", milliseconds(wanted.since)) if wanted.since is not None else FIRST
    until = id_floor("dlv", milliseconds(wanted.until)) if wanted.until is not None else AFTER_ALL
    return since, min(until, before or AFTER_ALL)


def _states(given: Mapping[str, object]) -> set[str]:
    return set(str(given.get("state", "")).split(",")) - {""}


def _count(number: int) -> Count:
    return Count(min(number, COUNTED), more=number > COUNTED)


def _ids(query: str, owners: Sequence[str] | None, *values: object) -> list[str]:
    return [str(row["id"]) for row in _select(query, owners, *values)]


def _select(query: str, owners: Sequence[str] | None, *values: object) -> list[named.Row]:
    if owners is None:
        return named.select(query, *values)
    return named.select(OF_SOME[query], named.array(owners), *values)
