"""Bob caps an offer and Alice; what is over a cap waits for him."""

from __future__ import annotations

import pytest

from tests.console.traffic import open_click


@pytest.mark.parametrize("noun", ["offers", "affiliates"])
def test_a_cap_is_set_changed_and_taken_off(world, noun):
    """Nobody has one to begin with."""
    path = f"{noun}/{world.offer if noun == 'offers' else world.alice_id}"
    before = world.bob.see(path)
    assert (before["cap_conversions"], before["cap_period"]) == (None, "day")
    assert world.bob.patch(path, {"cap_conversions": 5, "cap_period": "total"}).status == 200
    after = world.bob.see(path)
    assert (after["cap_conversions"], after["cap_period"]) == (5, "total")
    assert world.bob.patch(path, {"cap_conversions": None}).status == 200
    assert world.bob.see(path)["cap_conversions"] is None


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"cap_conversions": 0}, "/cap_conversions"),
        ({"cap_conversions": "5"}, "/cap_conversions"),
        ({"cap_period": "week"}, "/cap_period"),
    ],
)
def test_an_impossible_cap_is_refused(world, fields, pointer):
    """The answer names the field; to stop an offer is what pausing is for."""
    answer = world.bob.patch(f"offers/{world.offer}", fields)
    assert (answer.status, answer.pointers) == (422, [pointer])


def test_what_is_over_the_cap_waits_for_the_manager(world):
    """By hand or by report: Alice's tracker hears hold, then approved when Bob lets it through."""
    world.make_postback(statuses=["hold", "approved"])
    world.bob.patch(f"offers/{world.offer}", {"cap_conversions": 1})
    first = world.bob.make("conversions", click_id=open_click(world))
    assert first["status"] == "approved"
    by_hand = world.bob.make("conversions", click_id=open_click(world), reason="promised")
    assert by_hand["status"] == "hold"
    click = open_click(world)
    reported = world.bob.post("reports", [{"click_id": click, "status": "approved"}] * 2).json["data"]
    assert [each["verdict"] for each in reported] == ["accepted", "ignored_status"]
    assert "over the cap of this offer (1 conversion a day)" in reported[0]["detail"]
    path = f"conversions/{reported[0]['conversion_id']}"
    held = world.bob.see(path)
    assert (held["status"], held["hold_until"], held["payout"]["amount"]) == ("hold", None, "12.00")
    assert world.bob.post(f"{path}/status", {"status": "approved", "reason": "well earned"}).status == 200
    assert world.bob.see(path)["status"] == "approved"
    assert len(world.alice.get("deliveries").ids) == 4


def test_a_dry_run_takes_no_place(world):
    """To weigh what would become of refused reports changes nothing."""
    from django.db import connection

    world.bob.patch(f"affiliates/{world.alice_id}", {"cap_conversions": 5})
    world.bob.post("reports", {"click_id": open_click(world), "goal": "nonsense"})
    assert world.bob.post("reports/judge", {"filter": {}}).status == 200
    world.bob.post("reports", {"click_id": open_click(world)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT n FROM cap_counts")
        assert cursor.fetchall() == [(1,)]
