"""Traces that find no click, or one with something wrong in it; each produced through the running server."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from tests.journeys.tracing import convert, gone_click, told, trace

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene
    from tests.receiver import Receiver


def test_what_became_of_an_id(bob: Client, scene: Scene):
    """Cut, lengthened, misread, altered, forged, a macro, gone, unknown."""
    click = bob.click(scene.code, sub1="tracker-click-1")
    day_ago = time.time_ns() // 1_000_000 - 86_400_000
    changed = click[:-2] + ("00" if click[-2:] != "00" else "11")
    told(bob, click[:32], "id_cut")
    told(bob, f"{click}{click[:4]}", "id_lengthened")
    misread = click.replace("0", "o").replace("1", "l")
    if misread != click:
        told(bob, misread, "id_misread")
    told(bob, changed, "id_altered")
    told(bob, "7" * 40, "id_forged")
    told(bob, "{clickid}", "asked_macro")
    told(bob, "nobody knows this", "nothing_known")
    gone = told(bob, gone_click(scene, day_ago), "id_not_stored")
    assert gone["query"]["link_id"] == scene.link


def test_the_command_tells_the_same(bob: Client, scene: Scene):
    """`redound trace` beside the running server, in words and as JSON, in both languages, as an affiliate."""
    click = bob.click(scene.code, sub1="MYTEST123")
    run = bob.installation.run
    found = json.loads(run("trace", "--json", "MYTEST123").stdout)
    assert found["click"]["click_id"] == click
    assert found["diagnosis"] == trace(bob, "MYTEST123")["diagnosis"]
    words = run("trace", "MYTEST123", "--lang", "ru", "--affiliate", scene.affiliate).stdout
    assert f"({found['diagnosis']['code']})" in words
    assert "Вероятная причина" in words
    assert run("trace", " ", code=2).stdout == ""


def test_where_the_trackers_click_id_went(bob: Client, scene: Scene, tracker: Receiver):
    """In another slot, a macro, nowhere, cut off; and a postback that returns nothing of the click."""
    scene.postback(tracker.url("/?cid={sub1}&goal={goal}"))
    came = {
        "sub_in_other_slot": {"sub2": "tracker-click-1"},
        "sub_unreplaced": {"sub1": "{clickid}"},
        "sub_missing": {},
    }
    for code, params in came.items():
        click = bob.click(scene.code, **params)
        bob.report(click_id=click)
        told(bob, click, code)
    told(bob, convert(bob, scene), "delivered")


def test_a_value_that_was_cut_off(bob: Client, scene: Scene, tracker: Receiver):
    """All of Alice's clicks have 20 characters in sub1, this one has 12."""
    scene.postback(tracker.url("/?cid={sub1}"))
    for number in range(5):
        bob.click(scene.code, sub1=f"{number:020}")
    told(bob, convert(bob, scene, sub1="000000000007"), "sub_cut")


def test_a_postback_that_returns_nothing_of_the_click(bob: Client, scene: Scene, tracker: Receiver):
    """The tracker cannot know which click is meant."""
    scene.postback(tracker.url("/?tid={conversion_id}"))
    told(bob, convert(bob, scene), "no_id_returned")


def opened(bob: Client, code: str, **headers: str) -> str:
    """Follow a link with these headers; return the click ID."""
    reply = bob.request("GET", f"/c/{code}?sub1=tracker-click-1", None, headers)
    return reply.headers["location"].partition("click_id=")[2]


def test_clicks_that_nobody_made(bob: Client, scene: Scene):
    """A bot and a prefetch."""
    told(bob, opened(bob, scene.code, **{"User-Agent": "Googlebot/2.1"}), "click_bot")
    browser = {"User-Agent": "Mozilla/5.0 Firefox/145.0", "Sec-Purpose": "prefetch"}
    told(bob, opened(bob, scene.code, **browser), "click_prefetch")


def test_a_click_that_was_counted_already(bob: Client, scene: Scene, tracker: Receiver):
    """CPC: the same visitor again is not paid, and a postback for clicks says so."""
    bob.edit(f"offers/{scene.offer}", payout_model="cpc", cpc_payout="0.05")
    scene.settle()
    bob.click(scene.code)
    told(bob, bob.click(scene.code), "click_repeated")
    scene.postback(
        tracker.url("/?cid={sub1}"), event="click", statuses=[], level="offer", include=[scene.offer]
    )
    told(bob, bob.click(scene.code), "click_not_counted")
