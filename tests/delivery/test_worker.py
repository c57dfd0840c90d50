"""The worker, from what is owed to what the tracker received and what is on record."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from redound.core.catalog import HealthState
from redound.core.deliveries import AttemptResult, ErrorKind, Fault, GivenUp, Queue, Response, RetryAt
from tests.builders import NOW_MS
from tests.delivery.rig import CANCELLED, DELIVERED, FAILED, MINUTE_MS, OPEN, OPTIONS, Rig, until
from tests.receiver import Answer, Receiver, held

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

HOUR_MS = 60 * MINUTE_MS


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A worker that runs."""
    async with Rig() as rig:
        yield rig


@pytest.fixture
def tracker() -> Iterator[Receiver]:
    """Alice's tracker, which answers 200."""
    with Receiver() as tracker:
        yield tracker


def address(tracker: Receiver) -> str:
    """The URL that Alice typed for this tracker."""
    return tracker.url("/postback?cid={sub1}&payout={payout}&status={status}&n={attempt}")


async def test_a_due_delivery_reaches_the_tracker_and_is_on_record(rig, tracker):
    """Alice's tracker hears of her conversion once, with her click ID, and the delivery is closed."""
    owed = rig.delivery(rig.postback(address(tracker)))
    await rig.owe(owed)
    await rig.work()
    assert [request.query for request in tracker.requests] == [
        {"cid": "tracker-click-1", "payout": "10.00", "status": "approved", "n": "1"}
    ]
    assert (rig.state(owed), len(rig.attempts(owed)), rig.store.due) == (DELIVERED, 1, {})


async def test_a_handed_off_delivery_is_sent_without_a_claim(rig, tracker):
    """The intake of the same process hands over what it has just committed."""
    owed = rig.delivery(rig.postback(address(tracker)))
    handoff = rig.worker.handoff()
    assert handoff is not None
    await rig.owe(owed)
    rig.worker.accept([rig.store._lease(owed.id, handoff.lease, handoff.until)])
    await tracker.seen(1)
    await rig.work()
    assert rig.state(owed) == DELIVERED
    assert tracker.count == 1


async def test_a_delivery_is_retried_on_schedule_until_it_gets_through(rig, tracker):
    """Two errors of the tracker, then it is back: three attempts, none before its time."""
    owed = rig.delivery(rig.postback(address(tracker)))
    tracker.answers(Answer(status=500), Answer(status=503))
    await rig.owe(owed)
    await rig.work()
    await rig.later(9_999)
    assert tracker.count == 1
    await rig.later(2_001)
    await rig.later(36_000)
    assert [request.query["n"] for request in tracker.requests] == ["1", "2", "3"]
    assert rig.state(owed) == DELIVERED
    assert [result.fault for result in rig.results(owed)] == [Fault.RECEIVER, Fault.RECEIVER, Fault.NONE]


async def test_the_wish_of_the_receiver_is_respected(rig, tracker):
    """A Retry-After of 600 puts the next attempt off for ten minutes."""
    owed = rig.delivery(rig.postback(address(tracker)))
    tracker.answers(Answer(status=429, headers=(("Retry-After", "600"),)))
    await rig.owe(owed)
    await rig.work()
    await rig.later(9 * MINUTE_MS)
    assert tracker.count == 1
    await rig.later(3 * MINUTE_MS)
    assert (tracker.count, rig.state(owed)) == (2, DELIVERED)


async def test_a_delayed_delivery_goes_out_when_its_time_has_come(rig, tracker):
    """Alice asked for an hour's delay."""
    owed = rig.delivery(rig.postback(address(tracker)), due_at=rig.now_ms + HOUR_MS)
    await rig.owe(owed)
    await rig.later(HOUR_MS - 1)
    assert tracker.count == 0
    await rig.later(1)
    assert (tracker.count, rig.state(owed)) == (1, DELIVERED)


