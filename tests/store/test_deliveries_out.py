"""Claiming, giving back and recording deliveries. On every driver."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from redound.core.catalog import HealthState
from redound.core.deliveries import Cancelled, Disable, Fault, GivenUp, Health, Keep, Queue, RetryAt
from redound.store.port import PARKED_FOR_MS, SNAPSHOT_LAG_MS, Lane, Wanted
from tests.builders import NOW_MS, make_click, make_postback
from tests.store.actors import MINUTE_MS, a_delivery, attempt, fresh, keep

UNTIL = NOW_MS + MINUTE_MS
LATER = NOW_MS + 2 * MINUTE_MS


async def owe(rig, *deliveries):
    """Store deliveries, with a click of their own."""
    await rig.store.add_clicks([make_click()], deliveries)
    return deliveries


async def claim(
    rig, postback_id="pbk_tracker", *, queue=Queue.FRESH, limit=100, lease="node:1", now=NOW_MS, until=UNTIL
):
    """Claim from one lane."""
    return await rig.store.claim([Wanted(queue, postback_id, limit)], lease, now, until)


async def claimed(rig, **changes):
    """Owe one delivery and lease it."""
    await owe(rig, a_delivery(**changes))
    (leased,) = await claim(rig, changes.get("postback_id", "pbk_tracker"))
    return leased


async def test_a_claim_leases_what_is_due(rig):
    """The worker gets the delivery with its frozen values, and nobody else gets it meanwhile."""
    (new,) = await owe(rig, a_delivery(values={"payout": "10.00", "sub1": "ключ"}, ordered=True))
    (leased,) = await claim(rig)
    assert (leased.id, leased.values, leased.lease, leased.queue) == (
        new.id,
        new.values,
        "node:1",
        Queue.FRESH,
    )
    assert (leased.click_id, leased.conversion_id, leased.ordered) == (new.click_id, new.conversion_id, True)
    assert (leased.attempts, leased.first_attempt_at, leased.created_at) == (0, None, NOW_MS)
    assert await claim(rig, lease="other:1") == []


async def test_the_oldest_are_claimed_first(rig):
    """A limit of two takes the two that have waited longest."""
    first, second, third = (a_delivery(due_at=NOW_MS - age) for age in (30, 20, 10))
    await owe(rig, third, first, second)
    assert [each.id for each in await claim(rig, limit=2)] == [first.id, second.id]


async def test_what_is_not_due_is_not_claimed(rig):
    """A delay of a minute is a minute."""
    await owe(rig, a_delivery(due_at=UNTIL))
    assert await claim(rig) == []
    assert len(await claim(rig, now=UNTIL, until=LATER)) == 1


async def test_two_claims_at_once_share_without_overlap(rig):
    """Ten workers want everything at once: each delivery has one holder."""
    await owe(rig, *(a_delivery() for _ in range(60)))
    found = await asyncio.gather(*(claim(rig, lease=f"node{n}:1", limit=10) for n in range(10)))
    ids = [each.id for part in found for each in part]
    assert len(ids) == len(set(ids))
    leftover = await claim(rig, limit=100)
    assert len(ids) + len(leftover) == 60


async def test_a_dead_workers_delivery_comes_free_by_time_alone(rig):
    """Its lease has a deadline; after it the next worker holds the delivery, and the old lease is nothing."""
    leased = await claimed(rig)
    assert await claim(rig, lease="other:1", now=UNTIL - 1) == []
    (again,) = await claim(rig, lease="other:1", now=UNTIL, until=LATER)
    assert again.id == leased.id
    await rig.store.record([attempt(leased)], keep)
    assert rig.state(leased.id) == ("open", "", 0)
    assert rig.due(leased.id) == (0, LATER, "other:1")
    assert rig.count("attempts") == 1


async def test_a_heartbeat_moves_the_deadline(rig):
    """All that a worker's leases hold stays its own."""
    leased = await claimed(rig)
    assert await rig.store.extend(["node:1", "node:2"], LATER) == 1
    assert rig.due(leased.id) == (0, LATER, "node:1")
    assert await rig.store.extend(["other:1"], LATER) == 0


