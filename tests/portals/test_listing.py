"""What every list has: filters in the address, paging, columns, saved views, files, the API's request."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest

from tests.console.traffic import attempt, convert
from tests.portals.signed_in import alice, bob, charlie


def rows_of(page: str) -> list[str]:
    """The IDs of a list's rows, in their order."""
    return re.findall(r'<tr data-id="([^"]+)"', page)


def link(page: str, rel: str) -> str:
    """The address of the next (older) or previous (newer) page."""
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    assert found, f"no link {rel}"
    return html.unescape(found[1])


def file_of(browser, path: str) -> list[list[str]]:
    """A CSV file, read."""
    answer = browser.get(path)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


@pytest.fixture
def sent(world) -> list[str]:
    """Seven deliveries of Alice's, newest first."""
    from redound.console.traffic.models import Delivery

    world.make_postback(name="Tracker")
    for _ in range(7):
        convert(world)
    return list(Delivery.objects.order_by("-pk").values_list("pk", flat=True))


def test_pages_go_on_by_cursor_and_back(world, sent):
    """Older and newer meet; no row is shown twice or left out."""
    browser = alice(world)
    first = browser.text("/deliveries/?limit=3")
    second = browser.text(link(first, "next"))
    third = browser.text(link(second, "next"))
    assert [rows_of(first), rows_of(second), rows_of(third)] == [sent[:3], sent[3:6], sent[6:]]
    assert 'rel="next"' not in third
    assert rows_of(browser.text(link(third, "prev"))) == sent[3:6]
    assert 'rel="prev"' not in first


def test_new_rows_do_not_move_an_older_page(world, sent):
    """Who reads on page two goes on reading what was there."""
    browser = alice(world)
    older = link(browser.text("/deliveries/?limit=3"), "next")
    convert(world)
    assert rows_of(browser.text(older)) == sent[3:6]


def test_what_cannot_be_used_is_left_out_and_said(world, sent):
    """A broken address shows the list, with a word about it."""
    browser = alice(world)
    page = browser.text("/deliveries/?state=flying&since=yesterday&cursor=!!&limit=9999&postback_id=")
    assert rows_of(page) == sent
    assert page.count("Left out:") == 4
    assert "is none of" in page


def test_columns_are_chosen(world, sent):
    """In the address, and in the order of the list; an unknown one is no column."""
    browser = alice(world)
    page = browser.text("/deliveries/?cols=created_at&cols=state&cols=nonsense")
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', page)
    assert heads == ["State", "Made"]


def test_managers_columns_are_not_for_affiliates(world, sent):
    """Whatever the address says."""
    assert ">Affiliate</th>" not in alice(world).text("/deliveries/?cols=state,affiliate")
    assert ">Affiliate</th>" in bob(world).text("/manage/deliveries/?cols=state,affiliate")


def test_a_view_is_saved_shown_and_deleted(world, sent):
    """Filters and columns under a name, as a tab of its own."""
    browser = alice(world)
    query = "?state=pending&cols=state"
    form = {"page": "affiliate:deliveries", "name": "Waiting", "query": query}
    answer = browser.post("/views/", form)
    assert answer["Location"] == f"/deliveries/{query}"
    page = browser.text(answer["Location"])
    assert re.search(r'aria-current="true"><svg.*?</svg>Waiting</a>', page, re.DOTALL)
    delete = re.search(r'action="(/views/[^"]+/delete/)"', page)[1]
    assert browser.post(delete)["Location"] == "/deliveries/"
    assert "Waiting" not in browser.text(f"/deliveries/{query}&q=x")


def test_views_are_ones_own(world, sent):
    """Charlie neither sees nor deletes Alice's."""
    from redound.console.shell.models import SavedView

    form = {"page": "affiliate:deliveries", "name": "Mine alone", "query": "?state=failed"}
    alice(world).post("/views/", form)
    browser = charlie(world)
    assert "Mine alone" not in browser.text("/deliveries/")
    assert browser.post(f"/views/{SavedView.objects.get().pk}/delete/").status_code == 404
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize(
    "form",
    [
        {"page": "affiliate:deliveries", "name": " ", "query": "?"},
        {"page": "affiliate:deliveries", "name": "Out", "query": "https://evil.example/"},
        {"page": "manager:deliveries", "name": "Up", "query": "?"},
        {"page": "affiliate:nowhere", "name": "No", "query": "?"},
    ],
)
def test_a_view_leads_nowhere_else(world, form):
    """Neither off-site, nor into the other portal, nor to a page that is not there."""
    from redound.console.shell.models import SavedView

    answer = alice(world).post("/views/", form)
    assert answer.status_code in {302, 404}
    assert answer.get("Location", "/deliveries/").startswith("/deliveries/")
    assert not SavedView.objects.exists()


