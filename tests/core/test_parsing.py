"""Parsing: any string becomes parts and rows, each with its place; macros are found before the URL is."""

from __future__ import annotations

import pytest

from redound.core.lint.shapes import parse_values
from redound.core.macros import example_values
from redound.core.parsing import Where, parse
from redound.core.styles import Style, find_macros

URL = "https://tracker.example.com:8443/pb/{sub2}?cid={sub1}&payout={payout|int}&x=1#top"


def rows(text):
    """The rows as (name, value)."""
    return [(row.key, row.value) for row in parse(text).rows]


def test_a_url_falls_into_its_parts():
    """Alice sees where each part begins and ends."""
    parsed = parse(URL)
    assert (parsed.scheme, parsed.host, parsed.port) == ("https", "tracker.example.com", "8443")
    assert parsed.of(parsed.path) == "/pb/{sub2}"
    assert parsed.of(parsed.query) == "cid={sub1}&payout={payout|int}&x=1"
    assert parsed.of(parsed.fragment) == "#top"
    assert rows(URL) == [("", "{sub2}"), ("cid", "{sub1}"), ("payout", "{payout|int}"), ("x", "1")]
    assert [row.where for row in parsed.rows] == [Where.PATH, *[Where.QUERY] * 3]
    assert parsed.rows[2].macros[0].modifiers == "int"
    assert parsed.rows[3].constant


@pytest.mark.parametrize(
    ("written", "style", "name"),
    [
        ("{sub1}", Style.BRACE, "sub1"),
        ("{sub1|map:a=b}", Style.BRACE, "sub1"),
        ("{{sub1}}", Style.DOUBLE_BRACE, "sub1"),
        ("{!subid!}", Style.BANG_BRACE, "subid"),
        ("${sub1}", Style.DOLLAR_BRACE, "sub1"),
        ("${(sub1)!}", Style.FREEMARKER, "sub1"),
        ("#{click.publisher.clickId}", Style.HASH_BRACE, "click.publisher.clickId"),
        ("#s2#", Style.HASH, "s2"),
        ("##CLICK##", Style.DOUBLE_HASH, "CLICK"),
        ("[click id]", Style.BRACKET, "click id"),
        ("[[subid]]", Style.DOUBLE_BRACKET, "subid"),
        ("[[[subid]]]", Style.TRIPLE_BRACKET, "subid"),
        ("[=subid=]", Style.EQUALS_BRACKET, "subid"),
        ("%subid1%", Style.PERCENT, "subid1"),
        ("%ad_id%", Style.PERCENT, "ad_id"),
        ("%%CLICK%%", Style.DOUBLE_PERCENT, "CLICK"),
        ("<click-id>", Style.ANGLE, "click-id"),
        ("(clickid)", Style.PAREN, "clickid"),
        ("xxCLICKIDxx", Style.XX, "CLICKID"),
        ("__CLICKID__", Style.UNDERSCORES, "CLICKID"),
        ("@clickid@", Style.AT, "clickid"),
        ("%7Bsub1%7D", Style.ENCODED, "sub1"),
        ("%257Bsub1%257D", Style.ENCODED, "sub1"),
        ("%23s2%23", Style.ENCODED, "s2"),
    ],
)
def test_every_style_is_found_in_its_place(written, style, name):
    """Whatever platform a URL was written for."""
    url = f"https://tracker.example.com/pb?a=1&cid={written}&b=2"
    parsed = parse(url)
    assert [(macro.style, macro.name) for macro in parsed.macros] == [(style, name)]
    assert url[slice(parsed.macros[0].start, parsed.macros[0].end)] == written
    assert [row.key for row in parsed.rows] == ["a", "cid", "b"]


@pytest.mark.parametrize(
    "text",
    [
        "a%20b%20c",
        "%ab%cd",
        "100%25",
        "x(y)z",
        "items[0]=1",
        "sub[]=2",
        "[1,2]",
        "__init__",
        "a#b",
        "xxx",
        "{a&b=c}",
        "<1>",
        "alice@example.com",
    ],
)
def test_what_only_resembles_a_macro_is_none(text):
    """Escapes, array indices, brackets inside words."""
    assert find_macros(f"https://tracker.example.com/pb?x={text}") == []


@pytest.mark.parametrize(
    "url",
    [
        "https://tracker.example.com/pb&cid={sub1}&payout={payout}",
        "https://tracker.example.com/pb/cid={sub1}&payout={payout}",
        "https://tracker.example.com/pbcid={sub1}&payout={payout}",
        "https://tracker.example.com/pb?cid={sub1}&amp;payout={payout}",
        "https://tracker.example.com/pb?cid={sub1}&#38;payout={payout}",
        "https://tracker.example.com/pb?cid={sub1};payout={payout}",
        "https://tracker.example.com/pb?cid={sub1}?payout={payout}",
        "https://tracker.example.com/pb?cid={sub1}payout={payout}",
        "https://tracker.example.com/pb??cid={sub1}&&payout={payout}&",
        "cid={sub1}&payout={payout}",
        "“https://tracker.example.com/pb?cid={sub1}&payout={payout}”",
        '<a href="https://tracker.example.com/pb?cid={sub1}&amp;payout={payout}">x</a>',
    ],
)
def test_what_is_broken_is_read_as_it_was_meant(url):
    """Two parameters, however they are joined, so that one mistake does not look like three."""
    assert rows(url) == [("cid", "{sub1}"), ("payout", "{payout}")]


def test_an_entity_that_a_browser_ate_is_spelt_out():
    """¤cy was &currency."""
    assert rows("https://t.example.com/?a={sub1}¤cy=EUR")[1] == ("currency", "EUR")


@pytest.mark.parametrize(
    "text", ["", " ", "{", "?", "&", "#", "://", "https://", "//", "[", "%", "\x00", "\ud800", "\ue000", "="]
)
def test_scraps_are_parsed_as_well(text):
    """It never raises."""
    assert parse(text).text == text
    assert parse_values(parse(text))["url"] == text


def test_an_ipv6_host_is_no_macro():
    """Its brackets are part of the URL."""
    parsed = parse("https://[fe80::1]:8443/pb?cid={sub1}")
    assert (parsed.host, parsed.port) == ("[fe80::1]", "8443")
    assert len(parsed.macros) == 1


def test_each_row_shows_what_would_be_sent():
    """For the sample, and for a real conversion's values; a macro that does not exist sends nothing."""
    text = "https://t.example.com/{sub2}?cid={sub1}&p={payout|int}&x={nope}&c=a+b"
    values = parse_values(parse(text), real={"sub1": "a b", "sub2": "x/y", "payout": "12.50"})
    assert [row["real"] for row in values["rows"]] == ["x%2Fy", "a%20b", "12", None, "a+b"]
    assert values["rows"][1]["sample"] == example_values()["sub1"]
    assert values["real"] is None
    fine = parse_values(parse("https://t.example.com/?cid={sub1}"), real={"sub1": "a"})
    assert fine["real"] == "https://t.example.com/?cid=a"