async def test_a_data_plane_that_is_alone_frees_its_predecessors_leases(rig):
    """After a kill -9 nothing waits for a deadline; its own leases stay."""
    await owe(rig, a_delivery(), a_delivery())
    await claim(rig, limit=1, lease="dead:1")
    (mine,) = await claim(rig, lease="node:1")
    assert await rig.store.free_leases("node") == 1
    assert rig.due(mine.id) == (0, UNTIL, "node:1")
    assert len(await claim(rig, lease="node:2")) == 1


async def test_a_released_delivery_can_be_claimed_again(rig):
    """Given back at a shutdown: claimable at the time given; a lost lease is left alone."""
    leased = await claimed(rig)
    await rig.store.release([replace(leased, lease="stale:1")], NOW_MS)
    assert rig.due(leased.id) == (0, UNTIL, "node:1")
    await rig.store.release([leased], NOW_MS + 5)
    assert rig.due(leased.id) == (0, NOW_MS + 5, "")


async def test_a_parked_delivery_is_in_no_lane(rig):
    """A worker that finds the postback switched off parks what it holds."""
    leased = await claimed(rig)
    rig.configure(make_postback(enabled=False))
    await rig.store.park([leased])
    assert rig.due(leased.id) == (2, NOW_MS, "")
    assert await rig.store.lanes(LATER, 10) == []
    assert await rig.store.next_due_at() is None


async def test_a_postback_enabled_in_the_same_moment_leaves_nothing_parked(rig):
    """The worker's snapshot was older than the click on Enable: it is offered again a moment later."""
    leased = await claimed(rig)
    await rig.store.park([leased])
    assert rig.due(leased.id) == (1, NOW_MS + SNAPSHOT_LAG_MS, "")


async def test_what_was_parked_too_late_is_found_and_resumed(rig):
    """The intake's snapshot was older than the click on Enable."""
    leased = await claimed(rig)
    rig.configure(make_postback(enabled=False))
    await rig.store.park([leased])
    assert (await rig.store.chores(NOW_MS))["strays_resumed"] == 0
    rig.configure(make_postback(enabled=True))
    assert (await rig.store.chores(NOW_MS))["strays_resumed"] == 1
    assert rig.due(leased.id) == (1, NOW_MS, "")


async def test_a_cancelled_delivery_ends_without_an_attempt(rig):
    """Its reason is kept; whoever lost the lease cancels nothing."""
    leased = await claimed(rig)
    await rig.store.cancel([replace(leased, lease="stale:1")], "gone")
    assert rig.state(leased.id) == ("open", "", 0)
    await rig.store.cancel([leased], "postback_archived")
    assert rig.state(leased.id) == ("cancelled", "postback_archived", 0)
    assert rig.due(leased.id) is None


async def test_lanes_name_what_is_due_longest_waiting_first(rig):
    """One lane a postback and queue; a lane whose head is leased or in the future is left out."""
    await owe(
        rig,
        a_delivery(postback_id="pbk_b", due_at=NOW_MS - 5),
        a_delivery(postback_id="pbk_b", due_at=NOW_MS - 3),
        a_delivery(postback_id="pbk_a", due_at=NOW_MS - 4),
        a_delivery(postback_id="pbk_c", due_at=UNTIL),
        a_delivery(postback_id="pbk_d", due_at=NOW_MS - 9),
        a_delivery(postback_id="pbk_e", parked=True),
    )
    await claim(rig, "pbk_d")
    lanes = [Lane(Queue.FRESH, "pbk_b", NOW_MS - 5), Lane(Queue.FRESH, "pbk_a", NOW_MS - 4)]
    assert await rig.store.lanes(NOW_MS, 10) == lanes
    assert await rig.store.lanes(NOW_MS, 1) == lanes[:1]