async def test_after_25_failures_the_postback_is_disabled_once_and_resumes_when_enabled(rig, tracker):
    """Alice's tracker is down for days: one disable, one notice each for her and Bob, nothing lost."""
    postback = rig.postback(address(tracker), retry_schedule=(10.0,))
    first, second = rig.delivery(postback), rig.delivery(postback)
    tracker.always(Answer(status=500))
    await rig.owe(first)
    await rig.work()
    for _ in range(24):
        await rig.later(12_000)
    assert (rig.state(first), rig.reason(first), len(rig.attempts(first))) == (
        FAILED,
        "attempts_exhausted",
        25,
    )
    assert rig.store.healths[postback.id].state == "disabled"
    assert sorted(notice.audience for notice in rig.store.notifications) == ["affiliate", "manager"]
    await rig.owe(second)
    await rig.work()
    assert rig.store.due[second.id].queue is Queue.PARKED
    assert tracker.count == 25
    tracker.always(Answer())
    await rig.enable(postback)
    await rig.work()
    assert (rig.state(second), tracker.count, len(rig.store.notifications)) == (DELIVERED, 26, 2)


async def test_gone_disables_at_once(rig, tracker):
    """410 says that nobody wants it: the delivery fails, the next one parks."""
    postback = rig.postback(address(tracker))
    owed, later = rig.delivery(postback), rig.delivery(postback)
    tracker.always(Answer(status=410))
    await rig.owe(owed)
    await rig.work()
    await rig.owe(later)
    await rig.work()
    assert (rig.state(owed), rig.reason(owed)) == (FAILED, "gone")
    assert rig.store.due[later.id].queue is Queue.PARKED
    assert tracker.count == 1


async def test_a_disabled_postback_parks(rig, tracker):
    """Another process disabled it: what we claim of it is parked, unsent."""
    postback = rig.postback(address(tracker), health=HealthState.DISABLED)
    owed = rig.delivery(postback)
    await rig.owe(owed)
    await rig.work()
    assert rig.store.due[owed.id].queue is Queue.PARKED
    assert tracker.count == 0


async def test_a_postback_that_was_switched_off_parks(rig, tracker):
    """Alice switched it off: nothing more goes out, and what was owed is kept for when she is back."""
    owed = rig.delivery(rig.postback(address(tracker), enabled=False))
    await rig.owe(owed)
    await rig.work()
    assert rig.store.due[owed.id].queue is Queue.PARKED
    assert tracker.count == 0


async def test_an_archived_postback_cancels_but_a_new_one_is_waited_for(rig, tracker):
    """The snapshot does not know it: too new at first, archived if that stays so."""
    postback = rig.postback(address(tracker))
    rig.archive(postback)
    owed, other = rig.delivery(postback), rig.delivery(postback)
    await rig.owe(owed)
    await rig.work()
    assert rig.state(owed) == OPEN
    await rig.later(2 * MINUTE_MS)
    assert (rig.state(owed), rig.reason(owed)) == (CANCELLED, "postback_archived")
    await rig.owe(replace(other, created_at=rig.now_ms))
    await rig.work()
    rig.change(postback)
    await rig.later(2_000)
    assert (rig.state(other), tracker.count) == (DELIVERED, 1)


async def test_a_test_goes_out_though_the_postback_is_disabled(rig, tracker):
    """Alice tests before she enables it again. One attempt, and it counts for nothing."""
    postback = rig.postback(address(tracker), health=HealthState.DISABLED)
    owed = rig.delivery(postback, test=True, fire_key="test:1")
    tracker.answers(Answer(status=500))
    await rig.owe(owed)
    await rig.work()
    assert (rig.state(owed), rig.reason(owed), tracker.count) == (FAILED, "test", 1)
    assert rig.store.healths == {}


async def test_a_template_that_compiles_no_more_is_an_attempt_that_says_so(rig, tracker):
    """An import let `{nonsense}` through: the attempt names it, and nothing is sent."""
    owed = rig.delivery(rig.postback(tracker.url("/?a={nonsense}")))
    await rig.owe(owed)
    await rig.work()
    [result] = rig.results(owed)
    assert (result.error_kind, result.fault) == (ErrorKind.TEMPLATE, Fault.OURS)
    assert "nonsense" in result.error_detail
    assert (rig.state(owed), tracker.count) == (FAILED, 0)


