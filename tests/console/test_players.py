"""Reward plans, players and activity over the API."""

from __future__ import annotations

import pytest

from redound.core.ids import new_id
from tests.console.players import a_fact, evaluate, make_plan, register
from tests.console.traffic import open_click, perform, report


@pytest.fixture
def qualified(world) -> str:
    """The goal that plans pay for."""
    return world.make_goal(code="qualified", kind="qualified_cpa")


# Reward plans


def test_a_plan_is_read_back_as_it_was_made(world, qualified):
    """Amounts in the offer's currency, the goal found, thresholds left out are null."""
    plan = make_plan(world, first_deposit="10.00", deposit_count=2, valid_from="2026-11-01T00:00:00Z")
    shown = world.bob.see(f"reward-plans/{plan['id']}")
    assert (shown["amount"], shown["currency"], shown["goal_id"]) == ("50.00", "EUR", qualified)
    assert (shown["first_deposit"], shown["deposits"], shown["deposit_count"]) == ("10.00", "50.00", 2)
    assert (shown["net_revenue"], shown["affiliate_id"], shown["valid_to"]) == (None, None, None)
    assert shown["valid_from"] == "2026-11-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"deposits": None, "wagers": None}, [""]),
        ({"deposits": "0", "wagers": "0.00"}, [""]),
        ({"deposits": "-5"}, ["/deposits"]),
        ({"wagers": "abc"}, ["/wagers"]),
        ({"deposit_count": -1}, ["/deposit_count"]),
        ({"first_deposit": "60.00", "deposit_count": 1}, ["/deposits"]),
        ({"within_days": 0}, ["/within_days"]),
        ({"valid_from": "2026-11-20T00:00:00Z", "valid_to": "2026-11-19T00:00:00Z"}, ["/valid_to"]),
        ({"currency": "USD"}, ["/currency"]),
        ({"currency": "XXX"}, ["/currency"]),
        ({"amount": "0"}, ["/amount"]),
        ({"amount": "2,50"}, ["/amount"]),
        ({"affiliate_id": new_id("aff", 1, b"whowhowh")}, ["/affiliate_id"]),
        ({"colour": "red"}, ["/colour"]),
    ],
)
def test_an_impossible_plan_is_refused_with_the_reason(world, qualified, fields, pointers):
    """The field is named, and nothing is stored."""
    wanted = {"name": "x", "offer_id": world.offer, "amount": "50.00", "deposits": "50.00"}
    answer = world.bob.post("reward-plans", wanted | fields)
    assert (answer.status, answer.pointers) == (422, pointers), answer.json
    assert world.bob.get("reward-plans").ids == []


def test_a_plan_needs_a_goal_that_it_pays_for(world):
    """The offer has none of kind qualified_cpa: Bob is told to create one."""
    answer = world.bob.post(
        "reward-plans", {"name": "x", "offer_id": world.offer, "amount": "50.00", "deposits": "50.00"}
    )
    assert (answer.status, answer.pointers) == (422, ["/goal_id"])
    assert "qualified_cpa" in answer.json["detail"]


def test_an_edit_is_checked_against_the_whole_plan(world, qualified):
    """What is left out stays and counts."""
    plan = make_plan(world, wagers=None)
    path = f"reward-plans/{plan['id']}"
    assert world.bob.patch(path, {"deposits": None}).pointers == [""]
    assert world.bob.patch(path, {"first_deposit": "60.00"}).pointers == ["/deposits"]
    assert world.bob.patch(path, {"currency": "USD"}).pointers == ["/currency"]
    edited = world.bob.patch(path, {"deposits": "70.00", "enabled": False}).json
    assert (edited["deposits"], edited["enabled"], edited["amount"]) == ("70.00", False, "50.00")


def test_alice_sees_general_plans_and_her_own(world, qualified):
    """Not Charlie's deal."""
    general = make_plan(world)["id"]
    hers = make_plan(world, affiliate_id=world.alice_id)["id"]
    charlies = make_plan(world, affiliate_id=world.charlie_id)["id"]
    assert sorted(world.alice.get("reward-plans").ids) == sorted([general, hers])
    assert world.alice.get(f"reward-plans/{charlies}").status == 404
    assert world.alice.post("reward-plans", {"name": "x"}).status == 403


# Activity


