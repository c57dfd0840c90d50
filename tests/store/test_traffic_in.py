"""Clicks and reports: what is kept, what later reports see, and what falls out alone. On every driver."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from redound.core.bearings import token_digest
from redound.core.conversions import Accepted, Verdict
from redound.core.decisions import Decision
from redound.core.states import Status
from redound.store.port import Handoff
from tests.builders import NOW_MS, make_advertiser, make_click, make_click_id, make_conversion
from tests.store.actors import a_delivery, a_report, accepted, fresh, no_worker, sale


def clicks(count: int) -> list[object]:
    """So many clicks with genuine IDs."""
    return [make_click(id=make_click_id(NOW_MS, random=number.to_bytes(4) * 2)) for number in range(count)]


async def test_a_click_comes_back_as_it_was_given(rig):
    """What Alice's visitor brought along is kept whole."""
    click = make_click(
        params={"sub1": "ключ ✓", "p[1]": "\0"}, country="DE", valid=False, invalid_reason="bot"
    )
    await rig.store.add_clicks([click])
    assert await rig.store.find_clicks([click.id, make_click_id(random=b"unknown!")]) == {click.id: click}


async def test_a_click_stored_twice_is_one_click(rig):
    """A spill file may be replayed twice; the first row stays."""
    click = make_click()
    await rig.store.add_clicks([click])
    await rig.store.add_clicks([replace(click, ip="192.0.2.1"), *clicks(1)])
    assert rig.count("clicks") == 2
    assert (await rig.store.find_clicks([click.id]))[click.id].ip == click.ip


async def test_clicks_of_many_callers_are_all_durable(rig):
    """Fifty visitors at the same time: each gets an answer, every click is there."""
    given = clicks(50)
    await asyncio.gather(*(rig.store.add_clicks([click]) for click in given))
    assert rig.count("clicks") == 50
    assert len(await rig.store.find_clicks([click.id for click in given])) == 50


async def test_a_click_no_database_can_hold_is_mended_and_its_batch_stays(rig):
    """Half a character and a NUL in a user agent must neither lose the click nor its neighbours."""
    bad = make_click(
        id=make_click_id(random=b"hostile!"), user_agent="half \ud800, nul \0", params={"a": "\udfff"}
    )
    await asyncio.gather(rig.store.add_clicks([bad]), rig.store.add_clicks([make_click()]))
    assert rig.count("clicks") == 2


async def test_a_click_postback_is_owed_with_its_click(rig):
    """CPC: the click and its delivery are stored together, and the delivery can be claimed."""
    new = a_delivery(conversion_id="", transition_id="", fire_key=make_click().id)
    await rig.store.add_clicks([make_click()], [new])
    assert rig.state(new.id) == ("open", "", 0)
    assert rig.due(new.id) == (0, NOW_MS, "")


async def test_an_accepted_report_is_stored_with_everything_that_follows(rig):
    """One sale: a report, a conversion, its transition and Alice's delivery."""
    await rig.store.add_clicks([make_click()])
    decisions, leased = await rig.store.apply_reports([a_report()], sale(), no_worker)
    assert [each.outcome.verdict for each in decisions] == [Verdict.ACCEPTED]
    assert leased == []
    counts = {
        noun: rig.count(noun) for noun in ("reports", "conversions", "transitions", "deliveries", "due")
    }
    assert counts == {"reports": 1, "conversions": 1, "transitions": 1, "deliveries": 1, "due": 1}


async def test_a_later_report_of_the_batch_sees_the_earlier_one(rig):
    """Acme says the same sale twice in one breath: the second is a duplicate of the first."""
    await rig.store.add_clicks([make_click()])
    decisions, _ = await rig.store.apply_reports([a_report(), a_report()], sale(), no_worker)
    first, second = (each.outcome for each in decisions)
    assert isinstance(first, Accepted)
    assert second.conversion_id == first.conversion.id
    assert rig.count("conversions") == 1
    assert rig.verdicts() == ["accepted", "duplicate"]


async def test_two_callers_with_the_same_sale_make_one_conversion(rig):
    """Two requests at the same time, each a call of its own: one is accepted, the others are duplicates."""
    await rig.store.add_clicks([make_click()])
    calls = [rig.store.apply_reports([a_report()], sale(), no_worker) for _ in range(8)]
    decisions = [decisions[0] for decisions, _ in await asyncio.gather(*calls)]
    assert sorted(each.outcome.verdict.value for each in decisions) == ["accepted"] + ["duplicate"] * 7
    assert rig.count("conversions") == rig.count("deliveries") == 1


