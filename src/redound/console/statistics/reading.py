"""Reading figures: which table answers, whose rows, summed by what. No raw traffic is read here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, F, Q, Sum, Value

from redound.console import named
from redound.console.catalog.models import Goal
from redound.console.clock import now_ms
from redound.console.statistics.figures import COUNTS, DELIVERY_COUNTS, SUMS, DeliveryFigures, Figures
from redound.console.statistics.periods import DAY_MS, HOUR_MS, segments, start_of
from redound.console.traffic import figures as tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.db.models import Model, QuerySet

    from redound.console.accounts.callers import Caller

SUBS: Final = ("sub2", "sub3", "sub4", "sub5")
GROUPS: Final = ("affiliate", "offer", "goal", "campaign", "link", "country", *SUBS)
DELIVERY_GROUPS: Final = ("postback", "affiliate", "offer")
UNITS: Final = {"hour": HOUR_MS, "day": DAY_MS}
_BY_LINK: Final = frozenset({"campaign", "link", "country"})
_SUMS: Final = {name: Sum(name, default=0) for name in (*COUNTS, *SUMS)}
_DELIVERY_SUMS: Final = {name: Sum(name, default=0) for name in DELIVERY_COUNTS}
MARKS: Final = ("clicks", "conversions", "deliveries", "attempts")

UTC_ZONE: Final = ZoneInfo("UTC")

Key = tuple[int | None, str]
"""The first ms of a period (None without an interval) and the value of the group ("" without one)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What figures are wanted: of when (ms, by half-hours), of what, grouped by what, in which zone."""

    since: int
    until: int
    zone: ZoneInfo
    group: str | None = None
    interval: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def subs(self) -> tuple[str, ...]:
        """Which of sub2 to sub5 the question names."""
        return tuple(name for name in SUBS if name == self.group or name in self.filters)

    @property
    def dimensions(self) -> frozenset[str]:
        """Everything else it names."""
        return frozenset({self.group or "", *self.filters}) - {"", *SUBS}


def as_of_ms() -> int:
    """Return up to when everything is counted; now while nothing was ever counted."""
    marks = {row["name"]: row["value"] for row in named.select("statistics_marks")}
    times = [int(marks[f"statistics_{noun}"].rpartition(" ")[2] or 0) for noun in MARKS]
    return min(times) or now_ms()


def _traffic_tables(caller: Caller, question: Question) -> tuple[type[Model], type[Model] | None]:
    """Return the smallest table that can answer, and the same by days, if there is one."""
    if question.subs:
        return tables.SubFigures, tables.SubDays
    if question.dimensions & _BY_LINK:
        return tables.LinkFigures, tables.LinkDays
    if caller.manages and not question.dimensions:
        return tables.NetworkFigures, None
    return tables.OfferFigures, tables.OfferDays


def _narrowed(rows: QuerySet[Any], caller: Caller, question: Question) -> QuerySet[Any]:
    """Narrow to what is asked for and exists for the caller: an affiliate's own, without private goals."""
    if question.subs:
        rows = rows.filter(slot=int(question.subs[0][3:]))
    for name, value in question.filters.items():
        rows = rows.filter(**{_column(name): value})
    if caller.manages:
        return rows
    private = Goal.objects.filter(private=True).values("pk")
    return rows.filter(Q(goal_id="") | ~Q(goal_id__in=private), affiliate_id=caller.affiliate_id)


def _column(name: str | None) -> str:
    if name is None:
        return ""
    return "value" if name in SUBS else name if name == "country" else f"{name}_id"


def traffic(caller: Caller, question: Question) -> dict[Key, Figures]:
    """Return figures by period and group."""
    found: dict[Key, Figures] = {}
    group = _column(question.group)
    by = ["currency", *([group] if group else [])]
    rows = _parts(question, *_traffic_tables(caller, question))
    for key, row in _summed([_narrowed(each, caller, question) for each in rows], question, by, _SUMS, group):
        found.setdefault(key, Figures()).add(row)
    return found


def _parts(question: Question, halves: type[Model], days: type[Model] | None) -> list[QuerySet[Any]]:
    """Return the rows of the range: whole days of UTC from the table of days where time does not matter."""
    first, last = -(-question.since // DAY_MS) * DAY_MS, question.until // DAY_MS * DAY_MS
    cuts = [(halves, question.since, question.until)]
    if days is not None and question.interval is None and first < last:
        cuts = [(halves, question.since, first), (days, first, last), (halves, last, question.until)]
    return [
        table._default_manager.filter(at__gte=since, at__lt=until)
        for table, since, until in cuts
        if since < until
    ]


def _summed(
    parts: list[QuerySet[Any]], question: Question, by: list[str], sums: Mapping[str, Sum], group: str
) -> Iterator[tuple[Key, Mapping[str, Any]]]:
    """Yield sums by period and group. A range is read once for each offset that its zone has in it."""
    if question.interval is None:
        for rows in parts:
            for row in rows.values(*by).annotate(**sums).order_by():
                yield (None, row[group] if group else ""), row
        return
    (rows,) = parts
    unit = UNITS[question.interval]
    for since, until, offset in segments(question.since, question.until, question.zone):
        cut = rows.filter(at__gte=since, at__lt=until).annotate(
            period=_integer((F("at") + Value(offset)) / Value(unit))
        )
        for row in cut.values("period", *by).annotate(**sums).order_by():
            start = start_of(row["period"], unit, offset, question.zone)
            yield (start, row[group] if group else ""), row


def _integer(expression: Any) -> Any:
    """Return whole numbers divided as both databases divide them: without a rest."""
    expression.output_field = BigIntegerField()
    return expression


def total(caller: Caller, since: int, until: int, filters: Mapping[str, str] | None = None) -> Figures:
    """Return all traffic of a range."""
    question = Question(since, until, UTC_ZONE, filters=filters or {})
    return traffic(caller, question).get((None, ""), Figures())


def _own_deliveries(rows: QuerySet[Any], caller: Caller, question: Question) -> QuerySet[Any]:
    """Narrow to what is asked for and exists for the caller: an affiliate's are of their own postbacks."""
    rows = rows.filter(**{f"{name}_id": value for name, value in question.filters.items()})
    return rows if caller.manages else rows.filter(affiliate_id=caller.affiliate_id)


def deliveries(caller: Caller, question: Question) -> dict[Key, DeliveryFigures]:
    """Return figures of deliveries by period and group."""
    found: dict[Key, DeliveryFigures] = {}
    group = _column(question.group)
    halves: type[Model] = tables.DeliveryFigures
    days: type[Model] | None = tables.DeliveryDays
    if caller.manages and not question.dimensions:
        halves, days = tables.NetworkDeliveryFigures, None
    rows = [_own_deliveries(each, caller, question) for each in _parts(question, halves, days)]
    for key, row in _summed(rows, question, [group] if group else [], _DELIVERY_SUMS, group):
        found.setdefault(key, DeliveryFigures()).add(row)
    return found


def delivery_total(caller: Caller, since: int, until: int) -> DeliveryFigures:
    """Return all deliveries of a range."""
    return deliveries(caller, Question(since, until, UTC_ZONE)).get((None, ""), DeliveryFigures())