def test_a_file_has_what_the_filters_find(world, sent):
    """All pages of it, under the API's names."""
    attempt(sent[0], status=404)
    browser = alice(world)
    head, *lines = file_of(browser, "/deliveries/?state=failed&format=csv")
    assert [dict(zip(head, line, strict=True))["id"] for line in lines] == [sent[0]]
    assert dict(zip(head, lines[0], strict=True))["response_status"] == "404"
    assert len(file_of(browser, "/deliveries/?limit=2&format=csv")) == len(sent) + 1


def test_a_file_of_charlies_has_nothing_of_alices(world, sent):
    """The same rows as on the page."""
    assert len(file_of(charlie(world), "/deliveries/?format=csv")) == 1


def test_a_file_holds_no_formulas(world):
    """A spreadsheet would run them: names come from anybody."""
    world.make_postback(name='=HYPERLINK("http://evil.example")')
    convert(world)
    head, line = file_of(bob(world), "/manage/deliveries/?format=csv")
    assert dict(zip(head, line, strict=True))["postback"] == '\'=HYPERLINK("http://evil.example")'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_whatever_begins_a_formula_is_neutralised(start):
    """As text; numbers stay numbers."""
    from redound.console.shell.listing.export import neutral

    assert neutral(f"{start}1") == f"'{start}1"
    assert neutral(-1) == -1
    assert neutral("a=1") == "a=1"
    assert neutral(None) == ""


def test_the_request_for_the_api_is_shown(world, sent):
    """The same filters, without a key of anybody's; quoted for a shell."""
    page = html.unescape(alice(world).text("/deliveries/?state=failed&q=it's"))
    assert "'http://console.test/api/v1/deliveries?" in page
    assert "Bearer YOUR_KEY" in page
    assert "state=failed" in page
    assert world.alice.key not in page
    assert world.alice.get("deliveries?state=failed").status == 200


def test_a_relative_time_is_told_to_the_api_as_a_moment(world, sent):
    """`since=24h` is the pages' own."""
    page = html.unescape(alice(world).text("/deliveries/?since=24h"))
    asked = re.search(r"deliveries\?since=([^']+)'", page)[1]
    assert world.alice.get(f"deliveries?since={asked}").status == 200


def test_an_empty_list_helps_on(world):
    """Otherwise when there is nothing yet than when filters leave nothing."""
    browser = alice(world)
    assert "Nothing was sent yet" in browser.text("/deliveries/")
    page = browser.text("/deliveries/?state=failed")
    assert "Nothing fits these filters" in page
    assert "Clear the filters" in page


def test_a_stranger_is_led_to_sign_in(world, sent):
    """Lists, files and views alike."""
    from tests.portals.browsing import Browser

    nobody = Browser()
    for path in ("/deliveries/", "/deliveries/?format=csv", f"/deliveries/{sent[0]}/", "/manage/received/"):
        assert nobody.get(path)["Location"].startswith("/accounts/login/")
    assert nobody.post("/views/", {}).status_code == 302


def test_a_date_is_read_in_the_readers_zone(world, sent):
    """`2026-11-20T10:00` is ten o'clock where Alice is."""
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    browser = alice(world, time_zone="Asia/Tokyo")
    now = datetime.now(ZoneInfo("Asia/Tokyo"))
    ago, ahead = (f"{now + timedelta(hours=hours):%Y-%m-%dT%H:%M}" for hours in (-1, 1))
    assert rows_of(browser.text(f"/deliveries/?since={ago}")) == sent
    assert rows_of(browser.text(f"/deliveries/?since={ahead}")) == []
