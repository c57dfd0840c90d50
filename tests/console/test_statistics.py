"""Statistics over the API: what is counted, for whom, in which zone, and what cannot be asked."""

from __future__ import annotations

import csv
import io

import pytest

from tests.console.rolling import roll
from tests.console.traffic import attempt, convert, open_click


@pytest.fixture
def traffic(world):
    """Alice: three clicks, a sale approved and delivered, one rejected; Charlie: a click and a sale."""
    postback = world.make_postback()["id"]
    first = convert(world)
    for delivery in world.alice.get("deliveries").ids:
        attempt(delivery)
    second = convert(world)
    world.bob.post(f"conversions/{second}/status", {"status": "rejected", "reason": "fraud"})
    open_click(world, params={"sub1": "UNIQUE-1", "sub2": "=red", "sub3": "top"}, country="LV")
    open_click(world, test=True)
    convert(world, world.charlies_link)
    roll()
    return {"postback": postback, "first": first}


def test_bob_sees_what_all_traffic_came_to(world, traffic):
    """Counts, rates and money, profit included; test clicks are in nothing."""
    total = world.bob.see("statistics")["total"]
    assert (total["clicks"], total["valid_clicks"], total["conversions"]) == (4, 4, 2)
    assert (total["approved"], total["rejected"]) == (2, 1)
    assert total["cr"] == 0.5
    (earned,) = total["money"]
    assert earned["currency"] == "EUR"
    assert (earned["payout"], earned["revenue"], earned["profit"]) == ("24.00", "40.00", "16.00")
    assert earned["epc"] == "6.0000"


def test_alice_sees_her_own_and_nothing_of_revenue(world, traffic):
    """Neither another's traffic nor what the network earns, however she asks."""
    for query in ("", f"?affiliate_id={world.charlie_id}", "?group_by=affiliate", "?interval=day"):
        answer = world.alice.see(f"statistics{query}")
        assert world.charlie_id not in str(answer["data"])
        for figures in (answer["total"], *answer["data"]):
            for earned in figures["money"]:
                assert earned["revenue"] is None
                assert earned["open_revenue"] is None
                assert earned["profit"] is None
    assert world.alice.see("statistics")["total"]["clicks"] == 3
    assert world.alice.see(f"statistics?affiliate_id={world.charlie_id}")["total"]["clicks"] == 0
    lines = world.alice.ask("GET", "statistics?group_by=offer&format=csv")
    assert lines.status == 200


def test_a_private_goals_conversions_are_not_in_alices_figures(world, traffic):
    """As they are not in her list of conversions; Bob's figures keep them."""
    world.bob.patch(f"goals/{world.goal}", {"private": True})
    total = world.alice.see("statistics")["total"]
    assert (total["clicks"], total["conversions"], total["money"]) == (3, 0, [])
    assert world.bob.see("statistics")["total"]["conversions"] == 2


@pytest.mark.parametrize(
    ("group", "keys"),
    [
        ("affiliate", {"Alice": 3, "Charlie": 1}),
        ("offer", {"Shoes": 4}),
        ("campaign", {"Autumn": None}),
        ("country", {None: 3, "LV": 1}),
        ("sub2", {"=red": 1}),
        ("sub3", {"top": 1}),
    ],
)
def test_figures_are_grouped(world, traffic, group, keys):
    """By what traffic belongs to, with its name, the largest first."""
    data = world.bob.see(f"statistics?group_by={group}")["data"]
    assert {row["name"] for row in data} == set(keys)
    for row in data:
        assert keys[row["name"]] in (None, row["clicks"])
    assert [row["clicks"] for row in data] == sorted((row["clicks"] for row in data), reverse=True)


def test_goals_have_conversions_but_no_clicks(world, traffic):
    """A click is made before anybody knows the goal."""
    (row,) = world.bob.see("statistics?group_by=goal")["data"]
    assert (row["name"], row["clicks"], row["conversions"], row["cr"]) == ("Sale", 0, 2, None)


def test_days_are_those_of_the_zone(world, traffic):
    """Every day of the range has a row, also one without traffic; they begin at the zone's midnight."""
    answer = world.bob.see("statistics?interval=day&zone=Asia/Kolkata")
    assert len(answer["data"]) == 8
    assert {row["at"][11:] for row in answer["data"]} == {"18:30:00.000Z"}
    assert sum(row["clicks"] for row in answer["data"]) == 4
    hours = world.bob.see("statistics?interval=hour&group_by=affiliate")["data"]
    assert sum(row["clicks"] for row in hours) == 4


