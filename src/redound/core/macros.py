"""The macro registry: every name that may stand in braces, what it means and who may see it.

Names are case-sensitive. A macro that is known but has no value renders as an empty string. The values of a
conversion or click are taken down as strings, once (`core.freezing`); the moment of sending adds its own (see
`AT_SENDING`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from redound.core.aliases import ALIASES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUBS: Final = tuple(f"sub{number}" for number in range(1, 21))
ADV_SUBS: Final = tuple(f"adv_sub{number}" for number in range(1, 11))
PARAM: Final = "param."
"""`param.NAME` is the query parameter NAME of the click, spelt as in the link."""


class Kind(StrEnum):
    """What a value is: decides which modifiers apply and whether JSON shows it as a number."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"


class Visibility(StrEnum):
    """Whose postbacks may use a macro."""

    EVERYONE = "everyone"
    MANAGER = "manager"


class Source(StrEnum):
    """Where a value comes from, and so from when on it is known."""

    CLICK = "click"
    CONFIGURATION = "configuration"
    CONVERSION = "conversion"
    SENDING = "sending"


@dataclass(frozen=True, slots=True)
class Macro:
    """One name of the registry. `example` is what a rendered value looks like."""

    name: str
    meaning: str
    source: Source
    example: str
    kind: Kind = Kind.TEXT
    visibility: Visibility = Visibility.EVERYONE


def _click() -> Iterator[Macro]:
    source = Source.CLICK
    yield Macro("click_id", "Our ID of the click", source, "ctkv06801g00f283tp7jbn3nc6agw7pv5g8b2yw8")
    for number, name in enumerate(SUBS, 1):
        yield Macro(name, f"Sub ID {number} of the affiliate's link", source, f"value-of-{name}")
    yield Macro("source", "Traffic source, `source` of the affiliate's link", source, "newsletter")
    yield Macro("country", "Visitor's country, two letters; empty without a GeoIP file", source, "DE")
    yield Macro("ip", "Visitor's IP address", source, "203.0.113.7")
    yield Macro(
        "user_agent", "Visitor's browser as it names itself", source, "Mozilla/5.0 (X11; Linux x86_64)"
    )
    yield Macro("referrer", "Page the visitor came from", source, "https://blog.example.com/review")
    yield Macro("click_time", "When the click came", source, "2026-11-20T11:58:03.250Z", Kind.TIME)


def _configuration() -> Iterator[Macro]:
    source = Source.CONFIGURATION
    for noun, prefix, name in (
        ("affiliate", "aff", "Alice"),
        ("offer", "ofr", "Shoes"),
        ("brand", "brd", "Acme Play"),
        ("campaign", "cmp", "Autumn"),
    ):
        yield Macro(f"{noun}_id", f"ID of the {noun}", source, f"{prefix}_019a9f6f1c2a00112233445566aa")
        yield Macro(f"{noun}_name", f"Name of the {noun}", source, name)
    yield Macro("link_id", "ID of the affiliate's link", source, "lnk_019a9f6f1c2a00112233445566aa")
    yield Macro("goal", "Code of the goal that was reached", source, "sale")
    yield Macro("goal_id", "ID of the goal", source, "gol_019a9f6f1c2a00112233445566aa")
    yield Macro("goal_name", "Name of the goal", source, "First sale")
    yield Macro("event_type", "Kind of the goal (registration, first_deposit, …), or `click`", source, "sale")


