"""What the address of a list asks for; what cannot be used is left out, and said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from redound.console.errors import InvalidError
from redound.console.paging import read_cursor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import QueryDict

    from redound.console.filters import Filters
    from redound.console.shell.listing.spec import Column

PAGING = frozenset({"limit", "cursor"})
NOT_KEPT = frozenset({"cursor", "newer", "format"})
"""Parameters that say where in a list somebody is, not which list it is."""
_AGO = re.compile(r"(\d{1,4})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Asked:
    """`given` are the usable filters as written, `wanted` as read. `columns` are names, in the list's order.

    `cursor` and `newer` are IDs that the page begins after. `left_out` says what could not be used.
    """

    wanted: Filters
    given: Mapping[str, str]
    columns: tuple[str, ...]
    chosen_columns: bool
    cursor: str = ""
    newer: str = ""
    limit: str = ""
    left_out: tuple[str, ...] = ()

    def query(self, *, without: Iterable[str] = (), **changes: str) -> str:
        """Return the query string of this list with filters changed, or left out; "" for all of it."""
        pairs: dict[str, str] = dict(self.given)
        if self.chosen_columns:
            pairs["cols"] = ",".join(self.columns)
        if self.limit:
            pairs["limit"] = self.limit
        pairs |= changes
        gone = set(without)
        kept = [(name, value) for name, value in pairs.items() if value and name not in gone]
        return f"?{urlencode(kept, safe=',')}" if kept else "?"


def read(query: QueryDict, filters: type[Filters], columns: Iterable[Column]) -> Asked:
    """Return what a query string asks for."""
    names = [name for name in filters.model_fields if name not in PAGING]
    given = {name: text for name in names if (text := _joined(query, name))}
    values: dict[str, Any] = dict(given)
    values |= {name: _moment(given[name]) for name in ("since", "until") if name in given}
    limit = query.get("limit", "")
    if limit:
        values["limit"] = limit
    wanted, bad = _usable(filters, values)
    cursor, newer = _cursor(query, "cursor"), _cursor(query, "newer")
    left_out = [
        *(f"{name}: {message}" for name, message in bad.items()),
        *(_("The place in the list could not be read.") for each in (cursor, newer) if each is None),
    ]
    chosen = set(_joined(query, "cols").split(",")) - {""}
    known = [each for each in columns if (each.name in chosen if chosen else each.shown)]
    return Asked(
        wanted=wanted,
        given={name: text for name, text in given.items() if name not in bad},
        columns=tuple(each.name for each in known),
        chosen_columns=bool(chosen),
        cursor=cursor or "",
        newer=newer or "",
        limit="" if "limit" in bad else limit,
        left_out=tuple(left_out),
    )


def _joined(query: QueryDict, name: str) -> str:
    """Return a parameter; one that comes several times is one with commas."""
    return ",".join(text for each in query.getlist(name) if (text := str(each).strip()))


def _cursor(query: QueryDict, name: str) -> str | None:
    text = query.get(name, "")
    if not text:
        return ""
    try:
        return read_cursor(text)
    except InvalidError:
        return None


def _usable(filters: type[Filters], values: dict[str, Any]) -> tuple[Filters, dict[str, str]]:
    """Return the filters that can be read, and for each other one why not."""
    try:
        return filters.model_validate(values), {}
    except ValidationError as error:
        bad = {str(one["loc"][0]): one["msg"].removeprefix("Value error, ") for one in error.errors()}
    return filters.model_validate({name: each for name, each in values.items() if name not in bad}), bad


def _moment(text: str) -> str:
    """Return RFC 3339 for "24h" ago, or a date and time in the reader's zone; anything else as it is."""
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return (datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})).isoformat()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (at if at.tzinfo is not None else timezone.make_aware(at)).isoformat()
