"""A player registers, deposits and plays; Alice earns her qualified CPA, and her tracker hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.journeys.process import eventually

if TYPE_CHECKING:
    from tests.journeys.client import Client
    from tests.journeys.world import Scene
    from tests.receiver import Receiver

CALLBACK = (
    "/qualified?clickid={sub1}&time={event_time}&event={event_type}&player={customer_id}"
    "&affiliate={affiliate_id}&media={link_id}&brand={brand_name}&unique={click_id}&payout={payout}&currency={currency}&stag={param.stag}"
)
"""ReferOn's automatic variables: event time and type, customer, affiliate, media item, brand, the click's
unique ID, currency, and a parameter of the link by its name."""


def plan_of(bob: Client, scene: Scene) -> tuple[str, str]:
    """Bob makes a goal and a plan: 40.00 for deposits of 50 and wagers of 300 within 30 days."""
    goal = bob.make("goals", offer_id=scene.offer, code="cpa", name="Qualified", kind="qualified_cpa")["id"]
    plan = bob.make(
        "reward-plans", name="40 for 50", offer_id=scene.offer, amount="40.00", deposits="50.00",
        wagers="300.00", within_days=30,
    )["id"]  # fmt: skip
    scene.settle()
    return goal, plan


def fact(scene: Scene, at: str, **fields: Any) -> dict[str, Any]:
    """What the casino says about player 77 of this scene."""
    customer = f"77-{scene.link}"
    return {"advertiser_id": scene.advertiser, "customer_id": customer, "at": at, "currency": "EUR", **fields}


def progress_of(person: Client, **filters: str) -> dict[str, Any] | None:
    """The progress of the only player there is, once there is one."""
    found = list(person.every("players", **filters))
    return found[0]["progress"][0] if found and found[0]["progress"] else None


def test_alices_player_qualifies(bob: Client, scene: Scene, alice: Client, tracker: Receiver):
    """From click to callback: registration and deposit by report, wagers by API, the rest by itself."""
    goal, _ = plan_of(bob, scene)
    scene.postback(tracker.url(CALLBACK), goals=[goal])
    customer = f"77-{scene.link}"
    click_id = bob.click(scene.code, sub1="trk-7", stag="S-1")
    assert bob.report(click_id=click_id, goal="registration", customer_id=customer).status == 200
    deposit = {"click_id": click_id, "goal": "deposit", "customer_id": customer, "currency": "EUR"}
    assert bob.report(**deposit, amount="35.00", txid=f"d1-{scene.link}").status == 200
    today = bob.read(f"clicks/{click_id}")["created_at"]
    wager = fact(scene, today, kind="wager", amount="120.00", external_id=f"w1-{scene.link}")
    assert bob.api("POST", "activity", wager).json["verdict"] == "accepted"
    wanted = "deposits 35 of 50, wagers 120 of 300, 30 days left"
    eventually(
        lambda: (progress_of(bob, offer_id=scene.offer) or {}).get("text") == wanted, what="progress is shown"
    )
    rest = [
        fact(scene, today, kind="wager", amount="180.00", external_id=f"w2-{scene.link}"),
        fact(scene, today, kind="deposit", amount="15.00", external_id=f"d2-{scene.link}"),
        fact(scene, today, kind="deposit", amount="99.00", currency="USD", external_id=f"d3-{scene.link}"),
    ]
    for _ in range(2):
        assert bob.api("POST", "activity", rest).status == 200
    [callback] = tracker.wait(1)
    conversion = next(iter(alice.every("conversions", goal_id=goal)))
    assert conversion["payout"] == {"amount": "40.00", "currency": "EUR"}
    assert callback.query == {
        "clickid": "trk-7",
        "time": conversion["created_at"],
        "event": "qualified_cpa",
        "player": customer,
        "affiliate": scene.affiliate,
        "media": scene.link,
        "brand": "Acme Play",
        "unique": click_id,
        "payout": "40.00",
        "currency": "EUR",
        "stag": "S-1",
    }
    seen = progress_of(alice)
    assert seen is not None
    assert (seen["state"], seen["conversion_id"], seen["other_currency"]) == (
        "qualified",
        conversion["id"],
        1,
    )
    assert len(list(bob.every("conversions", goal_id=goal))) == 1
    assert customer not in alice.api("GET", "players").body


def test_a_plan_made_later_finds_those_who_met_it_before(bob: Client, scene: Scene):
    """Bob makes the plan after the fact: the player is found without any news of him."""
    customer = f"77-{scene.link}"
    click_id = bob.click(scene.code)
    bob.report(click_id=click_id, goal="registration", customer_id=customer)
    today = bob.read(f"clicks/{click_id}")["created_at"]
    for number, (kind, amount) in enumerate((("deposit", "50.00"), ("wager", "300.00"))):
        given = fact(scene, today, kind=kind, amount=amount, external_id=f"{number}-{scene.link}")
        assert bob.api("POST", "activity", given).status == 200
    eventually(lambda: list(bob.every("players", offer_id=scene.offer)), what="the player is known")
    goal, _ = plan_of(bob, scene)
    found = eventually(lambda: list(bob.every("conversions", goal_id=goal)), what="the plan has paid")
    assert [(row["payout"]["amount"], row["customer_id"]) for row in found] == [("40.00", customer)]
    assert [row["transitions"][0]["by"] for row in found] != ["report"]
