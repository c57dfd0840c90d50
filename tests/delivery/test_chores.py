"""What a worker does on the side: heartbeats and upkeep."""

from __future__ import annotations

import pytest

from redound.core.catalog import HealthState
from redound.core.deliveries import Queue
from redound.delivery.chores import ROLE, Heart, Upkeep
from redound.delivery.lease import Leases
from redound.store.memory import MemoryStore
from tests.builders import DAY_MS, NOW_MS
from tests.delivery.rig import CANCELLED, OPEN, Rig


class Body:
    """A heart, and what it told."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS
        self.store = MemoryStore()
        self.leases = Leases("node-a", 15.0, self.now_ms)
        self.told: list[str] = []
        self.heart = Heart(
            self.store,
            self.leases,
            set,
            lambda: self.now_ms,
            lambda: self.told.append("alive"),
            lambda: self.told.append("lost"),
        )


@pytest.fixture
def body() -> Body:
    """A process that has just started."""
    return Body()


async def test_a_heartbeat_shows_the_process_and_extends_its_leases(body):
    """Others see that it lives, and its deadline has moved."""
    body.now_ms += 7_500
    assert await body.heart.beat()
    assert body.store.nodes == {"node-a": (ROLE, NOW_MS + 7_500)}
    assert body.leases.deadline == NOW_MS + 7_500 + body.leases.lease_ms
    assert body.told == ["alive"]


async def test_a_failed_heartbeat_leaves_the_deadline_where_it_was(body):
    """The database is away: nobody may count on a lease that was not written."""
    body.store.unavailable = True
    before = body.leases.deadline
    body.now_ms += 7_500
    assert not await body.heart.beat()
    assert body.leases.deadline == before
    assert body.told == []


async def test_past_the_deadline_everything_is_given_up_before_the_next_heartbeat(body):
    """The process slept: first it lets go, then it begins anew."""
    body.now_ms += body.leases.lease_ms
    assert await body.heart.beat()
    assert body.told == ["lost", "alive"]


async def test_what_was_parked_for_more_than_a_month_is_ended():
    """Alice never enabled her postback again."""
    async with Rig() as rig:
        postback = rig.postback("http://127.0.0.1:9/", health=HealthState.DISABLED)
        owed = rig.delivery(postback, parked=True)
        await rig.owe(owed)
        assert rig.store.due[owed.id].queue is Queue.PARKED
        rig.now_ms += 29 * DAY_MS
        await rig.worker.upkeep.round()
        assert rig.state(owed) == OPEN
        rig.now_ms += 2 * DAY_MS
        assert await rig.worker.upkeep.round() == {"parked_cancelled": 1, "strays_resumed": 0}
        assert rig.state(owed) == CANCELLED


async def test_upkeep_waits_for_a_database_that_is_away():
    """It is done a minute later instead."""
    store = MemoryStore()
    store.unavailable = True
    assert await Upkeep(store, lambda: NOW_MS).round() == {}
