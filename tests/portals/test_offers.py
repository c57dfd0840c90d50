"""The offers as an affiliate sees them: goals and payouts, never revenue."""

from __future__ import annotations

from html import unescape

from tests.portals.signed_in import HOSTILE, alice, without_postbacks


def test_goals_and_payouts_are_shown_and_never_revenue(world):
    """The base goal's 12.00; not the 20.00 that Acme pays."""
    world.make_goal(code="vip", name="VIP", payout_percent="25", revenue="77.77")
    page = alice(world).text("/offers/")
    assert "12.00 EUR" in page
    assert "25 %" in page
    assert "20.00" not in page
    assert "77.77" not in page


def test_private_goals_do_not_exist_for_affiliates(world):
    """Nor do names break out of their place."""
    world.make_goal(code="secret", name="Whales only", private=True, payout="99.00")
    world.make_offer(name=HOSTILE)
    page = alice(world).text("/offers/")
    assert "Whales only" not in page
    assert "99.00" not in page
    assert HOSTILE not in page
    assert HOSTILE in unescape(page)


def test_an_offer_leads_to_a_link_for_it(world):
    """Postbacks or not."""
    without_postbacks(world)
    page = alice(world).text("/offers/")
    assert f'href="/links/?offer_id={world.offer}#make"' in page


def test_the_tabs_narrow_to_what_runs(world):
    """A paused offer is in its own tab."""
    world.make_offer(name="Hats", status="paused")
    page = alice(world).text("/offers/?status=paused")
    assert "Hats" in page
    assert "Shoes" not in page


def test_clicks_that_are_paid_for(world):
    """The payout of a CPC offer stands beside it."""
    world.make_offer(name="Clicky", payout_model="cpc", cpc_payout="0.35")
    assert "0.35 EUR" in alice(world).text("/offers/")
