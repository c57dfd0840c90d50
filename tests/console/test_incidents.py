"""Incidents over the API: managers read all of them, affiliates those of their own postbacks."""

from __future__ import annotations

import pytest

from tests.console.incidents import close_incident, open_incident


@pytest.fixture
def hers(world) -> str:
    """An incident of Alice's postback."""
    postback = world.make_postback(name="Keitaro")["id"]
    return open_incident(world, postback_id=postback, affiliate_id=world.alice_id)


def test_an_incident_says_what_was_counted_and_what_to_do(world, hers):
    """In words and in numbers."""
    row = world.bob.see(f"incidents/{hers}")
    assert (row["kind"], row["state"], row["title"]) == (
        "deliveries_failing", "open", "Deliveries are failing",
    )  # fmt: skip
    assert row["name"] == "Keitaro"
    assert "19 of 20" in row["text"]
    assert "Usually it is 1.1 %" in row["text"]
    assert row["advice"]
    assert row["evidence"] == {
        "hours": 1, "total": 20, "hits": 19, "share": 0.95, "usual": 0.011, "expected": None, "days": 14,
    }  # fmt: skip
    assert (row["closed_at"], row["closed_because"]) == (None, None)
    close_incident(hers)
    after = world.bob.see(f"incidents/{hers}")
    assert (after["state"], after["closed_because"]) == ("closed", "recovered")
    assert after["closing_text"]


def test_bob_filters_incidents(world, hers):
    """By state, kind, and what they are about."""
    offers = open_incident(world, kind="reports_silent", offer_id=world.offer)
    senders = open_incident(world, kind="click_ids_unmatched", advertiser_id=world.acme)
    close_incident(senders)
    assert world.bob.get("incidents").ids == sorted([senders, offers, hers], reverse=True)
    assert set(world.bob.get("incidents?state=open").ids) == {offers, hers}
    assert world.bob.get("incidents?state=closed").ids == [senders]
    assert world.bob.get("incidents?kind=reports_silent,duplicates").ids == [offers]
    assert world.bob.get(f"incidents?offer_id={world.offer}").ids == [offers]
    assert world.bob.get("incidents?since=2030-01-01T00:00:00Z").ids == []
    assert world.bob.get("incidents?colour=red").status == 422


def test_an_affiliate_sees_those_of_their_own_postbacks(world, hers):
    """Neither offers' nor advertisers', nor anybody else's."""
    offers = open_incident(world, kind="reports_silent", offer_id=world.offer)
    assert world.alice.get("incidents").ids == [hers]
    assert world.alice.see(f"incidents/{hers}")["name"] == "Keitaro"
    assert world.alice.get(f"incidents/{offers}").status == 404
    assert world.charlie.get("incidents").ids == []
    assert world.charlie.get(f"incidents/{hers}").status == 404


def test_an_affiliate_without_postbacks_sees_none(world, hers):
    """Postbacks are not switched on for Alice any more."""
    assert world.bob.patch(f"affiliates/{world.alice_id}", {"postbacks_enabled": False}).status == 200
    assert world.alice.get("incidents").ids == []
    assert world.bob.get("incidents").ids == [hers]


def test_an_incident_of_nobody_known_has_a_name_too(world):
    """Reports without a token whose click ID is not ours."""
    row_id = open_incident(world, kind="click_ids_unmatched")
    row = world.bob.see(f"incidents/{row_id}")
    assert (row["name"], row["advertiser_id"]) == ("", None)
