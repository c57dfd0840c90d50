"""What is counted: how clicks, conversions, deliveries and attempts become figures by half an hour.

A half-hour of UTC is the smallest time of statistics: in every zone but three (Nepal, the Chatham Islands,
Eucla) a day begins with one. Test clicks and test conversions are counted nowhere, nor what follows from
them. A conversion counts in the half-hour in which it was made, under the status that it has now: whoever
changes it moves it, and a late refund changes the past. Money of different currencies is never added up.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from redound.core.states import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Key = tuple[int | str, ...]
    Vector = tuple[int, ...]

BUCKET_MS: Final = 1_800_000
DAY_MS: Final = 86_400_000
SUB_SLOTS: Final = (2, 3, 4, 5)
MOST_VALUES: Final = 100
"""How many values of a sub parameter one affiliate has by name in half an hour; further ones are "other"."""
MOST_MINOR: Final = 10**15
"""A larger amount counts as this: sums of what a column can hold must fit a column, too."""
OTHER: Final = ""
LONGEST_VALUE: Final = 100

FIGURES: Final = (
    *("clicks", "valid_clicks", "pending", "hold", "approved", "rejected", "refunded"),
    *("open_payout_minor", "approved_payout_minor", "open_revenue_minor", "approved_revenue_minor"),
)
"""What traffic is counted by. Payout and revenue, in minor units, are those of conversions that are pending
or on hold (open) and of approved ones; what was rejected or refunded earns nothing."""

LATENCY_BOUNDS: Final = (50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 15_000)
"""Upper ends of the buckets of response times, in ms; the last bucket has none."""
DELIVERY_FIGURES: Final = (
    *("fired", "delivered", "failed", "cancelled", "attempts", "good_attempts", "answered", "duration_ms"),
    *(f"le_{bound}" for bound in LATENCY_BOUNDS),
    "slower",
)
"""What deliveries are counted by; `answered` are attempts that got an HTTP answer, whose durations follow."""

_STATUS_AT: Final = {status: FIGURES.index(status.value) for status in Status}
_OPEN: Final = frozenset({Status.PENDING, Status.HOLD})
_NO_FIGURES: Final = (0,) * len(FIGURES)
_NO_DELIVERY: Final = (0,) * len(DELIVERY_FIGURES)
_FIRED, _ATTEMPTS, _GOOD, _ANSWERED, _DURATION, _HISTOGRAM = 0, 4, 5, 6, 7, 8
_END_AT: Final = {"delivered": 1, "failed": 2, "cancelled": 3}


def bucket_of(at_ms: int) -> int:
    """Return the half-hour of a moment, as its first ms."""
    return at_ms - at_ms % BUCKET_MS


@dataclass(frozen=True, slots=True)
class Place:
    """Where something counts: its half-hour and what it belongs to. A click has no goal.

    `subs` are the values of sub2 to sub5, "" for one that is missing.
    """

    at: int
    affiliate_id: str
    offer_id: str
    campaign_id: str
    link_id: str
    country: str
    goal_id: str = ""
    subs: tuple[str, ...] = ("", "", "", "")


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a conversion is counted and may change. Amounts in minor units, None without one."""

    status: Status
    payout: int | None = None
    payout_currency: str = ""
    revenue: int | None = None
    revenue_currency: str = ""


@dataclass(slots=True)
class Names:
    """Which sub values have a name of their own: by half-hour, affiliate and slot.

    A name once given stays. Who comes when there are `MOST_VALUES` of them is counted as OTHER.
    """

    known: dict[tuple[int, str, int], set[str]] = field(default_factory=lambda: defaultdict(set))

    def names(self, place: Place) -> tuple[str | None, ...]:
        """Return under which names the sub values of a place count: None for none, OTHER for one too many."""
        return tuple(
            self._name((place.at, place.affiliate_id, slot), value) if value else None
            for slot, value in zip(SUB_SLOTS, place.subs, strict=True)
        )

    def _name(self, where: tuple[int, str, int], value: str) -> str:
        known = self.known[where]
        if value not in known:
            if len(known) >= MOST_VALUES:
                return OTHER
            known.add(value)
        return value