def test_a_period_is_compared_with_the_one_before(world, traffic):
    """A week ago there was nothing."""
    answer = world.bob.see("statistics?compare=previous")
    assert answer["previous"]["clicks"] == 0
    assert answer["previous"]["cr"] is None


def test_a_refund_takes_its_money_back(world, traffic):
    """The conversion moves from approved to refunded where it was counted."""
    world.bob.post(f"conversions/{traffic['first']}/status", {"status": "refunded", "reason": "returned"})
    roll()
    total = world.bob.see("statistics")["total"]
    assert (total["approved"], total["refunded"], total["conversions"]) == (1, 1, 1)
    assert total["money"][0]["payout"] == "12.00"


def test_filters_narrow(world, traffic):
    """By one thing or several."""
    found = world.bob.see(f"statistics?affiliate_id={world.alice_id}&country=LV")["total"]
    assert (found["clicks"], found["conversions"]) == (1, 0)
    assert world.bob.see(f"statistics?goal_id={world.goal}")["total"]["conversions"] == 2
    assert world.bob.see("statistics?sub3=top")["total"]["clicks"] == 1


def test_sub1_is_looked_up(world, traffic):
    """It is in no rollup: the clicks themselves are asked, and only the asker's own."""
    from redound.console.traffic.models import Click
    from redound.core.trace.sub_values import day_of, value_key
    from redound.store.plans.steps import Step
    from tests.console.traffic import perform

    for click in Click.objects.all():
        for name in ("TRACKER-1", "UNIQUE-1"):
            perform([Step("add_sub_value", (day_of(click.created_at), value_key(name), click.id))])
    assert world.bob.see("statistics?sub1=UNIQUE-1")["total"]["clicks"] == 1
    answer = world.alice.see("statistics?sub1=TRACKER-1")
    assert (answer["total"]["clicks"], answer["total"]["approved"], answer["partial"]) == (2, 1, False)
    assert answer["total"]["money"][0]["revenue"] is None


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("sub2=a&sub3=b", "sub3"),
        ("group_by=sub2&country=LV", "sub2"),
        ("sub1=a&group_by=offer", "sub1"),
        ("zone=Mars/Base", "zone"),
        ("group_by=weather", "group_by"),
        ("since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "since"),
        ("since=2020-01-01T00:00:00Z", "since"),
        ("interval=hour&since=2026-01-01T00:00:00Z&until=2026-03-01T00:00:00Z", "since"),
        ("afiliate_id=x", "afiliate_id"),
    ],
)
def test_what_cannot_be_asked_is_said(world, query, parameter):
    """Combinations that no rollup answers, unknown zones and names, ranges without end."""
    answer = world.bob.get(f"statistics?{query}")
    assert answer.status == 422
    assert answer.pointers == [parameter]


def test_the_csv_file_is_harmless(world, traffic):
    """A value that a spreadsheet would take for a formula is neutralised; Alice's file has no revenue."""
    from django.test import Client

    def lines(person, query):
        client = Client(SERVER_NAME="console.test")
        answer = client.get(f"/api/v1/statistics?{query}", headers={"Authorization": f"Bearer {person.key}"})
        return list(csv.DictReader(io.StringIO(answer.content.decode())))

    (row,) = lines(world.bob, "group_by=sub2&format=csv")
    assert (row["key"], row["clicks"]) == ("'=red", "1")
    by_offer = lines(world.alice, "group_by=offer&format=csv")
    assert "revenue" not in by_offer[0]
    assert (by_offer[0]["payout"], by_offer[0]["currency"]) == ("12.00", "EUR")


def test_deliveries_are_counted(world, traffic):
    """One of Alice's two was delivered, the other is unfinished; Charlie has no postback."""
    total = world.alice.see("statistics/deliveries")["total"]
    assert (total["fired"], total["delivered"], total["failed"], total["attempts"]) == (2, 1, 0, 1)
    assert (total["success_rate"], total["p50_ms"], total["p95_ms"]) == (1.0, 25, 48)
    (row,) = world.bob.see("statistics/deliveries?group_by=postback")["data"]
    assert (row["key"], row["name"]) == (traffic["postback"], "Tracker")
    assert world.charlie.see("statistics/deliveries")["total"]["fired"] == 0
    found = world.charlie.see(f"statistics/deliveries?postback_id={traffic['postback']}")
    assert found["total"]["fired"] == 0


def test_as_of_says_up_to_when_all_is_counted(world, traffic):
    """Not more than a moment in the past."""
    from redound.console.clock import now_ms
    from redound.console.statistics.reading import as_of_ms

    assert abs(as_of_ms() - now_ms()) < 180_000
    assert world.bob.see("statistics")["as_of"]
