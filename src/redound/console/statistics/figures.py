"""Figures and what follows from them: rates, earnings, comparisons. docs/statistics.md defines each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from redound.core.money import format_minor
from redound.core.statistics import LATENCY_BOUNDS, quantile

if TYPE_CHECKING:
    from collections.abc import Mapping

COUNTS: Final = ("clicks", "valid_clicks", "pending", "hold", "approved", "rejected", "refunded")
SUMS: Final = (
    "open_payout_minor",
    "approved_payout_minor",
    "open_revenue_minor",
    "approved_revenue_minor",
)
DELIVERY_COUNTS: Final = (
    *("fired", "delivered", "failed", "cancelled", "attempts", "good_attempts", "answered", "duration_ms"),
    *(f"le_{bound}" for bound in LATENCY_BOUNDS),
    "slower",
)
HISTOGRAM: Final = DELIVERY_COUNTS[8:]


@dataclass(slots=True)
class Earned:
    """Money of one currency, in minor units. "Open" is what is pending or on hold."""

    open_payout_minor: int = 0
    approved_payout_minor: int = 0
    open_revenue_minor: int = 0
    approved_revenue_minor: int = 0

    @property
    def profit_minor(self) -> int:
        """What is left of approved revenue after the payout."""
        return self.approved_revenue_minor - self.approved_payout_minor


@dataclass(slots=True)
class Figures:
    """What traffic came to. Money is kept apart by currency and never added up."""

    clicks: int = 0
    valid_clicks: int = 0
    pending: int = 0
    hold: int = 0
    approved: int = 0
    rejected: int = 0
    refunded: int = 0
    money: dict[str, Earned] = field(default_factory=dict)

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row of sums, with its `currency`."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + (row[name] or 0))
        if any(row[name] for name in SUMS):
            earned = self.money.setdefault(row["currency"], Earned())
            for name in SUMS:
                setattr(earned, name, getattr(earned, name) + (row[name] or 0))

    def merge(self, other: Figures) -> None:
        """Add other figures."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for currency, earned in other.money.items():
            own = self.money.setdefault(currency, Earned())
            for name in SUMS:
                setattr(own, name, getattr(own, name) + getattr(earned, name))

    @property
    def conversions(self) -> int:
        """Conversions that count: pending, on hold and approved."""
        return self.pending + self.hold + self.approved

    @property
    def rate(self) -> float | None:
        """CR: conversions that count, per valid click. None without valid clicks."""
        return self.conversions / self.valid_clicks if self.valid_clicks else None

    def per_click(self, currency: str) -> str | None:
        """EPC: approved payout per valid click, as a decimal with two digits more than the currency has."""
        if not self.valid_clicks:
            return None
        hundredths = round(100 * self.money[currency].approved_payout_minor / self.valid_clicks)
        whole = format_minor(abs(hundredths) // 100, currency)
        point = "" if "." in whole else "."
        return f"{whole}{point}{abs(hundredths) % 100:02d}"


@dataclass(slots=True)
class DeliveryFigures:
    """What postbacks came to."""

    fired: int = 0
    delivered: int = 0
    failed: int = 0
    cancelled: int = 0
    attempts: int = 0
    good_attempts: int = 0
    answered: int = 0
    duration_ms: int = 0
    histogram: list[int] = field(default_factory=lambda: [0] * len(HISTOGRAM))

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row of sums."""
        for name in DELIVERY_COUNTS[:8]:
            setattr(self, name, getattr(self, name) + (row[name] or 0))
        self.histogram = [
            have + (row[name] or 0) for have, name in zip(self.histogram, HISTOGRAM, strict=True)
        ]

    def merge(self, other: DeliveryFigures) -> None:
        """Add other figures."""
        for name in DELIVERY_COUNTS[:8]:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.histogram = list(map(int.__add__, self.histogram, other.histogram))

    @property
    def rate(self) -> float | None:
        """The success rate: delivered, of those that were delivered or failed. None when none was."""
        ended = self.delivered + self.failed
        return self.delivered / ended if ended else None

    @property
    def p50_ms(self) -> int | None:
        """The response time that half of the answers stayed within."""
        return quantile(self.histogram, 0.5)

    @property
    def p95_ms(self) -> int | None:
        """The response time that 95 % of the answers stayed within."""
        return quantile(self.histogram, 0.95)


def change(now: float | None, before: float | None) -> float | None:
    """Return by which part a figure rose (0.1 is 10 %) or fell; None when that cannot be said."""
    if now is None or not before:
        return None
    return now / before - 1
