"""What the overviews of both portals show: tiles, deliveries an hour, strips, reasons, what needs attention.

All of it is set-based and reads rollups or the short end of an index: it takes as long with a million
deliveries as with a hundred. An affiliate's figures are theirs alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from redound.console import named
from redound.console.clock import now_ms
from redound.console.shell import charts
from redound.console.statistics import reading
from redound.console.statistics.figures import DeliveryFigures, Figures, change
from redound.console.statistics.periods import DAY_MS, HOUR_MS, offset_at
from redound.console.statistics.reading import Question, as_of_ms
from redound.console.statistics.strips import Strip, strips
from redound.console.statistics.words import SEEN, count, in_percent, milliseconds, percent, reason_in_words
from redound.console.traffic.figures import CountedConversion, FailureFigures
from redound.console.traffic.models import PostbackHealth
from redound.core.ids import id_floor
from redound.core.statistics import BUCKET_MS, bucket_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from redound.console.accounts.callers import Caller

__all__ = [
    "MOST_ATTENTION",
    "Attention",
    "HourOfDeliveries",
    "Reason",
    "Strip",
    "Tile",
    "Tiles",
    "attention",
    "deliveries_by_hour",
    "deliveries_chart",
    "deliveries_series",
    "failure_reasons",
    "figures",
    "oldest_due_seconds",
    "strips",
    "tiles",
]

MOST_ATTENTION: Final = 10_000
"""Up to how many of what waits is counted."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the last 24 hours. `change` compares it with the 24 hours before, "" when it cannot.

    `direction` is "up" when that is good, "down" when it is bad, "" when it is neither.
    """

    key: str
    label: str
    value: str
    change: str
    direction: str


@dataclass(frozen=True, slots=True)
class Tiles:
    """The tiles, and up to when everything is counted in them."""

    as_of: datetime
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class HourOfDeliveries:
    """How deliveries ended in one hour that began at `at`."""

    at: datetime
    delivered: int
    failed: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why attempts failed: an HTTP status or a kind of error, how often, and how much that is of the first.

    `part` is 0 to 100.
    """

    error_kind: str
    status: int | None
    attempts: int
    part: int

    @property
    def words(self) -> str:
        """The reason in the reader's language."""
        return reason_in_words(self.error_kind, self.status)


@dataclass(frozen=True, slots=True)
class Attention:
    """What waits for a manager. `unplaced` are reports of 24 hours that no click could be found for.

    Conversions and reports are counted up to `MOST_ATTENTION`. `oldest_due_seconds` is how long the oldest
    delivery has been due; 0 when none is.
    """

    pending: int
    held: int
    failing: int
    disabled: int
    unplaced: int
    oldest_due_seconds: int


def tiles(caller: Caller, known: tuple[Figures, Figures] | None = None) -> Tiles:
    """Return the figures of the last 24 hours beside those of the 24 hours before.

    `known` is what `figures` returned, for who needs both.
    """
    now, before = _days()
    traffic, traffic_before = known or figures(caller)
    deliveries, deliveries_before = (reading.delivery_total(caller, *each) for each in (now, before))
    shown = (
        _counted("clicks", _("Clicks"), traffic.clicks, traffic_before.clicks),
        _counted("conversions", _("Conversions"), traffic.conversions, traffic_before.conversions),
        _counted("delivered", _("Postbacks delivered"), deliveries.delivered, deliveries_before.delivered),
        _rated("rate", _("Success rate"), deliveries.rate, deliveries_before.rate),
        _timed("p95", _("Response time, p95"), deliveries.p95_ms, deliveries_before.p95_ms),
    )
    return Tiles(datetime.fromtimestamp(as_of_ms() / 1000, UTC), shown)


def _days() -> tuple[tuple[int, int], tuple[int, int]]:
    """Return since and until (ms) of the last 24 hours, with the running half-hour, and of those before."""
    until = bucket_of(now_ms()) + BUCKET_MS
    return (until - DAY_MS, until), (until - 2 * DAY_MS, until - DAY_MS)


def figures(caller: Caller) -> tuple[Figures, Figures]:
    """Return the traffic of the last 24 hours and of the 24 hours before."""
    now, before = _days()
    return reading.total(caller, *now), reading.total(caller, *before)


def _counted(key: str, label: str, now: int, before: int) -> Tile:
    moved = change(now, before)
    return Tile(key, label, count(now), in_percent(moved), _direction(moved))


