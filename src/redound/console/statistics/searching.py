"""sub1 is usually another value for every click, so it is not rolled up: it is looked up in stored clicks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from redound.console import named
from redound.console.columns import read_json
from redound.console.records.clicks import visible as clicks_of
from redound.console.records.conversions import visible as conversions_of
from redound.console.statistics.figures import Figures
from redound.core.states import Status
from redound.core.statistics import FIGURES, Deltas, Place, Standing
from redound.core.trace.sub_values import MOST_REPEATS, day_of, value_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redound.console.accounts.callers import Caller
    from redound.console.statistics.reading import Question

MOST_CLICKS: Final = 1_000
_NO_NAMES: Final = (None, None, None, None)


@dataclass(frozen=True, slots=True)
class Found:
    """What clicks with the value came to. `partial`: there may be more of them than were found."""

    figures: Figures
    clicks: int
    partial: bool


def by_sub1(caller: Caller, value: str, question: Question) -> Found:
    """Return the figures of clicks whose sub1 is exactly this, and of what they led to.

    Conversions are those of the clicks found, whenever they were made.
    """
    days = range(day_of(question.since), day_of(question.until - 1) + 1)
    wanted = (named.numbers(days), named.numbers([value_key(value)]), MOST_CLICKS)
    ids = [row["click_id"] for row in named.select("clicks_with_values", *wanted)]
    narrowed = {
        ("country" if name == "country" else f"{name}_id"): of for name, of in question.filters.items()
    }
    goal_id = narrowed.pop("goal_id", None)
    found = clicks_of(caller).filter(pk__in=ids, test=False, **narrowed)
    clicks = [click for click in found if _is_asked_for(click, value, question)]
    conversions = conversions_of(caller).filter(click_id__in=[click.id for click in clicks], test=False)
    if goal_id is not None:
        conversions = conversions.filter(goal_id=goal_id)
    return Found(_figures(clicks, conversions), len(clicks), len(ids) >= MOST_REPEATS)


def _is_asked_for(click: Any, value: str, question: Question) -> bool:
    params = read_json(click.params) or {}
    return params.get("sub1") == value and question.since <= click.created_at < question.until


def _figures(clicks: Iterable[Any], conversions: Iterable[Any]) -> Figures:
    deltas = Deltas()
    for click in clicks:
        deltas.click(_place(click), _NO_NAMES, valid=click.valid)
    for row in conversions:
        standing = Standing(
            Status(row.status),
            row.payout_minor,
            row.payout_currency,
            row.revenue_minor,
            row.revenue_currency,
        )
        deltas.conversion(_place(row), _NO_NAMES, standing, 1)
    figures = Figures()
    for key, vector in deltas.offers.items():
        figures.add({**dict(zip(FIGURES, vector, strict=True)), "currency": key[-1]})
    return figures


def _place(row: Any) -> Place:
    return Place(row.created_at, row.affiliate_id, row.offer_id, row.campaign_id, row.link_id, "")