@dataclass(slots=True)
class Deltas:
    """What is to be added to the tables of figures, by their keys; see `store/sql/statistics.sql`."""

    offers: dict[Key, Vector] = field(default_factory=dict)
    links: dict[Key, Vector] = field(default_factory=dict)
    subs: dict[Key, Vector] = field(default_factory=dict)
    deliveries: dict[Key, Vector] = field(default_factory=dict)
    failures: dict[Key, Vector] = field(default_factory=dict)

    def click(self, place: Place, names: Sequence[str | None], *, valid: bool) -> None:
        """Count a click."""
        self._count(place, names, "", (1, int(valid), *_NO_FIGURES[2:]))

    def conversion(self, place: Place, names: Sequence[str | None], standing: Standing, sign: int) -> None:
        """Count a conversion as it stands (`sign` 1), or no longer (-1)."""
        for currency, vector in _worth(standing):
            self._count(place, names, currency, tuple(sign * value for value in vector))

    def _count(self, place: Place, names: Sequence[str | None], currency: str, vector: Vector) -> None:
        at, affiliate_id, offer_id, goal_id = place.at, place.affiliate_id, place.offer_id, place.goal_id
        _add(self.offers, (at, affiliate_id, offer_id, goal_id, currency), vector)
        _add(
            self.links,
            (
                *(at, affiliate_id, offer_id, place.campaign_id, place.link_id),
                *(place.country, goal_id, currency),
            ),
            vector,
        )
        for slot, name in zip(SUB_SLOTS, names, strict=True):
            if name is not None:
                _add(self.subs, (at, affiliate_id, slot, name, offer_id, goal_id, currency), vector)

    def fired(self, owner: tuple[str, str, str], created_at: int) -> None:
        """Count a delivery in the half-hour in which it was made. `owner`: postback, affiliate, offer."""
        self._delivery(owner, created_at, {_FIRED: 1})

    def ended(self, owner: tuple[str, str, str], state: str, finished_at: int, sign: int = 1) -> None:
        """Count the end of a delivery in the half-hour in which it came."""
        self._delivery(owner, finished_at, {_END_AT[state]: sign})

    def attempt(
        self,
        owner: tuple[str, str, str],
        started_at: int,
        duration_ms: int,
        *,
        outcome: str,
        status: int | None,
        error_kind: str,
    ) -> None:
        """Count an attempt in the half-hour in which it was started; a failed one by its reason, too."""
        good = outcome == "delivered"
        counts = {_ATTEMPTS: 1, _GOOD: int(good)}
        if status is not None:
            counts |= {_ANSWERED: 1, _DURATION: duration_ms, _HISTOGRAM + latency_bucket(duration_ms): 1}
        self._delivery(owner, started_at, counts)
        if not good:
            key = (bucket_of(started_at), owner[0], owner[1], error_kind, status or 0)
            _add(self.failures, key, (1,))

    def _delivery(self, owner: tuple[str, str, str], at: int, counts: Mapping[int, int]) -> None:
        vector = list(_NO_DELIVERY)
        for index, count in counts.items():
            vector[index] = count
        _add(self.deliveries, (bucket_of(at), *owner), tuple(vector))


def _add(table: dict[Key, Vector], key: Key, vector: Vector) -> None:
    known = table.get(key)
    table[key] = vector if known is None else tuple(map(int.__add__, known, vector))


def by_day(table: Mapping[Key, Vector]) -> dict[Key, Vector]:
    """Return the same by days of UTC."""
    found: dict[Key, Vector] = {}
    for (at, *rest), vector in table.items():
        _add(found, (int(at) - int(at) % DAY_MS, *rest), vector)
    return found


def overall(table: Mapping[Key, Vector], *columns: int) -> dict[Key, Vector]:
    """Return the same by these columns of the key alone."""
    found: dict[Key, Vector] = {}
    for key, vector in table.items():
        _add(found, tuple(key[column] for column in columns), vector)
    return found


def rows_of(table: Mapping[Key, Vector]) -> list[tuple[int | str, ...]]:
    """Return what is to be added, in the order of keys; what cancels out is left out."""
    return [(*key, *vector) for key, vector in sorted(table.items()) if any(vector)]


def _worth(standing: Standing) -> Iterable[tuple[str, Vector]]:
    """Yield the figures of a conversion by currency: two when payout and revenue have each their own."""
    vector = list(_NO_FIGURES)
    vector[_STATUS_AT[standing.status]] = 1
    payout_at = FIGURES.index("open_payout_minor")
    counts = 0 if standing.status in _OPEN else 1 if standing.status is Status.APPROVED else None
    currency = standing.payout_currency or standing.revenue_currency
    apart = standing.revenue_currency not in {"", currency}
    if counts is not None:
        vector[payout_at + counts] = _bounded(standing.payout)
        if not apart:
            vector[payout_at + 2 + counts] = _bounded(standing.revenue)
    yield currency, tuple(vector)
    if apart and counts is not None:
        vector = list(_NO_FIGURES)
        vector[payout_at + 2 + counts] = _bounded(standing.revenue)
        yield standing.revenue_currency, tuple(vector)


def _bounded(minor: int | None) -> int:
    return min(minor or 0, MOST_MINOR)


def sub_values_of(params: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of sub2 to sub5 as they are counted: cut to a bounded length, "" for none."""
    return tuple(_storable(params.get(f"sub{slot}", "")) for slot in SUB_SLOTS)


def _storable(value: str) -> str:
    """Return a value that both databases take: no NUL, no half characters."""
    return value[:LONGEST_VALUE].replace("\x00", "\ufffd").encode(errors="replace").decode().strip()


def latency_bucket(duration_ms: int) -> int:
    """Return the number of the bucket of a response time."""
    return next((n for n, bound in enumerate(LATENCY_BOUNDS) if duration_ms <= bound), len(LATENCY_BOUNDS))


def quantile(counts: Sequence[int], part: float) -> int | None:
    """Return the response time (ms) that `part` of them stay within, read off the buckets' counts.

    Between the ends of a bucket it is a straight line; beyond the last end it is that end. None for none.
    """
    total = sum(counts)
    if not total:
        return None
    wanted, seen, low = part * total, 0, 0
    for bound, count in zip(LATENCY_BOUNDS, counts, strict=False):
        if count and seen + count >= wanted:
            return round(low + (bound - low) * (wanted - seen) / count)
        seen, low = seen + count, bound
    return LATENCY_BOUNDS[-1]
