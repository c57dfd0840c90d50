"""Finding reports among millions: the latest ones, or those of a click; see `pages.deliveries.looking`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redound.console import named
from redound.console.columns import milliseconds
from redound.console.shell.listing import Count, Looked
from redound.core.ids import id_floor
from redound.core.reports import HTTP_STATUSES, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.console.accounts.callers import Caller
    from redound.console.filters import Filters
    from redound.console.shell.listing import Place

COUNTED: Final = 1_000
WINDOW: Final = 2_000
"""Among how many of the latest reports is searched at a go."""
BY_RANGE: Final = frozenset({"since", "until"})
BY_ID: Final = frozenset({"q", "click_id"})
TAKEN: Final = (Verdict.ACCEPTED, Verdict.UPDATED)
REPEATED: Final = (Verdict.DUPLICATE, Verdict.IGNORED_STATUS)
UNPLACED: Final = (
    Verdict.MISSING_CLICK_ID,
    Verdict.UNREPLACED_MACRO,
    Verdict.MALFORMED_CLICK_ID,
    Verdict.CLICK_NOT_FOUND,
    Verdict.WRONG_SLOT,
)
"""For these no click could be found; the database has an index of them."""
_OK: Final = 200
REFUSED: Final = tuple(
    verdict for verdict, status in HTTP_STATUSES.items() if status != _OK and verdict not in UNPLACED
)


def look(caller: Caller, wanted: Filters, place: Place) -> Looked | None:
    """Return the IDs among which the rows of a page are; None when a filter finds them by itself."""
    del caller
    given = wanted.wanted()
    if not BY_ID.isdisjoint(given):
        return None
    verdicts = set(str(given.get("verdict", "")).split(",")) - {""}
    unplaced = bool(verdicts) and verdicts <= set(UNPLACED)
    since, before = bounds(wanted, place.before)
    searched = bool(given.keys() - BY_RANGE)
    most = WINDOW if searched else place.limit + 1
    if place.after:
        found = named.select("next_reports", max(place.after, since), before, most)
    else:
        found = named.select("latest_unplaced_reports" if unplaced else "latest_reports", since, before, most)
    ids = [str(row["id"]) for row in found]
    return Looked(ids, last=ids[-1] if len(ids) == most else None)


def counts(caller: Caller, wanted: Filters) -> Mapping[str, Count]:
    """Count what the tabs show among the latest reports; nothing while other filters are on."""
    del caller
    if wanted.wanted().keys() - BY_RANGE - {"verdict"}:
        return {}
    rows = named.select("count_reports", *bounds(wanted), COUNTED + 1)
    found = {str(row["verdict"]): int(row["number"]) for row in rows}
    every = sum(found.values())
    more = every > COUNTED

    def of(verdicts: tuple[Verdict, ...]) -> Count:
        return Count(sum(found.get(each, 0) for each in verdicts), more=more)

    return {
        "all": Count(min(every, COUNTED), more=more),
        "taken": of(TAKEN),
        "unplaced": of(UNPLACED),
        "refused": of(REFUSED),
        "repeated": of(REPEATED),
    }


def bounds(wanted: Filters, before: str = "") -> tuple[str, str]:
    """Return the IDs that a page lies between, from the times asked for and the place it begins at."""
    since = id_floor("rpt", milliseconds(wanted.since)) if wanted.since is not None else ""
    until = id_floor("rpt", milliseconds(wanted.until)) if wanted.until is not None else "~"
    return since, min(until, before or "~")
