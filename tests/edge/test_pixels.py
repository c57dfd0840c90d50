"""Acme's thank-you page reports from the visitor's browser; Alice's approved HTML is shown there."""

from __future__ import annotations

import re
from html import unescape

import pytest

from redound.core.deliveries import DeliveryState
from redound.edge.pixels import GIF
from redound.store.memory import MemoryStore
from tests.builders import make_advertiser, make_goal, make_offer, make_postback
from tests.edge.conftest import configuration
from tests.edge.test_reports import CLICK

HOST = "go.test"
BODY = '<img src="https://t.example.com/p?cid={sub1}&amp;sum={payout}" alt="">'
ASKED = {"Host": HOST}


def html_postback(**changes):
    """Alice's approved pixel."""
    wanted = {"id": "pbk_pixel", "delivery": "html", "html_approved": True, "url": "", "body": BODY}
    return make_postback(**(wanted | changes))


@pytest.fixture
async def acme(edge_of):
    """An edge that may show HTML at its tracking host; Alice has a pixel and an S2S postback."""
    edge = await edge_of(html_postback(), make_postback(), pixel_host=HOST)
    await edge.store.add_clicks([CLICK])
    return edge


def frames(answer) -> list[str]:
    """The pieces of HTML that the page shows."""
    return [unescape(found) for found in re.findall(r'srcdoc="([^"]*)"', answer.body.decode())]


async def test_the_image_reports_and_is_always_an_image(acme):
    """Whatever the verdict, the shop's page gets its pixel, fresh every time, and the verdict in a header."""
    for query, verdict in [
        (f"click_id={CLICK.id}&txid=T", "accepted"),
        (f"click_id={CLICK.id}&txid=T", "duplicate"),
        ("click_id=x", "malformed_click_id"),
        ("", "missing_click_id"),
        ("click_id=%FF", "malformed"),
    ]:
        answer = await acme.ask(f"/pixel.gif?{query}")
        assert (answer.status, answer.body, answer.verdict) == (200, GIF, verdict)
        assert answer.headers["content-type"] == "image/gif"
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
    assert len(acme.store.conversions) == 1
    assert len(acme.store.reports) == 5


async def test_the_image_shows_nothing_and_owes_what_is_sent_from_here(acme):
    """There is nowhere to show HTML; the S2S postback is owed as ever."""
    await acme.ask(f"/pixel.gif?click_id={CLICK.id}", headers=ASKED)
    assert [each.new.postback_id for each in acme.store.deliveries.values()] == ["pbk_tracker"]


async def test_the_page_shows_the_html_of_what_fires(acme):
    """Filled in, in a frame of its own; it is delivered with the answer, and nobody sends it."""
    answer = await acme.ask(f"/pixel.html?click_id={CLICK.id}", headers=ASKED)
    assert (answer.status, answer.verdict) == (200, "accepted")
    assert frames(answer) == ['<img src="https://t.example.com/p?cid=tracker-click-1&amp;sum=10.00" alt="">']
    kept = {each.new.postback_id: each for each in acme.store.deliveries.values()}
    shown = kept["pbk_pixel"]
    assert (shown.state, shown.attempts) == (DeliveryState.DELIVERED, 1)
    assert list(acme.store.due) == [kept["pbk_tracker"].new.id]


async def test_nothing_is_shown_twice(acme):
    """The visitor reloads the thank-you page."""
    await acme.ask(f"/pixel.html?click_id={CLICK.id}", headers=ASKED)
    again = await acme.ask(f"/pixel.html?click_id={CLICK.id}", headers=ASKED)
    assert (again.verdict, frames(again)) == ("duplicate", [])
    assert len(acme.store.deliveries) == 2


async def test_hostile_html_gets_no_origin_and_no_cookie(acme):
    """The headers hold for whatever Charlie's HTML does."""
    answer = await acme.ask(f"/pixel.html?click_id={CLICK.id}", headers=ASKED)
    policy = answer.headers["content-security-policy"].split("; ")
    assert policy[0] == "sandbox allow-scripts"
    assert {"default-src 'none'", "base-uri 'none'", "form-action 'none'"} < set(policy)
    assert not {"allow-same-origin", "allow-top-navigation", "allow-popups"} & set(policy[0].split())
    expected = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "content-type": "text/html; charset=utf-8",
    }
    assert {name: answer.headers[name] for name in expected} == expected
    assert "set-cookie" not in answer.headers
    assert 'sandbox="allow-scripts"' in answer.body.decode()


