"""What the address of a statistics page asks for. What cannot be used is left out, and said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from redound.console.errors import InvalidError
from redound.console.statistics.asking import DeliveriesAsked, TrafficAsked
from redound.console.statistics.periods import DAY_MS, start_of_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from django.http import QueryDict
    from django.utils.functional import _StrPromise
    from pydantic import BaseModel

    from redound.console.statistics.reading import Question

A = TypeVar("A", TrafficAsked, DeliveriesAsked)

RANGES: Final[Mapping[str, _StrPromise]] = {
    "24h": gettext_lazy("24 hours"),
    "today": gettext_lazy("Today"),
    "yesterday": gettext_lazy("Yesterday"),
    "7d": gettext_lazy("7 days"),
    "30d": gettext_lazy("30 days"),
    "90d": gettext_lazy("90 days"),
    "dates": gettext_lazy("Dates"),
}
DEFAULT_RANGE: Final = "7d"
HOURLY_UP_TO_MS: Final = 3 * DAY_MS


@dataclass(frozen=True, slots=True)
class Wish(Generic[A]):
    """`given` is what was usable, as it stands in the address; `left_out` says what was not.

    `since` and `until` are the first and last day of the range "dates", as fields show them.
    """

    asked: A
    question: Question
    range: str
    since: str
    until: str
    given: Mapping[str, str]
    left_out: tuple[str, ...]

    def query(self, **changes: str) -> str:
        """Return the query string with some of it changed; "" takes it out."""
        pairs = {name: value for name, value in {**self.given, **changes}.items() if value}
        return f"?{urlencode(pairs)}" if pairs else "?"


def read(query: QueryDict, form: type[A]) -> Wish[A]:
    """Return what a query string wishes for, in the reader's zone."""
    zone: Any = timezone.get_current_timezone()
    given = {
        name: str(query.get(name, "")).strip()
        for name in ("range", *cast("type[BaseModel]", form).model_fields)
        if str(query.get(name, "")).strip()
    }
    given.pop("zone", None)
    left_out: list[str] = []
    chosen = given.get("range", DEFAULT_RANGE)
    first, last = _days(given, chosen, zone, left_out)
    if chosen not in RANGES:
        left_out.append(f"range: {chosen}")
        chosen = given["range"] = DEFAULT_RANGE
    since, until = _moments(chosen, first, last, zone)
    values: dict[str, Any] = {
        name: text for name, text in given.items() if name not in ("range", "since", "until")
    }
    values |= {"since": since, "until": until, "zone": zone.key}
    if "sub1" in values:
        values.pop("interval", None)  # a search gives totals alone
    else:
        values["interval"] = _interval(since, until)
    asked, question = _usable(form, values, given, left_out)
    return Wish(asked, question, chosen, first.isoformat(), last.isoformat(), given, tuple(left_out))


def _interval(since: datetime, until: datetime) -> str:
    return "hour" if until - since <= timedelta(milliseconds=HOURLY_UP_TO_MS) else "day"


def _days(given: dict[str, str], chosen: str, zone: ZoneInfo, left_out: list[str]) -> tuple[date, date]:
    """Return the first and the last day that the fields name; the last week without them."""
    today = datetime.now(zone).date()
    found = {"since": today - timedelta(days=6), "until": today}
    for name in found:
        text = given.get(name)
        if text is None or chosen != "dates":
            given.pop(name, None)
            continue
        try:
            found[name] = date.fromisoformat(text)
        except ValueError:
            left_out.append(f"{name}: {given.pop(name)}")
    if found["since"] > found["until"]:
        found["since"], found["until"] = found["until"], found["since"]
    return found["since"], found["until"]


def _moments(chosen: str, first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    now = datetime.now(zone)
    today = now.date()
    match chosen:
        case "24h":
            return now - timedelta(hours=24), now
        case "today":
            first, last = today, today
        case "yesterday":
            first = last = today - timedelta(days=1)
        case "7d" | "30d" | "90d":
            first, last = today - timedelta(days=int(chosen[:-1]) - 1), today
        case _:
            pass
    since, until = start_of_day(first, zone), start_of_day(last + timedelta(days=1), zone)
    return (
        datetime.fromtimestamp(since / 1000, zone),
        min(
            datetime.fromtimestamp(until / 1000, zone),
            max(now, datetime.fromtimestamp(since / 1000 + 1, zone)),
        ),
    )


def _usable(
    form: type[A], values: dict[str, Any], given: dict[str, str], left_out: list[str]
) -> tuple[A, Question]:
    """Return the form and its question; filters that do not fit each other go, one after the other."""
    while True:
        try:
            asked = form.model_validate(values)
            return asked, asked.question()
        except ValidationError as error:
            bad = {str(one["loc"][0]): one["msg"].removeprefix("Value error, ") for one in error.errors()}
        except InvalidError as error:
            bad = {fault.pointer.removeprefix("?"): fault.detail for fault in error.faults}
        for name, why in bad.items():
            left_out.append(f"{name}: {why}")
            given.pop(name, None)
            if name in ("since", "until"):
                given["range"] = DEFAULT_RANGE
                zone: Any = timezone.get_current_timezone()
                today = datetime.now(zone).date()
                values["since"], values["until"] = _moments(DEFAULT_RANGE, today, today, zone)
                values["interval"] = "day"
            elif values.pop(name, None) is None and values.pop("group_by", None) is None:
                msg = f"{name} cannot be left out"
                raise AssertionError(msg)
