"""Figures as a page shows them: tiles with comparisons, charts, and a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from redound.console.shell import charts
from redound.console.statistics.figures import DeliveryFigures, Earned, Figures, change
from redound.console.statistics.words import (
    NOTHING,
    amount,
    count,
    group_in_words,
    in_percent,
    milliseconds,
    percent,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.utils.safestring import SafeString

    from redound.console.accounts.callers import Caller
    from redound.console.statistics.answering import Answer, Row
    from redound.console.statistics.reading import Question


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure; `change` compares it with the period before, "" without one."""

    label: str
    value: str
    change: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: its name, the value that a click narrows to ("" for none), its cells."""

    name: str
    key: str
    cells: tuple[str | tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its title and legend."""

    title: str
    drawn: SafeString
    legend: SafeString


def traffic_tiles(answer: Answer[Figures], caller: Caller) -> list[Tile]:
    """Return the totals; money a tile for each currency."""
    now, before = answer.total, answer.previous
    compared = before if before is not None else Figures()
    shown = before is not None
    found = [
        _tile(_("Clicks"), count(now.clicks), now.clicks, compared.clicks, shown=shown),
        _tile(_("Conversions"), count(now.conversions), now.conversions, compared.conversions, shown=shown),
        _tile(_("CR"), percent(now.rate, 2), now.rate, compared.rate, shown=shown),
    ]
    for currency in sorted({*now.money, *compared.money}):
        earned, earlier = (each.money.get(currency, Earned()) for each in (now, compared))
        found += [
            _tile(
                _in_currency(label, currency),
                amount(getattr(earned, name), currency),
                *_pair(earned, earlier, name),
                shown=shown,
            )
            for label, name in _sums(caller)
        ]
    return found


def _sums(caller: Caller) -> list[tuple[str, str]]:
    payout = [(_("Payout"), "approved_payout_minor")]
    if not caller.manages:
        return [*payout, (_("Pending payout"), "open_payout_minor")]
    return [(_("Revenue"), "approved_revenue_minor"), *payout, (_("Profit"), "profit_minor")]


def _pair(now: Any, before: Any, name: str) -> tuple[int, int]:
    return getattr(now, name), getattr(before, name)


def delivery_tiles(answer: Answer[DeliveryFigures]) -> list[Tile]:
    """Return the totals of deliveries."""
    now, before = answer.total, answer.previous
    compared = before if before is not None else DeliveryFigures()
    shown = before is not None
    return [
        _tile(_("Delivered"), count(now.delivered), now.delivered, compared.delivered, shown=shown),
        _tile(_("Failed"), count(now.failed), now.failed, compared.failed, shown=shown, good=-1),
        _tile(_("Success rate"), percent(now.rate), now.rate, compared.rate, shown=shown),
        _tile(
            _("Response time, p95"),
            milliseconds(now.p95_ms),
            now.p95_ms,
            compared.p95_ms,
            shown=shown,
            good=-1,
        ),
    ]


def _tile(
    label: str, value: str, now: float | None, before: float | None, *, shown: bool, good: int = 1
) -> Tile:
    moved = change(now, before) if shown and (before or 0) >= 0 else None
    words = in_percent(moved)
    direction = "" if moved is None or words == _("unchanged") else "up" if moved * good > 0 else "down"
    return Tile(label, value, words, direction)


def _in_currency(label: str, currency: str) -> str:
    return pgettext("sum and currency", "%(label)s, %(currency)s") % {"label": label, "currency": currency}


def currencies_of(answer: Answer[Figures]) -> list[str]:
    """Return the currencies of a table; a single one stands above its columns instead of in each cell."""
    return sorted(answer.total.money)


def traffic_columns(answer: Answer[Figures], caller: Caller) -> list[str]:
    """Return the words of the table's columns."""
    money = [_("Payout"), _("Pending payout"), _("EPC")]
    if caller.manages:
        money = [_("Revenue"), *money[:2], _("Profit"), money[2]]
    currencies = currencies_of(answer)
    if len(currencies) == 1:
        money = [_in_currency(label, currencies[0]) for label in money]
    counts = (_("Clicks"), _("Valid"), _("Conversions"), _("Approved"), _("Rejected"), _("Refunded"), _("CR"))
    return [*counts, *money]


def traffic_lines(answer: Answer[Figures], caller: Caller) -> list[Line]:
    """Return the rows of the table; money has a line for each currency."""
    alone = len(currencies_of(answer)) <= 1
    return [_traffic_line(row, answer.question, caller, alone=alone) for row in answer.rows]


def _traffic_line(row: Row[Figures], question: Question, caller: Caller, *, alone: bool) -> Line:
    figures = row.figures
    by_goal = question.group == "goal"
    counts = (
        NOTHING if by_goal else count(figures.clicks),
        NOTHING if by_goal else count(figures.valid_clicks),
        count(figures.conversions),
        count(figures.approved),
        count(figures.rejected),
        count(figures.refunded),
        percent(figures.rate, 2),
    )
    return Line(_name(row, question), row.key, (*counts, *_money_cells(figures, caller, alone=alone)))