def _conversion() -> Iterator[Macro]:
    source, number, time = Source.CONVERSION, Kind.NUMBER, Kind.TIME
    yield Macro("conversion_id", "Our ID of the conversion", source, "cnv_019a9f6f1c2a00112233445566aa")
    yield Macro("txid", "Advertiser's own ID of the transaction", source, "order-1001")
    yield Macro(
        "operation", "`create` for a new conversion, `update` afterwards, or `click`", source, "create"
    )
    yield Macro(
        "status", "Status it has now: pending, hold, approved, rejected, refunded", source, "approved"
    )
    yield Macro("status_word", "Status in the advertiser's own word", source, "confirmed")
    yield Macro("previous_status", "Status it had before; empty for a new conversion", source, "pending")
    yield Macro("payout", "What the affiliate earns, as a plain decimal", source, "12.50", number)
    yield Macro("payout_minor", "The same in minor units (cents)", source, "1250", number)
    yield Macro(
        "revenue",
        "What the advertiser pays us, as a plain decimal",
        source,
        "20.00",
        number,
        Visibility.MANAGER,
    )
    yield Macro("amount", "Amount that the advertiser reported, as a plain decimal", source, "99.90", number)
    yield Macro(
        "payout_delta",
        "What this change adds to the affiliate's earnings, negative when it takes away",
        source,
        "-12.50",
        number,
    )
    yield Macro(
        "amount_delta", "The same for the advertiser's amount: -99.90 for a refund", source, "-99.90", number
    )
    yield Macro("currency", "Currency of the payout, else of the amount (ISO 4217)", source, "EUR")
    yield Macro("customer_id", "Advertiser's ID of the customer", source, "customer-77")
    for position, name in enumerate(ADV_SUBS, 1):
        yield Macro(name, f"Sub ID {position} of the advertiser's report", source, f"value-of-{name}")
    yield Macro("conversion_time", "When the conversion was first accepted", source, _LATER, time)
    yield Macro(
        "event_time",
        "When what is reported happened: the change of status or the click",
        source,
        _LATER,
        time,
    )
    yield Macro("test", "`1` for a test, else empty", source, "1")


def _sending() -> Iterator[Macro]:
    source, number = Source.SENDING, Kind.NUMBER
    yield Macro("postback_id", "ID of this postback", source, "pbk_019a9f6f1c2a00112233445566aa")
    yield Macro("delivery_id", "ID of the delivery, the same on every attempt", source, _DELIVERY)
    yield Macro("attempt", "Number of the attempt, from 1", source, "1", number)
    yield Macro("timestamp", "Moment of this attempt in Unix seconds", source, "1795176000", Kind.TIME)
    yield Macro("random", "Random text, another one on every attempt", source, "9f86d081884c7d65")
    yield Macro("sig", "Signature of a signed GET request", source, "5d41402abc4b2a76b9719d911017c592…")


_LATER = "2026-11-20T12:00:00.000Z"
_DELIVERY = "dlv_019a9f6f1c2a00112233445566aa"
MACROS: Final[Mapping[str, Macro]] = {
    macro.name: macro for group in (_click(), _configuration(), _conversion(), _sending()) for macro in group
}
"""Every macro but `param.NAME`, by name."""

PARAM_MACRO: Final = Macro(
    "param.NAME", "Any other parameter of the affiliate's link, by its name", Source.CLICK, "banner-2"
)
AT_SENDING: Final = frozenset(macro.name for macro in MACROS.values() if macro.source is Source.SENDING)
"""Added at each attempt; all others are frozen with the delivery."""

MANAGER_ONLY: Final = frozenset(
    macro.name for macro in MACROS.values() if macro.visibility is Visibility.MANAGER
)
AT_CLICK: Final = frozenset(
    macro.name
    for macro in MACROS.values()
    if macro.source is Source.CLICK
    or macro.name.startswith(("affiliate_", "offer_", "brand_", "campaign_", "link_"))
)
"""Known when the visitor is redirected, so what a landing URL may use (with `param.NAME`)."""

OWN_PARAMS: Final = frozenset((*SUBS, "source"))
"""Parameters of a link that are macros of their own; every other one is a `param.NAME`."""


def resolve(written: str) -> str | None:
    """Return the canonical name of a macro as written (an alias is followed), or None when it is unknown."""
    if written in MACROS:
        return written
    if written.startswith(PARAM) and len(written) > len(PARAM):
        name = written[len(PARAM) :]
        return name if name in OWN_PARAMS else written
    return ALIASES.get(written)


def find(name: str) -> Macro:
    """Return the registry's entry for a canonical name."""
    return PARAM_MACRO if name.startswith(PARAM) else MACROS[name]


def example_values() -> dict[str, str]:
    """Return an example for every macro, for a preview without a conversion; it is marked as a test."""
    return {macro.name: macro.example for macro in MACROS.values()}


def without_manager_only(values: Mapping[str, str]) -> dict[str, str]:
    """Return what an affiliate may be shown of frozen values."""
    return {name: value for name, value in values.items() if name not in MANAGER_ONLY}