async def test_a_corrected_address_mends_the_retries(rig, tracker):
    """Alice had typed the wrong path; after her edit the retry uses the new one."""
    tracker.at("/wrong", Answer(status=404))
    postback = rig.postback(tracker.url("/wrong?c={sub1}"))
    owed = rig.delivery(postback)
    await rig.owe(owed)
    await rig.work()
    rig.change(replace(postback, url=tracker.url("/right?c={sub1}")))
    await rig.later(12_000)
    assert [request.path for request in tracker.requests] == ["/wrong", "/right"]
    assert rig.state(owed) == DELIVERED


async def test_a_fault_of_ours_costs_one_attempt_and_not_the_worker(tracker):
    """The sender breaks: the attempt says internal, the delivery is tried again, others go on."""

    class Broken:
        async def send(self, request, success, deadline_seconds):
            raise RuntimeError("a bug")

    async with Rig(sender=Broken()) as rig:
        owed = rig.delivery(rig.postback(address(tracker)))
        await rig.owe(owed)
        await rig.work()
        [record] = rig.attempts(owed)
        assert (record.result.error_kind, record.result.fault) == (ErrorKind.INTERNAL, Fault.OURS)
        assert isinstance(record.step, RetryAt)


async def test_an_address_inside_the_network_is_refused_for_good(rig, tracker):
    """Charlie aims at the metadata service: one attempt, refused by our guard, not sent again."""
    owed = rig.delivery(rig.postback("http://169.254.169.254/latest?a={sub1}"))
    await rig.owe(owed)
    await rig.work()
    [record] = rig.attempts(owed)
    assert (record.result.fault, record.step) == (Fault.GUARD, GivenUp("guard_refused"))


# One receiver beside another


async def test_a_hanging_receiver_holds_nobody_up(rig, tracker):
    """Charlie's server hangs with a thousand waiting; Alice's ten are delivered meanwhile."""
    with Receiver() as hanging:
        hanging.always(held())
        charlie = rig.postback(address(hanging), id="pbk_charlie")
        alice = rig.postback(address(tracker))
        await rig.owe(*[rig.delivery(charlie) for _ in range(1000)])
        rig.worker.wake()
        await hanging.seen(8)
        await rig.owe(*[rig.delivery(alice) for _ in range(10)])
        rig.worker.wake()
        await tracker.seen(10)
        stats = rig.worker.stats()
        assert stats["in_flight"] <= 8 + 10
        assert stats["buffered"] <= 32
        hanging.release()


async def test_a_thousand_waiting_are_claimed_in_portions(rig, tracker):
    """All of them arrive, once each, though few are held in memory at a time."""
    postback = rig.postback(address(tracker))
    owed = [rig.delivery(postback) for _ in range(1000)]
    await rig.owe(*owed)
    await rig.work()
    assert tracker.count == 1000
    assert {rig.state(each) for each in owed} == {DELIVERED}


async def test_a_full_lane_gives_handed_off_deliveries_back(rig, tracker):
    """The intake hands over more than a dead receiver's lane takes: the rest waits in the database."""
    tracker.always(held())
    postback = rig.postback(address(tracker))
    owed = [rig.delivery(postback) for _ in range(600)]
    await rig.owe(*owed)
    handoff = rig.worker.handoff()
    rig.worker.accept([rig.store._lease(each.id, handoff.lease, handoff.until) for each in owed])
    assert rig.worker.stats()["buffered"] <= 128
    tracker.release()
    await rig.work()
    assert (tracker.count, {rig.state(each) for each in owed}) == (600, {DELIVERED})


# Order within a conversion


async def test_the_older_is_tried_first_though_its_retry_is_not_due(rig, tracker):
    """Pending failed a moment ago; approved comes: pending is tried before it, then approved."""
    postback = rig.postback(address(tracker))
    pending = rig.delivery(postback, conversion_id="cnv_x", values={"status": "pending"})
    approved = rig.delivery(postback, conversion_id="cnv_x", values={"status": "approved"}, ordered=True)
    tracker.answers(Answer(status=500))
    await rig.owe(pending)
    await rig.work()
    await rig.owe(approved)
    await rig.work()
    assert [request.query["status"] for request in tracker.requests] == ["pending", "pending", "approved"]
    assert (rig.state(pending), rig.state(approved)) == (DELIVERED, DELIVERED)


