"""Players on the managers' pages: how far each is with the plans, and what is known about them."""

from __future__ import annotations

from tests.console.players import players_of
from tests.portals.managing import alices, bobs


def test_bob_sees_how_far_a_player_is(world):
    """The list has the customer with the plan, what they have and what they need."""
    rows = players_of(world)
    page = bobs(world).text("/manage/players/")
    player = world.bob.see(f"players/{rows['players']}")
    assert player["customer_id"] in page
    assert player["progress"][0]["plan_name"] in page
    need = player["progress"][0]["thresholds"][0]
    assert f"{need['have']} of {need['need']}" in page


def test_a_players_page_has_every_fact(world):
    """Deposits with their amount, and what they count for."""
    rows = players_of(world)
    page = bobs(world).text(f"/manage/players/{rows['players']}/")
    facts = world.bob.see(f"players/{rows['players']}/facts")["data"]
    assert facts
    assert all(each["amount"]["amount"] in page for each in facts if each["amount"])


def test_alice_sees_no_players_page(world):
    """Who the customers are is the managers' affair."""
    rows = players_of(world)
    alice = alices(world)
    assert alice.get("/manage/players/").status_code == 403
    assert alice.get(f"/manage/players/{rows['players']}/").status_code == 403
