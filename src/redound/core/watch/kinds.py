"""What the watch looks at: tallies of recent hours and of the same hours of the days before."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Noun = Literal["postback", "offer", "advertiser"]

DAYS: Final = 14
"""How many days before make up the usual."""
WINDOWS: Final = (1, 6, 24)
"""Hours that are looked at: the shortest window that holds enough decides."""


class Measure(StrEnum):
    """What is counted an hour: of how many (total) how many were so (hits).

    TRIES: deliveries tried, of a postback, and failed. MATCHING: reports with a judged click ID, of an
    advertiser, and not matched. REPORTS: reports of an offer that were good, and duplicates among them.
    CLICKS: valid clicks of an offer, and its new conversions.
    """

    TRIES = "tries"
    MATCHING = "matching"
    REPORTS = "reports"
    CLICKS = "clicks"


class Kind(StrEnum):
    """What may be wrong."""

    DELIVERIES_FAILING = "deliveries_failing"
    REPORTS_SILENT = "reports_silent"
    CLICK_IDS_UNMATCHED = "click_ids_unmatched"
    DUPLICATES = "duplicates"
    CONVERSION_RATE = "conversion_rate"


MEASURES: Final[Mapping[Kind, Measure]] = {
    Kind.DELIVERIES_FAILING: Measure.TRIES,
    Kind.REPORTS_SILENT: Measure.REPORTS,
    Kind.CLICK_IDS_UNMATCHED: Measure.MATCHING,
    Kind.DUPLICATES: Measure.REPORTS,
    Kind.CONVERSION_RATE: Measure.CLICKS,
}

NOUNS: Final[Mapping[Kind, Noun]] = {
    Kind.DELIVERIES_FAILING: "postback",
    Kind.REPORTS_SILENT: "offer",
    Kind.CLICK_IDS_UNMATCHED: "advertiser",
    Kind.DUPLICATES: "offer",
    Kind.CONVERSION_RATE: "offer",
}
"""Whose incident it is. The offer of a report whose click ID is not known is not known either."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Of `total`, `hits` were so."""

    total: int = 0
    hits: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.total + other.total, self.hits + other.hits)


@dataclass(frozen=True, slots=True)
class Window:
    """The last `hours` whole hours, the same with the hour that goes on, and the days before.

    `days` are the same hours of yesterday, of the day before, and so on.
    """

    hours: int
    whole: Tally = Tally()
    latest: Tally = Tally()
    days: tuple[Tally, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What was counted for one subject, windows shortest first. `clicks`: beside reports, for silence.

    `active`: it is switched on, so that traffic is to be expected.
    """

    kind: Kind
    windows: tuple[Window, ...]
    clicks: tuple[Window, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows it: of `total` in the last `hours`, `hits`; usually the share `usual`, or `expected` hits.

    `days` were compared with; `usual` and `expected` are None where there is too little to compare with.
    """

    hours: int
    total: int
    hits: int
    usual: float | None = None
    expected: float | None = None
    days: int = 0

    @property
    def share(self) -> float:
        """Hits of total."""
        return self.hits / self.total if self.total else 0.0