async def test_once_the_newer_got_through_the_older_is_superseded(rig, tracker):
    """The tracker refuses pending and takes approved: pending is never sent again."""
    postback = rig.postback(address(tracker))
    pending = rig.delivery(postback, conversion_id="cnv_x", values={"status": "pending"})
    approved = rig.delivery(postback, conversion_id="cnv_x", values={"status": "approved"}, ordered=True)
    tracker.answers(Answer(status=500), Answer(status=500))
    await rig.owe(pending)
    await rig.work()
    await rig.owe(approved)
    await rig.work()
    await rig.later(HOUR_MS)
    assert (rig.state(pending), rig.reason(pending)) == (CANCELLED, "superseded")
    assert (rig.state(approved), tracker.count) == (DELIVERED, 3)


async def test_two_of_a_conversion_are_never_on_the_wire_together(rig, tracker):
    """Both are due at once: approved leaves when pending has been answered."""
    tracker.always(held())
    postback = rig.postback(address(tracker))
    pending = rig.delivery(postback, conversion_id="cnv_x", values={"status": "pending"})
    approved = rig.delivery(postback, conversion_id="cnv_x", values={"status": "approved"}, ordered=True)
    await rig.owe(pending, approved)
    rig.worker.wake()
    await tracker.seen(1)
    assert rig.worker.stats()["in_flight"] == 1
    tracker.release()
    await rig.work()
    assert [request.query["status"] for request in tracker.requests] == ["pending", "approved"]


async def test_the_newer_waits_while_another_process_has_the_older(rig, tracker):
    """A second worker is sending pending: approved is put off, not sent beside it."""
    postback = rig.postback(address(tracker))
    pending = rig.delivery(postback, conversion_id="cnv_x", values={"status": "pending"})
    approved = rig.delivery(postback, conversion_id="cnv_x", values={"status": "approved"}, ordered=True)
    await rig.owe(pending, approved)
    elsewhere = rig.store._lease(pending.id, "node-b:1", rig.now_ms + 30_000)
    await rig.work()
    assert tracker.count == 0
    assert rig.state(approved) == OPEN
    await rig.store.release([elsewhere], rig.now_ms)
    await rig.later(2_000)
    assert [request.query["status"] for request in tracker.requests] == ["pending", "approved"]


# Stopping, crashing, losing


async def test_a_stop_finishes_what_is_on_the_wire_and_releases_the_rest(rig, tracker):
    """Deploy under load: the running ones are recorded, the others are free for the next worker at once."""
    tracker.always(held())
    postback = rig.postback(address(tracker))
    owed = [rig.delivery(postback) for _ in range(20)]
    await rig.owe(*owed)
    rig.worker.wake()
    await tracker.seen(8)
    stopping = asyncio.create_task(rig.worker.stop(10.0))
    await asyncio.sleep(0)
    assert rig.worker.handoff() is None
    tracker.release()
    await stopping
    assert tracker.count == 8
    assert [rig.state(each) for each in owed].count(DELIVERED) == 8
    assert {due.lease for due in rig.store.due.values()} == {""}
    assert rig.store.nodes == {}


async def test_a_stop_cuts_off_what_does_not_end_in_time(rig, tracker):
    """Charlie's server hangs: the stop does not wait for it, and the delivery is tried again later."""
    tracker.always(held())
    owed = rig.delivery(rig.postback(address(tracker)))
    await rig.owe(owed)
    rig.worker.wake()
    await tracker.seen(1)
    await rig.worker.stop(0.01)
    assert (rig.state(owed), rig.store.due[owed.id].lease, rig.attempts(owed)) == (OPEN, "", [])
    tracker.release()


async def test_what_a_killed_worker_held_comes_free_when_its_lease_ends(rig, tracker):
    """Kill -9: nobody extends the lease, and half a minute later another worker sends it."""
    owed = rig.delivery(rig.postback(address(tracker)))
    await rig.owe(owed)
    rig.store._lease(owed.id, "node-killed:1", rig.now_ms + 30_000)
    await rig.later(29_999)
    assert tracker.count == 0
    await rig.later(2)
    assert (tracker.count, rig.state(owed)) == (1, DELIVERED)