def test_a_fact_is_stored_once_and_may_be_restated(world):
    """The same ID again is a duplicate, with another amount it is an update."""
    first = world.bob.post("activity", a_fact(world))
    assert (first.status, first.json["verdict"]) == (200, "accepted")
    again = world.bob.post("activity", a_fact(world))
    assert (again.json["verdict"], again.json["id"]) == ("duplicate", first.json["id"])
    restated = world.bob.post("activity", a_fact(world, amount="40.00"))
    assert (restated.json["verdict"], restated.json["id"]) == ("updated", first.json["id"])
    (row,) = world.bob.see("activity?customer_id=77")["data"]
    assert (row["amount"], row["kind"]) == ({"amount": "40.00", "currency": "EUR"}, "deposit")
    assert row["at"] == "2026-11-20T00:00:00.000Z"


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"customer_id": ""}, ["/customer_id"]),
        ({"kind": "jackpot"}, ["/kind"]),
        ({"at": "yesterday"}, ["/at"]),
        ({"at": "2026-11-20T12:00:00"}, ["/at"]),
        ({"at": "2126-11-20"}, ["/at"]),
        ({"amount": "-5.00"}, ["/amount"]),
        ({"amount": "2,50"}, ["/amount"]),
        ({"currency": "EURO"}, ["/currency"]),
        ({"amount": 35}, ["/amount"]),
        ({"external_id": None}, ["/external_id"]),
        ({"external_id": "x" * 201}, ["/external_id"]),
        ({"advertiser_id": new_id("adv", 1, b"whowhowh")}, ["/advertiser_id"]),
        ({"bonus": "1"}, ["bonus"]),
    ],
)
def test_a_fact_that_cannot_be_is_refused_with_the_field(world, fields, pointers):
    """And nothing is stored."""
    answer = world.bob.post("activity", a_fact(world, **fields))
    assert answer.status == 422, answer.json
    assert [pointer.removeprefix("/") for pointer in answer.pointers] == [
        each.removeprefix("/") for each in pointers
    ]
    assert world.bob.get("activity").ids == []


def test_net_revenue_may_be_negative(world):
    """The player won."""
    fact = a_fact(world, kind="net_revenue", amount="-12.50")
    assert world.bob.post("activity", fact).json["verdict"] == "accepted"
    assert world.bob.see("activity")["data"][0]["amount"]["amount"] == "-12.50"


def test_a_batch_has_a_verdict_for_each_fact(world):
    """One bad fact harms no other; the same ID twice in one batch is told; another customer's ID is safe."""
    batch = [
        a_fact(world),
        a_fact(world, external_id="d-2", amount="abc"),
        "not an object",
        a_fact(world),
        a_fact(world, amount="36.00"),
        a_fact(world, customer_id="78"),
        a_fact(world, external_id="d-3"),
    ]
    answer = world.bob.post("activity", batch)
    assert answer.status == 200
    verdicts = [row["verdict"] for row in answer.json["data"]]
    expected = ["accepted", "refused", "refused", "duplicate", "updated", "refused", "accepted"]
    assert verdicts == expected
    assert [answer.json[word] for word in ("accepted", "updated", "duplicate", "refused")] == [2, 1, 1, 3]
    assert answer.json["data"][5]["errors"][0]["code"] == "external_id_taken"
    assert len(world.bob.get("activity").ids) == 2


def test_a_batch_has_at_most_a_thousand_facts(world):
    """And at least one."""
    many = [a_fact(world, external_id=f"d-{number}") for number in range(1001)]
    assert world.bob.post("activity", many).json["errors"][0]["code"] == "batch_size"
    assert world.bob.post("activity", []).status == 422
    assert world.bob.post("activity", many[:1000]).json["accepted"] == 1000
    assert world.bob.post("activity", many[:1000]).json["duplicate"] == 1000


def test_what_a_player_did_is_managers_affair(world):
    """Alice neither reads nor writes it."""
    world.bob.post("activity", a_fact(world))
    assert world.alice.get("activity").status == 403
    assert world.alice.post("activity", a_fact(world, external_id="d-9")).status == 403
    assert len(world.bob.get("activity").ids) == 1


# Players


def test_progress_is_shown_in_words_and_numbers(world, qualified):
    """Deposits 35 of 50, wagers 120 of 300, 30 days left."""
    plan = make_plan(world)["id"]
    register(world)
    from redound.console.clock import now_ms
    from redound.console.render import moment_ms

    today = moment_ms(now_ms())
    world.bob.post(
        "activity", [a_fact(world, at=today), a_fact(world, kind="wager", at=today, amount="120.00")]
    )
    evaluate(world)
    (player,) = world.bob.see("players")["data"]
    (progress,) = player["progress"]
    assert progress["text"] == "deposits 35 of 50, wagers 120 of 300, 30 days left"
    assert (progress["plan_id"], progress["state"], progress["days_left"]) == (plan, "open", 30)
    assert progress["thresholds"] == [
        {"name": "deposits", "need": "50.00", "have": "35.00", "met": False},
        {"name": "wagers", "need": "300.00", "have": "120.00", "met": False},
    ]
    assert progress["amount"] == {"amount": "50.00", "currency": "EUR"}
    assert (player["customer_id"], player["advertiser_id"]) == ("77", world.acme)
    assert player["affiliate_id"] == world.alice_id


