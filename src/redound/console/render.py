"""How values look in the API: moments, money, decimals, masked credentials."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from redound.core.money import format_minor

if TYPE_CHECKING:
    from decimal import Decimal

Values = dict[str, Any]
"""What is shown of something, by field: what JSON can hold."""


def moment(at: datetime) -> str:
    """Return RFC 3339 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def maybe_moment(at: datetime | None) -> str | None:
    """Return `moment`, or None for None."""
    return None if at is None else moment(at)


def moment_ms(at: int) -> str:
    """Return `moment` of milliseconds since the epoch."""
    return moment(datetime.fromtimestamp(at / 1000, UTC))


def maybe_moment_ms(at: int | None) -> str | None:
    """Return `moment_ms`, or None for None."""
    return None if at is None else moment_ms(at)


def amount(minor: int | None, currency: str) -> str | None:
    """Return a decimal string, or None for None."""
    return None if minor is None else format_minor(minor, currency)


def money(minor: int | None, currency: str) -> dict[str, str] | None:
    """Return a money object, or None for None."""
    return None if minor is None else {"amount": format_minor(minor, currency), "currency": currency}


def percent(value: Decimal | None) -> str | None:
    """Return "10" or "12.5" without needless zeros, or None for None."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def hidden(has_value: object) -> dict[str, object]:
    """Return a credential as it is read back."""
    return {"value": None, "has_value": bool(has_value)}
