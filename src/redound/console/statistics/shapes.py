"""Figures as the API tells them, and as lines of a CSV file.

Shapes are read at run time by pydantic, so this module does without postponed annotations.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from redound.console.accounts.callers import Caller
from redound.console.forms import Instant, Shape
from redound.console.render import Values, amount, maybe_moment_ms, moment_ms
from redound.console.statistics.answering import Answer, Row
from redound.console.statistics.figures import DeliveryFigures, Figures
from redound.console.statistics.reading import Question
from redound.console.statistics.searching import Found

Rate = Annotated[float | None, Field(description="0 to 1; null when there is nothing to divide by")]
Managers = Annotated[str | None, Field(description="decimal; null for an affiliate")]


class EarnedShape(Shape):
    """Money of one currency, of approved conversions; `open_…` is of those pending or on hold."""

    currency: str
    payout: str
    open_payout: str
    epc: str | None
    revenue: Managers
    open_revenue: Managers
    profit: Managers


class FiguresShape(Shape):
    """What traffic came to. `conversions` are pending, held and approved ones, `cr` those per valid click."""

    clicks: int
    valid_clicks: int
    conversions: int
    pending: int
    hold: int
    approved: int
    rejected: int
    refunded: int
    cr: Rate
    money: list[EarnedShape]


class TrafficRowShape(FiguresShape):
    """Figures of one period (`at`, its beginning) and one value of the group (`key`, with its `name`)."""

    at: Instant | None
    key: str | None
    name: str | None


class DeliveryFiguresShape(Shape):
    """What postbacks came to. `success_rate` is of those delivered or failed, `p95_ms` of answers."""

    fired: int
    delivered: int
    failed: int
    cancelled: int
    attempts: int
    failed_attempts: int
    success_rate: Rate
    p50_ms: int | None
    p95_ms: int | None


class DeliveryRowShape(DeliveryFiguresShape):
    """Figures of one period and one value of the group."""

    at: Instant | None
    key: str | None
    name: str | None


class AnswerShape(Shape):
    """What was asked, and up to when (`as_of`) everything is counted. `cut`: there were more rows."""

    as_of: Instant
    since: Instant
    until: Instant
    zone: str
    group_by: str | None
    interval: str | None
    cut: bool


class TrafficShape(AnswerShape):
    """`previous` are the totals of the same length of time before, when they were asked for.

    `partial` is true when a search by sub1 may not have found all clicks.
    """

    total: FiguresShape
    previous: FiguresShape | None
    partial: bool
    data: list[TrafficRowShape]


class DeliveriesShape(AnswerShape):
    """`previous` are the totals of the same length of time before, when they were asked for."""

    total: DeliveryFiguresShape
    previous: DeliveryFiguresShape | None
    data: list[DeliveryRowShape]


def figures_of(figures: Figures, caller: Caller) -> Values:
    """Return the FiguresShape's values; an affiliate is told nothing of revenue."""
    return {
        "clicks": figures.clicks,
        "valid_clicks": figures.valid_clicks,
        "conversions": figures.conversions,
        "pending": figures.pending,
        "hold": figures.hold,
        "approved": figures.approved,
        "rejected": figures.rejected,
        "refunded": figures.refunded,
        "cr": _rate(figures.rate),
        "money": [_earned(figures, currency, caller) for currency in sorted(figures.money)],
    }


def _earned(figures: Figures, currency: str, caller: Caller) -> Values:
    earned = figures.money[currency]
    ours = caller.manages
    return {
        "currency": currency,
        "payout": amount(earned.approved_payout_minor, currency),
        "open_payout": amount(earned.open_payout_minor, currency),
        "epc": figures.per_click(currency),
        "revenue": amount(earned.approved_revenue_minor, currency) if ours else None,
        "open_revenue": amount(earned.open_revenue_minor, currency) if ours else None,
        "profit": amount(earned.profit_minor, currency) if ours else None,
    }


def _rate(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def delivery_figures_of(figures: DeliveryFigures, caller: Caller) -> Values:
    """Return the DeliveryFiguresShape's values."""
    del caller
    return {
        "fired": figures.fired,
        "delivered": figures.delivered,
        "failed": figures.failed,
        "cancelled": figures.cancelled,
        "attempts": figures.attempts,
        "failed_attempts": figures.attempts - figures.good_attempts,
        "success_rate": _rate(figures.rate),
        "p50_ms": figures.p50_ms,
        "p95_ms": figures.p95_ms,
    }


def answer_of(answer: Answer[Any], caller: Caller) -> Values:
    """Return the values of a TrafficShape or DeliveriesShape."""
    shape = figures_of if isinstance(answer.total, Figures) else delivery_figures_of
    return {
        **_asked(answer.question, answer.as_of_ms),
        "cut": answer.cut,
        "partial": False,
        "total": shape(answer.total, caller),
        "previous": None if answer.previous is None else shape(answer.previous, caller),
        "data": [{**_where(row), **shape(row.figures, caller)} for row in answer.rows],
    }


def found_of(found: Found, question: Question, as_of_ms: int, caller: Caller) -> Values:
    """Return the TrafficShape's values of a search by sub1."""
    return {
        **_asked(question, as_of_ms),
        "cut": False,
        "partial": found.partial,
        "total": figures_of(found.figures, caller),
        "previous": None,
        "data": [],
    }


def _asked(question: Question, as_of_ms: int) -> Values:
    return {
        "as_of": moment_ms(as_of_ms),
        "since": moment_ms(question.since),
        "until": moment_ms(question.until),
        "zone": question.zone.key,
        "group_by": question.group,
        "interval": question.interval,
    }


def _where(row: Row[Any]) -> Values:
    return {"at": maybe_moment_ms(row.at), "key": row.key or None, "name": row.name or None}


def lines_of(answer: Answer[Any], caller: Caller) -> Iterator[list[object]]:
    """Yield the rows of a CSV file, the names of its columns first; money has a row for each currency.

    A row with money of several currencies is repeated, with its counts in the first alone.
    """
    values = answer_of(answer, caller)
    rows = values["data"] or [{"at": None, "key": None, "name": None, **values["total"]}]
    counts = [name for name in rows[0] if name not in {"at", "key", "name", "money"}]
    earned = (
        [] if "money" not in rows[0] else [name for name in EarnedShape.model_fields if _shown(name, caller)]
    )
    yield ["at", "key", "name", *counts, *earned]
    for row in rows:
        at = row["at"] and datetime.fromisoformat(row["at"]).astimezone(answer.question.zone).isoformat()
        start = [at, row["key"], row["name"], *(row[name] for name in counts)]
        monies = row.get("money") or [{}]
        yield [*start, *(monies[0].get(name) for name in earned)]
        for further in monies[1:]:
            yield [*start[:3], *[None] * len(counts), *(further[name] for name in earned)]


def _shown(name: str, caller: Caller) -> bool:
    return caller.manages or name not in {"revenue", "open_revenue", "profit"}
