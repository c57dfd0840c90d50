"""Forgetting on both databases: whole days, what is asked for and nothing else, one process at a time."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from redound.core.conversions import Refusal, Verdict
from redound.core.decisions import Decision
from redound.core.deliveries import Queue
from redound.core.ids import mint_click_id, new_id
from redound.delivery.retention import TURN_MS, Forgetting, KeptDays
from redound.delivery.tidying import Tidying
from redound.store.leftovers import Leftovers
from redound.store.port import Wanted
from redound.store.retention import Retention
from redound.store.sqlite import SqliteStore
from tests.builders import (
    DAY_MS,
    HOUR_MS,
    KEYS,
    LINK_NUMBER,
    NOW_MS,
    make_advertiser,
    make_affiliate,
    make_brand,
    make_campaign,
    make_click,
    make_link,
    make_offer,
    make_postback,
)
from tests.store.actors import a_delivery, a_report, attempt, keep, no_worker
from tests.store.rig import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Network:
    """Acme's network, years of it; the store's clock is the test's."""

    def __init__(self, url: str, uploads: Path) -> None:
        self.now_ms = NOW_MS
        self.uploads = uploads
        self.database = Database(url)
        self.store: Any
        if url.startswith("sqlite"):
            self.store = SqliteStore(Path(url.removeprefix("sqlite:///")), clock=self.clock)
        else:
            from redound.store.postgres import PostgresStore

            self.store = PostgresStore(url, clock=self.clock)

    def clock(self) -> int:
        """The time."""
        return self.now_ms

    def forgetting(self, node: str = "node-a", **days: int) -> Forgetting:
        """A process that keeps things for so many days, in tiny portions and without rest."""
        tidying = Tidying(
            Leftovers(self.store),
            self.uploads,
            import_days=days.pop("imports", 0),
            cap_days=days.get("reports", 0),
        )
        return Forgetting(
            Retention(self.store), KeptDays(**days), tidying, node=node, clock=self.clock, rest=0, at_once=2
        )

    def counted_until(self, at_ms: int) -> None:
        """Let statistics have counted everything up to this time."""
        nouns = "'statistics_clicks', 'statistics_attempts', 'statistics_deliveries'"
        self.database.run(f"UPDATE marks SET value = ? WHERE name IN ({nouns})", f"x {at_ms}")

    def ids(self, table: str) -> list[str]:
        """The IDs in a table."""
        return [row[0] for row in self.database.run(f"SELECT id FROM {table} ORDER BY id")]

    async def click(self, at_ms: int, **fields: Any) -> str:
        """A click at this time; return its ID."""
        click_id = mint_click_id(KEYS, at_ms, LINK_NUMBER, secrets.token_bytes(8))
        await self.store.add_clicks([make_click(id=click_id, created_at=at_ms, **fields)])
        return click_id

    async def report(self, at_ms: int) -> str:
        """A report that was refused at this time; return its ID."""
        incoming = replace(a_report(), report_id=new_id("rpt", at_ms, secrets.token_bytes(8)))

        def decide(incoming: Any, _: Any) -> Decision:
            return Decision(incoming, Refusal(Verdict.MALFORMED, "no"))

        await self.store.apply_reports([incoming], decide, no_worker)
        return incoming.report_id

    async def delivery(self, at_ms: int, *, sent: bool = True, **fields: Any) -> str:
        """A delivery of this time, delivered unless told otherwise; return its ID."""
        owed = a_delivery(
            id=new_id("dlv", at_ms, secrets.token_bytes(8)), created_at=at_ms, due_at=at_ms, **fields
        )
        await self.store.add_clicks([], [owed])
        if sent:
            wanted = [Wanted(Queue.FRESH, owed.postback_id, 1)]
            (leased,) = await self.store.claim(wanted, "node-a:1", at_ms, at_ms + HOUR_MS)
            record = attempt(leased, at=at_ms)
            await self.store.record(
                [replace(record, attempt_id=new_id("att", at_ms, secrets.token_bytes(8)))], keep
            )
        return owed.id


