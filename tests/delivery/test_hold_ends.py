"""Holds that run out, on both databases: in time, into what the goal says, and each exactly once."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from redound.core.decisions import decide_change
from redound.core.states import Actor, Status
from redound.delivery.hold_ends import EndingHolds
from redound.store.holds import Holds
from redound.store.plans.holds import change_batches
from redound.store.plans.steps import Batch
from redound.store.rows import traffic
from redound.store.sqlite import SqliteStore
from tests.builders import (
    HOUR_MS,
    NOW_MS,
    make_advertiser,
    make_affiliate,
    make_brand,
    make_campaign,
    make_click,
    make_click_id,
    make_conversion,
    make_goal,
    make_link,
    make_offer,
    make_postback,
)
from tests.store.actors import fresh
from tests.store.rig import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redound.core.conversions import Conversion

GOAL = make_goal(default_status=Status.HOLD, hold_seconds=60, hold_then=Status.APPROVED)


class Network:
    """Acme's sales are held back for a minute, and then approved."""

    def __init__(self, store: Any, database: Database) -> None:
        self.store, self.database = store, database
        self.now_ms = NOW_MS
        self.woken = 0

    def ends(self) -> EndingHolds:
        """A process that ends holds and does not rest."""
        return EndingHolds(
            Holds(self.store), self.snapshot, clock=lambda: self.now_ms,
            mint=lambda prefix: fresh(prefix, self.now_ms), fired=self._wake, rest=0,
        )  # fmt: skip

    def _wake(self) -> None:
        self.woken += 1

    async def configure(self, *things: Any) -> None:
        """Store configuration and load it."""
        for each in things:
            self.database.put(each)
        self.snapshot = await self.store.load_snapshot()

    async def hold(self, count: int = 1, *, until: int = NOW_MS, click: bool = True) -> list[Conversion]:
        """Store sales that are on hold until then, each of a click of its own."""
        clicks = [make_click(id=make_click_id(random=secrets.token_bytes(8))) for _ in range(count)]
        if click:
            await self.store.add_clicks(clicks)
        held = [
            make_conversion(id=fresh("cnv"), click_id=each.id, status=Status.HOLD, hold_until=until)
            for each in clicks
        ]
        rows = [traffic.conversion_values(each) for each in held]
        await self.store.perform([Batch("add_conversion", exact=True, rows=rows)])
        return held

    def statuses(self) -> list[str]:
        """The status of every conversion, oldest first."""
        return [row[0] for row in self.database.run("SELECT status FROM conversions ORDER BY id")]

    def transitions(self) -> list[tuple[str, str, str]]:
        """From, to and who, of every transition."""
        sql = "SELECT from_status, to_status, actor FROM transitions ORDER BY id"
        return [tuple(row) for row in self.database.run(sql)]

    def owed(self) -> int:
        """How many deliveries there are."""
        return int(self.database.run("SELECT count(*) FROM deliveries")[0][0])


@pytest_asyncio.fixture
async def network(database_url: str) -> AsyncIterator[Network]:
    """Acme's network with Alice's postback, on each database."""
    database = Database(database_url)
    store: Any
    if database_url.startswith("sqlite"):
        from pathlib import Path

        store = SqliteStore(Path(database_url.removeprefix("sqlite:///")), clock=lambda: NOW_MS)
    else:
        from redound.store.postgres import PostgresStore

        store = PostgresStore(database_url, clock=lambda: NOW_MS)
    network = Network(store, database)
    await store.open()
    await network.configure(
        make_advertiser(), make_brand(), make_affiliate(), make_campaign(), make_offer(GOAL), GOAL,
        make_link(), make_postback(),
    )  # fmt: skip
    yield network
    await store.close()
    database.close()


async def test_a_hold_that_ran_out_becomes_what_the_goal_says_and_fires(network):
    """The minute is over: the sale is approved, Alice's tracker is told, and the worker is woken."""
    await network.hold()
    assert await network.ends().round() == 1
    assert network.statuses() == ["approved"]
    assert network.transitions() == [("hold", "approved", "hold")]
    assert (network.owed(), network.woken) == (1, 1)


