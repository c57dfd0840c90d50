"""What overviews show, each to whom it belongs: tiles, hours, strips, reasons, what waits for a manager."""

from __future__ import annotations

import pytest

from tests.console.rolling import roll
from tests.console.traffic import attempt, convert, disable, perform, report


@pytest.fixture
def callers(world):
    """Bob, Alice and Charlie as pages know them."""
    from redound.console.accounts.callers import Caller

    return {
        "bob": Caller("bob"),
        "alice": Caller("alice", affiliate_id=world.alice_id),
        "charlie": Caller("charlie", affiliate_id=world.charlie_id),
    }


@pytest.fixture
def postback(world):
    """Alice's postback: one delivery got through, one failed, one is unfinished."""
    postback = world.make_postback()["id"]
    for status in (200, 502, None):
        convert(world)
        newest = world.alice.get("deliveries").ids[0]
        if status:
            attempt(newest, status=status)
    roll()
    return postback


def test_tiles_are_the_last_day(world, callers, postback):
    """Alice's and Bob's figures; Charlie has none, and nothing to compare with."""
    from redound.console.statistics import overview

    for who in ("alice", "bob"):
        tiles = {tile.key: tile for tile in overview.tiles(callers[who]).tiles}
        assert (tiles["clicks"].value, tiles["conversions"].value) == ("3", "3")
        assert (tiles["delivered"].value, tiles["rate"].value) == ("1", "50 %")
        assert tiles["clicks"].change == ""
    assert overview.tiles(callers["charlie"]).tiles[0].value == "0"


def test_tiles_compare_with_the_day_before(world, callers, postback):
    """Yesterday there were two clicks: today's three are half as many again."""
    from redound.console.statistics import overview
    from redound.console.traffic.figures import NetworkFigures

    (row,) = NetworkFigures.objects.filter(clicks__gt=0)
    NetworkFigures.objects.create(at=row.at - overview.DAY_MS, currency="", clicks=2)
    (clicks, *_) = overview.tiles(callers["bob"]).tiles
    assert (clicks.change, clicks.direction) == ("+50 %", "up")


def test_hours_are_twenty_four(world, callers, postback):
    """The last one is the present hour."""
    from redound.console.statistics import overview

    hours = overview.deliveries_by_hour(callers["alice"])
    assert len(hours) == 24
    assert sum(hour.delivered for hour in hours[-2:]) == 1
    assert sum(hour.failed for hour in hours[-2:]) == 1
    assert sum(hour.delivered + hour.failed for hour in overview.deliveries_by_hour(callers["charlie"])) == 0
    assert "1 delivered, 1 failed" in overview.deliveries_chart(hours)


SOME_DELIVERIES = """
    INSERT INTO deliveries
        (id, postback_id, affiliate_id, offer_id, click_id, macro_values, fire_key, created_at)
    SELECT 'dlv_' || lpad(to_hex(n), 28, '0'), 'pbk_' || n % 50, 'aff_' || n % 20,
        'ofr_' || n % 10, '', '{}', n, n
    FROM generate_series(1, 3000) AS n
"""


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"])
def test_hours_of_any_zone_hold_all_deliveries(world, callers, postback, zone):
    """Zones are off by half hours, and by quarters."""
    from zoneinfo import ZoneInfo

    from django.utils import timezone

    from redound.console.statistics import overview

    with timezone.override(ZoneInfo(zone)):
        hours = overview.deliveries_by_hour(callers["alice"])
    assert sum(hour.delivered for hour in hours) == 1


def test_a_strip_for_every_postback(world, postback):
    """Oldest first; one without deliveries has an empty one. Test deliveries are in none."""
    from redound.console.statistics import overview
    from redound.store.plans.reports import delivery_steps
    from tests.store.actors import a_delivery

    perform(delivery_steps([a_delivery(postback_id=postback, test=True)]))
    strips = overview.strips([postback, "pbk_none"])
    assert [mark.outcome for mark in strips[postback].marks] == ["ok", "bad", "wait"]
    assert (strips[postback].delivered, strips[postback].failed, strips[postback].percent) == (1, 1, "50 %")
    assert strips["pbk_none"].marks == ()
    assert strips["pbk_none"].percent == "–"
    assert "of the last 3 deliveries" in strips[postback].drawn


def test_a_strip_is_bounded(world, postback):
    """The latest ones alone."""
    from redound.console.statistics import overview

    assert [mark.outcome for mark in overview.strips([postback], 2)[postback].marks] == ["bad", "wait"]


def test_reasons_say_why(world, callers, postback):
    """What the receiver answered; to Alice, not to Charlie."""
    from redound.console.statistics import overview

    (reason,) = overview.failure_reasons(callers["alice"])
    assert (reason.error_kind, reason.status, reason.attempts, reason.part) == ("status", 502, 1, 100)
    assert reason.words == "The receiver answers 502"
    assert overview.failure_reasons(callers["charlie"]) == []


def test_what_waits_for_a_manager(world, postback):
    """A conversion to approve, a disabled postback, a report nobody can place, a delivery that is due."""
    from redound.console.statistics import overview

    world.bob.patch(f"goals/{world.goal}", {"default_status": "pending"})
    convert(world)
    disable(postback)
    report("not-a-click-id")
    roll()
    found = overview.attention()
    assert (found.pending, found.held, found.failing, found.disabled, found.unplaced) == (1, 0, 0, 1, 1)
    assert found.oldest_due_seconds >= 0


@pytest.mark.parametrize(
    ("query", "values", "index"),
    [
        ("last_deliveries", (["pbk_1", "pbk_2"], 40), "deliveries_postback"),
        ("count_unplaced", ("rpt_0", 10), "reports_"),
        ("open_to_count", ("", 10), "counted_open"),
        ("clicks_to_count", ("", "z", 10), "clicks_"),
    ],
)
def test_every_question_has_its_index(world, query, values, index):
    """With millions of deliveries none of these may read a whole table."""
    from django.db import connection, transaction

    from redound.console import named
    from redound.store.loader import django

    bound = [named.array(value) if isinstance(value, list) else value for value in values]
    sql, params = django(query, connection.vendor, bound)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(SOME_DELIVERIES)  # with an empty table all ways cost the same
            cursor.execute("ANALYZE deliveries")
            cursor.execute("SET LOCAL enable_seqscan = off")
        prefix = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        cursor.execute(f"{prefix} {sql}", params)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert "SCAN deliveries" not in plan
    assert "Seq Scan" not in plan
    assert index in plan or "USING PRIMARY KEY" in plan or "USING INDEX" in plan
