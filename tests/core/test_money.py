"""Money: exact, in whole minor units; what is not a plain amount is refused with a sentence."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.money import (
    EXPONENTS,
    MAX_MINOR,
    BadAmount,
    Money,
    format_minor,
    parse_amount,
    percent_of,
    read_currency,
)

CURRENCIES = st.sampled_from(sorted(EXPONENTS))


@given(st.integers(0, MAX_MINOR), CURRENCIES)
def test_an_amount_comes_back_exactly(minor, currency):
    """What is shown can be read again, to the last cent, in every currency."""
    assert parse_amount(format_minor(minor, currency), currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("2.50", "USD", 250),
        ("2.5", "USD", 250),
        ("2", "USD", 200),
        ("0", "EUR", 0),
        ("0.00", "EUR", 0),
        ("007", "EUR", 700),
        (" 2.50 ", "EUR", 250),
        ("1234", "JPY", 1234),
        ("1.234", "KWD", 1234),
        ("1.2", "KWD", 1200),
        ("1.2345", "CLF", 12345),
        ("92233720368547758.07", "USD", MAX_MINOR),
    ],
)
def test_plain_decimals_are_read(text, currency, minor):
    """An advertiser writes a plain decimal, with as many decimals as the currency has or fewer."""
    assert parse_amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "abc", "2,50", "1,000.00", "$2.50", "2.50 USD", "1e3", "NaN", "inf", "Infinity", "+2", "-2",
        "--2",
        "2.", ".5", "2.5.0", "2..5", "1_000", "0x10", "\u0662.\u0665", "2.505", "1.000", "1.2345", "{amount}",
        "2 50",
        "9" * 31, "92233720368547758.08", "\x00", "1" * 5000,
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(text):
    """Nothing is guessed, cut off or taken for zero."""
    refused = parse_amount(text, "USD")
    assert isinstance(refused, BadAmount)
    assert refused.sentence.endswith(".")
    assert len(refused.sentence) < 200


@pytest.mark.parametrize(
    ("text", "currency"), [("2.50", "JPY"), ("2.5", "JPY"), ("1.2345", "KWD"), ("1.001", "EUR")]
)
def test_more_decimals_than_the_currency_has_are_refused(text, currency):
    """A yen has no hundredths; rounding them away would lose money silently."""
    refused = parse_amount(text, currency)
    assert isinstance(refused, BadAmount)
    assert "too many decimals" in refused.sentence


@pytest.mark.parametrize("currency", ["", "usd", "XXX", "BTC", "EURO"])
def test_an_unknown_currency_is_refused(currency):
    """Without a currency there are no decimals to read."""
    assert isinstance(parse_amount("1", currency), BadAmount)


@given(st.text())
def test_no_text_breaks_it(text):
    """Whatever an advertiser sends, the answer is an amount or a sentence."""
    assert isinstance(parse_amount(text, "EUR"), Money | BadAmount)


@pytest.mark.parametrize(
    ("text", "code"), [("usd", "USD"), (" Eur ", "EUR"), ("JPY", "JPY"), ("usdt", None), ("", None)]
)
def test_currencies_are_read_in_any_case(text, code):
    """An advertiser may write usd."""
    assert read_currency(text) == code


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (1234, "USD", "12.34"),
        (5, "USD", "0.05"),
        (-5, "USD", "-0.05"),
        (-1234, "EUR", "-12.34"),
        (7, "JPY", "7"),
        (-7, "JPY", "-7"),
        (1, "KWD", "0.001"),
    ],
)
def test_money_is_shown_with_all_its_decimals(minor, currency, shown):
    """The API, the portals and the macros show the same plain decimal."""
    assert format_minor(minor, currency) == Money(minor, currency).amount == shown


@given(st.integers(-MAX_MINOR, MAX_MINOR), st.decimals("0", "1000", places=4))
def test_a_percentage_is_rounded_once_half_to_even(minor, percent):
    """A share is the exact product, rounded once at the end."""
    with localcontext(prec=60):
        expected = (Decimal(minor) * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    assert percent_of(Money(minor, "EUR"), percent) == Money(int(expected), "EUR")


@pytest.mark.parametrize(
    ("minor", "percent", "share"),
    [(25, "10", 2), (35, "10", 4), (1, "50", 0), (3, "50", 2), (999, "100", 999)],
)
def test_half_a_cent_goes_to_the_even_one(minor, percent, share):
    """Neither side gains from halves."""
    assert percent_of(Money(minor, "USD"), Decimal(percent)).minor == share


def test_the_table_knows_the_odd_ones():
    """Decimals are two for most currencies, and not for these."""
    assert [EXPONENTS[code] for code in ("JPY", "KRW", "KWD", "TND", "CLF", "USD", "EUR", "ISK")] == [
        0,
        0,
        3,
        3,
        4,
        2,
        2,
        0,
    ]
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)
    assert len(EXPONENTS) > 165