async def test_a_hold_that_goes_on_is_left_alone(network):
    """A millisecond too early."""
    await network.hold(until=NOW_MS + 1)
    assert await network.ends().round() == 0
    assert (network.statuses(), network.owed(), network.woken) == (["hold"], 0, 0)
    network.now_ms += 1
    assert await network.ends().round() == 1


async def test_a_hold_ends_even_when_its_click_is_gone(network):
    """The click's retention is shorter than the hold; what the conversion knows is sent."""
    await network.hold(click=False)
    assert await network.ends().round() == 1
    assert (network.statuses(), network.owed()) == (["approved"], 1)


async def test_a_second_look_finds_nothing(network):
    """What has ended has ended."""
    await network.hold(3)
    assert await network.ends().round() == 3
    assert await network.ends().round() == 0
    assert len(network.transitions()) == 3


async def test_several_workers_end_each_hold_exactly_once(network):
    """Four processes see the same 250 holds at the same moment."""
    await network.hold(250)
    for _ in range(3):
        await asyncio.gather(*(network.ends().round() for _ in range(4)))
    assert set(network.statuses()) == {"approved"}
    assert network.transitions() == [("hold", "approved", "hold")] * 250
    assert network.owed() == 250


async def test_bob_is_faster_than_the_end_of_a_hold(network):
    """He rejected the sale after it was read: his decision stands and nothing fires for the hold."""
    (held,) = await network.hold()
    holds = Holds(network.store)
    due = holds.due

    async def due_then_bob(now_ms: int, most: int) -> Any:
        found = await due(now_ms, most)
        if found:
            change = decide_change(
                held, None, found[0].facts, Status.REJECTED, Actor.MANAGER, "bob", "", NOW_MS,
                network.snapshot, fresh,
            )  # fmt: skip
            await network.store.perform(change_batches([change]))
        return found

    ends = network.ends()
    ends._holds = holds
    holds.due = due_then_bob
    assert await ends.round() == 0
    assert network.transitions() == [("hold", "rejected", "manager")]
    assert network.owed() == 0


async def test_a_hold_goes_on_without_end_when_its_goal_says_nothing_any_more(network):
    """Bob took `hold_then` away: the sale waits for him, and nobody looks at it every second."""
    await network.hold()
    await network.configure(replace(GOAL, hold_then=None))
    assert await network.ends().round() == 0
    assert network.statuses() == ["hold"]
    assert network.database.run("SELECT hold_until, version FROM conversions") == [(None, 2)]
    assert network.transitions() == []


async def test_nothing_ends_while_our_configuration_is_old(network):
    """Bob has just changed what a hold becomes; this process has not heard of it yet."""
    await network.hold()
    network.database.put(replace(GOAL, hold_then=Status.REJECTED))
    assert await network.ends().round() == 0
    await network.store.refresh_snapshot(network.snapshot)
    assert await network.ends().round() == 1
    assert network.statuses() == ["rejected"]


async def test_one_that_cannot_be_ended_does_not_keep_the_others(network, monkeypatch):
    """A fault in one conversion is logged; the rest end."""
    held = await network.hold(3)
    from redound.delivery import hold_ends

    decide = hold_ends.end_hold

    def faulty(conversion: Conversion, *rest: Any) -> Any:
        if conversion.id == held[1].id:
            raise ValueError
        return decide(conversion, *rest)

    monkeypatch.setattr(hold_ends, "end_hold", faulty)
    assert await network.ends().round() == 2
    assert network.statuses() == ["approved", "hold", "approved"]


async def test_what_was_held_an_hour_too_long_ends_all_the_same(network):
    """Every process was down when the hold ran out."""
    await network.hold(until=NOW_MS - HOUR_MS)
    assert await network.ends().round() == 1
