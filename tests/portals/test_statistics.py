"""The pages of statistics: what they show to whom, what the address asks for, and the file."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest

from tests.console.rolling import roll
from tests.console.traffic import attempt, convert, open_click
from tests.portals.signed_in import alice, bob, without_postbacks

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def traffic(world):
    """Alice: two sales, one of them delivered, and a hostile click; Charlie: one sale."""
    world.make_postback()
    convert(world)
    (delivery,) = world.alice.get("deliveries").ids
    attempt(delivery)
    convert(world)
    open_click(world, params={"sub2": HOSTILE, "sub3": "=1+1"})
    convert(world, world.charlies_link)
    roll()


def cells(page: str) -> list[list[str]]:
    """The rows of the page's table, as text."""
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", body[1] if body else "", re.DOTALL)
    return [
        [
            " ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def tiles(page: str) -> dict[str, str]:
    """The tiles' values by their labels."""
    found = re.findall(r'<div class="l">(.*?)</div><div class="v">(.*?)</div>', page)
    return {unescape(label): unescape(value) for label, value in found}


def test_alice_sees_what_she_earned(world, traffic):
    """Her clicks, conversions and payout; nothing of revenue, and nothing of Charlie's."""
    page = alice(world).text("/statistics/")
    assert tiles(page) == {
        "Clicks": "3",
        "Conversions": "2",
        "CR": "66.66 %",
        "Payout, EUR": "24.00",
        "Pending payout, EUR": "0.00",
    }
    for word in ("Revenue", "Profit", "40.00", "Charlie"):
        assert word not in page.replace("Charlie's", "")


def test_bob_sees_everything_and_the_profit(world, traffic):
    """In his own portal."""
    shown = tiles(bob(world).text("/manage/statistics/"))
    assert shown["Clicks"] == "4"
    money = [shown[f"{each}, EUR"] for each in ("Revenue", "Payout", "Profit")]
    assert money == ["60.00", "36.00", "24.00"]


def test_days_without_traffic_have_a_row(world, traffic):
    """A week has seven, the last one is today."""
    rows = cells(alice(world).text("/statistics/"))
    assert len(rows) == 7
    assert rows[-1][1:4] == ["3", "3", "2"]
    assert rows[0][1] == "0"


def test_a_row_of_a_group_leads_into_it(world, traffic):
    """By affiliate; the name is a link to the days of that affiliate."""
    browser = bob(world)
    page = browser.text("/manage/statistics/?group_by=affiliate&compare=previous")
    assert [row[:2] for row in cells(page)] == [["Alice", "3"], ["Charlie", "1"]]
    link = unescape(re.search(r'<th scope="row"><a href="([^"]+)">Alice', page)[1])
    assert f"affiliate_id={world.alice_id}" in link
    assert "compare=previous" in link
    inside = browser.text(f"/manage/statistics/{link}")
    assert tiles(inside)["Clicks"] == "3"
    assert len(cells(inside)) == 7


def test_what_visitors_send_is_shown_as_text(world, traffic):
    """A sub value is anybody's."""
    page = alice(world).text("/statistics/?group_by=sub2")
    assert HOSTILE not in page
    assert cells(page)[0][0] == HOSTILE


def test_the_file_holds_the_table_and_no_formula(world, traffic):
    """As the page shows it; the API's names on top."""
    answer = alice(world).get("/statistics/?group_by=sub3&format=csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert 'filename="statistics-' in answer.headers["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["key"], row["clicks"]) == ("'=1+1", "1")
    assert "profit" not in row


def test_what_cannot_be_used_is_left_out_and_said(world, traffic):
    """Two sub parameters, a range that is none, a date that is none: the page still answers."""
    browser = alice(world)
    page = browser.text("/statistics/?sub2=a&sub3=b&range=aeon")
    assert page.count("Left out:") == 2
    page = browser.text("/statistics/?range=dates&since=yesterday&until=2026-02-30")
    assert page.count("Left out:") == 2
    page = browser.text("/statistics/?range=dates&since=1999-01-01&until=2026-01-01")
    assert page.count("Left out:") == 1
    page = browser.text("/statistics/?group_by=sub2&country=LV")
    assert page.count("Left out:") == 1


def test_dates_include_both_ends(world, traffic):
    """From today to today is today; turned round they are put right."""
    from django.utils import timezone

    today = timezone.localdate().isoformat()
    browser = alice(world)
    shown = browser.text(f"/statistics/?range=dates&since={today}&until={today}")
    assert tiles(shown)["Clicks"] == "3"
    shown = browser.text(f"/statistics/?range=dates&since={today}&until=2026-01-02")
    assert tiles(shown)["Clicks"] == "3"


def test_deliveries_have_a_page(world, traffic):
    """One of Alice's two was delivered at the first attempt."""
    page = alice(world).text("/statistics/deliveries/?group_by=postback")
    assert tiles(page)["Delivered"] == "1"
    assert tiles(page)["Success rate"] == "100 %"
    assert cells(page)[0][:4] == ["Tracker", "2", "1", "0"]
    assert "Response time" in page


def test_without_postbacks_there_is_no_page_of_deliveries(world, traffic):
    """The tab is missing, and the address refuses."""
    without_postbacks(world)
    browser = alice(world)
    assert "/statistics/deliveries/" not in browser.text("/statistics/")
    assert browser.get("/statistics/deliveries/").status_code == 403


def test_sub1_is_searched_for(world, traffic):
    """It gives totals, no table."""
    page = alice(world).text("/statistics/?sub1=TRACKER-1")
    assert "with this sub1" in page
    assert "<tbody>" not in page


def test_the_page_asks_the_database_a_fixed_number_of_times(world, traffic):
    """However many rows there are."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = bob(world)
    browser.text("/manage/statistics/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.text("/manage/statistics/?group_by=affiliate&compare=previous")
    for _ in range(3):
        convert(world)
    roll()
    with CaptureQueriesContext(connection) as many:
        browser.text("/manage/statistics/?group_by=affiliate&compare=previous")
    assert len(few) == len(many) <= 30


def test_it_speaks_russian(world, traffic):
    """All words of the page."""
    page = alice(world).get("/statistics/", headers={"Accept-Language": "ru"}).content.decode()
    for word in ("Statistics", "Clicks", "Conversions", "Payout", "More filters", "Compare"):
        assert f">{word}" not in page


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns", "Europe/Riga"])
def test_days_begin_where_the_reader_is(world, traffic, zone):
    """All clicks of a moment ago are today's, wherever that is."""
    from redound.console.accounts.models import User

    browser = alice(world)
    User.objects.filter(email="alice@example.com").update(time_zone=zone)
    rows = cells(browser.text("/statistics/"))
    assert len(rows) == 7
    assert rows[-1][1] == "3"
