"""Exact money: whole minor units and an ISO 4217 currency. There is no float and no rounding but one.

Amounts of different currencies are never added; nothing here converts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from decimal import Decimal

_ZERO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"
# ANG and BGN were withdrawn in 2025 and 2026; late reports still carry them.
_TWO_DECIMALS = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
    HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT
    MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR
    SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU
    UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
"""
EXPONENTS: Final[dict[str, int]] = {
    code: exponent
    for exponent, codes in (
        (0, _ZERO_DECIMALS),
        (2, _TWO_DECIMALS),
        (3, _THREE_DECIMALS),
        (4, _FOUR_DECIMALS),
    )
    for code in codes.split()
}
"""Decimals of each active ISO 4217 currency; metals, test codes and units without decimals are left out."""

MAX_MINOR: Final = 2**63 - 1
"""The largest amount that both databases can hold."""

_PLAIN = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_MAX_DIGITS = 30


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` whole minor units (cents, fils, yen) of `currency`."""

    minor: int
    currency: str

    @property
    def amount(self) -> str:
        """The plain decimal text, as in `format_minor`."""
        return format_minor(self.minor, self.currency)


@dataclass(frozen=True, slots=True)
class BadAmount:
    """The text is not an amount of this currency; `sentence` says why and what would be right."""

    sentence: str


def read_currency(text: str) -> str | None:
    """Return the ISO 4217 code in capitals for a code in any case, or None when we do not know it."""
    code = text.strip().upper()
    return code if code in EXPONENTS else None


def parse_amount(text: str, currency: str) -> Money | BadAmount:
    """Read a plain decimal: digits, and optionally a dot with at most the currency's decimals.

    `2,50`, `$2.50`, `1e3`, `+2` and `abc` are refused, never guessed at, and so is a negative amount: what
    was taken back is reported as a status. More decimals than the currency has are refused even if they are
    zeros, since `1.000` is one to some and a thousand to others. Blanks around are ignored.
    """
    exponent = EXPONENTS.get(currency)
    if exponent is None:
        return BadAmount(f"{_shown(currency)} is not a currency of ISO 4217.")
    stripped = text.strip()
    found = _PLAIN.fullmatch(stripped) if len(stripped) <= _MAX_DIGITS else None
    if found is None:
        return BadAmount(_problem(stripped))
    decimals = found[2] or ""
    if len(decimals) > exponent:
        return BadAmount(f"{_shown(stripped)} has too many decimals; {currency} has {exponent}.")
    minor = int(found[1] + decimals.ljust(exponent, "0"))
    if minor > MAX_MINOR:
        return BadAmount(f"{_shown(stripped)} is too large an amount.")
    return Money(minor, currency)


@lru_cache(maxsize=4096)
def format_minor(minor: int, currency: str) -> str:
    """Return the plain decimal with exactly the currency's decimals: 1234 is "12.34" USD, "1234" JPY."""
    exponent = EXPONENTS[currency]
    if exponent == 0:
        return str(minor)
    whole, rest = divmod(abs(minor), 10**exponent)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:0{exponent}d}"


def percent_of(money: Money, percent: Decimal) -> Money:
    """Return `percent` per cent of it, computed exactly and rounded once: half a minor unit goes to even.

    Half even, so that many small shares do not drift to one side. ValueError for NaN and infinity.
    """
    numerator, denominator = percent.as_integer_ratio()
    return Money(round(Fraction(money.minor * numerator, denominator * 100)), money.currency)


def _problem(text: str) -> str:
    """Say what is wrong with a text that is no plain decimal."""
    if not text:
        return "The amount is empty; write a plain number such as 2.50, or leave the parameter out."
    if len(text) > _MAX_DIGITS:
        return f"{_shown(text)} is too long for an amount."
    if "," in text:
        return f"{_shown(text)} has a comma; write the decimals after a dot and no thousands separator: 2.50."
    if text.startswith("-"):
        return f"{_shown(text)} is negative; report what was taken back with a status such as refunded."
    return f"{_shown(text)} is not a plain number; write digits and a dot only, such as 2.50."


def _shown(text: str) -> str:
    """Quote a foreign text for a sentence, cut to a readable length."""
    limit = 40
    return repr(text if len(text) <= limit else text[:limit] + "…")