def test_alice_sees_her_players_without_personal_data(world, qualified):
    """Her click, how far they are, and nothing that says who they are or what they did when."""
    make_plan(world)
    make_plan(world, name="Charlie's deal", affiliate_id=world.charlie_id)
    register(world, "customer-77")
    register(world, "customer-78", world.charlies_link)
    evaluate(world)
    answer = world.alice.get("players")
    (player,) = answer.json["data"]
    assert (player["customer_id"], player["advertiser_id"]) == (None, None)
    assert "customer-77" not in str(answer.json)
    assert len(player["progress"]) == 1
    (charlies,) = world.charlie.get("players").ids
    assert world.alice.get(f"players/{charlies}").status == 404
    assert world.alice.get(f"players/{player['id']}/facts").status == 403
    assert world.alice.get("players?customer_id=customer-77").status == 403


def test_every_fact_is_listed_with_what_each_plan_makes_of_it(world, qualified):
    """Dollars are kept and not counted; a reported deposit is a fact as well."""
    world.make_goal(code="deposit", kind="deposit", repeats="unlimited")
    plan = make_plan(world)["id"]
    register(world)
    report(open_click(world), goal="deposit", customer_id="77", amount="20.00", txid="t-1")
    from redound.console.clock import now_ms
    from redound.console.render import moment_ms

    today = moment_ms(now_ms())
    dollars = a_fact(world, at=today, currency="USD", external_id="usd")
    world.bob.post("activity", [dollars, a_fact(world, at=today, external_id="t-1", amount="20.00")])
    evaluate(world)
    (player,) = world.bob.see("players")["data"]
    facts = world.bob.see(f"players/{player['id']}/facts")["data"]
    told = {
        (row["external_id"], row["conversion_id"] is not None): (row["counts_for"], row["not_counted"])
        for row in facts
    }
    assert told == {
        ("usd", False): ([], [{"plan_id": plan, "reason": "other_currency"}]),
        ("t-1", True): ([plan], []),
        ("t-1", False): ([], [{"plan_id": plan, "reason": "reported_too"}]),
    }
    assert player["progress"][0]["other_currency"] == 1


def test_a_qualified_player_names_the_conversion(world, qualified):
    """The plan's amount is the payout, and Alice's postback fires."""
    make_plan(world, wagers=None, within_days=None)
    world.make_postback()
    register(world)
    before = len(world.alice.get("deliveries").ids)
    from redound.console.clock import now_ms
    from redound.console.render import moment_ms

    world.bob.post("activity", a_fact(world, at=moment_ms(now_ms()), amount="50.00"))
    evaluate(world)
    (player,) = world.alice.see("players?state=qualified")["data"]
    (progress,) = player["progress"]
    assert progress["text"] == "deposits 50 of 50, qualified"
    conversion = world.alice.see(f"conversions/{progress['conversion_id']}")
    assert conversion["payout"] == {"amount": "50.00", "currency": "EUR"}
    assert conversion["goal_id"] == qualified
    assert conversion["transitions"][0]["by"] == "plan"
    assert len(world.alice.get("deliveries").ids) == before + 1


def test_the_next_evaluation_is_told(world, qualified):
    """When the delivering process has planned it."""
    from redound.store.plans.steps import Step

    register(world)
    evaluate(world)
    (before,) = world.bob.see("players")["data"]
    assert before["next_evaluation_at"] is None
    perform([Step("plan_evaluation", (1_795_176_000_000, 1_795_176_600_000))])
    (player,) = world.alice.see("players")["data"]
    assert player["last_evaluation_at"] == "2026-11-20T12:00:00.000Z"
    assert player["next_evaluation_at"] == "2026-11-20T12:10:00.000Z"


def test_players_are_filtered_by_plan_and_state(world, qualified):
    """Bob looks for those who are still on their way."""
    plan = make_plan(world)["id"]
    register(world)
    evaluate(world)
    (player,) = world.bob.get(f"players?plan_id={plan}&state=open").ids
    assert world.bob.get("players?state=qualified,expired").ids == []
    assert world.bob.get("players?customer_id=77").ids == [player]
    assert world.bob.get("players?state=winning").status == 422


def test_plans_are_exported_and_imported_as_configuration(world, qualified):
    """A file says what the API may say; the same file again changes nothing."""
    from redound.cli.nouns import nouns
    from redound.console.accounts.callers import Caller
    from redound.console.players.models import RewardPlan

    make_plan(world, first_deposit="10.00", valid_from="2026-11-01T00:00:00Z", affiliate_id=world.alice_id)
    noun = next(each for each in nouns() if each.name == "reward-plans")
    caller = Caller(by="command import")
    (exported,) = noun.export(caller)
    assert noun.bring(exported, caller) == ""
    assert noun.bring({**exported, "deposits": "60.00"}, caller) == "edit"
    RewardPlan.objects.all().delete()
    assert noun.bring(exported, caller) == "create"
    assert noun.export(caller) == [exported]