async def test_retries_do_not_hide_fresh_lanes(rig):
    """Each queue has its own limit."""
    leased = await claimed(rig)
    await rig.store.record([attempt(leased, RetryAt(NOW_MS - 60))], keep)
    await owe(rig, a_delivery(postback_id="pbk_b"))
    assert await rig.store.lanes(NOW_MS, 1) == [
        Lane(Queue.FRESH, "pbk_b", NOW_MS),
        Lane(Queue.RETRY, "pbk_tracker", NOW_MS - 60),
    ]


async def test_the_next_due_time_spans_postbacks_and_queues(rig):
    """The worker sleeps until then and no longer."""
    assert await rig.store.next_due_at() is None
    leased = await claimed(rig)
    await rig.store.record([attempt(leased, RetryAt(UNTIL))], keep)
    await owe(rig, a_delivery(postback_id="pbk_b", due_at=LATER), a_delivery(parked=True))
    assert await rig.store.next_due_at() == UNTIL
    await owe(rig, a_delivery(postback_id="pbk_z", due_at=NOW_MS + 1))
    assert await rig.store.next_due_at() == NOW_MS + 1


async def test_a_delivered_delivery_is_finished(rig):
    """Its attempt is kept, it is due no more, and its postback's health is what the judge said."""
    leased = await claimed(rig)
    seen = []

    def judge(health, records):
        seen.append((health, [each.delivery.id for each in records]))
        return Keep(replace(health, last_success_at=NOW_MS))

    assert await rig.store.record([attempt(leased)], judge) == []
    assert rig.state(leased.id) == ("delivered", "", 1)
    assert rig.due(leased.id) is None
    assert rig.count("attempts") == 1
    assert seen == [(Health("pbk_tracker"), [leased.id])]
    second = await claimed(rig)
    await rig.store.record([attempt(second)], judge)
    assert seen[1][0] == Health("pbk_tracker", last_success_at=NOW_MS)


async def test_a_failed_attempt_is_retried_with_its_history(rig):
    """The next worker knows how many attempts there were, whose fault they were and when the first was."""
    leased = await claimed(rig)
    await rig.store.record([attempt(leased, RetryAt(UNTIL))], keep)
    assert rig.due(leased.id) == (1, UNTIL, "")
    (again,) = await claim(rig, queue=Queue.RETRY, now=UNTIL, until=LATER)
    assert (again.attempts, again.receiver_failures, again.first_attempt_at) == (1, 1, NOW_MS)
    ours = attempt(again, RetryAt(LATER), at=UNTIL, fault=Fault.OURS, response=None)
    await rig.store.record([ours], keep)
    (third,) = await claim(rig, queue=Queue.RETRY, now=LATER, until=LATER + 1)
    assert (third.attempts, third.receiver_failures, third.first_attempt_at) == (2, 1, NOW_MS)


async def test_a_delivery_that_is_given_up_has_failed(rig):
    """The reason is kept for people."""
    leased = await claimed(rig)
    await rig.store.record([attempt(leased, GivenUp("attempts_exhausted"))], keep)
    assert rig.state(leased.id) == ("failed", "attempts_exhausted", 1)
    assert rig.due(leased.id) is None


async def test_a_step_may_cancel(rig):
    """The worker found out that nobody wants it any more."""
    leased = await claimed(rig)
    await rig.store.record([attempt(leased, Cancelled("superseded"))], keep)
    assert rig.state(leased.id) == ("cancelled", "superseded", 1)


async def test_an_outcome_recorded_twice_is_recorded_once(rig):
    """The answer got lost and the worker says it again."""
    leased = await claimed(rig)
    once = attempt(leased)
    await rig.store.record([once], keep)
    await rig.store.record([once], keep)
    assert rig.count("attempts") == 1
    assert rig.state(leased.id) == ("delivered", "", 1)


