"""Alice at the editor, in a real browser: from the gallery to a tested postback, and without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_every_page import LOOKS, faults
from tests.journeys.process import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.client import Client
    from tests.journeys.world import Scene
    from tests.receiver import Receiver

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WRONG = "http://trk.example.com/pb?cid={clickid}&sum=#price#&status=REPLACE"


def made(bob: Client, scene: Scene) -> dict[str, Any]:
    """Return the one postback that Alice has."""
    (postback,) = bob.every("postbacks", affiliate_id=scene.affiliate)
    return postback


def until_url(tab: Any, words: str) -> None:
    """Wait until the URL in the editor holds these words: the page's policy forbids to wait inside of it."""
    eventually(lambda: words in tab.input_value("#url"), what=words)


def tab_to(tab: Any, selector: str) -> None:
    """Press Tab until something of this selector has the focus."""
    for _ in range(150):
        tab.keyboard.press("Tab")
        if tab.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no way to {selector} by Tab")


def test_a_keitaro_postback_from_the_gallery(bob: Client, scene: Scene, alice: Callable[..., Any]):
    """She picks Keitaro, types domain and key, sees the URL and her link, saves; it is on."""
    tab = alice()
    tab.goto("/postbacks/new/")
    tab.click("button.tpl:has-text('Keitaro')")
    tab.fill("#blank-DOMAIN", "https://trk.example.com/admin/")
    tab.fill("#blank-KEY", "3f9ab1e")
    tab.wait_for_selector("#preview:has-text('https://trk.example.com/3f9ab1e/postback?subid=value-of-sub1')")
    tab.wait_for_selector("#link-url:has-text('?sub1={subid}')")
    assert tab.locator("#lint li.error").count() == 0
    tab.click("text=Save and activate >> nth=0")
    tab.wait_for_url("**/postbacks/pbk_*/")
    postback = made(bob, scene)
    assert (postback["enabled"], postback["name"]) == (True, "Keitaro")
    assert postback["url"].startswith("https://trk.example.com/3f9ab1e/postback?subid={sub1}&")


def test_findings_live_and_mended_with_one_click(alice: Callable[..., Any]):
    """She pastes; what is wrong is underlined and said while she looks; one click mends it, the table too."""
    tab = alice()
    tab.goto("/postbacks/new/")
    tab.fill("#url", WRONG)
    tab.wait_for_selector("#lint li.error")
    assert tab.locator(".hl .x").inner_text() == "{clickid}"
    tab.click("#lint li:has-text('{clickid}') button:has-text('{sub1}')")
    until_url(tab, "cid={sub1}")
    tab.click("#lint li:has-text('#price#') button")
    until_url(tab, "sum={payout}")
    row = tab.locator("#parse tr:has-text('status') input")
    row.fill("{status}")
    row.press("Tab")
    until_url(tab, "status={status}")
    tab.wait_for_selector("#lint li.error", state="detached")
    assert tab.locator(".hl .x").count() == 0


def test_macros_are_inserted_at_the_caret(alice: Callable[..., Any]):
    """Where she stopped typing, in the URL or in a parameter; the used ones are ticked."""
    tab = alice()
    tab.goto("/postbacks/new/")
    tab.fill("#url", "https://trk.example.com/pb?a=&b=1")
    tab.evaluate("document.querySelector('#url').setSelectionRange(29, 29)")
    tab.click("[data-macro=sub1]")
    assert tab.input_value("#url") == "https://trk.example.com/pb?a={sub1}&b=1"
    assert tab.get_attribute("[data-macro=sub1]", "aria-pressed") == "true"
    assert tab.get_attribute("[data-macro=goal]", "aria-pressed") == "false"
    tab.click("summary:has-text('Request parameters')")
    tab.fill("[name=params-0-name]", "event")
    tab.focus("[name=params-0-value]")
    tab.click("[data-macro=goal]")
    assert tab.input_value("[name=params-0-value]") == "{goal}"
    tab.click("[data-add-pair=params]")
    assert tab.evaluate("document.activeElement.name") == "params-1-name"


