"""Every page of both portals, opened in a browser: nothing is broken, nobody is shut out, nothing is cut off.

axe checks WCAG 2.0 to 2.2, A and AA, in light and English and in dark and Russian; the phone is 390 px wide.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.addresses import pages
from tests.journeys.process import eventually
from tests.receiver import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"region": {"enabled": False}},
    "resultTypes": ["violations"],
}
COLD_BYTES = 150 * 1024
LOOKS = [{"color_scheme": "light", "locale": "en-GB"}, {"color_scheme": "dark", "locale": "ru-RU"}]
PHONE = {"viewport": {"width": 390, "height": 800}}


@cache
def axe_source() -> str:
    """Return the checker's script."""
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def furnished(scene, tracker) -> dict[str, str]:
    """Alice has postbacks that work, fail and rest, conversions in every status, and refused reports."""
    good = scene.postback(tracker.url("/keitaro/postback"), name="Keitaro")
    tracker.at("/binom/postback", Answer(status=404, body=b"Click ID not found"))
    scene.postback(tracker.url("/binom/postback"), name="Binom")
    scene.postback(tracker.url("/voluum/postback"), name="Voluum", enabled=False)
    for number in range(6):
        click = scene.manager.click(scene.code, sub1=f"visitor-{number}")
        scene.manager.report(click_id=click, goal="registration", txid=f"order-{number}-{click[-6:]}")
        scene.manager.report(click_id=click, goal="deposit", amount="40.00", currency="EUR")
    scene.manager.report(click_id="{sub1}", goal="registration")
    bob = scene.manager
    mine = {"postback_id": good}
    eventually(lambda: list(bob.every("deliveries", state="delivered", **mine)), what="callbacks arrived")
    first = next(iter(bob.every("deliveries", state="delivered", **mine)))
    return {
        "postback": good,
        "postback-edit": good,
        "postback-backfill": good,
        "checklist": good,
        "delivery": first["id"],
        "conversion": first["conversion_id"],
        "report": next(iter(bob.every("reports")))["id"],
        "link": scene.link,
        "offer": scene.offer,
        "offer-edit": scene.offer,
        "offer-goals": scene.offer,
        "offer-postbacks": scene.offer,
        "offer-plans": scene.offer,
        "affiliate": scene.affiliate,
        "affiliate-edit": scene.affiliate,
        "affiliate-postbacks": scene.affiliate,
        "affiliate-campaigns": scene.affiliate,
        "affiliate-links": scene.affiliate,
        "advertiser": scene.advertiser,
        "advertiser-edit": scene.advertiser,
        "advertiser-brands": scene.advertiser,
        "trace-of": first["click_id"],
    }


def opened(tab: Any, portal: str, ids: dict[str, str]) -> Iterator[str]:
    """Open each page of a portal and yield its address; what answers something else is left out."""
    shown = 0
    for address in pages(portal, ids):
        answer = tab.request.get(address, max_redirects=0)
        if answer.status in {302, 405} or "text/html" not in answer.headers.get("content-type", ""):
            continue
        assert answer.status == 200, f"{address}: {answer.status}"
        tab.goto(address, wait_until="domcontentloaded")
        shown += 1
        yield address
    assert shown > 10


def faults(tab: Any) -> list[str]:
    """Return what axe finds on the page that is open, and headings that are missing or too many."""
    tab.evaluate(axe_source())
    found = tab.evaluate("options => axe.run(document, options)", AXE)["violations"]
    told = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]
    if tab.locator("h1").count() != 1:
        told.append(f"{tab.locator('h1').count()} h1")
    return told


@pytest.mark.parametrize("look", LOOKS, ids=["light-en", "dark-ru"])
def test_every_page_of_the_affiliate_is_accessible(alice: Callable[..., Any], furnished, look):
    """Alice can use each of her pages whatever her eyes and hands are like."""
    tab = alice(**look)
    wrong = {address: found for address in opened(tab, "affiliate", furnished) if (found := faults(tab))}
    assert wrong == {}


@pytest.mark.parametrize("look", LOOKS, ids=["light-en", "dark-ru"])
def test_every_page_of_the_manager_is_accessible(sign_in: Callable[..., Any], furnished, look):
    """So can Bob."""
    tab = sign_in("bob@example.com", **look)
    wrong = {address: found for address in opened(tab, "manager", furnished) if (found := faults(tab))}
    assert wrong == {}


@pytest.mark.parametrize("portal", ["affiliate", "manager"])
def test_no_page_is_wider_than_a_phone(sign_in, alice, furnished, portal):
    """On a telephone nothing is scrolled sideways but tables inside themselves."""
    tab = alice(**PHONE) if portal == "affiliate" else sign_in("bob@example.com", **PHONE)
    wide = {}
    for address in opened(tab, portal, furnished):
        width = tab.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide[address] = width
    assert wide == {}


@pytest.mark.parametrize("portal", ["affiliate", "manager"])
def test_pages_ask_nobody_else_and_are_small(sign_in, alice, site, furnished, portal):
    """No request leaves for another host, and a first visit costs less than 150 KB."""
    tab = alice() if portal == "affiliate" else sign_in("bob@example.com")
    strangers: list[str] = []
    tab.on(
        "request", lambda asked: None if asked.url.startswith(site.base_url) else strangers.append(asked.url)
    )
    heavy = {}
    for address in list(opened(tab, portal, furnished)):
        size = cold_bytes(tab, address)
        if size > COLD_BYTES:
            heavy[address] = size
    assert heavy == {}
    assert [url for url in strangers if not url.startswith(("data:", "blob:"))] == []


def cold_bytes(tab: Any, address: str) -> int:
    """Return the bytes of a page and of all that it loads, as sent, into an empty cache."""
    session = tab.context.new_cdp_session(tab)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    tab.goto(address)
    session.detach()
    return int(sum(sizes))