async def test_many_outcomes_are_recorded_at_once(rig):
    """A flush of a hundred, some of them of a postback that nobody knows."""
    await owe(rig, *(a_delivery(postback_id=f"pbk_{n % 7}") for n in range(100)))
    leased = [each for n in range(7) for each in await claim(rig, f"pbk_{n}")]
    steps = [None, RetryAt(UNTIL), GivenUp("gone")]
    await rig.store.record([attempt(each, steps[n % 3]) for n, each in enumerate(leased)], keep)
    assert rig.count("attempts") == 100
    assert rig.count("due") == 33


async def test_a_test_says_nothing_about_health(rig):
    """Tests are recorded but not judged."""
    leased = await claimed(rig, test=True)
    await rig.store.record([attempt(leased, GivenUp("test"))], lambda health, records: pytest.fail("judged"))
    assert rig.state(leased.id) == ("failed", "test", 1)


def disable(health, records):
    """Judge that this postback is to be disabled."""
    return Disable(replace(health, state="disabled", disabled_at=NOW_MS, disabled_reason="410 Gone"))


async def test_disabling_parks_what_is_open_and_tells_both_once(rig):
    """Bob and Alice get one notice each; what waits is parked, what another worker holds goes on."""
    await owe(rig, *(a_delivery() for _ in range(3)), a_delivery(test=True))
    mine = await claim(rig, limit=1)
    held = await claim(rig, limit=1, lease="other:1")
    waiting = [each for each in (await rig.store.backlog()).items() if each[0] == "fresh"]
    assert waiting == [("fresh", 4)]
    disabled = await rig.store.record([attempt(mine[0], GivenUp("gone"))], disable)
    assert [(each.postback_id, each.disabled_reason) for each in disabled] == [("pbk_tracker", "410 Gone")]
    assert [(kind, audience) for kind, audience, _ in rig.notices()] == [
        ("postback_disabled", "affiliate"),
        ("postback_disabled", "manager"),
    ]
    assert all("postback Tracker was disabled: 410 Gone" in text for _, _, text in rig.notices())
    assert rig.due(held[0].id) == (0, UNTIL, "other:1")
    assert await rig.store.backlog() == {"fresh": 2, "retry": 0, "parked": 1, "oldest_due_at": NOW_MS}
    assert await rig.store.record([attempt(held[0], RetryAt(LATER))], disable) == []
    assert rig.due(held[0].id) == (2, NOW_MS + 25, "")
    assert len(rig.notices()) == 2


async def test_two_workers_that_disable_at_once_tell_once(rig):
    """Both saw the last failure at the same moment."""
    await owe(rig, a_delivery(), a_delivery())
    leased = await claim(rig)
    found = await asyncio.gather(
        *(rig.store.record([attempt(each, GivenUp("gone"))], disable) for each in leased)
    )
    assert sorted(len(each) for each in found) == [0, 1]
    assert len(rig.notices()) == 2


async def test_a_managers_postback_tells_the_manager_alone(rig):
    """It has no affiliate."""
    rig.configure(make_postback(id="pbk_bob", name="Bob's", affiliate_id=None))
    leased = await claimed(rig, postback_id="pbk_bob", affiliate_id="")
    await rig.store.record([attempt(leased, GivenUp("gone"))], disable)
    assert [audience for _, audience, _ in rig.notices()] == ["manager"]


async def test_a_delivered_newer_one_cancels_its_older_siblings(rig):
    """A late `pending` never overwrites an `approved`; other conversions and postbacks stay."""
    old = a_delivery()
    other_conversion, other_postback = a_delivery(conversion_id="cnv_2"), a_delivery(postback_id="pbk_b")
    new, newest = a_delivery(ordered=True), a_delivery(ordered=True)
    await owe(rig, old, other_conversion, other_postback, new, newest)
    leased = {each.id: each for each in await claim(rig)}
    await rig.store.record([attempt(leased[old.id], RetryAt(UNTIL)), attempt(leased[new.id])], keep)
    assert rig.state(old.id) == ("cancelled", "superseded", 1)
    assert rig.due(old.id) is None
    for each in (other_conversion, other_postback, newest):
        assert rig.state(each.id)[0] == "open"


