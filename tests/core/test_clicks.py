"""Opening clicks: who gets through, what is kept, and which clicks are valid."""

from __future__ import annotations

import pytest

from redound.core.agents import is_bot
from redound.core.catalog import PayoutModel
from redound.core.clicks import Click, NotOpened, Opened, is_prefetch, open_click, why_invalid
from redound.core.ids import ClickIdParts, read_click_id
from tests.builders import (
    KEYS,
    LINK_NUMBER,
    NOW,
    NOW_MS,
    make_affiliate,
    make_link,
    make_offer,
    make_visit,
)

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def opened(**changes: object) -> Opened | NotOpened:
    """Open a click; `visit`, `link`, `offer`, `affiliate` and the keywords of open_click may be given."""
    visit = changes.pop("visit", make_visit())
    link = changes.pop("link", make_link())
    offer = changes.pop("offer", make_offer())
    affiliate = changes.pop("affiliate", make_affiliate())
    return open_click(visit, link, offer, affiliate, KEYS, b"12345678", **changes)  # type: ignore[arg-type]


def click_of(result: Opened | NotOpened) -> Click:
    """The click of a visit that got through."""
    assert isinstance(result, Opened)
    return result.click


def test_a_click_keeps_all_that_is_known_of_it() -> None:
    """Every parameter of the link stays, whatever its name."""
    params = {"sub1": "t-1", "source": "mail", "clickid": "x", "вар": "да"}
    click = click_of(opened(visit=make_visit(params=params), country="DE"))
    assert click.params == params
    assert (click.link_id, click.campaign_id, click.affiliate_id) == ("lnk_banner", "cmp_autumn", "aff_alice")
    assert (click.offer_id, click.brand_id, click.country) == ("ofr_shoes", "brd_play", "DE")
    assert (click.created_at, click.ip, click.referrer) == (
        NOW_MS,
        "203.0.113.7",
        "https://blog.example.com/",
    )
    assert click.valid
    assert click.invalid_reason == ""
    assert not click.test


def test_the_click_id_tells_its_link_and_time() -> None:
    """It is ours, and known as such without a look-up."""
    parts = read_click_id(KEYS, click_of(opened()).id)
    assert isinstance(parts, ClickIdParts)
    assert (parts.time_ms, parts.link_number) == (NOW_MS, LINK_NUMBER)


@pytest.mark.parametrize("missing", ["link", "offer", "affiliate"])
def test_an_unknown_link_leads_nowhere(missing: str) -> None:
    """The visitor sees a small page with 404."""
    result = opened(**{missing: None})
    assert isinstance(result, NotOpened)
    assert (result.status, result.code) == (404, "unknown_link")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"link": make_link(active=False)}, 410, "link_inactive"),
        ({"offer": make_offer(paused_at=NOW)}, 403, "offer_inactive"),
        ({"affiliate": make_affiliate(paused_at=NOW)}, 403, "affiliate_inactive"),
    ],
)
def test_what_is_inactive_leads_nowhere(changes: dict[str, object], status: int, code: str) -> None:
    """No redirect off-site for an inactive link, offer or affiliate; the page says something polite."""
    result = opened(**changes)
    assert isinstance(result, NotOpened)
    assert (result.status, result.code) == (status, code)
    assert result.sentence.endswith(".")


def test_a_landing_page_that_cannot_be_used_is_our_trouble() -> None:
    """503, because no visitor can mend it."""
    result = opened(offer=make_offer(landing_url="https://{sub1}.example.com/"))
    assert isinstance(result, NotOpened)
    assert (result.status, result.code) == (503, "landing_broken")


@pytest.mark.parametrize(
    ("visit", "reason"),
    [
        (make_visit(method="HEAD"), "head"),
        (make_visit(prefetch=True), "prefetch"),
        (make_visit(user_agent=GOOGLEBOT), "bot"),
    ],
)
def test_robots_and_prefetches_are_answered_but_make_no_valid_click(visit: object, reason: str) -> None:
    """They are redirected like anybody."""
    result = opened(visit=visit)
    assert isinstance(result, Opened)
    assert result.location.startswith("https://shop.example.com/")
    assert (result.click.valid, result.click.invalid_reason) == (False, reason)


def test_a_second_click_within_the_window_is_not_valid_at_a_cpc_offer() -> None:
    """The advertiser pays once for the same link, IP and agent."""
    click = click_of(opened(offer=make_offer(payout_model=PayoutModel.CPC), repeat=True))
    assert (click.valid, click.invalid_reason) == (False, "duplicate")


def test_a_second_click_is_fine_where_conversions_are_paid() -> None:
    """The duplicate rule is for CPC alone."""
    assert click_of(opened(repeat=True)).valid


def test_a_bot_is_a_bot_before_it_is_a_duplicate() -> None:
    """The first reason is kept."""
    visit = make_visit(user_agent=GOOGLEBOT)
    offer = make_offer(payout_model=PayoutModel.CPC)
    assert click_of(opened(visit=visit, offer=offer, repeat=True)).invalid_reason == "bot"
    assert why_invalid(visit) == "bot"
    assert why_invalid(make_visit()) == ""


def test_a_testers_click_is_marked() -> None:
    """It is never counted."""
    assert click_of(opened(test=True)).test


def test_overlong_headers_are_cut() -> None:
    """A visitor cannot fill the database with a header."""
    click = click_of(opened(visit=make_visit(user_agent="x" * 5000, referrer="y" * 5000)))
    assert (len(click.user_agent), len(click.referrer)) == (1024, 1024)


@pytest.mark.parametrize(
    "agent",
    [
        GOOGLEBOT,
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
        "Mozilla/5.0 (compatible; SomethingNewBot/1.0)",
        "Baiduspider",
        "WhatsApp/2.23.20.0",
        "SomeCrawler/3",
        "UptimeRobot/2.0",
    ],
)
def test_a_program_that_says_what_it_is_is_a_bot(agent: str) -> None:
    """Search engines, previews, monitors."""
    assert is_bot(agent)


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0",
        "Mozilla/5.0 (Linux; Android 12; CUBOT P60) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 [Pinterest/iOS]",
        "curl/8.5.0",
        "python-requests/2.32",
        "python-httpx/0.28",
    ],
)
def test_people_and_the_scripts_of_people_are_no_bots(agent: str) -> None:
    """Whoever tests a link with curl is to see a valid click."""
    assert not is_bot(agent)


@pytest.mark.parametrize(
    ("purpose", "answer"),
    [("prefetch", True), ("prefetch;prerender", True), ("Preview", True), ("", False), ("navigate", False)],
)
def test_a_browser_says_when_it_only_prefetches(purpose: str, answer: bool) -> None:
    """By one of four headers."""
    assert is_prefetch(purpose) is answer