def _money_cells(figures: Figures, caller: Caller, *, alone: bool) -> list[tuple[str, ...]]:
    names = ["approved_payout_minor", "open_payout_minor"]
    if caller.manages:
        names = ["approved_revenue_minor", *names, "profit_minor"]
    cells = [
        tuple(
            _cell(amount(getattr(earned, name), currency), currency, alone=alone)
            for currency, earned in found
        )
        for found in [sorted(figures.money.items())]
        for name in names
    ]
    per_click = [(each, figures.per_click(each) or NOTHING) for each in sorted(figures.money)]
    epc = tuple(_cell(words, currency, alone=alone) for currency, words in per_click)
    return [cell or (NOTHING,) for cell in (*cells, epc)]


def _cell(words: str, currency: str, *, alone: bool) -> str:
    if alone:
        return words
    return pgettext("amount and currency", "%(amount)s %(currency)s") % {
        "amount": words,
        "currency": currency,
    }


def delivery_columns() -> list[str]:
    """Return the words of the table's columns."""
    return [
        *(_("Fired"), _("Delivered"), _("Failed"), _("Cancelled"), _("Success"), _("Attempts")),
        *(_("Failed attempts"), "p50", "p95"),
    ]


def delivery_lines(answer: Answer[DeliveryFigures]) -> list[Line]:
    """Return the rows of the table of deliveries."""
    return [_delivery_line(row, answer.question) for row in answer.rows]


def _delivery_line(row: Row[DeliveryFigures], question: Question) -> Line:
    figures = row.figures
    cells = (
        count(figures.fired),
        count(figures.delivered),
        count(figures.failed),
        count(figures.cancelled),
        percent(figures.rate),
        count(figures.attempts),
        count(figures.attempts - figures.good_attempts),
        milliseconds(figures.p50_ms),
        milliseconds(figures.p95_ms),
    )
    return Line(_name(row, question), row.key, cells)


def _name(row: Row[Any], question: Question) -> str:
    if row.at is not None:
        return in_time(row.at, question)
    if row.name:
        return row.name
    if question.subs:
        return _("(other)")
    return _("(a manager's)") if question.group == "affiliate" else _("(unknown)")


def in_time(at_ms: int, question: Question, *, short: bool = False) -> str:
    """Return a period in words: a day, or the hour at which it began."""
    at = datetime.fromtimestamp(at_ms / 1000, question.zone)
    if question.interval == "hour":
        return date_format(at, "H:i" if short else "j M H:i")
    return date_format(at, "j M" if short else "D, j M Y")


def first_column(question: Question) -> str:
    """Return what the first column of the table is."""
    if question.group is not None:
        return group_in_words(question.group)
    return _("Hour") if question.interval == "hour" else _("Day")


def traffic_charts(answer: Answer[Figures]) -> list[Chart]:
    """Return clicks and conversions over time."""
    clicks = (charts.Series(_("Clicks")),)
    statuses = (
        charts.Series(_("Approved"), "ok"),
        charts.Series(_("Pending and on hold"), "soft"),
        charts.Series(_("Rejected and refunded"), "bad"),
    )
    return [
        _chart(_("Clicks"), answer, clicks, lambda each: (each.clicks,)),
        _chart(
            _("Conversions"),
            answer,
            statuses,
            lambda each: (each.approved, each.pending + each.hold, each.rejected + each.refunded),
        ),
    ]


def delivery_charts(answer: Answer[DeliveryFigures]) -> list[Chart]:
    """Return how deliveries ended over time."""
    series = (
        charts.Series(_("Delivered"), "ok"),
        charts.Series(_("Failed"), "bad"),
        charts.Series(_("Cancelled"), "soft"),
    )
    return [
        _chart(_("Deliveries"), answer, series, lambda each: (each.delivered, each.failed, each.cancelled))
    ]


def _chart(
    title: str,
    answer: Answer[Any],
    series: Sequence[charts.Series],
    values: Callable[[Any], tuple[int, ...]],
) -> Chart:
    question = answer.question
    points = []
    totals = [0] * len(series)
    for row in answer.rows:
        found = values(row.figures)
        totals = [total + value for total, value in zip(totals, found, strict=True)]
        told = ", ".join(f"{one.name} {count(value)}" for one, value in zip(series, found, strict=True))
        at = row.at or 0
        points.append(
            charts.Point(in_time(at, question, short=True), f"{in_time(at, question)}: {told}", found)
        )
    summed = ", ".join(f"{one.name} {count(total)}" for one, total in zip(series, totals, strict=True))
    drawn = charts.bars(points, series, f"{title}: {summed}")
    return Chart(title, drawn, charts.legend(series))
