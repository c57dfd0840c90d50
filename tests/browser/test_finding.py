"""Finding out why, in a real browser: a URL mended, a test walked through, a request caught, a story read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_every_page import LOOKS, faults
from tests.receiver import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.world import Scene
    from tests.receiver import Receiver

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_url_is_mended_click_by_click(alice: Callable[..., Any]):
    """Until there is nothing left to mend; then a postback starts with it."""
    tab = alice()
    tab.goto("/lint/")
    tab.fill("textarea[name=url]", "https://trk.example.com/in?cid=#s2#&&sum={payuot}")
    tab.get_by_role("button", name="Check it").click()
    while tab.locator("#findings li button").count():
        tab.locator("#findings li button").first.click()
        tab.wait_for_load_state()
    assert tab.input_value("textarea[name=url]") == "https://trk.example.com/in?cid={sub2}&sum={payout}"
    tab.get_by_role("link", name="Postback with this URL").click()
    assert tab.input_value("#url") == "https://trk.example.com/in?cid={sub2}&sum={payout}"


def test_a_test_is_walked_through_from_click_to_control(
    scene: Scene, alice: Callable[..., Any], tracker: Receiver
):
    """Alice's tracker knows her click and refuses a wrong one."""
    postback = scene.postback(tracker.url("/"), name="Keitaro")
    tab = alice()
    tab.goto(f"/tester/?link={scene.link}")
    assert f"/c/{scene.code}?sub1=MYTEST123" in tab.inner_text("#test-link")
    scene.manager.click(scene.code, sub1="MYTEST123")
    tab.get_by_role("button", name="Find it").click()
    tab.get_by_role("button", name="Fire the test conversion").click()
    tab.wait_for_selector("#sent .tag.delivered")
    assert tracker.requests[-1].query["subid"] == "MYTEST123"
    tracker.answers(Answer(body=b"OK"), Answer(status=404, body=b"Click ID not found"))
    tab.select_option("select[name=postback]", postback)
    tab.get_by_role("button", name="Preview").click()
    assert "subid=MYTEST123" in tab.inner_text("#would-send")
    tab.get_by_role("button", name="Send the test").click()
    tab.wait_for_selector("[data-conclusion=tells_apart]")
    assert list(scene.manager.every("conversions", affiliate_id=scene.affiliate, test="false")) == []


def test_a_bin_shows_what_comes_without_being_asked(scene: Scene, alice: Callable[..., Any]):
    """While Alice looks, and details that she opened stay open until then."""
    tab = alice()
    tab.goto("/bins/")
    tab.fill("form[aria-labelledby=new-bin] input[name=name]", "Mine")
    tab.get_by_role("button", name="Make the bin").click()
    tab.wait_for_selector("#bin-url")
    path = "/bin/" + tab.inner_text("#bin-url").rsplit("/bin/", 1)[1]
    scene.manager.request("POST", f"{path}?cid=1", b"caught", {"Content-Type": "text/plain"})
    tab.wait_for_selector("#requests >> text=caught", timeout=20_000)


@pytest.mark.parametrize("look", LOOKS, ids=["light-en", "dark-ru"])
def test_what_is_found_can_be_read_by_everybody(
    scene: Scene, alice: Callable[..., Any], tracker: Receiver, look: dict[str, str]
):
    """Pages full of findings, in the eyes of axe; and none is wider than a phone."""
    tracker.always(Answer(status=404, body=b"SubID not found " + b"x" * 300))
    postback = scene.postback(tracker.url("/ab12/postback"), name="Keitaro")
    scene.postback(tracker.url("/x"), name="Only refunds", statuses=["refunded"])
    click = scene.manager.click(scene.code, sub1="MYTEST123")
    scene.manager.report(click_id=click)
    tracker.wait(1)
    made = scene.manager.make("bins", affiliate_id=scene.affiliate)
    path = "/bin/" + made["url"].rsplit("/bin/", 1)[1]
    scene.manager.request("POST", f"{path}?a={'b' * 200}", b'{"c": 1}')
    broken = "https%3A%2F%2Ftrk.example.com%2Fin%3Fcid%3D%23s2%23%26%26sum%3D%7Bpayuot%7D"
    tab = alice(**look)
    for address in (
        f"/trace/?q={click}",
        f"/tester/?link={scene.link}&q=MYTEST123&postback={postback}",
        f"/postbacks/{postback}/checklist/",
        f"/bins/{made['id']}/",
        f"/lint/?url={broken}&to=everflow",
    ):
        tab.set_viewport_size({"width": 1360, "height": 850})
        tab.goto(address, wait_until="domcontentloaded")
        assert (address, faults(tab)) == (address, [])
        tab.set_viewport_size({"width": 390, "height": 800})
        assert (address, tab.evaluate("document.documentElement.scrollWidth")) == (address, 390)