async def test_a_value_never_leaves_its_place(edge_of):
    """The visitor's own sub ID is markup: the browser finds the manager's template and nothing more."""
    edge = await edge_of(html_postback(body='<b title="{sub1}">{sub1}</b>'), pixel_host=HOST)
    hostile = "\"></b></iframe><script>steal()</script>'"
    from dataclasses import replace

    await edge.store.add_clicks([replace(CLICK, params={"sub1": hostile})])
    answer = await edge.ask(f"/pixel.html?click_id={CLICK.id}", headers=ASKED)
    (shown,) = frames(answer)
    assert shown.count("<") == 2
    assert b"<script" not in answer.body


@pytest.mark.parametrize(
    ("host", "asked", "changes"),
    [
        ("", HOST, {}),
        (HOST, "console.test", {}),
        (HOST, f"{HOST}:81", {}),
        (HOST, HOST, {"html_approved": False}),
        (HOST, HOST, {"enabled": False}),
        (HOST, HOST, {"body": "<svg>"}),
    ],
    ids=[
        "switched off",
        "the console's host",
        "another port",
        "not approved",
        "paused",
        "a rule broken since",
    ],
)
async def test_html_is_shown_at_the_tracking_host_when_all_agree(edge_of, host, asked, changes):
    """Operator, manager and affiliate; else the report counts and the page is empty."""
    edge = await edge_of(html_postback(**changes), pixel_host=host)
    await edge.store.add_clicks([CLICK])
    answer = await edge.ask(f"/pixel.html?click_id={CLICK.id}", headers={"Host": asked})
    assert (answer.verdict, frames(answer)) == ("accepted", [])
    assert not edge.store.deliveries


async def test_a_report_from_a_server_shows_nothing(acme):
    """Nobody is there to see it; the evaluation says so."""
    answer = await acme.ask(f"/postback?click_id={CLICK.id}")
    (decision,) = acme.store.reports.values()
    reasons = {each.postback_id: each.reason for each in decision.evaluations}
    assert reasons == {"pbk_pixel": "shown_in_browser", "pbk_tracker": "fires"}
    assert answer.verdict == "accepted"


async def test_a_health_that_failed_does_not_stop_a_pixel(edge_of):
    """Auto-disable is about receivers of ours to call; a pixel has none."""
    edge = await edge_of(html_postback(health="disabled"), pixel_host=HOST)
    await edge.store.add_clicks([CLICK])
    assert frames(await edge.ask(f"/pixel.html?click_id={CLICK.id}", headers=ASKED))


async def test_a_once_postback_is_shown_once_for_a_conversion(edge_of):
    """Pending first, approved later: the second change shows nothing."""
    pixel = html_postback(status_mode="once", statuses=frozenset({"pending", "approved"}))
    offer = make_offer(make_goal(default_status="pending"))
    edge = await edge_of(pixel, offer, pixel_host=HOST)
    await edge.store.add_clicks([CLICK])
    first = await edge.ask(f"/pixel.html?click_id={CLICK.id}&status=pending", headers=ASKED)
    second = await edge.ask(f"/pixel.html?click_id={CLICK.id}&status=approved", headers=ASKED)
    assert (len(frames(first)), len(frames(second))) == (1, 0)
    assert second.verdict == "updated"


async def test_an_advertiser_with_tokens_is_not_reported_for_by_browsers(edge_of):
    """A page has no secrets: whoever demands a token gets none from a pixel."""
    edge = await edge_of(make_advertiser(token_digests=("0" * 64,)), pixel_host=HOST)
    await edge.store.add_clicks([CLICK])
    assert (await edge.ask(f"/pixel.gif?click_id={CLICK.id}")).verdict == "bad_token"


async def test_a_database_that_is_away_does_not_break_the_shop(edge_of):
    """The page gets its pixel; the header tells that nothing was kept."""
    store = MemoryStore(configuration())
    edge = await edge_of(store=store, pixel_host=HOST)
    store.unavailable = True
    for path in ("pixel.gif", "pixel.html"):
        answer = await edge.ask(f"/{path}?click_id={CLICK.id}", headers=ASKED)
        assert (answer.status, answer.verdict) == (200, "not_stored")


async def test_looking_is_not_reporting(acme):
    """HEAD answers the headers and stores nothing; a POST is refused."""
    for path in ("pixel.gif", "pixel.html"):
        assert (await acme.ask(f"/{path}?click_id={CLICK.id}", method="HEAD")).status == 200
        assert (await acme.ask(f"/{path}?click_id={CLICK.id}", method="POST", body=b"x")).status == 405
    assert not acme.store.reports


async def test_the_script_is_the_same_for_everybody(acme):
    """It holds no values and sets no cookie by itself."""
    answer = await acme.ask("/pixel.js?click_id=x")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    assert b"/pixel.html" in answer.body
    assert not acme.store.reports