async def test_heartbeats_keep_what_is_held(rig, tracker):
    """A long attempt is nobody else's, however long the worker has it."""
    tracker.always(held())
    owed = rig.delivery(rig.postback(address(tracker)))
    await rig.owe(owed)
    rig.worker.wake()
    await tracker.seen(1)
    for _ in range(5):
        rig.now_ms += 10_000
        await rig.worker.heart.beat()
    assert rig.store.due[owed.id].at > rig.now_ms
    tracker.release()
    await rig.work()
    assert (tracker.count, rig.state(owed)) == (1, DELIVERED)


async def test_a_result_under_a_lost_lease_changes_nothing(rig, tracker):
    """The process slept past its lease and another took the delivery over: the late result is only noted."""
    tracker.always(held())
    owed = rig.delivery(rig.postback(address(tracker)))
    await rig.owe(owed)
    rig.worker.wake()
    await tracker.seen(1)
    rig.now_ms += HOUR_MS
    rig.store._lease(owed.id, "node-b:1", rig.now_ms + 30_000)
    await rig.worker.heart.beat()
    tracker.release()
    await rig.work()
    assert len(rig.attempts(owed)) == 1
    assert (rig.state(owed), rig.store.due[owed.id].lease) == (OPEN, "node-b:1")
    assert rig.store.healths == {}


async def test_nothing_is_sent_when_the_lease_is_short(rig, tracker):
    """Heartbeats failed for a while: a send could outlast the lease, so none starts until one succeeds."""
    rig.now_ms += 20_000
    owed = rig.delivery(rig.postback(address(tracker)))
    await rig.owe(owed)
    rig.store.unavailable = True
    assert not await rig.worker.heart.beat()
    rig.store.unavailable = False
    assert rig.worker.handoff() is None
    lease = rig.store._lease(owed.id, rig.worker._leases.token, rig.now_ms + 30_000)
    rig.worker.accept([lease])
    assert rig.worker.stats() | {"held": 1, "buffered": 1, "in_flight": 0} == rig.worker.stats()
    assert await rig.worker.heart.beat()
    await rig.work()
    assert (tracker.count, rig.state(owed)) == (1, DELIVERED)


async def test_results_survive_a_database_that_is_away(rig, tracker):
    """The answer came while the database was away: it is kept, recorded later, and not sent again."""
    tracker.always(held())
    owed = rig.delivery(rig.postback(address(tracker)))
    await rig.owe(owed)
    rig.worker.wake()
    await tracker.seen(1)
    rig.store.unavailable = True
    tracker.release()
    await until(lambda: rig.worker._recorder.failing)
    assert rig.worker.stats()["unrecorded"] == 1
    rig.store.unavailable = False
    await rig.work()
    assert (tracker.count, rig.state(owed), len(rig.attempts(owed))) == (1, DELIVERED, 1)


class Doors:
    """A sender without a network: nobody answers before `open` is set."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.count = 0

    async def send(self, request, success, deadline_seconds):
        """Wait for the door, then succeed."""
        self.count += 1
        await self.open.wait()
        return AttemptResult(request.masked, NOW_MS, 1, Fault.NONE, Response(200))


async def test_four_thousand_go_at_once(monkeypatch):
    """With room for 4,096 on the wire there are 4,096 on the wire, and each is delivered once."""
    monkeypatch.setattr("redound.delivery.limits.FIRST_CAP", 4096)
    options = replace(OPTIONS, in_flight=4096, host_concurrency=4096, postback_concurrency=512)
    doors = Doors()
    async with Rig(options=options, sender=doors) as rig:
        postbacks = [rig.postback("http://127.0.0.1/?c={sub1}", id=f"pbk_{number}") for number in range(8)]
        owed = [rig.delivery(postback) for postback in postbacks for _ in range(512)]
        await rig.owe(*owed)
        handoff = rig.worker.handoff()
        rig.worker.accept([rig.store._lease(each.id, handoff.lease, handoff.until) for each in owed])
        await until(lambda: doors.count == 4096)
        assert rig.worker.stats()["in_flight"] == 4096
        doors.open.set()
        await rig.work()
        assert {rig.state(each) for each in owed} == {DELIVERED}
        assert doors.count == 4096