def _rated(key: str, label: str, now: float | None, before: float | None) -> Tile:
    """A rate is compared by the difference in points: from 90 % to 99 % it rose by 9 points, not by 10 %."""
    if now is None or before is None:
        return Tile(key, label, percent(now), "", "")
    points = round(100 * (now - before), 1)
    words = _("%(points)s points") % {"points": f"{points:+g}"} if points else _("unchanged")
    return Tile(key, label, percent(now), words, _direction(points))


def _timed(key: str, label: str, now: int | None, before: int | None) -> Tile:
    moved = change(now, before)
    direction = _direction(None if moved is None else -moved)
    return Tile(key, label, milliseconds(now), in_percent(moved), direction)


def _direction(better: float | None) -> str:
    if better is None or abs(better) < SEEN:
        return ""
    return "up" if better > 0 else "down"


def deliveries_by_hour(caller: Caller) -> list[HourOfDeliveries]:
    """Return how deliveries ended in each of the last 24 hours, the present one included; 24 in order.

    Hours begin where the reader's do: in India at half past of UTC.
    """
    here: Any = timezone.get_current_timezone()
    now = now_ms()
    offset = offset_at(now, here)
    last_ms = (now + offset) // HOUR_MS * HOUR_MS - offset
    first_ms = last_ms - 23 * HOUR_MS
    question = Question(first_ms, last_ms + HOUR_MS, here, interval="hour")
    found = {at: figures for (at, _), figures in reading.deliveries(caller, question).items()}
    hours = []
    for at in range(first_ms, last_ms + HOUR_MS, HOUR_MS):
        ended = found.get(at, DeliveryFigures())
        began = datetime.fromtimestamp(at / 1000, UTC)
        hours.append(HourOfDeliveries(began, ended.delivered, ended.failed, ended.cancelled))
    return hours


def deliveries_chart(hours: Sequence[HourOfDeliveries]) -> SafeString:
    """Return `deliveries_by_hour` drawn, in the reader's zone; `deliveries_series` are its legend."""
    points = []
    for hour in hours:
        begun = time_format(timezone.localtime(hour.at), "H:i")
        title = _("%(time)s: %(delivered)d delivered, %(failed)d failed") % {
            "time": begun,
            "delivered": hour.delivered,
            "failed": hour.failed,
        }
        points.append(charts.Point(begun, title, (hour.delivered, hour.failed)))
    delivered, failed = sum(hour.delivered for hour in hours), sum(hour.failed for hour in hours)
    label = _("Deliveries per hour in the last 24 hours: %(delivered)d delivered, %(failed)d failed") % {
        "delivered": delivered,
        "failed": failed,
    }
    return charts.bars(points, deliveries_series(), label)


def deliveries_series() -> tuple[charts.Series, ...]:
    """Return the two series of the chart of deliveries."""
    return charts.Series(_("Delivered"), "ok"), charts.Series(_("Failed"), "bad")


def failure_reasons(caller: Caller, most: int = 6) -> list[Reason]:
    """Return why attempts of the last 24 hours failed, the most frequent first."""
    (since, until), _before = _days()
    rows = FailureFigures.objects.filter(at__gte=since, at__lt=until)
    if not caller.manages:
        rows = rows.filter(affiliate_id=caller.affiliate_id)
    found = rows.values_list("error_kind", "status").annotate(count=Sum("attempts")).order_by("-count")[:most]
    return [
        Reason(kind, status or None, count, round(100 * count / found[0][2]))
        for kind, status, count in found
        if count
    ]


def attention() -> Attention:
    """Return what waits for a manager."""
    now = now_ms()
    (unplaced,) = named.select("count_unplaced", id_floor("rpt", now - DAY_MS), MOST_ATTENTION)
    return Attention(
        pending=_waiting("pending"),
        held=_waiting("hold"),
        failing=_unhealthy("failing"),
        disabled=_unhealthy("disabled"),
        unplaced=unplaced["count"],
        oldest_due_seconds=oldest_due_seconds(now),
    )


def _waiting(status: str) -> int:
    return CountedConversion.objects.filter(status=status)[:MOST_ATTENTION].count()


def _unhealthy(state: str) -> int:
    found = PostbackHealth.objects.filter(state=state, postback__archived_at__isnull=True)
    return found.count()


def oldest_due_seconds(now: int) -> int:
    """Return how long the oldest delivery that nobody holds has been due."""
    found = [at for queue in (0, 1) for row in named.select("next_due", queue) for at in row.values()]
    return max(0, now - min((at for at in found if at is not None), default=now)) // 1000
