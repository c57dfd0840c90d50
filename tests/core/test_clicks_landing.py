"""Where a click leads: landing URLs with macros, and deep links."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.landing import BadLanding, compile_landing, location
from tests.builders import (
    make_affiliate,
    make_brand,
    make_campaign,
    make_click,
    make_link,
    make_offer,
)

CLICK = make_click().id


def led_to(landing_url: str, hosts: tuple[str, ...] = (), **params: str) -> str:
    """Where Alice's visitor goes."""
    target = location(
        make_click(params=params),
        make_offer(landing_url=landing_url, deep_link_hosts=hosts),
        make_link(),
        make_affiliate(),
        make_brand(),
        make_campaign(),
    )
    assert isinstance(target, str)
    return target


def test_macros_of_the_landing_url_are_filled() -> None:
    """The click ID, the affiliate's sub IDs, other parameters and names."""
    url = "https://shop.example.com/p/{sub2}?cid={click_id}&s={sub1}&p={param.lang}&a={affiliate_name}&c={campaign_name}"
    expected = f"https://shop.example.com/p/x%2Fy?cid={CLICK}&s=t%201&p=de&a=Alice&c=Autumn"
    assert led_to(url, sub1="t 1", sub2="x/y", lang="de") == expected


@pytest.mark.parametrize(
    ("landing_url", "expected"),
    [
        ("https://shop.example.com", "https://shop.example.com?click_id={id}"),
        ("https://shop.example.com/a", "https://shop.example.com/a?click_id={id}"),
        ("https://shop.example.com/a?", "https://shop.example.com/a?click_id={id}"),
        ("https://shop.example.com/a?b=1", "https://shop.example.com/a?b=1&click_id={id}"),
        ("https://shop.example.com/a?b=1#top", "https://shop.example.com/a?b=1&click_id={id}#top"),
        ("https://shop.example.com/a?click_id=&b=1", "https://shop.example.com/a?b=1&click_id={id}"),
        ("https://shop.example.com/{click_id}", "https://shop.example.com/{id}"),
        ("https://shop.example.com/?x={click_id|upper}", "https://shop.example.com/?x={ID}"),
    ],
)
def test_the_click_id_is_appended_when_the_landing_url_has_none(landing_url: str, expected: str) -> None:
    """Before the fragment, and only then."""
    assert led_to(landing_url) == expected.replace("{id}", CLICK).replace("{ID}", CLICK.upper())


def test_a_visitor_cannot_bring_a_click_id_of_their_own() -> None:
    """`click_id` in the tracking link is a parameter like any other."""
    assert (
        led_to("https://shop.example.com/?c={click_id}", click_id="forged")
        == f"https://shop.example.com/?c={CLICK}"
    )


def test_a_value_is_never_read_for_macros() -> None:
    """What a visitor sends stays text."""
    assert led_to("https://shop.example.com/?s={sub1}&c={click_id}", sub1="{ip}").startswith(
        "https://shop.example.com/?s=%7Bip%7D&c="
    )


@pytest.mark.parametrize(
    "landing_url",
    [
        "",
        "shop.example.com",
        "ftp://shop.example.com/",
        "https://",
        "https://{sub1}/",
        "https://x{sub1}.example/?a",
        "{sub1}://x",
        "javascript:alert(1)",
        "https://shop.example.com/{nonsense}",
        "//shop.example.com",
    ],
)
def test_a_landing_url_without_a_fixed_place_is_refused(landing_url: str) -> None:
    """Scheme and host come from the offer alone, so no macro may stand there."""
    assert isinstance(compile_landing(landing_url), BadLanding)


def test_a_deep_link_into_an_allowed_host_is_followed_with_the_click_id() -> None:
    """The page gets the click ID under the name that the landing page knows."""
    link = led_to(
        "https://shop.example.com/?cid={click_id}",
        ("shop.example.com",),
        url="https://shop.example.com/shoes?size=42#red",
    )
    assert link == f"https://shop.example.com/shoes?size=42&cid={CLICK}#red"


def test_a_deep_link_cannot_carry_another_click_id() -> None:
    """Ours replaces it, however its name is escaped."""
    link = led_to(
        "https://shop.example.com/",
        ("shop.example.com",),
        url="https://shop.example.com/a?click%5Fid=x&click_id=y",
    )
    assert link == f"https://shop.example.com/a?click_id={CLICK}"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://shop.example.com.evil.example/",
        "https://shop.example.com@evil.example/",
        "https://evil.example\\@shop.example.com/",
        "https://shop.example.com:443@evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)//shop.example.com",
        "https:shop.example.com",
        "https://shop.example.com\n.evil.example/",
        "https://evil.example/?https://shop.example.com/",
        "https://sub.shop.example.com/",
        "https://\u0455hop.example.com/",
    ],
)
def test_a_deep_link_anywhere_else_leads_to_the_landing_page(url: str) -> None:
    """The visitor still arrives, and nobody is sent off-site."""
    expected = f"https://shop.example.com/?click_id={CLICK}"
    assert led_to("https://shop.example.com/", ("shop.example.com",), url=url) == expected


def test_without_a_list_of_hosts_there_are_no_deep_links() -> None:
    """Not even to the landing page's own host: the list says it all."""
    assert led_to("https://shop.example.com/", url="https://shop.example.com/a").startswith(
        "https://shop.example.com/?click_id="
    )


def test_an_allowed_host_may_name_its_port() -> None:
    """Then it is that port alone."""
    hosts = ("shop.example.com:8443",)
    assert led_to("https://a.example/", hosts, url="https://shop.example.com:8443/x").startswith(
        "https://shop.example.com:8443/x"
    )
    assert led_to("https://a.example/", hosts, url="https://shop.example.com/x").startswith(
        "https://a.example/"
    )


def test_hosts_are_compared_without_case() -> None:
    """As hosts are."""
    assert led_to("https://a.example/", ("Shop.Example.com",), url="HTTPS://SHOP.example.COM").startswith(
        "https://shop.example.com/?click_id="
    )


@given(st.text(max_size=40))
def test_whatever_is_asked_for_the_visitor_stays_with_the_offer(url: str) -> None:
    """No deep link leaves the landing page's host and the allowed hosts; no line break gets into a header."""
    for asked in (url, f"https://{url}", f"https://shop.example.com{url}"):
        target = led_to("https://land.example.com/", ("shop.example.com",), url=asked)
        assert urlsplit(target).hostname in {"land.example.com", "shop.example.com"}
        assert urlsplit(target).scheme == "https" or asked.lower().startswith("http:")
        assert target.isascii()
        assert target.isprintable()


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_value_breaks_out_of_its_parameter(sub1: str, other: str) -> None:
    """A sub ID arrives as it was sent, in its own place."""
    target = led_to("https://shop.example.com/{sub2}?a={sub1}&cid={click_id}", sub1=sub1, sub2=other)
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True, errors="replace")
    assert parts.hostname == "shop.example.com"
    assert list(query) == ["a", "cid"]
    assert query["cid"] == [CLICK]
    assert query["a"] == [sub1.encode("utf-8", "replace").decode()]
