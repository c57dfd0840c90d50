"""How due deliveries come from the database into the lanes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from redound.core.deliveries import Queue
from redound.delivery.claims import CLAIM_ROWS, LEAST_CLAIM, Claims
from redound.delivery.lanes import FIRST_QUOTA, MAX_QUOTA, MIN_QUOTA, Lanes
from redound.delivery.lease import Leases
from redound.delivery.limits import Limits
from redound.store.port import Lane as Found
from redound.store.port import StoreUnavailableError
from tests.delivery.rig import make_leased, until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.core.deliveries import LeasedDelivery
    from redound.store.port import Wanted


class Database:
    """So many due deliveries of each postback; what was asked is kept."""

    def __init__(self) -> None:
        self.waiting: dict[str, int] = {}
        self.next_due: int | None = None
        self.looks = 0
        self.asked: list[dict[str, int]] = []
        self.fails = 0
        self._number = 0

    async def lanes(self, now_ms: int, limit: int) -> list[Found]:
        """The postbacks that have something due."""
        self.looks += 1
        if self.fails:
            self.fails -= 1
            raise StoreUnavailableError("away")
        return [Found(Queue.FRESH, name, 0) for name, count in self.waiting.items() if count]

    async def next_due_at(self) -> int | None:
        """As the test says."""
        return self.next_due

    async def claim(
        self, wanted: Sequence[Wanted], lease: str, now_ms: int, until: int
    ) -> list[LeasedDelivery]:
        """Hand out what there is."""
        self.asked.append({want.postback_id: want.limit for want in wanted})
        out = []
        for want in wanted:
            count = min(want.limit, self.waiting.get(want.postback_id, 0))
            self.waiting[want.postback_id] = self.waiting.get(want.postback_id, 0) - count
            for _ in range(count):
                self._number += 1
                out.append(make_leased(f"dlv_{self._number:06}", postback_id=want.postback_id))
        return out


class Desk:
    """Claims on that database; nothing is sent unless the test takes it."""

    def __init__(self, buffer: int = 4096) -> None:
        self.now_ms = 0
        self.may_claim = True
        self.database = Database()
        self.lanes = Lanes(Limits(1000, 64, 32))
        self.claims = Claims(
            self.database,  # type: ignore[arg-type]
            self.lanes,
            Leases("node", 15.0, 0),
            lambda: self.now_ms,
            host=lambda postback_id: f"{postback_id}.example",
            take_in=self._take_in,
            claimed=lambda: None,
            may_claim=lambda: self.may_claim,
            buffer=buffer,
        )

    def _take_in(self, delivery: LeasedDelivery) -> None:
        lane = self.lanes.find(delivery.queue, delivery.postback_id)
        assert lane is not None
        self.lanes.put(lane, delivery)

    def empty(self, postback_id: str) -> None:
        """Send all that is buffered of a postback, at once."""
        lane = self.lanes.find(Queue.FRESH, postback_id)
        assert lane is not None
        self.lanes.buffered -= len(lane.items)
        lane.taken += len(lane.items)
        lane.items.clear()
        lane.dry = lane.more


@pytest.fixture
async def desk() -> Desk:
    """Nothing due yet."""
    return Desk()


async def test_a_lane_gets_no_more_than_its_quota(desk):
    """A hundred thousand wait for Charlie's dead server; a handful of them are held in memory."""
    desk.database.waiting = {"charlie": 100_000}
    await desk.claims.look()
    await desk.claims.claim()
    assert desk.lanes.buffered == FIRST_QUOTA
    await desk.claims.look()
    await desk.claims.claim()
    assert desk.lanes.buffered == FIRST_QUOTA


async def test_a_lane_that_runs_dry_earns_a_larger_quota(desk):
    """Alice's tracker is fast: each time it has taken everything, twice as many are fetched."""
    desk.database.waiting = {"alice": 100_000}
    for _ in range(8):
        await desk.claims.look()
        await desk.claims.claim()
        desk.empty("alice")
    asked = [ask["alice"] for ask in desk.database.asked]
    assert asked[:3] == [FIRST_QUOTA, 2 * FIRST_QUOTA, 4 * FIRST_QUOTA]
    assert max(asked) <= min(MAX_QUOTA, CLAIM_ROWS)


