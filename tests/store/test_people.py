"""What a person does, as the steps that Django's connection runs: here on plain connections of both kinds."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from redound.core.deliveries import Disable, GivenUp, Queue, RetryAt
from redound.core.states import Actor, Status
from redound.store.plans import people, reports
from redound.store.plans.steps import LostRaceError, perform
from redound.store.port import Wanted
from tests.builders import NOW_MS, make_click, make_conversion, make_transition
from tests.store.actors import (
    MINUTE_MS,
    a_delivery,
    a_report,
    accepted,
    attempt,
    fresh,
    keep,
    no_worker,
    sale,
)

UNTIL = NOW_MS + MINUTE_MS


class Hand:
    """Runs steps as the console does: in a transaction, with parameters by name."""

    def __init__(self, database):
        self.database = database
        self.rowcount = 0

    def execute(self, sql, params):
        """As Django's cursor does."""
        if self.database.sqlite:
            sql = sql.replace("%%", "%")
            for name in params:
                sql = sql.replace(f"%({name})s", f":{name}")
        self.rowcount = self.database.db.execute(sql, params).rowcount

    def perform(self, steps):
        """Run steps; all of them or none."""
        self.database.run("BEGIN")
        try:
            touched = perform(self, "sqlite" if self.database.sqlite else "postgresql", steps)
        except BaseException:
            self.database.run("ROLLBACK")
            raise
        self.database.run("COMMIT")
        return touched


@pytest.fixture
def rig(sql_rig):
    """The console has a database, not a memory."""
    return sql_rig


@pytest.fixture
def hand(rig):
    """Bob at the console, beside the running store."""
    return Hand(rig.database)


async def claim(rig, queue=Queue.FRESH, now=NOW_MS):
    """Lease what Alice's postback owes."""
    return await rig.store.claim([Wanted(queue, "pbk_tracker", 100)], "node:1", now, now + MINUTE_MS)


async def disabled(rig, *deliveries):
    """Disable Alice's postback by one more delivery that fails for good; return that one."""
    last = a_delivery()
    await rig.store.add_clicks([make_click()], [last])
    (leased,) = [each for each in await claim(rig) if each.id == last.id]

    def judge(health, records):
        return Disable(replace(health, state="disabled", disabled_at=NOW_MS, disabled_reason="gone"))

    await rig.store.record([attempt(leased, GivenUp("gone"))], judge)
    await rig.store.add_clicks([make_click()], [replace(each, parked=True) for each in deliveries])
    return last


async def test_bob_changes_a_status(rig, hand):
    """Approved by hand: the conversion, its transition and a delivery; the same from an old page misses."""
    pending = make_conversion(id=fresh("cnv"), status=Status.PENDING)
    await rig.store.add_clicks([make_click()])
    await rig.store.apply_reports(
        [a_report()], lambda incoming, _: accepted(incoming, pending, created=True, postbacks=()), no_worker
    )
    approved = replace(pending, status=Status.APPROVED, version=2, updated_at=NOW_MS + 1)
    transition = make_transition(
        approved, id=fresh("trn"), from_status=Status.PENDING, actor=Actor.MANAGER, by="usr_bob", report_id=""
    )
    steps = reports.change_steps(
        approved, transition, (), [a_delivery(conversion_id=pending.id, ordered=True)]
    )
    hand.perform(steps)
    assert (rig.count("transitions"), rig.count("deliveries"), rig.count("due")) == (2, 1, 1)
    with pytest.raises(LostRaceError):
        hand.perform(steps)
    assert rig.count("deliveries") == 1


async def test_bob_makes_a_test_conversion(rig, hand):
    """The same plan as for reports, on the console's connection."""
    await rig.store.add_clicks([make_click()])
    report = a_report(test=True)
    decision = accepted(report, make_conversion(id=fresh("cnv"), slot="", test=True), created=True)
    hand.perform(reports.report_steps(decision))
    counts = {
        noun: rig.count(noun) for noun in ("reports", "conversions", "transitions", "deliveries", "due")
    }
    assert counts == {"reports": 1, "conversions": 1, "transitions": 1, "deliveries": 1, "due": 1}
    assert [each.id for each in await claim(rig)] == [decision.deliveries[0].id]


async def test_bob_resends_and_the_same_key_is_sent_once(rig, hand):
    """Two clicks on the button with one key owe one delivery."""
    for _ in range(2):
        hand.perform(reports.delivery_steps([a_delivery(fire_key="resend:1")]))
    assert rig.count("deliveries") == rig.count("due") == 1


async def test_alice_retries_a_failed_delivery(rig, hand):
    """It is open again and due now; its attempts count on, its failures do not."""
    await rig.store.add_clicks([make_click()], [a_delivery()])
    (leased,) = await claim(rig)
    await rig.store.record([attempt(leased, GivenUp("attempts_exhausted"))], keep)
    hand.perform(people.retry_steps(leased.id, NOW_MS))
    assert rig.state(leased.id) == ("open", "", 1)
    (again,) = await claim(rig, Queue.RETRY)
    assert (again.attempts, again.receiver_failures) == (1, 0)


async def test_alice_sends_a_waiting_retry_now(rig, hand):
    """Send now: the next attempt does not wait for its schedule."""
    await rig.store.add_clicks([make_click()], [a_delivery()])
    (leased,) = await claim(rig)
    await rig.store.record([attempt(leased, RetryAt(UNTIL))], keep)
    hand.perform(people.retry_steps(leased.id, NOW_MS))
    assert rig.due(leased.id) == (1, NOW_MS, "")


