"""The worker's journeys on real databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from redound.core.catalog import HealthState
from redound.core.deliveries import Queue
from redound.store.sqlite import SqliteStore
from tests.delivery.rig import CANCELLED, DELIVERED, FAILED, OPEN, Rig, until
from tests.receiver import Answer, Receiver, held
from tests.store.rig import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from redound.core.catalog import Postback
    from redound.core.deliveries import NewDelivery


class Desk(Rig):
    """A worker on a real database, and the tables seen from beside it."""

    database: Database

    def state(self, delivery: NewDelivery) -> str:
        """The stored state."""
        return self._row(delivery)[0]

    def reason(self, delivery: NewDelivery) -> str:
        """Why it ended."""
        return self._row(delivery)[1]

    def _row(self, delivery: NewDelivery) -> tuple[str, str]:
        sql = "SELECT state, ended_because FROM deliveries WHERE id = ?"
        return self.database.run(sql, delivery.id)[0]

    def line(self, delivery: NewDelivery) -> tuple[int, str]:
        """Queue and lease of an unfinished delivery."""
        rows = self.database.run("SELECT queue, lease FROM due WHERE delivery_id = ?", delivery.id)
        return tuple(rows[0])

    def tried(self, delivery: NewDelivery) -> list[tuple[int, int]]:
        """Number and HTTP status of its attempts."""
        sql = "SELECT number, status FROM attempts WHERE delivery_id = ? ORDER BY number"
        return [tuple(row) for row in self.database.run(sql, delivery.id)]

    async def enable(self, postback: Postback) -> None:
        """Enable a postback again, as the console's plan does."""
        self.database.run("DELETE FROM postback_health")
        self.database.run("UPDATE due SET queue = 0, at = ?", self.now_ms)
        self.change(postback)


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """A worker that runs on each database in turn."""
    store: Any
    if request.param == "sqlite":
        path = request.getfixturevalue("sqlite_file")
        url, store = f"sqlite:///{path}", SqliteStore(path)
    else:
        from redound.store.postgres import PostgresStore

        url = request.getfixturevalue("postgres_url")
        store = PostgresStore(url)
    await store.open()
    async with Desk(store=store, alone=request.param == "sqlite") as desk:
        desk.database = Database(url)
        yield desk
        desk.database.close()
    await store.close()


@pytest.fixture
def tracker() -> Iterator[Receiver]:
    """Alice's tracker, which answers 200."""
    with Receiver() as tracker:
        yield tracker


def address(tracker: Receiver) -> str:
    """The URL that Alice typed for this tracker."""
    return tracker.url("/postback?cid={sub1}&status={status}&n={attempt}")


async def test_retries_then_success(desk, tracker):
    """Two errors, then it gets through: three attempts on record, nothing left in the line."""
    owed = desk.delivery(desk.postback(address(tracker)))
    tracker.answers(Answer(status=500), Answer(status=503))
    await desk.owe(owed)
    await desk.work()
    await desk.later(12_000)
    await desk.later(36_000)
    assert desk.tried(owed) == [(1, 500), (2, 503), (3, 200)]
    assert desk.state(owed) == DELIVERED
    assert desk.database.run("SELECT count(*) FROM due") == [(0,)]


async def test_25_attempts_disable_once_and_enabling_resumes(desk, tracker):
    """Disabled once, the next one parks, and goes out when Alice enables her postback again."""
    postback = desk.postback(address(tracker), retry_schedule=(10.0,))
    first, second = desk.delivery(postback), desk.delivery(postback)
    tracker.always(Answer(status=500))
    await desk.owe(first)
    await desk.work()
    for _ in range(24):
        await desk.later(12_000)
    assert (desk.state(first), desk.reason(first)) == (FAILED, "attempts_exhausted")
    assert desk.database.run("SELECT state FROM postback_health") == [("disabled",)]
    await desk.owe(second)
    await desk.work()
    assert desk.line(second) == (Queue.PARKED, "")
    tracker.always(Answer())
    await desk.enable(postback)
    await desk.work()
    assert (desk.state(second), tracker.count) == (DELIVERED, 26)


async def test_the_older_is_tried_first_and_superseded(desk, tracker):
    """Pending keeps failing, approved gets through: pending is tried once before it and then ended."""
    postback = desk.postback(address(tracker))
    pending = desk.delivery(postback, conversion_id="cnv_x", values={"status": "pending"})
    approved = desk.delivery(postback, conversion_id="cnv_x", values={"status": "approved"}, ordered=True)
    tracker.answers(Answer(status=500), Answer(status=500))
    await desk.owe(pending)
    await desk.work()
    await desk.owe(approved)
    await desk.work()
    assert [request.query["status"] for request in tracker.requests] == ["pending", "pending", "approved"]
    assert (desk.state(pending), desk.reason(pending)) == (CANCELLED, "superseded")
    assert desk.state(approved) == DELIVERED


