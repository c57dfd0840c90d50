"""Offers, goals and reward plans on the managers' pages."""

from __future__ import annotations

import pytest

from tests.portals.managing import alices, bobs, follow

OFFER = {
    "name": "Boots",
    "landing_url": "https://shop.example.com/boots?c={click_id}",
    "currency": "EUR",
    "status": "active",
    "payout_model": "cpa",
    "goals_enabled": "1",
    "cap_period": "day",
}
GOAL = {"code": "lead", "kind": "lead", "default_status": "pending", "payout_percent": "10", "repeats": "3"}


def test_bob_makes_an_offer_and_is_led_to_its_first_goal(world):
    """The offer, then a goal with a share as payout and three repeats; both as they were typed."""
    bob = bobs(world)
    page = follow(bob, bob.post("/manage/offers/new/", {**OFFER, "brand_id": world.brand}))
    assert "New goal" in page
    offer = next(each for each in world.bob.see("offers")["data"] if each["name"] == "Boots")
    page = follow(bob, bob.post(f"/manage/offers/{offer['id']}/goals/new/", {**GOAL, "base": "1"}))
    assert "10 %" in page
    goal = world.bob.see(f"goals?offer_id={offer['id']}")["data"][0]
    assert (goal["code"], goal["payout_percent"], goal["repeats"], goal["base"]) == ("lead", "10", 3, True)


def test_a_landing_url_with_a_wrong_macro_is_refused_beside_its_field(world):
    """What was typed stays, the sentence names what is meant."""
    form = {**OFFER, "brand_id": world.brand, "landing_url": "https://shop.example.com/?c={clickid}"}
    answer = bobs(world).post("/manage/offers/new/", form)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "{click_id}" in page
    assert 'aria-invalid="true"' in page
    assert len(world.bob.see("offers")["data"]) == 1


def test_bob_changes_a_goal_from_a_fixed_payout_to_a_share(world):
    """Emptying one and filling the other is enough."""
    bob = bobs(world)
    form = {
        "code": "sale",
        "name": "Sale",
        "base": "1",
        "kind": "sale",
        "payout": "",
        "payout_percent": "12.5",
        "revenue": "20.00",
        "default_status": "approved",
        "repeats": "once",
    }
    page = follow(bob, bob.post(f"/manage/goals/{world.goal}/", form))
    assert "12.5 %" in page
    goal = world.bob.see(f"goals/{world.goal}")
    assert (goal["payout"], goal["payout_percent"], goal["revenue"]) == (None, "12.5", "20.00")


def test_the_postbacks_of_an_offer_stand_in_its_tab(world):
    """Those that name it, with affiliate, goal, state, URL and HTTP type; the others are counted."""
    named = world.make_postback(name="Only shoes", level="offer", include=[world.offer])
    world.make_postback(name="Everything")
    world.make_postback(name="Its sales alone", goals=[world.goal])
    page = bobs(world).text(f"/manage/offers/{world.offer}/postbacks/")
    for words in ("Only shoes", named["id"], "Alice", "any goal", "Its sales alone", "Active", "GET"):
        assert words in page
    assert "Everything" not in page
    assert "1 postback covers all offers" in page


def test_bob_makes_a_reward_plan(world):
    """Without a goal of the right kind it is refused; with one the plan says what a player has to do."""
    bob = bobs(world)
    path = f"/manage/offers/{world.offer}/plans/new/"
    form = {"name": "CPA 120", "amount": "120.00", "deposits": "50.00", "within_days": "30", "enabled": "1"}
    assert "no goal of kind" in bob.post(path, form).content.decode()
    world.make_goal(code="cpa", kind="qualified_cpa")
    page = follow(bob, bob.post(path, form))
    assert "deposits 50.00" in page
    assert "within 30 days" in page
    assert "120.00 EUR" in page


def test_bob_pauses_an_offer(world):
    """The edit is in the audit log with what it was and what it became."""
    bob = bobs(world)
    offer = world.bob.see(f"offers/{world.offer}")
    form = {**OFFER, "name": offer["name"], "landing_url": offer["landing_url"], "brand_id": world.brand}
    follow(bob, bob.post(f"/manage/offers/{world.offer}/edit/", {**form, "status": "paused"}))
    entry = world.bob.see(f"audit?row_id={world.offer}")["data"][0]
    assert entry["differences"]["status"] == ["active", "paused"]
    assert entry["by"] == "user Bob"


@pytest.mark.parametrize("path", ["", "goals/", "postbacks/", "plans/", "edit/", "goals/new/", "plans/new/"])
def test_alice_sees_none_of_it(world, path):
    """No revenue of anybody, and no form."""
    alice = alices(world)
    assert alice.get(f"/manage/offers/{world.offer}/{path}").status_code == 403
    assert alice.post(f"/manage/offers/{world.offer}/{path}", {"name": "x"}).status_code == 403
    assert world.bob.see(f"offers/{world.offer}")["name"] == "Shoes"
