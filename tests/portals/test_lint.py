"""The check of a URL as a page: findings with one-click corrections, its parts, its translation."""

from __future__ import annotations

import re
from html import unescape

from tests.portals.signed_in import HOSTILE, alice, bob, without_postbacks

BROKEN = "https://trk.example.com/postback?cid={sub1}&&payout={payuot}"


def check(browser, url: str, portal: str = "/", **more) -> str:
    """Return the page about a URL."""
    answer = browser.post(f"{portal}lint/", {"url": url, **more})
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


def corrections(page: str) -> list[str]:
    """The corrected URLs that buttons offer."""
    return [unescape(found) for found in re.findall(r'name="fixed" value="([^"]*)"', page)]


def test_alice_mends_a_url_click_by_click(world):
    """An empty pair, a mistyped macro; then there is nothing to complain about."""
    browser = alice(world)
    page = check(browser, BROKEN)
    assert "payuot" in page
    assert "https://trk.example.com/postback?cid={sub1}&&payout={payout}" in corrections(page)
    without_pair = BROKEN.replace("&&", "&")
    assert without_pair in corrections(page)
    page = check(browser, BROKEN, fixed=without_pair)
    assert without_pair.replace("payuot", "payout") in corrections(page)


def test_its_parts_stand_in_a_table(world):
    """Parameter, value, what it is, an example."""
    page = check(alice(world), "https://trk.example.com/in?cid={sub1}&status=approved&x={nope}")
    assert "value-of-sub1" in page
    assert "constant" in page
    assert "unknown macro" in page


def test_another_platforms_url_is_translated(world):
    """And ours into another's."""
    browser = alice(world)
    page = check(browser, "https://trk.example.com/in?cid=#s2#&sum=#price#")
    assert "https://trk.example.com/in?cid={sub2}&amp;sum={payout}" in page
    page = check(browser, "https://trk.example.com/in?cid={sub1}", to="everflow")
    assert "Translation" not in page or "everflow" in page
    answer = browser.post("/lint/", {"url": "https://x.example/", "to": "nowhere"})
    assert answer.status_code == 422


def test_the_affiliates_link_tells_the_slot(world):
    """The tracker's ID comes in sub2, the postback returns sub1."""
    link = "https://go.example.net/c/ab12cd3?sub2={subid}"
    page = check(alice(world), "https://trk.example.com/in?cid={sub1}", link=link)
    assert "sub2" in page.split('id="findings"')[1]


def test_a_clean_one_is_praised_and_starts_a_postback(world):
    """In both portals."""
    url = "https://trk.example.com/in?cid={sub1}&payout={payout}&status={status}&currency={currency}&tid={conversion_id}"
    assert "Nothing to complain about." in check(alice(world), url)
    page = check(bob(world), url, "/manage/")
    assert "/manage/postbacks/new/?url=https%3A" in page


def test_nothing_pasted_shows_the_form_alone(world):
    """A URL may also stand in the address."""
    browser = alice(world)
    assert 'id="findings"' not in browser.text("/lint/")
    assert 'id="findings"' in browser.text("/lint/?url=https%3A%2F%2Fx.example%2F")


def test_hostile_text_stays_text(world):
    """Whatever is pasted."""
    page = check(alice(world), f"https://x.example/?a={HOSTILE}")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_it_speaks_russian(world):
    """Findings too."""
    page = check(alice(world, language="ru"), "http://trk.example.com/in?cid={sub1}")
    assert "Проверить" in page
    assert re.search("[а-я]", page.split('id="findings"')[1])


def test_linting_needs_no_postbacks(world):
    """It stores and sends nothing."""
    browser = alice(world)
    without_postbacks(world)
    assert browser.get("/lint/").status_code == 200