async def test_a_report_finds_a_conversion_by_its_txid(rig):
    """The same order number from another click is known."""
    other = make_click(id=make_click_id(random=b"another!"))
    await rig.store.add_clicks([make_click(), other])
    await rig.store.apply_reports([a_report(txid="order-1")], sale(), no_worker)
    decisions, _ = await rig.store.apply_reports(
        [a_report(click_id=other.id, txid="order-1")], sale(), no_worker
    )
    assert decisions[0].outcome.verdict is Verdict.DUPLICATE


async def test_a_conversion_comes_back_as_it_was_stored(rig):
    """Money, sub IDs and times survive; money that is not there stays away."""
    await rig.store.add_clicks([make_click()])
    seen = []

    def decide(incoming, facts):
        seen.append(facts)
        return sale(adv_subs={"adv_sub1": "x"}, customer_id="c-1", amount=None, hold_until=5)(incoming, facts)

    await rig.store.apply_reports([a_report(txid="t")], decide, no_worker)
    decisions, _ = await rig.store.apply_reports([a_report(txid="t")], decide, no_worker)
    (found,) = seen[-1].by_click
    assert seen[-1].by_txid == (found,)
    assert found == make_conversion(
        id=found.id, txid="t", adv_subs={"adv_sub1": "x"}, customer_id="c-1", amount=None, hold_until=5
    )
    assert decisions[0].outcome.conversion_id == found.id


async def test_a_conversion_changed_twice_in_a_batch_keeps_the_last_state(rig):
    """Pending, approved, refunded within one batch: three transitions, one conversion at version 3."""
    await rig.store.add_clicks([make_click()])
    statuses = iter([Status.PENDING, Status.APPROVED, Status.REFUNDED])

    def decide(incoming, facts):
        status = next(statuses)
        if not facts.by_click:
            return accepted(incoming, make_conversion(id=fresh("cnv"), status=status), created=True)
        (known,) = facts.by_click
        changed = replace(known, status=status, seen=known.seen | status.bit, version=known.version + 1)
        return accepted(incoming, changed, created=False, was=known.status)

    await rig.store.apply_reports([a_report(), a_report(), a_report()], decide, no_worker)
    assert (rig.count("conversions"), rig.count("transitions"), rig.count("deliveries")) == (1, 3, 3)
    seen = []
    await rig.store.apply_reports(
        [a_report()], lambda incoming, facts: seen.append(facts) or sale()(incoming, facts), no_worker
    )
    assert (seen[0].by_click[0].status, seen[0].by_click[0].version) == (Status.REFUNDED, 3)


async def test_a_postback_that_fires_once_is_known_to_have_fired(rig):
    """Facts name the postbacks that fired for the whole conversion, within the batch and after it."""
    await rig.store.add_clicks([make_click()])
    seen = []

    def decide(incoming, facts):
        seen.append(facts.fired)
        return sale(once=True)(incoming, facts)

    await rig.store.apply_reports([a_report(), a_report()], decide, no_worker)
    await rig.store.apply_reports([a_report()], decide, no_worker)
    (pair,) = seen[1]
    assert pair[1] == "pbk_tracker"
    assert seen == [frozenset(), {pair}, {pair}]


async def test_a_fire_key_is_delivered_once(rig):
    """The same fire key again adds no delivery, is not due, and is not handed over."""
    await rig.store.add_clicks([make_click()], [a_delivery(fire_key="once")])

    def decide(incoming, facts):
        decision = sale()(incoming, facts)
        known, new = a_delivery(fire_key="once"), a_delivery(fire_key="new")
        return replace(decision, deliveries=(known, new))

    room = Handoff("node:1", NOW_MS + 30_000, 10)
    _, leased = await rig.store.apply_reports([a_report()], decide, lambda: room)
    assert rig.count("deliveries") == rig.count("due") == 2
    assert len(leased) == 1
    assert rig.due(leased[0].id) == (0, NOW_MS + 30_000, "node:1")


async def test_fresh_deliveries_are_handed_over_while_there_is_room(rig):
    """Room for one: the first is leased to the caller, the second waits for anybody, a delayed one too."""
    await rig.store.add_clicks([make_click()])

    def decide(incoming, facts):
        late = a_delivery(due_at=NOW_MS + 60_000)
        return replace(sale()(incoming, facts), deliveries=(late, a_delivery(), a_delivery()))

    decisions, leased = await rig.store.apply_reports(
        [a_report()], decide, lambda: Handoff("node:1", NOW_MS + 30_000, 1)
    )
    late, first, second = decisions[0].deliveries
    assert [each.id for each in leased] == [first.id]
    assert (leased[0].values, leased[0].lease, leased[0].attempts) == (first.values, "node:1", 0)
    assert rig.due(late.id) == (0, NOW_MS + 60_000, "")
    assert rig.due(second.id) == (0, NOW_MS, "")


