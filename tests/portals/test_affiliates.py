"""Affiliates on the managers' pages: made, changed, watched; and two managers who edit at once."""

from __future__ import annotations

import html
import re

from tests.console.traffic import open_click
from tests.portals.managing import alices, bobs, follow


def version_in(page: str) -> str:
    """The version that a form carries."""
    return html.unescape(re.search(r'name="version" value="([^"]*)"', page)[1])


FORM = {
    "name": "Alice",
    "status": "active",
    "precedence": "all",
    "postbacks_enabled": "1",
    "cap_period": "day",
}


def test_bob_makes_an_affiliate_with_a_campaign_and_a_link(world):
    """Name, campaign, link; the link's address is there to be copied, and everything is in the audit log."""
    bob = bobs(world)
    page = follow(bob, bob.post("/manage/affiliates/new/", {**FORM, "name": "Dora"}))
    assert "<h1>Dora</h1>" in page
    dora = next(each for each in world.bob.see("affiliates")["data"] if each["name"] == "Dora")
    assert dora["manager_id"] == world.bob_user.pk
    path = f"/manage/affiliates/{dora['id']}/"
    follow(bob, bob.post(f"{path}campaigns/", {"name": "Winter"}))
    campaign = world.bob.see(f"campaigns?affiliate_id={dora['id']}")["data"][0]["id"]
    page = follow(bob, bob.post(f"{path}links/", {"campaign_id": campaign, "offer_id": world.offer}))
    assert world.bob.see(f"links?affiliate_id={dora['id']}")["data"][0]["url"] in page
    assert {each["noun"] for each in world.bob.see("audit?limit=3")["data"]} == {
        "affiliates",
        "campaigns",
        "links",
    }


def test_a_link_needs_a_campaign_of_that_affiliate(world):
    """Charlie's campaign is refused on Alice's page, and no link is made."""
    before = len(world.bob.see("links")["data"])
    bob = bobs(world)
    form = {"campaign_id": world.charlies_campaign, "offer_id": world.offer}
    page = follow(bob, bob.post(f"/manage/affiliates/{world.alice_id}/links/", form))
    assert "Choose one of their campaigns." in page
    assert len(world.bob.see("links")["data"]) == before


