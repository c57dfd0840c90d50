"""Advertisers on the managers' pages: their report URL, what they prove themselves with, and their words."""

from __future__ import annotations

import html
import re

from tests.portals.managing import alices, bobs, follow


def shown_url(page: str) -> str:
    """The report URL of the builder."""
    return html.unescape(re.search(r'id="report-url">([^<]*)<', page)[1])


def test_without_a_proof_the_page_warns(world):
    """Whoever knows a click ID could report."""
    page = bobs(world).text(f"/manage/advertisers/{world.acme}/")
    assert "Whoever knows a click ID can report" in page
    assert "token=" not in shown_url(page)


def test_a_token_is_shown_once_and_works_in_the_url(world):
    """The page after making it has it, in the URL too; the next one does not."""
    bob = bobs(world)
    path = f"/manage/advertisers/{world.acme}/"
    page = follow(bob, bob.post(f"{path}tokens/"))
    token = re.search(r"token=([\w-]{20,})", shown_url(page))[1]
    assert page.count(token) >= 2
    again = bob.text(path)
    assert token not in again
    assert "token=TOKEN" in shown_url(again)
    assert world.bob.see(f"advertisers/{world.acme}")["tokens"] == [{"value": None, "has_value": True}]


def test_two_may_be_valid_and_the_older_one_is_taken_away(world):
    """A third is refused; taking the first away leaves the second."""
    from redound.console.catalog.models import Advertiser

    bob = bobs(world)
    path = f"/manage/advertisers/{world.acme}/"
    for _each in range(2):
        bob.post(f"{path}path_keys/")
    second = Advertiser.objects.get(pk=world.acme).path_keys[1]
    assert "two of this already" in follow(bob, bob.post(f"{path}path_keys/"))
    follow(bob, bob.post(f"{path}path_keys/0/"))
    assert Advertiser.objects.get(pk=world.acme).path_keys == [second]


def test_a_token_is_asked_the_password_for(world):
    """Long after signing in nobody gets a secret without showing that it is them."""
    bob = bobs(world)
    bob.forget_sudo()
    answer = bob.post(f"/manage/advertisers/{world.acme}/tokens/")
    assert "reauthenticate" in answer["Location"]
    assert world.bob.see(f"advertisers/{world.acme}")["tokens"] == []


def test_the_url_speaks_the_advertisers_language(world):
    """Their parameter names and their macro for our click ID; ours on demand."""
    world.bob.patch(
        f"advertisers/{world.acme}", {"parameter_names": {"order_ref": "txid"}, "tokens": ["t" * 20]}
    )
    bob = bobs(world)
    path = f"/manage/advertisers/{world.acme}/?click_macro=%5BCID%5D&way=token"
    assert shown_url(bob.text(path)) == (
        "http://track.test/postback?click_id=[CID]&goal=GOAL&status=STATUS&amount=AMOUNT&currency=EUR"
        "&order_ref=ORDER&customer_id=CUSTOMER&token=TOKEN"
    )
    assert "&txid=ORDER" in shown_url(bob.text(f"{path}&names=ours"))


def test_a_preset_brings_its_own_macros(world):
    """What to enter at that platform, behind our address."""
    world.bob.patch(f"advertisers/{world.acme}", {"preset": "everflow", "path_keys": ["k" * 20]})
    page = bobs(world).text(f"/manage/advertisers/{world.acme}/")
    assert shown_url(page).startswith("http://track.test/postback/PATH_KEY?click_id={sub1}&goal={event_name}")


def test_bob_edits_status_words_and_addresses(world):
    """A word a line; a word that means nothing is refused beside the field."""
    bob = bobs(world)
    path = f"/manage/advertisers/{world.acme}/edit/"
    form = {"name": "Acme", "repeats": "update", "status_words": "paid = approved\nvoid = rejected",
            "allowed_ips": "203.0.113.0/24\n198.51.100.7"}  # fmt: skip
    assert bob.post(path, form).status_code == 302
    acme = world.bob.see(f"advertisers/{world.acme}")
    assert acme["status_words"] == {"paid": "approved", "void": "rejected"}
    assert acme["allowed_ips"] == ["203.0.113.0/24", "198.51.100.7/32"]
    page = bob.post(path, {**form, "allowed_ips": "nonsense"}).content.decode()
    assert "neither an address nor a network" in page
    assert "paid = approved" in page


def test_bob_makes_an_advertiser_and_a_brand(world):
    """And the offers of a brand stand beside it."""
    bob = bobs(world)
    page = follow(bob, bob.post("/manage/advertisers/new/", {"name": "Umbra", "repeats": "update"}))
    umbra = next(each for each in world.bob.see("advertisers")["data"] if each["name"] == "Umbra")
    assert "No brand yet" in page
    page = follow(bob, bob.post(f"/manage/advertisers/{umbra['id']}/brands/", {"name": "Umbra Play"}))
    assert "Umbra Play" in page
    assert "Shoes" in bob.text(f"/manage/advertisers/{world.acme}/")


def test_alice_gets_no_secret(world):
    """None of these addresses is hers."""
    alice = alices(world)
    path = f"/manage/advertisers/{world.acme}/"
    assert alice.get(path).status_code == 403
    for action in ("tokens/", "path_keys/0/", "edit/", "brands/"):
        assert alice.post(path + action, {"name": "x"}).status_code == 403
    assert world.bob.see(f"advertisers/{world.acme}")["tokens"] == []
