"""The story: everything that happened to one click, in the order of its times, one event a line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from redound.core.deliveries import DeliveryState
from redound.core.trace.rules.answers import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redound.core.trace.causes import Language
    from redound.core.trace.facts import Attempt, Delivery, Facts


class EventKind(StrEnum):
    """What happened, in the order in which things follow from each other within one moment."""

    CLICK = "click"
    REPORT = "report"
    NEAR_MISS = "near_miss"
    CONVERSION = "conversion"
    STATUS = "status"
    FIRED = "fired"
    SKIPPED = "skipped"
    ATTEMPT = "attempt"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at `at` (ms). `id` is that of its row; `told` fills the sentence."""

    at: int
    kind: EventKind
    id: str
    told: Mapping[str, str]

    def text(self, language: Language = "en") -> str:
        """Return the event in words."""
        return _WORDS[language][self.kind].format_map(self.told)


_WORDS: Mapping[Language, Mapping[EventKind, str]] = {
    "en": {
        EventKind.CLICK: "Click on the link {link}{invalid}",
        EventKind.REPORT: "The advertiser reported: {verdict}",
        EventKind.NEAR_MISS: "A report came with “{claimed}” instead of our click ID: {verdict}",
        EventKind.CONVERSION: "Conversion for the goal {goal}: {status}",
        EventKind.STATUS: "The conversion became {status} (it was {was}; by {actor})",
        EventKind.FIRED: "“{postback}” fired{parked}",
        EventKind.SKIPPED: "“{postback}” was skipped: {reason}",
        EventKind.ATTEMPT: "Attempt {number} of “{postback}”: {result}",
        EventKind.DELIVERED: "“{postback}” was delivered",
        EventKind.FAILED: "“{postback}” was given up: {why}",
        EventKind.CANCELLED: "“{postback}” was cancelled: {why}",
        EventKind.WAITING: "“{postback}” is tried next",
    },
    "ru": {
        EventKind.CLICK: "Клик по ссылке {link}{invalid}",
        EventKind.REPORT: "Отчёт рекламодателя: {verdict}",
        EventKind.NEAR_MISS: "Пришёл отчёт с «{claimed}» вместо нашего click ID: {verdict}",
        EventKind.CONVERSION: "Конверсия по цели {goal}: {status}",
        EventKind.STATUS: "Статус конверсии: {status} (был {was}; кто: {actor})",
        EventKind.FIRED: "«{postback}» сработал{parked}",
        EventKind.SKIPPED: "«{postback}» пропущен: {reason}",
        EventKind.ATTEMPT: "«{postback}», попытка {number}: {result}",
        EventKind.DELIVERED: "«{postback}» доставлен",
        EventKind.FAILED: "«{postback}» не доставлен: {why}",
        EventKind.CANCELLED: "«{postback}» отменён: {why}",
        EventKind.WAITING: "Следующая попытка «{postback}»",
    },
}

_ORDER = {kind: rank for rank, kind in enumerate(EventKind)}


def tell(facts: Facts) -> list[Event]:
    """Return all events, oldest first; what is yet to come (the next attempt) is last."""
    events = [*_click(facts), *_reports(facts), *_conversions(facts), *_evaluations(facts)]
    for delivery in facts.deliveries:
        events += _delivery(facts, delivery)
    return sorted(events, key=lambda event: (event.at, _ORDER[event.kind], event.id))


def _click(facts: Facts) -> Iterator[Event]:
    click = facts.click
    if click is not None:
        invalid = "" if click.valid else f" ({click.invalid_reason})"
        yield Event(click.created_at, EventKind.CLICK, click.id, {"link": click.link_id, "invalid": invalid})


def _reports(facts: Facts) -> Iterator[Event]:
    for report in facts.reports:
        yield Event(report.at, EventKind.REPORT, report.id, {"verdict": report.verdict.value})
    for near in facts.near:
        told = {"claimed": near.report.click_id, "verdict": near.report.verdict.value}
        yield Event(near.report.at, EventKind.NEAR_MISS, near.report.id, told)


def _conversions(facts: Facts) -> Iterator[Event]:
    goals = {conversion.id: facts.goal_of(conversion) for conversion in facts.conversions}
    for change in facts.transitions:
        status = change.to_status.value
        if change.from_status is None:
            told = {"goal": goals.get(change.conversion_id, ""), "status": status}
            yield Event(change.at, EventKind.CONVERSION, change.conversion_id, told)
        else:
            told = {"status": status, "was": change.from_status.value, "actor": change.actor.value}
            yield Event(change.at, EventKind.STATUS, change.id, told)


def _evaluations(facts: Facts) -> Iterator[Event]:
    for each in facts.evaluated:
        name = facts.name_of(each.postback_id)
        if each.fired:
            parked = f" ({each.reason})" if each.reason != "fires" else ""
            yield Event(each.at, EventKind.FIRED, each.postback_id, {"postback": name, "parked": parked})
        else:
            told = {"postback": name, "reason": each.reason}
            yield Event(each.at, EventKind.SKIPPED, each.postback_id, told)


def _delivery(facts: Facts, delivery: Delivery) -> Iterator[Event]:
    name = facts.name_of(delivery.postback_id)
    for attempt in delivery.attempts:
        told = {"postback": name, "number": str(attempt.number), "result": _result(attempt)}
        yield Event(attempt.started_at, EventKind.ATTEMPT, attempt.id, told)
    ends = {
        DeliveryState.DELIVERED: EventKind.DELIVERED,
        DeliveryState.FAILED: EventKind.FAILED,
        DeliveryState.CANCELLED: EventKind.CANCELLED,
    }
    kind = ends.get(delivery.state)
    if kind is not None and delivery.finished_at is not None:
        told = {"postback": name, "why": delivery.ended_because}
        yield Event(delivery.finished_at, kind, delivery.id, told)
    elif kind is None and delivery.next_at is not None:
        yield Event(delivery.next_at, EventKind.WAITING, delivery.id, {"postback": name})


def _result(attempt: Attempt) -> str:
    if attempt.status is None:
        return attempt.error_kind or "—"
    words = words_of(attempt.body)
    return f"{attempt.status} {words}".strip()
