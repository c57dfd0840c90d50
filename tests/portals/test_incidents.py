"""Incidents as pages: managers see all, affiliates those of their own postbacks."""

from __future__ import annotations

from tests.console.incidents import close_incident, open_incident
from tests.portals.signed_in import HOSTILE, alice, bob, charlie, without_postbacks


def hers(world, name: str = "Keitaro") -> str:
    """An incident of Alice's postback."""
    postback = world.make_postback(name=name)["id"]
    return open_incident(world, postback_id=postback, affiliate_id=world.alice_id)


def test_bob_sees_what_is_open_and_what_is_over(world):
    """In tabs, with names."""
    row_id = hers(world)
    offers = open_incident(world, kind="reports_silent", offer_id=world.offer)
    close_incident(offers)
    browser = bob(world)
    everything = browser.text("/manage/incidents/")
    assert "Deliveries are failing" in everything
    assert "Reports have stopped" in everything
    opened = browser.text("/manage/incidents/?state=open")
    assert row_id in opened
    assert offers not in opened


def test_one_says_what_was_counted_and_where_to_look(world):
    """Numbers, the usual, advice and links."""
    page = bob(world).text(f"/manage/incidents/{hers(world)}/")
    assert "19 of 20" in page
    assert "1.1 %" in page
    assert "Keitaro" in page
    assert "/manage/deliveries/?postback_id=" in page


def test_alice_sees_her_own_and_charlie_none(world):
    """Offers' incidents are the manager's matter."""
    row_id = hers(world)
    offers = open_incident(world, kind="reports_silent", offer_id=world.offer)
    browser, stranger = alice(world), charlie(world)
    page = browser.text("/incidents/")
    assert row_id in page
    assert offers not in page
    assert browser.get(f"/incidents/{offers}/").status_code == 404
    assert "Everything is as usual" in stranger.text("/incidents/")
    assert stranger.get(f"/incidents/{row_id}/").status_code == 404
    without_postbacks(world)
    assert row_id not in browser.text("/incidents/")


def test_it_speaks_russian_and_escapes(world):
    """The watch's sentences too."""
    row_id = hers(world, HOSTILE)
    browser = alice(world, language="ru")
    for page in (browser.text("/incidents/"), browser.text(f"/incidents/{row_id}/")):
        assert "Доставки не проходят" in page
        assert "<script>alert" not in page
