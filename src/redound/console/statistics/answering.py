"""Answers: figures in order, with names, totals and the period before; the same for the API and the pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from redound.console.catalog.models import Affiliate, Campaign, Goal, Link, Offer
from redound.console.postbacks.models import Postback
from redound.console.statistics import reading
from redound.console.statistics.figures import DeliveryFigures, Figures
from redound.console.statistics.periods import periods

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from django.db.models import Model

    from redound.console.accounts.callers import Caller
    from redound.console.statistics.reading import Key, Question

F = TypeVar("F", Figures, DeliveryFigures)

MOST_ROWS: Final = 1_000
_NAMED: Final[Mapping[str, type[Model]]] = {
    "affiliate": Affiliate,
    "offer": Offer,
    "goal": Goal,
    "campaign": Campaign,
    "link": Link,
    "postback": Postback,
}


@dataclass(frozen=True, slots=True)
class Row(Generic[F]):
    """Figures of one period (its first ms) and one value of the group; without them None and ""."""

    at: int | None
    key: str
    name: str
    figures: F


@dataclass(frozen=True, slots=True)
class Answer(Generic[F]):
    """`rows` are in order of time, else the largest first; `cut` says that there were more of them."""

    question: Question
    as_of_ms: int
    total: F
    rows: list[Row[F]]
    cut: bool = False
    previous: F | None = None


def of_traffic(caller: Caller, question: Question, *, compare: bool = False) -> Answer[Figures]:
    """Return what traffic came to."""
    return _answer(caller, question, Figures, reading.traffic, compare=compare)


def of_deliveries(caller: Caller, question: Question, *, compare: bool = False) -> Answer[DeliveryFigures]:
    """Return what postbacks came to."""
    return _answer(caller, question, DeliveryFigures, reading.deliveries, compare=compare)


def _answer(
    caller: Caller,
    question: Question,
    kind: type[F],
    read: Callable[[Caller, Question], dict[Key, F]],
    *,
    compare: bool,
) -> Answer[F]:
    found = read(caller, question)
    plain = question.group is None and question.interval is None
    overall = replace(question, group=None, interval=None)
    total = kind()
    for figures in found.values():
        total.merge(figures)
    if question.subs and question.group is not None:
        # Clicks without a value are in no row of the group.
        total = read(caller, overall).get((None, ""), kind())
    if question.group == "goal":
        found = {key: figures for key, figures in found.items() if key[1]}
    if question.interval is not None and question.group is None:
        for at in periods(question.since, question.until, question.interval, question.zone):
            found.setdefault((at, ""), kind())
    ordered = sorted(found.items(), key=_order)
    shown = [] if plain else ordered[:MOST_ROWS]
    names = names_of(question.group, {key for (_, key), _ in shown})
    previous = read(caller, before(overall)).get((None, ""), kind()) if compare else None
    rows = [Row(at, key, names.get(key, key), figures) for (at, key), figures in shown]
    return Answer(
        question, reading.as_of_ms(), total, rows, not plain and len(ordered) > len(shown), previous
    )


def before(question: Question) -> Question:
    """Return the same question about the range of the same length before it."""
    return replace(question, since=question.since - (question.until - question.since), until=question.since)


def _order(item: tuple[Key, Any]) -> tuple[Any, ...]:
    (at, key), figures = item
    if isinstance(figures, Figures):
        size = (figures.clicks, figures.conversions)
    else:
        size = (figures.attempts, figures.fired)
    return (at or 0, *(-each for each in size), key)


def names_of(group: str | None, keys: Collection[str]) -> dict[str, str]:
    """Return the names of things by their IDs; what has none is left out."""
    model = _NAMED.get(group or "")
    if model is None or not keys:
        return {}
    found = model._default_manager.filter(pk__in=[key for key in keys if key]).values_list("pk", "name")
    return {pk: name for pk, name in found if name}