@pytest_asyncio.fixture
async def network(database_url: str, tmp_path: Path) -> AsyncIterator[Network]:
    """Acme's network on each database, opened ten days ago and today, so that there are partitions.

    Statistics have counted everything.
    """
    network = Network(database_url, tmp_path)
    network.counted_until(NOW_MS + 1000 * DAY_MS)
    for each in (
        make_advertiser(), make_brand(), make_affiliate(), make_campaign(), make_offer(), make_link(),
        make_postback(),
    ):  # fmt: skip
        network.database.put(each)
    network.now_ms = NOW_MS - 10 * DAY_MS
    await network.store.open()
    network.now_ms = NOW_MS
    await network.store.chores(NOW_MS)
    yield network
    await network.store.close()
    network.database.close()


AGES = (400, 40, 9, 8, 3, 2, 1, 0)
"""Days ago; some of these days have a partition on PostgreSQL, others do not."""


async def test_everything_is_kept_for_ever_unless_the_operator_says_otherwise(network):
    """Years later all is there."""
    for age in AGES:
        await network.click(NOW_MS - age * DAY_MS)
        await network.report(NOW_MS - age * DAY_MS)
    await network.delivery(NOW_MS - 400 * DAY_MS)
    assert await network.forgetting().round() == {}
    assert [len(network.ids(table)) for table in ("clicks", "reports", "attempts")] == [8, 8, 1]


async def test_clicks_older_than_the_kept_days_go_and_nothing_else(network):
    """Whole days: today and the three before it stay, whatever the hour."""
    clicks = [await network.click(NOW_MS - age * DAY_MS) for age in AGES]
    first_of_day = await network.click(NOW_MS - 3 * DAY_MS - 12 * HOUR_MS)
    last_of_day_before = await network.click(NOW_MS - 3 * DAY_MS - 12 * HOUR_MS - 1)
    await network.report(NOW_MS - 400 * DAY_MS)
    await network.forgetting(clicks=3).round()
    assert network.ids("clicks") == sorted([*clicks[4:], first_of_day])
    assert last_of_day_before not in network.ids("clicks")
    assert len(network.ids("reports")) == 1


async def test_days_are_dropped_with_their_partitions_on_postgres(network):
    """Ten days ago the store made partitions for four days; they are gone, today's are there."""
    done = await network.forgetting(clicks=3, reports=3, attempts=3).round()
    if network.database.sqlite:
        assert sum(done.values()) == 0
        return
    assert (done["clicks_days"], done["reports_days"], done["attempts_days"]) == (4, 4, 4)
    sql = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'clicks'::regclass"
    assert network.database.run(sql) == [(1 + 4,)]
    again = await network.forgetting(clicks=3, reports=3, attempts=3).round()
    assert sum(again.values()) == 0
    await network.click(NOW_MS)


async def test_reports_and_attempts_go_after_their_own_time(network):
    """Deliveries and conversions stay."""
    reports = [await network.report(NOW_MS - age * DAY_MS) for age in AGES]
    for age in AGES:
        await network.delivery(NOW_MS - age * DAY_MS)
    await network.forgetting(reports=2, attempts=8).round()
    assert network.ids("reports") == sorted(reports[5:])
    assert len(network.ids("attempts")) == 5
    assert len(network.ids("deliveries")) == len(AGES)


async def test_finished_deliveries_go_and_what_fired_once_stays(network):
    """It is what keeps it from firing again."""
    old = NOW_MS - 40 * DAY_MS
    for _ in range(5):
        await network.delivery(old)
    once = await network.delivery(old + 1, conversion_id="cnv_9", fire_key="cnv_9")
    recent = await network.delivery(NOW_MS - DAY_MS)
    await network.forgetting(deliveries=30).round()
    assert network.ids("deliveries") == [once, recent]
    assert await network.forgetting(deliveries=30).round() == {"deliveries": 0}


async def test_an_unfinished_delivery_stays_and_what_follows_waits_for_it(network):
    """It is parked, or tried for long; when it is over, all of them go."""
    old = NOW_MS - 40 * DAY_MS
    first = await network.delivery(old)
    waiting = await network.delivery(old + 1, sent=False)
    after = await network.delivery(old + 2, postback_id="pbk_other")
    await network.forgetting(deliveries=30).round()
    assert network.ids("deliveries") == [waiting, after]
    assert first not in network.ids("deliveries")
    (leased,) = await network.store.claim(
        [Wanted(Queue.FRESH, "pbk_tracker", 1)], "node-a:2", NOW_MS, NOW_MS + HOUR_MS
    )
    await network.store.cancel([leased], "by hand")
    await network.forgetting(deliveries=30).round()
    assert network.ids("deliveries") == []


