"""Visitors follow Alice's links."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from redound.core.catalog import PayoutModel
from redound.core.ids import ClickIdParts, read_click_id
from tests.builders import KEYS, LINK_NUMBER, NOW, make_affiliate, make_link, make_offer

CODE = make_link().code


async def test_a_visitor_is_redirected_once_the_click_is_stored(edge):
    """The redirect goes to the offer's landing page, with a click ID of ours that the store has."""
    answer = await edge.ask(f"/c/{CODE}?sub1=MYTEST123&source=blog&anything=goes")
    assert answer.status == 302
    landing = urlsplit(answer.headers["location"])
    assert (landing.scheme, landing.netloc, landing.path) == ("https", "shop.example.com", "/landing")
    click = edge.store.clicks[parse_qs(landing.query)["cid"][0]]
    assert click.params == {"sub1": "MYTEST123", "source": "blog", "anything": "goes"}
    assert (click.affiliate_id, click.offer_id, click.valid) == ("aff_alice", "ofr_shoes", True)
    assert click.ip == "127.0.0.1"
    parts = read_click_id(KEYS, click.id)
    assert isinstance(parts, ClickIdParts)
    assert parts.link_number == LINK_NUMBER


async def test_a_redirect_may_not_be_cached_or_indexed(edge):
    """A cached redirect would send the next visitor along with the first one's click ID."""
    answer = await edge.ask(f"/c/{CODE}")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.body == b""


async def test_a_link_code_works_in_any_case(edge):
    """Many systems change the case of URLs."""
    answer = await edge.ask(f"/c/{CODE.upper()}")
    assert answer.status == 302


async def test_an_unknown_link_shows_a_small_page(edge):
    """Nobody is sent anywhere, and nothing is stored."""
    answer = await edge.ask("/c/0000000")
    assert answer.status == 404
    assert "location" not in answer.headers
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-redound-code"] == "unknown_link"
    assert not edge.store.clicks


async def test_what_stands_in_a_page_is_never_the_visitors(edge):
    """A path with markup in it does not come back as markup."""
    answer = await edge.ask("/c/%3Cscript%3Ealert(1)%3C/script%3E")
    assert answer.status == 404
    assert b"<script" not in answer.body
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_paused_affiliates_link_leads_nowhere(edge_of):
    """Alice is paused: her links show the page."""
    edge = await edge_of(make_affiliate(paused_at=NOW))
    answer = await edge.ask(f"/c/{CODE}")
    assert answer.status == 403
    assert answer.headers["x-redound-code"] == "affiliate_inactive"
    assert not edge.store.clicks


async def test_a_change_of_configuration_is_in_force_after_a_refresh(edge):
    """Bob pauses the offer; the refresher sees it and the link stops."""
    from tests.edge.conftest import configuration

    assert (await edge.ask(f"/c/{CODE}")).status == 302
    edge.store.configure(configuration(make_offer(paused_at=NOW)))
    await edge.refresher.refresh()
    assert (await edge.ask(f"/c/{CODE}")).status == 403


async def test_a_head_request_is_answered_but_is_no_valid_click(edge):
    """Link checkers use HEAD."""
    answer = await edge.ask(f"/c/{CODE}", method="HEAD")
    assert answer.status == 302
    (click,) = edge.store.clicks.values()
    assert (click.valid, click.invalid_reason) == (False, "head")


async def test_a_prefetch_is_answered_but_is_no_valid_click(edge):
    """The browser looks ahead; nobody has clicked."""
    await edge.ask(f"/c/{CODE}", headers={"Sec-Purpose": "prefetch;prerender"})
    (click,) = edge.store.clicks.values()
    assert (click.valid, click.invalid_reason) == (False, "prefetch")


async def test_a_known_bot_is_answered_but_is_no_valid_click(edge):
    """A search engine follows the link."""
    await edge.ask(f"/c/{CODE}", headers={"User-Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"})
    (click,) = edge.store.clicks.values()
    assert (click.valid, click.invalid_reason) == (False, "bot")


async def test_other_methods_are_refused_with_what_is_allowed(edge):
    """A tracking link is followed, not posted to."""
    answer = await edge.ask(f"/c/{CODE}", method="POST", body=b"x=1")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert not edge.store.clicks


async def test_a_mangled_query_still_redirects(edge):
    """Broken escapes, foreign encodings and NUL characters arrive; the visitor does, too."""
    answer = await edge.ask(f"/c/{CODE}?sub1=%FF%FE&sub2=%zz&sub3=a%00b&&=&sub4=ok&sub4=second")
    assert answer.status == 302
    (click,) = edge.store.clicks.values()
    assert click.params["sub1"] == "\ufffd\ufffd"
    assert click.params["sub2"] == "%zz"
    assert click.params["sub3"] == "a\ufffdb"
    assert click.params["sub4"] == "ok"


async def test_an_endless_query_is_cut_at_a_parameter(edge):
    """Of 20 KiB of parameters the first 16 KiB are kept, none of them half."""
    query = "&".join(f"p{number}={'x' * 100}" for number in range(200))
    answer = await edge.ask(f"/c/{CODE}?{query}")
    assert answer.status == 302
    (click,) = edge.store.clicks.values()
    assert set(click.params.values()) == {"x" * 100}
    assert 100 < len(click.params) < 200


async def test_the_second_click_at_a_cpc_offer_is_a_duplicate(edge_of):
    """Same link, address and browser within the window: paid once."""
    edge = await edge_of(make_offer(payout_model=PayoutModel.CPC, cpc_payout_minor=5))
    for _ in range(2):
        assert (await edge.ask(f"/c/{CODE}")).status == 302
    assert (await edge.ask(f"/c/{CODE}", headers={"User-Agent": "Another/1.0"})).status == 302
    reasons = [click.invalid_reason for click in edge.store.clicks.values()]
    assert reasons == ["", "duplicate", ""]


async def test_a_prefetch_does_not_make_the_real_click_a_duplicate(edge_of):
    """The browser prefetches, then the visitor clicks: that click counts."""
    edge = await edge_of(make_offer(payout_model=PayoutModel.CPC, cpc_payout_minor=5))
    await edge.ask(f"/c/{CODE}", headers={"Sec-Purpose": "prefetch"})
    await edge.ask(f"/c/{CODE}")
    reasons = sorted(click.invalid_reason for click in edge.store.clicks.values())
    assert reasons == ["", "prefetch"]


async def test_repeats_at_a_cpa_offer_are_all_valid(edge):
    """Nobody is paid for a click there."""
    for _ in range(3):
        await edge.ask(f"/c/{CODE}")
    assert [click.valid for click in edge.store.clicks.values()] == [True] * 3


async def test_many_visitors_at_once_share_commits(edge):
    """200 concurrent clicks are stored with fewer store calls than clicks."""
    import asyncio

    calls = []
    add_clicks = edge.store.add_clicks

    async def counted(clicks, deliveries=()):
        calls.append(len(clicks))
        await add_clicks(clicks, deliveries)

    edge.store.add_clicks = counted
    answers = await asyncio.gather(*(edge.ask(f"/c/{CODE}?sub1={number}") for number in range(200)))
    assert {answer.status for answer in answers} == {302}
    assert sum(calls) == 200
    assert len(calls) < 200
    assert {click.params["sub1"] for click in edge.store.clicks.values()} == {str(n) for n in range(200)}
