"""Counts of caps: exact within a batch, across batches and across processes. On every driver."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from redound.core.catalog import CapPeriod
from redound.core.decisions import decide_report
from redound.core.states import Status
from redound.store.memory import MemoryStore
from redound.store.postgres import PostgresStore
from tests.builders import (
    KEYS,
    NOW_MS,
    make_advertiser,
    make_affiliate,
    make_click,
    make_click_id,
    make_offer,
    make_world,
)
from tests.store.actors import a_report, fresh, no_worker
from tests.store.conftest import clock, world
from tests.store.rig import Database, Rig

OFFER = make_offer(cap_conversions=5)
ALICE = make_affiliate(cap_conversions=7)


def some_clicks(count):
    """So many clicks with genuine IDs."""
    return [make_click(id=make_click_id(NOW_MS, random=number.to_bytes(4) * 2)) for number in range(count)]


def capped(*things):
    """Decide by the real rules, in a world with these caps."""
    configured = make_world(make_advertiser(), *things)
    return lambda incoming, facts: decide_report(
        incoming, facts, configured, KEYS, fresh, trusted_advertiser=make_advertiser().id
    )


async def apply(rig, clicks, decide):
    """Report a sale of each click in one batch; return the statuses that came of it."""
    batch = [a_report(click_id=click.id) for click in clicks]
    decisions, _ = await rig.store.apply_reports(batch, decide, no_worker)
    return [each.outcome.conversion.status for each in decisions]


def counts(rig):
    """The counts that are stored, smallest first."""
    if isinstance(rig.store, MemoryStore):
        return sorted(rig.store.cap_counts.values())
    return [row[0] for row in rig.database.run("SELECT n FROM cap_counts ORDER BY n")]


async def test_a_batch_fills_a_cap_and_the_next_finds_it_full(rig):
    """Three, three and one at an offer with room for five; another affiliate's cap counts along."""
    clicks = some_clicks(7)
    await rig.store.add_clicks(clicks)
    decide = capped(OFFER, ALICE)
    assert await apply(rig, clicks[:3], decide) == [Status.APPROVED] * 3
    assert await apply(rig, clicks[3:6], decide) == [Status.APPROVED, Status.APPROVED, Status.HOLD]
    assert await apply(rig, clicks[6:], decide) == [Status.HOLD]
    assert counts(rig) == [5, 5]


async def test_planes_hear_of_a_cap(rig):
    """A cap that Bob sets, and changes, reaches a snapshot that is open."""
    snapshot = await rig.store.load_snapshot()
    assert snapshot.offers[OFFER.id].cap_conversions is None
    rig.configure(OFFER, replace(ALICE, cap_period=CapPeriod.TOTAL))
    assert await rig.store.refresh_snapshot(snapshot)
    assert snapshot.offers[OFFER.id].cap_conversions == 5
    alice = snapshot.affiliates[ALICE.id]
    assert (alice.cap_conversions, alice.cap_period) == (7, CapPeriod.TOTAL)


async def test_without_caps_no_count_is_kept(rig):
    """The table stays empty."""
    clicks = some_clicks(3)
    await rig.store.add_clicks(clicks)
    assert await apply(rig, clicks, capped(make_offer())) == [Status.APPROVED] * 3
    assert counts(rig) == []


async def test_a_report_that_cannot_be_stored_takes_no_place(sql_rig):
    """It falls out alone, the others are judged again one by one: five of them find room."""
    clicks = some_clicks(6)
    await sql_rig.store.add_clicks(clicks)
    batch = [a_report(click_id=click.id) for click in clicks[:5]]
    bad = a_report(click_id=clicks[5].id, adv_subs={"adv_sub1": "half \ud800"})
    decisions, _ = await sql_rig.store.apply_reports([bad, *batch], capped(OFFER), no_worker)
    assert decisions[0].outcome.verdict == "internal_error"
    assert [each.outcome.conversion.status for each in decisions[1:]] == [Status.APPROVED] * 5
    assert counts(sql_rig) == [5]


async def test_calls_at_the_same_time_take_each_place_once(rig):
    """Twenty reports in twenty calls: five are in, fifteen wait."""
    clicks = some_clicks(20)
    await rig.store.add_clicks(clicks)
    decide = capped(OFFER, ALICE)
    found = await asyncio.gather(*(apply(rig, [click], decide) for click in clicks))
    assert sorted(status for (status,) in found) == [Status.APPROVED] * 5 + [Status.HOLD] * 15
    assert counts(rig) == [5, 5]


@pytest.mark.parametrize("room", [1, 13, 30])
async def test_two_processes_take_each_place_once(postgres_url, room):
    """Forty reports from two processes of PostgreSQL at once: as many are in as there is room for."""
    database = Database(postgres_url)
    rigs = [Rig(PostgresStore(postgres_url, clock=clock), database) for _ in range(2)]
    rigs[0].configure(*world())
    for rig in rigs:
        await rig.store.open()
    try:
        clicks = some_clicks(40)
        await rigs[0].store.add_clicks(clicks)
        decide = capped(make_offer(cap_conversions=room), make_affiliate(cap_conversions=39))
        found = await asyncio.gather(
            *(apply(rigs[number % 2], [click], decide) for number, click in enumerate(clicks))
        )
        assert [status for (status,) in found].count(Status.APPROVED) == room
        assert counts(rigs[0]) == [room, room]
        assert rigs[0].count("conversions") == 40
    finally:
        for rig in rigs:
            await rig.store.close()
        database.close()