def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(world):
    """A cap that is no number; nothing is saved."""
    bob = bobs(world)
    path = f"/manage/affiliates/{world.alice_id}/edit/"
    answer = bob.post(path, {**FORM, "name": "Alicia", "cap_conversions": "many"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="Alicia"' in page
    assert 'value="many"' in page
    assert 'aria-invalid="true"' in page
    assert world.bob.see(f"affiliates/{world.alice_id}")["name"] == "Alice"


def test_an_edit_of_somebody_else_meanwhile_is_not_lost(world):
    """Bob's form is older than the change: nothing is saved, both values are shown, a second time saves."""
    bob = bobs(world)
    path = f"/manage/affiliates/{world.alice_id}/edit/"
    form = {**FORM, "name": "Alice & Co", "version": version_in(bob.text(path))}
    world.bob.patch(f"affiliates/{world.alice_id}", {"name": "Alice Ltd"})
    page = bob.post(path, form).content.decode()
    assert "Somebody else changed this" in page
    assert "Alice &amp; Co" in page
    assert "Alice Ltd" in page
    assert world.bob.see(f"affiliates/{world.alice_id}")["name"] == "Alice Ltd"
    assert bob.post(path, {**form, "version": version_in(page)}).status_code == 302
    assert world.bob.see(f"affiliates/{world.alice_id}")["name"] == "Alice & Co"


def test_bob_takes_postbacks_away_and_gives_them_back(world):
    """The switch says what it did; the page warns while they are off."""
    bob = bobs(world)
    path = f"/manage/affiliates/{world.alice_id}/postbacks/"
    assert "Postbacks are off for this affiliate" in follow(bob, bob.post(path, {"postbacks_enabled": "0"}))
    assert world.bob.see(f"affiliates/{world.alice_id}")["postbacks_enabled"] is False
    assert "They may use postbacks now." in follow(bob, bob.post(path, {"postbacks_enabled": "1"}))


def test_the_page_foresees_which_postbacks_would_fire(world):
    """For the latest click: one fires, one does not, with the reason."""
    world.make_postback(name="All sales")
    world.make_postback(name="Only rejected", statuses=["rejected"])
    open_click(world)
    page = bobs(world).text(f"/manage/affiliates/{world.alice_id}/")
    assert re.search(r"All sales</a>\s*<span class=\"muted\">would fire", page)
    assert re.search(r"Only rejected</a>\s*<span class=\"muted\">Its statuses do not include this one", page)


def test_a_hostile_name_is_shown_as_a_text(world):
    """In the list, on the page, in the form."""
    bad = "<img src=x onerror=alert(1)>"
    world.bob.patch(f"affiliates/{world.alice_id}", {"name": bad})
    bob = bobs(world)
    for path in ("", f"{world.alice_id}/", f"{world.alice_id}/edit/"):
        page = bob.text(f"/manage/affiliates/{path}")
        assert "&lt;img src=x" in page
        assert bad not in page


def test_alice_manages_nobody(world):
    """Every address of these pages refuses her, and nothing is changed."""
    alice = alices(world)
    path = f"/manage/affiliates/{world.charlie_id}/"
    assert alice.get(path).status_code == 403
    for action, form in (
        ("edit/", {**FORM, "name": "x"}),
        ("postbacks/", {"postbacks_enabled": "0"}),
        ("campaigns/", {"name": "x"}),
        ("links/", {"campaign_id": world.charlies_campaign, "offer_id": world.offer}),
        (f"links/{world.charlies_link}/", {"active": "0"}),
    ):
        assert alice.post(path + action, form).status_code == 403
    assert world.bob.see(f"affiliates/{world.charlie_id}")["name"] == "Charlie"
    assert world.bob.see(f"affiliates/{world.charlie_id}")["postbacks_enabled"] is True
    assert len(world.charlie.see("campaigns")["data"]) == 1
    assert world.charlie.see(f"links/{world.charlies_link}")["active"] is True


def test_bob_renames_a_campaign_a_link_and_a_brand(world):
    """Each by its small form; what a link leads to can change as well."""
    bob = bobs(world)
    other = world.make_offer(name="Boots")
    for path, form in (
        (f"campaigns/{world.campaign}", {"name": "Spring"}),
        (
            f"links/{world.link}",
            {"name": "Top", "campaign_id": world.campaign, "offer_id": other, "active": "1"},
        ),
        (f"brands/{world.brand}", {"name": "Acme Live", "advertiser_id": world.acme}),
    ):
        assert bob.post(f"/manage/{path}/", form).status_code == 302
        assert world.bob.see(path)["name"] == form["name"]
    assert world.bob.see(f"links/{world.link}")["offer_id"] == other
    assert alices(world).post(f"/manage/campaigns/{world.campaign}/", {"name": "x"}).status_code == 403
    assert world.bob.see(f"campaigns/{world.campaign}")["name"] == "Spring"


def test_the_page_compares_both_precedences(world):
    """Of two that match, the one of the offer alone would fire if only the most specific did."""
    world.make_postback(name="All offers")
    world.make_postback(name="Only shoes", level="offer", include=[world.offer])
    open_click(world)
    bob = bobs(world)
    path = f"/manage/affiliates/{world.alice_id}/"
    assert "If only the most specific fired: <b>Only shoes</b>" in bob.text(path)
    world.bob.patch(f"affiliates/{world.alice_id}", {"precedence": "most_specific"})
    page = bob.text(path)
    assert "A more specific postback won" in page
    assert re.search(r"If all that match fired: <b>(Only shoes, All offers|All offers, Only shoes)</b>", page)