def test_a_test_beside_it(bob: Client, scene: Scene, alice: Callable[..., Any], tracker: Receiver):
    """Saved as paused and sent at once; the reply stands beside the form, and nothing she typed is lost."""
    tab = alice()
    tab.goto("/postbacks/new/")
    tab.fill("[name=name]", "Mine")
    tab.fill("#url", tracker.url("/pb?cid={sub2}&sum={payout}"))
    tab.fill("#test-click-id", "FROM-MY-TRACKER")
    tab.click("#send-test button")
    tab.wait_for_selector("[data-outcome=delivered]")
    assert tracker.requests[-1].query["cid"] == "FROM-MY-TRACKER"
    assert "/edit/" in tab.url
    assert tab.input_value("#test-click-id") == "FROM-MY-TRACKER"
    assert made(bob, scene)["enabled"] is False
    tab.click("button:has-text('Save and activate') >> nth=0")
    tab.wait_for_url("**/postbacks/pbk_*/")
    assert made(bob, scene)["enabled"] is True


def test_the_rule_follows_what_is_chosen(scene: Scene, alice: Callable[..., Any]):
    """Pickers appear for what was chosen, and the sentence says it."""
    tab = alice()
    tab.goto("/postbacks/new/")
    tab.fill("#url", "https://trk.example.com/pb?cid={sub1}")
    assert not tab.is_visible(".only-offer")
    tab.check("[name=level][value=offer]", force=True)
    tab.check(f".only-offer [value='{scene.offer}']")
    tab.wait_for_selector("#words:has-text('for the offer Play')")
    tab.check("[name=statuses][value=rejected]")
    tab.wait_for_selector("#words:has-text('approved or rejected')")
    tab.check("[name=goals][value=list]", force=True)
    tab.check(f".only-goals [value='{scene.goals['deposit']}']")
    tab.wait_for_selector("#words:has-text('A conversion of the goal Deposit')")


def test_a_manager_writes_one_for_an_affiliate(scene: Scene, sign_in: Callable[..., Any]):
    """Choosing her brings her campaigns and links; what was typed stays."""
    tab = sign_in("bob@example.com")
    tab.goto("/manage/postbacks/new/")
    tab.fill("[name=name]", "For Alice")
    assert tab.locator("[name=level][value=campaign]").count() == 0
    tab.select_option("[name=affiliate_id]", scene.affiliate)
    tab.wait_for_selector("[name=level][value=campaign]", state="attached")
    tab.check("[name=level][value=campaign]", force=True)
    tab.wait_for_selector(f".only-campaign [value='{scene.campaign}']")
    assert tab.input_value("[name=name]") == "For Alice"


def test_without_a_mouse(bob: Client, scene: Scene, alice: Callable[..., Any]):
    """Every step by keyboard: the tracker, its blanks, saving."""
    tab = alice()
    tab.goto("/postbacks/new/")
    tab_to(tab, "button.tpl[value='start:keitaro']")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#blank-DOMAIN:focus")
    tab.keyboard.type("trk.example.com")
    tab.keyboard.press("Tab")
    tab.keyboard.type("k1")
    tab.wait_for_selector("#preview:has-text('https://trk.example.com/k1/postback?')")
    tab_to(tab, ".ends button[value=activate]")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/postbacks/pbk_*/")
    assert made(bob, scene)["enabled"] is True


def test_without_scripts(bob: Client, scene: Scene, alice: Callable[..., Any]):
    """The same page does the same, with a button for each step."""
    tab = alice(java_script_enabled=False)
    tab.goto("/postbacks/new/")
    tab.click("button.tpl:has-text('Binom')")
    tab.fill("#blank-DOMAIN", "trk.example.com")
    tab.click("#editor button:text-is('Check')")
    assert "https://trk.example.com/click.php?cnv_id={sub1}" in tab.input_value("#url")
    tab.click("text=Save and activate >> nth=0")
    assert "/postbacks/pbk_" in tab.url
    assert made(bob, scene)["name"] == "Binom"


@pytest.mark.parametrize("look", LOOKS, ids=["light-en", "dark-ru"])
def test_the_editor_at_work_is_accessible(scene: Scene, alice: Callable[..., Any], look):
    """With findings, blanks, everything folded open, and what is wrong after a refusal."""
    tab = alice(**look)
    scene.postback("https://trk.example.com/pb?cid={sub1}", name="Other")
    tab.goto("/postbacks/new/?tracker=keitaro")
    tab.evaluate("document.querySelectorAll('#main details').forEach((each) => { each.open = true; })")
    assert faults(tab) == []
    tab.fill("#url", WRONG)
    tab.wait_for_selector("#lint li.error")
    assert faults(tab) == []
    tab.fill("[name=name]", "")
    tab.click(".ends button[value=activate]")
    tab.wait_for_selector("#faults")
    assert faults(tab) == []