async def test_a_lane_that_does_not_move_loses_its_quota(desk):
    """Charlie's server hangs: after a while few of his are held."""
    desk.database.waiting = {"charlie": 1000}
    for _ in range(5):
        desk.now_ms += 1000
        await desk.claims.look()
        await desk.claims.claim()
    lane = desk.lanes.find(Queue.FRESH, "charlie")
    assert lane.quota == MIN_QUOTA


async def test_many_lanes_share_a_claim(desk):
    """Two hundred postbacks wait: a claim takes a little of each rather than much of a few."""
    desk.database.waiting = {f"pbk_{number}": 100 for number in range(200)}
    await desk.claims.look()
    await desk.claims.claim()
    [asked] = desk.database.asked
    assert set(asked.values()) == {LEAST_CLAIM}
    assert len(asked) == -(-CLAIM_ROWS // LEAST_CLAIM)


async def test_when_memory_is_full_every_lane_still_gets_a_few(desk):
    """Dead receivers have filled the buffer; Alice's callbacks still come in."""
    desk = Desk(buffer=FIRST_QUOTA)
    desk.database.waiting = {"charlie": 1000}
    await desk.claims.look()
    await desk.claims.claim()
    desk.database.waiting["alice"] = 1000
    await desk.claims.look()
    await desk.claims.claim()
    assert desk.database.asked[-1] == {"alice": MIN_QUOTA}


async def test_lanes_that_always_want_more_do_not_hide_others(desk, monkeypatch):
    """Alice keeps the claims busy; what falls due for Bob is seen all the same."""
    monkeypatch.setattr("redound.delivery.claims.LOOK_SECONDS", 0.0)
    desk.database.waiting = {"alice": 10_000}
    running = asyncio.create_task(desk.claims.run())

    def alice_is_fast_and_bob_was_seen() -> bool:
        lane = desk.lanes.find(Queue.FRESH, "alice")
        if lane is not None and lane.items:
            desk.empty("alice")
            desk.claims.feed(lane)
            desk.database.waiting["bob"] = 1
        return any("bob" in ask for ask in desk.database.asked)

    await until(alice_is_fast_and_bob_was_seen)
    desk.claims.end()
    await running


async def test_a_database_that_is_away_is_asked_again(desk, monkeypatch):
    """Two failures, then it works; the task lives on."""
    monkeypatch.setattr("redound.delivery.claims.LOOK_SECONDS", 0.0)
    desk.database.waiting = {"alice": 1}
    desk.database.fails = 2
    running = asyncio.create_task(desk.claims.run())
    await until(lambda: desk.lanes.buffered == 1)
    desk.claims.end()
    await running


async def test_nothing_is_claimed_while_the_worker_may_not(desk, monkeypatch):
    """The lease is short or results cannot be stored: no claims until that is over."""
    monkeypatch.setattr("redound.delivery.claims.LOOK_SECONDS", 0.0)
    desk.database.waiting = {"alice": 1}
    desk.may_claim = False
    running = asyncio.create_task(desk.claims.run())
    desk.claims.wake()
    for _ in range(20):
        await asyncio.sleep(0)
    assert desk.database.looks == 0
    desk.may_claim = True
    await until(lambda: desk.lanes.buffered == 1)
    desk.claims.end()
    await running


async def test_a_retry_is_awaited_to_the_millisecond(desk):
    """What was just rescheduled for soon is looked for when it is due, not half a second later."""
    running = asyncio.create_task(desk.claims.run())
    await until(lambda: desk.database.looks > 0)
    looks = desk.database.looks
    desk.claims.expect(50)
    desk.now_ms = 50
    await until(lambda: desk.database.looks > looks)
    desk.claims.end()
    await running
