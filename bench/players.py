"""Evaluating players against a reward plan: all of them, then only those with news.

    python -m bench.players [--players 100000] [--facts 3] [--news 1000] [--postgres]

Every player has registered and has `facts` facts; a tenth of them meet the plan. Measured is what the
delivering process does beside its traffic, its rests included. The reference adds the same facts up in one
SQL statement, which decides nothing and stores nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sqlite3
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from bench._postgres import postgres
from bench._world import build

from redound import logs
from redound.core.activity import Activity
from redound.core.conversions import Conversion
from redound.core.money import Money
from redound.core.players import FactKind
from redound.core.states import Status
from redound.delivery.qualifying import Qualifying
from redound.delivery.worker import wall_clock
from redound.edge.minting import mint
from redound.store.plans.news import news_of
from redound.store.plans.players import activity_batches
from redound.store.plans.steps import Batch, Step
from redound.store.players import Players
from redound.store.rows import traffic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench._world import World

    from redound.store.snapshot import Snapshot

AT_ONCE = 1_000
QUALIFY_EVERY = 10
DEPOSIT, GOOD_DEPOSIT = 900, 2_000
INTERVAL_SECONDS = 600


def main(argv: list[str] | None = None) -> None:
    """Run and print the figures."""
    parser = argparse.ArgumentParser(prog="bench.players")
    parser.add_argument("--players", type=int, default=100_000)
    parser.add_argument("--facts", type=int, default=3)
    parser.add_argument("--news", type=int, default=1_000)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args(argv)
    logs.configure("WARNING")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="redound-bench-"))
        world = build(Path(folder), 9, stack.enter_context(postgres()) if options.postgres else "")
        offer_id = _plan(world)
        asyncio.run(_run(world, offer_id, options.players, options.facts, options.news))


def _plan(world: World) -> str:
    """Store a goal and a plan of deposits of 50.00 within 30 days; return the offer."""
    from django.db import connection

    from redound.console.catalog.models import Goal, Link
    from redound.console.players.models import RewardPlan

    offer_id = Link.objects.get(pk=world.link_id).offer_id
    goal = Goal.objects.create(offer_id=offer_id, code="qualified", name="Qualified", kind="qualified_cpa")
    RewardPlan.objects.create(
        name="50", offer_id=offer_id, goal=goal, amount_minor=5000, currency="EUR", deposits_minor=5000,
        within_days=30,
    )  # fmt: skip
    connection.close()
    return str(offer_id)


async def _run(world: World, offer_id: str, players: int, facts: int, news: int) -> None:
    from redound.roles import open_store

    store = open_store(world.settings, "bench")
    await store.open()
    try:
        snapshot = await store.load_snapshot()
        for batches in _registrations(snapshot, world, offer_id, players):
            await store.perform(batches)
        advertiser = snapshot.offers[offer_id].advertiser_id
        for batches in _activity(advertiser, range(players), facts):
            await store.perform(batches)
        verbs = Players(store)
        evaluation = Qualifying(
            verbs, snapshot, node="bench", interval_seconds=INTERVAL_SECONDS, clock=wall_clock, mint=mint,
            fired=lambda: None,
        )  # fmt: skip
        print(f"\n{players} players with {facts} facts each, {world.settings.dialect}")
        _reference(world)
        await _timed("all, from nothing", evaluation)
        await _timed("again, without news", evaluation)
        for batches in _activity(advertiser, range(news), 1, more="again"):
            await store.perform(batches)
        await _timed(f"{news} with news", evaluation)
        (plan,) = await verbs.plans()
        await store.perform([Step("put_plan_mark", (plan.id, "before the edit", "", False))])
        await _timed("all, the plan was edited", evaluation)
    finally:
        await store.close()
    print(f"peak memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _reference(world: World) -> None:
    """Add up the same facts in one statement: what the reading alone costs."""
    settings = world.settings
    sqlite = settings.dialect == "sqlite"
    began = time.monotonic()
    with closing(
        sqlite3.connect(settings.sqlite_path) if sqlite else psycopg.connect(settings.database_url)
    ) as db:
        sums = db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM activity JOIN conversions USING (customer_id, advertiser_id)"
            " GROUP BY customer_id HAVING sum(activity.amount_minor) >= 5000) AS over"
        ).fetchone()[0]
    print(f"{'one SUM in the database':28}{sums:>8} over 50 {time.monotonic() - began:>8.2f} s")


async def _timed(what: str, evaluation: Qualifying) -> None:
    began, used = time.monotonic(), time.process_time()
    looked = await evaluation.round()
    took, cpu = time.monotonic() - began, time.process_time() - used
    a_player = f"{cpu / looked * 1e6:8.0f} us of CPU a player" if looked else ""
    print(f"{what:28}{looked:>8} looked at {took:>8.2f} s {a_player}")


def _registrations(snapshot: Snapshot, world: World, offer_id: str, players: int) -> Iterator[list[Batch]]:
    link, offer = snapshot.links[world.link_id], snapshot.offers[offer_id]
    goal = next(goal for goal in offer.goals if goal.base)
    at = wall_clock()
    given = Conversion(
        id="", click_id="", link_id=link.id, affiliate_id=link.affiliate_id, campaign_id=link.campaign_id,
        offer_id=offer.id, brand_id=offer.brand_id, advertiser_id=offer.advertiser_id, goal_id=goal.id,
        status=Status.APPROVED, status_word="", txid="", slot="", customer_id="", amount=None,
        payout=Money(1000, "EUR"), revenue=None, adv_subs={}, test=False, seen=Status.APPROVED.bit,
        hold_until=None, created_at=at, updated_at=at,
    )  # fmt: skip
    for first in range(0, players, AT_ONCE):
        made: list[Conversion] = []
        for number in range(first, min(first + AT_ONCE, players)):
            click = f"click-{number}"
            own = replace(
                given,
                id=mint("cnv"),
                click_id=click,
                slot=f"{click}/{goal.id}",
                customer_id=f"player-{number}",
            )
            made.append(own)
        rows = [traffic.conversion_values(each) for each in made]
        yield [Batch("add_conversion", exact=True, rows=rows), news_of(made)]


def _activity(advertiser_id: str, players: range, facts: int, more: str = "") -> Iterator[list[Batch]]:
    for first in range(players.start, players.stop, AT_ONCE):
        now = wall_clock()
        yield activity_batches(
            Activity(
                mint("act"), advertiser_id, f"player-{number}", FactKind.DEPOSIT, now,
                Money(DEPOSIT if number % QUALIFY_EVERY else GOOD_DEPOSIT, "EUR"), f"{number}-{fact}{more}",
                "csv", "bench", now,
            )
            for number in range(first, min(first + AT_ONCE, players.stop))
            for fact in range(facts)
        )  # fmt: skip


if __name__ == "__main__":
    main()