async def test_older_siblings_are_claimed_due_or_not(rig):
    """Before the newer is sent the older is tried, though its retry is far away; a parked one stays."""
    first = await claimed(rig)
    await rig.store.record([attempt(first, RetryAt(LATER))], keep)
    await owe(rig, a_delivery(parked=True))
    newer = await claimed(rig, ordered=True)
    older, held = await rig.store.claim_older(newer, "node:2", NOW_MS, UNTIL)
    assert ([each.id for each in older], held) == ([first.id], False)
    assert (older[0].attempts, older[0].lease) == (1, "node:2")
    assert rig.due(first.id) == (1, UNTIL, "node:2")


async def test_an_older_sibling_in_other_hands_is_reported(rig):
    """Then the newer has to wait."""
    first = await claimed(rig)
    newer = await claimed(rig, ordered=True)
    assert await rig.store.claim_older(newer, "node:2", NOW_MS, UNTIL) == ([], True)
    older, held = await rig.store.claim_older(newer, "node:2", UNTIL, LATER)
    assert ([each.id for each in older], held) == ([first.id], False)


async def test_a_click_postback_has_no_siblings(rig):
    """Deliveries without a conversion are not each other's."""
    await owe(rig, a_delivery(conversion_id=""))
    newer = a_delivery(conversion_id="", ordered=True)
    await owe(rig, newer)
    leased = {each.id: each for each in await claim(rig)}
    assert await rig.store.claim_older(leased[newer.id], "node:2", NOW_MS, UNTIL) == ([], False)


async def test_what_was_parked_too_long_is_cancelled(rig):
    """Thirty days, then it is over."""
    old = a_delivery(parked=True, created_at=NOW_MS - PARKED_FOR_MS - 1)
    young = a_delivery(parked=True)
    await owe(rig, old, young)
    done = await rig.store.chores(NOW_MS)
    assert done["parked_cancelled"] == 1
    assert rig.state(old.id) == ("cancelled", "parked_too_long", 0)
    assert rig.state(young.id) == ("open", "", 0)


async def test_live_processes_are_known(rig):
    """Who was seen lately, by role; one that left is forgotten."""
    await rig.store.heartbeat("a", "deliver", NOW_MS - 100)
    await rig.store.heartbeat("b", "deliver", NOW_MS)
    await rig.store.heartbeat("c", "edge", NOW_MS)
    assert await rig.store.live_nodes("deliver", NOW_MS - 50) == ["b"]
    await rig.store.heartbeat("a", "deliver", NOW_MS)
    assert await rig.store.live_nodes("deliver", NOW_MS - 50) == ["a", "b"]
    await rig.store.forget_node("a")
    assert await rig.store.live_nodes("deliver", 0) == ["b"]


async def test_ping_goes_through(rig):
    """The probe's question."""
    await rig.store.ping()


async def test_a_disabled_postback_reaches_the_snapshot(sql_rig):
    """Its health is part of the configuration that the planes follow."""
    rig = sql_rig
    snapshot = await rig.store.load_snapshot()
    leased = await claimed(rig)
    await rig.store.record([attempt(leased, GivenUp("gone"))], disable)
    assert await rig.store.refresh_snapshot(snapshot)
    assert snapshot.postbacks["pbk_tracker"].health is HealthState.DISABLED


async def test_a_hostile_answer_is_kept(rig):
    """NUL and strange letters in a receiver's body must not stand in the way of its outcome."""
    leased = await claimed(rig)
    record = attempt(leased)
    response = replace(
        record.result.response,
        body="\0 <b>ключ</b> \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    )
    await rig.store.record([replace(record, result=replace(record.result, response=response))], keep)
    assert rig.state(leased.id) == ("delivered", "", 1)


async def test_an_unknown_delivery_changes_nothing(rig):
    """Its row is gone: the attempt is kept, nothing else happens."""
    leased = await claimed(rig)
    await rig.store.cancel([leased], "gone")
    await rig.store.record([attempt(replace(leased, id=fresh("dlv")))], keep)
    assert rig.count("attempts") == 1