async def test_a_parked_delivery_waits_in_its_own_queue(rig):
    """A disabled postback's delivery is kept, but nobody claims it."""
    await rig.store.add_clicks([make_click()])

    def decide(incoming, facts):
        return replace(sale()(incoming, facts), deliveries=(a_delivery(parked=True),))

    decisions, leased = await rig.store.apply_reports(
        [a_report()], decide, lambda: Handoff("node:1", NOW_MS + 30_000, 9)
    )
    assert leased == []
    assert rig.due(decisions[0].deliveries[0].id) == (2, NOW_MS, "")


async def test_a_decision_that_fails_falls_out_alone(rig):
    """A fault of ours in one report: it is stored as internal_error, and its neighbours as they should be."""
    await rig.store.add_clicks([make_click()])

    def decide(incoming, facts):
        if incoming.claim.txid == "boom":
            raise ZeroDivisionError
        return sale()(incoming, facts)

    reports = [a_report(txid="boom"), a_report(), a_report()]
    decisions, _ = await rig.store.apply_reports(reports, decide, no_worker)
    assert [each.outcome.verdict.value for each in decisions] == ["internal_error", "accepted", "duplicate"]
    assert rig.verdicts() == ["internal_error", "accepted", "duplicate"]


async def test_a_report_that_cannot_be_stored_falls_out_alone(rig):
    """Half a character in a raw query: that report is kept as internal_error, the others are applied."""
    await rig.store.add_clicks([make_click()])
    bad = replace(a_report(), raw_query="x=\ud800")
    decisions, leased = await rig.store.apply_reports(
        [bad, a_report(), a_report()], sale(), lambda: Handoff("node:1", NOW_MS + 30_000, 5)
    )
    assert [each.outcome.verdict.value for each in decisions] == ["internal_error", "accepted", "duplicate"]
    assert rig.verdicts() == ["internal_error", "accepted", "duplicate"]
    assert rig.count("conversions") == rig.count("deliveries") == 1
    assert len(leased) == 1


async def test_a_conversion_whose_click_is_gone_is_still_found(rig):
    """The click's row was dropped with its day; a report with its ID finds the conversion all the same."""
    gone = make_click_id(random=b"gone-gon")

    def create(incoming, facts):
        return accepted(incoming, make_conversion(id=fresh("cnv"), click_id=gone), created=True)

    await rig.store.apply_reports([a_report(click_id=gone)], create, no_worker)
    seen = []
    await rig.store.apply_reports(
        [a_report(click_id=gone)], lambda i, f: seen.append(f) or sale()(i, f), no_worker
    )
    assert seen[0].click is None
    assert [each.click_id for each in seen[0].by_click] == [gone]


async def test_an_authenticated_report_without_click_id_finds_its_customer(rig):
    """Acme's token and a customer ID lead to that customer's click; another's token leads nowhere."""
    rig.configure(make_advertiser(token_digests=frozenset({token_digest("s3cret")})))
    await rig.store.add_clicks([make_click()])
    await rig.store.apply_reports([a_report(txid="t-1")], sale(customer_id="c-1"), no_worker)
    seen = []

    def look(incoming, facts):
        seen.append(facts)
        return Decision(incoming, sale()(a_report(click_id=""), facts).outcome)

    by_customer = a_report(click_id="", customer_id="c-1", token="s3cret")
    by_txid = a_report(click_id="", txid="t-1", token="s3cret")
    stranger = a_report(click_id="", customer_id="c-1", txid="t-1", token="guess")
    await rig.store.apply_reports([by_customer, by_txid, stranger], look, no_worker)
    assert seen[0].by_customer == make_click()
    assert seen[1].click == make_click()
    assert (seen[2].click, seen[2].by_customer) == (None, None)


async def test_a_wrong_value_is_recognised(rig):
    """In the place of the click ID stands a txid, an offer's ID or the affiliate's own sub ID."""
    await rig.store.add_clicks([make_click(params={"sub3": 'tricky "one"'})])
    await rig.store.apply_reports([a_report(txid="order-7")], sale(), no_worker)
    seen = []

    def look(incoming, facts):
        seen.append(facts.slot_hint)
        return sale()(incoming, facts)

    values = ["order-7", "ofr_shoes", 'tricky "one"', "sub3", "nobody knows"]
    await rig.store.apply_reports([a_report(click_id=value) for value in values], look, no_worker)
    assert seen == ["txid", "offer", "sub3", "", ""]


async def test_a_claim_in_capitals_finds_its_click(rig):
    """Some trackers change the case of what they are given."""
    await rig.store.add_clicks([make_click()])
    decisions, _ = await rig.store.apply_reports(
        [a_report(click_id=make_click().id.upper())], sale(), no_worker
    )
    assert decisions[0].outcome.verdict is Verdict.ACCEPTED