async def test_a_delivery_in_work_or_delivered_is_not_retried(rig, hand):
    """Never two attempts at the same time, and nothing twice by a slow finger."""
    await rig.store.add_clicks([make_click()], [a_delivery()])
    (leased,) = await claim(rig)
    with pytest.raises(LostRaceError):
        hand.perform(people.retry_steps(leased.id, NOW_MS))
    await rig.store.record([attempt(leased)], keep)
    with pytest.raises(LostRaceError):
        hand.perform(people.retry_steps(leased.id, NOW_MS))
    assert rig.state(leased.id) == ("delivered", "", 1)
    assert rig.due(leased.id) is None


async def test_alice_cancels_a_delivery(rig, hand):
    """Once; the second time there is nothing left to cancel."""
    new = a_delivery()
    await rig.store.add_clicks([make_click()], [new])
    hand.perform(people.cancel_steps(new.id, "by_hand", NOW_MS))
    assert rig.state(new.id) == ("cancelled", "by_hand", 0)
    with pytest.raises(LostRaceError):
        hand.perform(people.cancel_steps(new.id, "by_hand", NOW_MS))


async def test_enabling_resumes_what_is_parked_at_a_capped_rate(rig, hand):
    """Oldest first, two a second; health is clean and the planes see it."""
    parked = [a_delivery() for _ in range(3)]
    await disabled(rig, *parked)
    snapshot = await rig.store.load_snapshot()
    hand.perform(people.enable_steps("pbk_tracker", NOW_MS, per_second=2))
    assert [rig.due(each.id) for each in parked] == [(1, NOW_MS + n * 500, "") for n in range(3)]
    assert await rig.store.refresh_snapshot(snapshot)
    assert snapshot.postbacks["pbk_tracker"].health.value == "ok"


async def test_enabling_with_resume_since_drops_the_older(rig, hand):
    """Bob does not want last week's: those are cancelled, the newer go on."""
    old, new = a_delivery(created_at=NOW_MS - 10, due_at=NOW_MS - 10), a_delivery()
    await disabled(rig, old, new)
    hand.perform(people.enable_steps("pbk_tracker", NOW_MS, per_second=50, resume_since=NOW_MS - 5))
    assert rig.state(old.id) == ("cancelled", "not_resumed", 0)
    assert rig.due(old.id) is None
    assert rig.due(new.id) == (1, NOW_MS, "")


async def test_enabling_with_retry_failed_tries_the_failed_again(rig, hand):
    """What failed since then stands in the same line, by age; what failed before stays failed."""
    ancient = a_delivery(created_at=NOW_MS - 100)
    await rig.store.add_clicks([make_click()], [ancient])
    (leased,) = await claim(rig)
    await rig.store.record([attempt(leased, GivenUp("attempts_exhausted"))], keep)
    waiting = a_delivery()
    failed = await disabled(rig, waiting)
    hand.perform(people.enable_steps("pbk_tracker", NOW_MS, per_second=1, retry_failed_since=NOW_MS - 50))
    assert rig.state(ancient.id)[0] == "failed"
    assert {rig.due(waiting.id), rig.due(failed.id)} == {(1, NOW_MS, ""), (1, NOW_MS + 1000, "")}
    (again, _) = await claim(rig, Queue.RETRY, NOW_MS + 1000)
    assert again.receiver_failures == 0


async def test_switching_off_by_hand_parks_and_switching_on_resumes(rig, hand):
    """What a worker holds at that moment is left to it."""
    held, waiting = a_delivery(due_at=NOW_MS - 1), a_delivery()
    await rig.store.add_clicks([make_click()], [held, waiting])
    await rig.store.claim([Wanted(Queue.FRESH, "pbk_tracker", 1)], "node:1", NOW_MS, UNTIL)
    hand.perform(people.switch_off_steps("pbk_tracker", NOW_MS))
    assert rig.due(held.id) == (0, UNTIL, "node:1")
    assert rig.due(waiting.id) == (2, NOW_MS, "")


async def test_archiving_cancels_whatever_is_open(rig, hand):
    """Deleted by Alice: waiting, retried, parked and held alike; the history stays."""
    some = [a_delivery(), a_delivery(parked=True), a_delivery(postback_id="pbk_b")]
    await rig.store.add_clicks([make_click()], some)
    (held,) = await claim(rig)
    hand.perform(people.archive_steps("pbk_tracker", NOW_MS))
    assert rig.state(some[0].id) == rig.state(some[1].id) == ("cancelled", "postback_archived", 0)
    assert rig.state(some[2].id)[0] == "open"
    await rig.store.record([attempt(held)], keep)
    assert rig.state(held.id) == ("cancelled", "postback_archived", 0)
    assert (rig.count("attempts"), rig.count("due")) == (1, 1)


async def test_a_notice_is_read_once(rig, hand):
    """The first reading counts."""
    await disabled(rig)
    (first, _) = [row[0] for row in rig.database.run("SELECT id FROM notifications ORDER BY id")]
    hand.perform(people.read_steps([first], NOW_MS))
    assert hand.perform(people.read_steps([first], NOW_MS + 5)) == 0
    assert rig.database.run("SELECT read_at FROM notifications WHERE id = ?", first)[0][0] == NOW_MS


async def test_the_store_answers_while_the_console_writes(rig, hand):
    """A change of a status that is in the middle of its transaction does not lose a report, it delays it."""
    await rig.store.add_clicks([make_click()])
    decisions, _ = await rig.store.apply_reports([a_report()], sale(), no_worker)
    hand.perform(people.read_steps(["ntf_none"], NOW_MS))
    assert decisions[0].outcome.verdict.value == "accepted"
    assert sqlite3.threadsafety == 3
