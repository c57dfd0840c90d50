"""Everything that is known about one player, and what each plan makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redound.console import named
from redound.console.catalogue import Catalogue
from redound.console.players.models import PlanProgress
from redound.console.players.plans import core_plan
from redound.console.render import moment_ms, money
from redound.core.players import PlayerBook, all_facts, judge_facts
from redound.store.rows import players as rows
from redound.store.rows import traffic

if TYPE_CHECKING:
    from redound.console.players.models import Player


def facts_of(player: Player) -> list[dict[str, Any]]:
    """Return every fact with the plans that it counts for, and why it does not for the others."""
    ids = named.array([player.customer_id])
    conversions = [
        traffic.conversion(tuple(row.values()))
        for row in named.select("conversions_of_customers", ids)
        if row["advertiser_id"] == player.advertiser_id
    ]
    stored = [
        rows.fact(tuple(row.values()))
        for row in named.select("activity_of_customers", ids)
        if row["advertiser_id"] == player.advertiser_id
    ]
    book = PlayerBook(player.advertiser_id, player.customer_id, conversions, stored)
    facts = all_facts(book, Catalogue())
    found: list[dict[str, Any]] = [
        {
            "id": fact.id or None,
            "kind": fact.kind.value,
            "at": moment_ms(fact.at),
            "amount": None if fact.amount is None else money(fact.amount.minor, fact.amount.currency),
            "external_id": fact.external_id,
            "conversion_id": fact.conversion_id or None,
            "counts_for": [],
            "not_counted": [],
        }
        for fact in facts
    ]
    for progress in PlanProgress.objects.filter(player_id=player.pk).select_related("plan"):
        plan = core_plan(progress.plan)
        for shown, judged in zip(found, judge_facts(plan, player.registered_at or 0, facts), strict=True):
            if judged.ignored is None:
                shown["counts_for"].append(plan.id)
            else:
                shown["not_counted"].append({"plan_id": plan.id, "reason": judged.ignored.value})
    return found
