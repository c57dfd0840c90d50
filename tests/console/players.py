"""Players for tests of the console: plans, facts, registrations, and an evaluation of them all."""

from __future__ import annotations

from typing import Any

from tests.console.traffic import open_click, perform, report


def make_plan(world, **fields: Any) -> dict[str, Any]:
    """Bob makes a plan: 50.00 for deposits of 50.00 and wagers of 300.00 within 30 days."""
    wanted = {
        "name": "50 for 50", "offer_id": world.offer, "amount": "50.00", "deposits": "50.00",
        "wagers": "300.00", "within_days": 30,
    }  # fmt: skip
    return world.bob.make("reward-plans", **(wanted | fields))


def a_fact(world, **fields: Any) -> dict[str, Any]:
    """A deposit of 35.00 by customer 77."""
    wanted = {
        "advertiser_id": world.acme, "customer_id": "77", "kind": "deposit", "at": "2026-11-20",
        "amount": "35.00", "currency": "EUR", "external_id": "d-1",
    }  # fmt: skip
    return wanted | fields


def evaluate(world) -> None:
    """Have the evaluation look at everybody, as the delivering process does."""
    from redound.console import named
    from redound.console.catalogue import Catalogue
    from redound.console.clock import now_ms
    from redound.console.identity import fresh_id
    from redound.console.players.models import RewardPlan
    from redound.console.players.plans import core_plan, core_progress
    from redound.core.players import PlayerBook
    from redound.core.settling import Surroundings, conclude, settle
    from redound.store.plans.players import settlement_batches
    from redound.store.rows import players as rows
    from redound.store.rows import traffic

    plans = [core_plan(row) for row in RewardPlan.objects.all()]
    for news in named.select("player_news", 100):
        ids, advertiser = named.array([news["customer_id"]]), news["advertiser_id"]
        conversions = [
            traffic.conversion(tuple(row.values())) for row in named.select("conversions_of_customers", ids)
        ]
        facts = [rows.fact(tuple(row.values())) for row in named.select("activity_of_customers", ids)]
        known = [rows.player(tuple(row.values())) for row in named.select("players_of_customers", ids)]
        progress = {row.plan_id: core_progress(row) for row in _progress_of(news)}
        book = PlayerBook(
            advertiser, news["customer_id"], conversions, facts, next(iter(known), None), progress
        )
        settled = settle(book, plans, Catalogue(), now_ms(), fresh_id)
        changes, moved = [], {each.plan_id: each for each in settled.progress}
        for met in settled.met:
            row, change = conclude(met, Surroundings(), Catalogue(), now_ms(), fresh_id)
            moved[row.plan_id] = row
            changes += [change] if change else []
        batches = settlement_batches([settled], moved.values(), changes)
        perform([step for batch in batches for step in batch.steps()])


def _progress_of(news) -> Any:
    from redound.console.players.models import PlanProgress

    return PlanProgress.objects.filter(player__customer_id=news["customer_id"])


def register(world, customer: str = "77", link: str | None = None) -> str:
    """A visitor of Alice's registers; return the conversion."""
    return report(open_click(world, link), customer_id=customer).outcome.conversion.id


def players_of(world) -> dict[str, str]:
    """A plan of Alice's own, a player of hers and a fact about them: one thing of each noun, by noun."""
    world.make_goal(code="qualified", kind="qualified_cpa")
    plan = make_plan(world, affiliate_id=world.alice_id)["id"]
    fact = world.bob.post("activity", a_fact(world)).json["id"]
    register(world)
    evaluate(world)
    return {"reward-plans": plan, "players": world.bob.get("players").ids[0], "activity": fact}