async def test_a_disabled_postback_parks(desk, tracker):
    """Another process disabled it: nothing is sent and nothing is lost."""
    disabled = desk.postback(address(tracker), health=HealthState.DISABLED)
    desk.database.run("INSERT INTO postback_health (postback_id, state) VALUES (?, 'disabled')", disabled.id)
    owed = desk.delivery(disabled)
    await desk.owe(owed)
    await desk.work()
    assert (desk.line(owed), tracker.count) == ((Queue.PARKED, ""), 0)


async def test_what_is_enabled_while_our_snapshot_says_disabled_goes_out(desk, tracker):
    """Alice clicked on Enable a moment ago: the delivery waits for our snapshot instead of staying parked."""
    postback = desk.postback(address(tracker), health=HealthState.DISABLED)
    owed = desk.delivery(postback)
    await desk.owe(owed)
    await desk.work()
    assert (desk.line(owed), tracker.count) == ((Queue.RETRY, ""), 0)
    desk.change(replace(postback, health=HealthState.OK))
    await desk.later(1_000)
    assert (desk.state(owed), tracker.count) == (DELIVERED, 1)


async def test_a_thousand_of_three_postbacks_arrive_once_each(desk, tracker):
    """Claims in portions, records in groups: nothing twice, nothing lost."""
    postbacks = [desk.postback(address(tracker), id=f"pbk_{number}") for number in range(3)]
    owed = [desk.delivery(postbacks[number % 3]) for number in range(1000)]
    await desk.owe(*owed)
    await desk.work()
    assert tracker.count == 1000
    counts = desk.database.run("SELECT state, count(*) FROM deliveries GROUP BY state")
    assert [tuple(row) for row in counts] == [("delivered", 1000)]
    assert desk.database.run("SELECT count(*) FROM attempts")[0][0] == 1000


async def test_a_stop_leaves_nothing_leased(desk, tracker):
    """What is on the wire is finished and recorded, the rest is free at once."""
    tracker.always(held())
    postback = desk.postback(address(tracker))
    owed = [desk.delivery(postback) for _ in range(20)]
    await desk.owe(*owed)
    desk.worker.wake()
    await tracker.seen(8)
    tracker.release()
    await desk.worker.stop(10.0)
    assert desk.database.run("SELECT count(*) FROM due WHERE lease <> ''")[0][0] == 0
    done = desk.database.run("SELECT count(*) FROM deliveries WHERE state = 'delivered'")[0][0]
    assert done == tracker.count
    assert desk.database.run("SELECT count(*) FROM due")[0][0] == 20 - done


async def test_a_result_under_a_lost_lease_is_only_noted(desk, tracker):
    """Another process took it over: the attempt is on record, the delivery is the other's."""
    tracker.always(held())
    owed = desk.delivery(desk.postback(address(tracker)))
    await desk.owe(owed)
    desk.worker.wake()
    await tracker.seen(1)
    desk.database.run("UPDATE due SET lease = 'node-b:1', at = ?", desk.now_ms + 30_000)
    tracker.release()
    await until(lambda: desk.worker.stats()["held"] == 0)
    assert desk.tried(owed) == [(1, 200)]
    assert (desk.state(owed), desk.line(owed)) == (OPEN, (Queue.FRESH, "node-b:1"))


async def test_on_sqlite_a_restart_sends_at_once_what_the_killed_process_held(sqlite_file, tracker):
    """Kill -9: no other process can hold anything, so nobody waits for the lease to run out."""
    store = SqliteStore(sqlite_file)
    await store.open()
    async with Desk(store=store, alone=True, node="node-after") as desk:
        desk.database = Database(f"sqlite:///{sqlite_file}")
        owed = desk.delivery(desk.postback(address(tracker)))
        await desk.worker.stop(0.0)
        await desk.owe(owed)
        desk.database.run("UPDATE due SET lease = 'node-killed:1', at = ?", desk.now_ms + 30_000)
        desk.worker = desk.make_worker("node-again")
        await desk.worker.start()
        await desk.work()
        assert (desk.state(owed), tracker.count) == (DELIVERED, 1)
        desk.database.close()
    await store.close()