async def test_addresses_lose_their_last_part_after_their_time(network):
    """In clicks, reports and what deliveries have frozen; recent ones are whole, clicks stay."""
    old, recent = NOW_MS - 5 * DAY_MS, NOW_MS - DAY_MS
    for at in (old, old + 1, old + 2, recent):
        await network.click(at, ip="203.0.113.7")
        await network.report(at)
        await network.delivery(at, values={"ip": "203.0.113.7", "sub1": "x"})
    await network.click(old + 3, ip="")
    await network.forgetting(ips=3).round()
    run = network.database.run
    assert [row[0] for row in run("SELECT ip FROM clicks ORDER BY id")] == [
        *("203.0.113.0", "203.0.113.0", "203.0.113.0", "", "203.0.113.7"),
    ]
    assert [row[0] for row in run("SELECT ip FROM reports ORDER BY id")] == [
        *("198.51.100.0", "198.51.100.0", "198.51.100.0", "198.51.100.9"),
    ]
    values = [json.loads(row[0]) for row in run("SELECT macro_values FROM deliveries ORDER BY id")]
    assert [each["ip"] for each in values] == ["203.0.113.0"] * 3 + ["203.0.113.7"]
    assert all(each["sub1"] == "x" for each in values)
    assert sum((await network.forgetting(ips=3).round()).values()) == 0


async def test_the_index_of_sub_values_goes_with_its_clicks(network):
    """Looking a purged click up by its sub ID finds nothing."""
    for age in (9, 1):
        await network.click(NOW_MS - age * DAY_MS, params={"sub1": f"value-{age}"})
    while await network.store.index_sub_values(NOW_MS):
        pass
    assert network.database.run("SELECT count(*) FROM sub_values")[0][0] == 2
    await network.forgetting(clicks=3).round()
    assert network.database.run("SELECT count(*) FROM sub_values")[0][0] == 1


async def test_one_process_at_a_time_has_the_turn(network):
    """The second waits until the first is done, or dead for two minutes."""
    await network.click(NOW_MS - 9 * DAY_MS)
    assert await Retention(network.store).take_turn("node-b", NOW_MS, NOW_MS + TURN_MS)
    assert await network.forgetting(clicks=3).round() == {}
    network.now_ms += TURN_MS + 1
    await network.forgetting(clicks=3).round()
    assert network.ids("clicks") == []


async def test_a_turn_from_a_wrong_clock_does_not_hold_for_ever(network):
    """A node whose clock was a year ahead took it."""
    far = NOW_MS + 365 * DAY_MS
    assert await Retention(network.store).take_turn("node-b", far, far + TURN_MS)
    await network.click(NOW_MS - 9 * DAY_MS)
    await network.forgetting(clicks=3).round()
    assert network.ids("clicks") == []


async def test_a_reader_in_the_way_of_a_drop_holds_up_neither_clicks_nor_for_ever(network):
    """A long report reads last week's clicks on PostgreSQL: the drop gives up soon, and works later."""
    import pytest

    from redound.store.port import StoreUnavailableError

    if network.database.sqlite:
        pytest.skip("SQLite has no partitions")
    db = network.database.db
    db.autocommit = False
    db.execute("SELECT count(*) FROM clicks")
    with pytest.raises(StoreUnavailableError):
        await network.forgetting(clicks=3).round()
    await network.click(NOW_MS)
    db.rollback()
    db.autocommit = True
    assert (await network.forgetting(clicks=3).round())["clicks_days"] == 4


async def test_what_statistics_have_not_counted_is_kept(network):
    """Figures outlive the rows they come from, so rows wait until they are figures."""
    clicks = [await network.click(NOW_MS - days * DAY_MS) for days in (9, 5, 1)]
    deliveries = [await network.delivery(NOW_MS - days * DAY_MS) for days in (9, 5, 1)]
    forgetting = network.forgetting(clicks=2, deliveries=2, attempts=2)
    network.counted_until(NOW_MS - 6 * DAY_MS)
    await forgetting.round()
    assert network.ids("clicks") == clicks[1:]
    assert network.ids("deliveries") == deliveries[1:]
    assert len(network.ids("attempts")) == 2
    network.counted_until(NOW_MS)
    network.database.run("INSERT INTO counted_open VALUES (?)", deliveries[1])
    await forgetting.round()
    assert network.ids("clicks") == clicks[2:]
    assert network.ids("deliveries") == deliveries[1:]
