"""The watch at work, on both databases: everything is counted once, and everybody is told once."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from redound.core.ids import new_id
from redound.core.watch.kinds import Evidence, Kind
from redound.core.watch.windows import HOUR_MS, HOURS_A_DAY
from redound.delivery.watching import CATCH_UP_MS, LATE_MS, Watching
from redound.store.sqlite import SqliteStore
from redound.store.watch import Concerned, Notice, OpenIncident, Watch
from tests.builders import (
    NOW,
    NOW_MS,
    make_advertiser,
    make_affiliate,
    make_brand,
    make_campaign,
    make_click,
    make_click_id,
    make_link,
    make_offer,
    make_postback,
)
from tests.store.actors import fresh
from tests.store.rig import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

INTERVAL_MS = 300_000
POSTBACK, OFFER, ADVERTISER, ALICE = "pbk_tracker", "ofr_shoes", "adv_acme", "aff_alice"


class Network:
    """Acme's network with Alice's postback, and a clock that tests move."""

    def __init__(self, store: Any, database: Database) -> None:
        self.store, self.database = store, database
        self.now_ms = NOW_MS
        self.numbers = iter(range(1_000_000))

    async def configure(self, *things: Any) -> None:
        """Store configuration and load it."""
        for each in things:
            self.database.put(each)
        self.snapshot = await self.store.load_snapshot()

    def watching(self, node: str = "one") -> Watching:
        """A process that watches."""
        return Watching(
            Watch(self.store), self.snapshot, node=node, interval_seconds=INTERVAL_MS / 1000,
            clock=lambda: self.now_ms, mint=lambda prefix: fresh(prefix, self.now_ms),
        )  # fmt: skip

    async def rounds(self, watching: Watching, count: int) -> None:
        """Let it look so often, each time after its interval."""
        for _ in range(count):
            self.now_ms += INTERVAL_MS
            await watching.round()

    def _id(self, prefix: str) -> str:
        return new_id(prefix, self.now_ms, next(self.numbers).to_bytes(8, "big"))

    def tried(self, count: int, *, failed: int = 0, test: bool = False, kind: str = "status", tries: int = 1):
        """Deliveries of Alice's postback are tried now, some of them in vain."""
        for number in range(count):
            delivery_id = self._id("dlv")
            self.database.run(
                "INSERT INTO deliveries (id, postback_id, affiliate_id, click_id, fire_key, macro_values, "
                "test, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                *(delivery_id, POSTBACK, ALICE, "c", delivery_id, "{}", test, self.now_ms),
            )
            bad = number < failed
            for attempt in range(tries):
                self.database.run(
                    "INSERT INTO attempts (id, delivery_id, postback_id, number, started_at, duration_ms, "
                    "outcome, request, error_kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    *(self._id("att"), delivery_id, POSTBACK, attempt + 1, self.now_ms, 5),
                    *("retry" if bad else "delivered", "{}", kind if bad else ""),
                )

    def reported(self, count: int, verdict: str, *, offer: str = OFFER, test: bool = False) -> None:
        """Acme reports now."""
        for _ in range(count):
            self.database.run(
                "INSERT INTO reports (id, received_at, advertiser_id, offer_id, verdict, test) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                *(self._id("rpt"), self.now_ms, ADVERTISER, offer, verdict, test),
            )

    def used_to(self, measure: str, subject: str, total: int, hits: int = 0, days: int = 14) -> None:
        """Every hour of the days before there was this much."""
        hour = self.now_ms // HOUR_MS
        for back in range(25, (days + 1) * HOURS_A_DAY + 1):
            self.database.run(
                "INSERT INTO watch_hours (hour, measure, subject, total, hits) VALUES (?, ?, ?, ?, ?)",
                *(hour - back, measure, subject, total, hits),
            )

    def counted(self) -> list[tuple[str, str, int, int]]:
        """What was counted, over all hours."""
        rows = self.database.run(
            "SELECT measure, subject, sum(total), sum(hits) FROM watch_hours GROUP BY 1, 2 ORDER BY 1, 2"
        )
        return [(row[0], row[1], int(row[2]), int(row[3])) for row in rows]

    def incidents(self) -> list[tuple[str, str, str]]:
        """Kind, subject and how it was closed, oldest first."""
        rows = self.database.run("SELECT kind, subject, closed_because FROM incidents ORDER BY id")
        return [tuple(row) for row in rows]

    def told(self) -> list[tuple[str, str, str, str]]:
        """Who was told what."""
        rows = self.database.run(
            "SELECT kind, audience, postback_id, affiliate_id FROM notifications ORDER BY id"
        )
        return [tuple(row) for row in rows]


@pytest_asyncio.fixture
async def network(database_url: str) -> AsyncIterator[Network]:
    """Acme's network with Alice's postback, on each database."""
    database = Database(database_url)
    store: Any
    if database_url.startswith("sqlite"):
        store = SqliteStore(Path(database_url.removeprefix("sqlite:///")), clock=lambda: NOW_MS)
    else:
        from redound.store.postgres import PostgresStore

        store = PostgresStore(database_url, clock=lambda: NOW_MS)
    network = Network(store, database)
    await store.open()
    await network.configure(
        make_advertiser(), make_brand(), make_affiliate(), make_campaign(), make_offer(), make_link(),
        make_postback(),
    )  # fmt: skip
    yield network
    await store.close()
    database.close()


async def test_everything_is_counted_once(network):
    """Over several rounds of two processes, in whole hours."""
    network.tried(3, failed=2, tries=4)
    network.reported(2, "accepted")
    network.reported(1, "duplicate")
    network.reported(4, "click_not_found", offer="")
    await network.store.add_clicks(
        [make_click(id=make_click_id(NOW_MS, random=bytes([n]) * 8)) for n in range(5)]
    )
    one, other = network.watching("one"), network.watching("other")
    for watching in (one, other, one):
        await network.rounds(watching, 1)
    await asyncio.gather(one.round(), other.round())
    assert network.counted() == [
        ("clicks", OFFER, 5, 0),
        ("matching", ADVERTISER, 7, 4),
        ("reports", OFFER, 3, 1),
        ("tries", POSTBACK, 3, 2),
    ]


async def test_tests_and_our_own_faults_do_not_count(network):
    """They say nothing about the receiver."""
    network.tried(5, failed=5, test=True)
    network.tried(5, failed=5, kind="dns_failed")
    network.reported(5, "click_not_found", test=True)
    await network.rounds(network.watching(), 1)
    assert network.counted() == []


async def test_what_is_young_is_left_for_the_next_round(network):
    """A row may be stored a moment after its ID was made."""
    watching = network.watching()
    network.tried(3)
    network.now_ms += LATE_MS
    await watching.round()
    assert network.counted() == []
    network.now_ms += 1
    await watching.round()
    assert network.counted() == [("tries", POSTBACK, 3, 0)]


async def test_a_long_pause_is_made_up_for_a_day(network):
    """What is older stays uncounted: the usual is learnt as it goes."""
    network.tried(1)
    network.now_ms += CATCH_UP_MS + 2 * HOUR_MS
    network.tried(2)
    network.now_ms += HOUR_MS
    await network.watching().round()
    assert network.counted() == [("tries", POSTBACK, 2, 0)]


async def test_failing_deliveries_are_told_once_and_so_is_their_end(network):
    """Bob and Alice, when it opens and when it closes; while it goes on nobody is told again."""
    watching = network.watching()
    network.tried(20, failed=20)
    await network.rounds(watching, 1)
    assert network.told() == []
    await network.rounds(watching, 5)
    assert network.incidents() == [("deliveries_failing", POSTBACK, "")]
    assert network.told() == [
        ("incident_opened", "manager", POSTBACK, ALICE),
        ("incident_opened", "affiliate", POSTBACK, ALICE),
    ]
    assert watching.stats()["deliveries_failing"] == 1
    network.tried(300)
    await network.rounds(watching, 2)
    assert len(network.told()) == 2
    await network.rounds(watching, 3)
    assert network.incidents() == [("deliveries_failing", POSTBACK, "recovered")]
    assert [row[:2] for row in network.told()[2:]] == [
        ("incident_closed", "manager"), ("incident_closed", "affiliate"),
    ]  # fmt: skip
    assert watching.stats()["deliveries_failing"] == 0


async def test_an_incident_keeps_its_evidence(network):
    """What was counted when it opened, and a text that names the postback."""
    watching = network.watching()
    network.tried(20, failed=19)
    await network.rounds(watching, 2)
    [(evidence,)] = network.database.run("SELECT evidence FROM incidents")
    found = json.loads(evidence)
    assert (found["hours"], found["total"], found["hits"], found["usual"]) == (1, 20, 19, None)
    [(text, data)] = network.database.run("SELECT text, data FROM notifications WHERE audience = 'manager'")
    stored = json.loads(data) if isinstance(data, str) else data
    assert (stored["kind"], stored["evidence"]["hits"]) == ("deliveries_failing", 19)
    assert text.startswith("Deliveries are failing: ")
    assert "19 of 20" in text


async def test_a_few_failures_open_nothing(network):
    """Nine of nine are too few."""
    network.tried(9, failed=9)
    await network.rounds(network.watching(), 4)
    assert network.incidents() == []


async def test_what_has_always_been_so_opens_nothing(network):
    """Half of it has failed for two weeks."""
    network.used_to("tries", POSTBACK, 10, 5)
    network.tried(100, failed=60)
    await network.rounds(network.watching(), 4)
    assert network.incidents() == []


async def test_an_offer_that_falls_silent_is_the_managers_matter(network):
    """Twenty reports an hour, then none; when the offer is paused that is why."""
    network.used_to("reports", OFFER, 20)
    watching = network.watching()
    await network.rounds(watching, 2)
    assert network.incidents() == [("reports_silent", OFFER, "")]
    assert network.told() == [("incident_opened", "manager", "", "")]
    await network.configure(make_offer(paused_at=NOW))
    watching = network.watching()
    await network.rounds(watching, 1)
    assert network.incidents() == [("reports_silent", OFFER, "switched_off")]
    assert len(network.told()) == 2


async def test_unmatched_click_ids_are_the_advertisers(network):
    """Their offer is not known: that would take a click."""
    network.used_to("matching", ADVERTISER, 50, 1)
    network.reported(30, "unreplaced_macro", offer="")
    network.reported(10, "accepted")
    await network.rounds(network.watching(), 2)
    assert network.incidents() == [("click_ids_unmatched", ADVERTISER, "")]


async def test_two_processes_open_and_close_the_same_once(network):
    """Both have decided; the database lets one of them, and only that one tells people."""
    watch = Watch(network.store)
    evidence, concerned = Evidence(1, 20, 20), Concerned(postback_id=POSTBACK, affiliate_id=ALICE)

    def notice() -> list[Notice]:
        return [Notice(fresh("ntf"), "incident_opened", "manager", "It fails.", {})]

    incidents = [OpenIncident(fresh("inc"), Kind.DELIVERIES_FAILING, POSTBACK, NOW_MS) for _ in range(4)]
    opened = await asyncio.gather(*(watch.open(each, concerned, evidence, notice()) for each in incidents))
    assert sorted(opened) == [False, False, False, True]
    [found] = await watch.open_incidents()
    closed = await asyncio.gather(
        *(watch.close(found.id, "recovered", evidence, concerned, notice(), NOW_MS) for _ in range(4))
    )
    assert sorted(closed) == [False, False, False, True]
    assert len(network.told()) == 2
    again = replace(incidents[0], id=fresh("inc"))
    assert await watch.open(again, concerned, evidence, notice())


async def test_another_process_takes_over(network):
    """Its looks begin anew; the turn of one that died ends by time alone."""
    network.tried(20, failed=20)
    await network.rounds(network.watching("one"), 1)
    other = network.watching("other")
    await network.rounds(other, 1)
    assert network.incidents() == []
    await network.rounds(other, 2)
    assert network.incidents() == [("deliveries_failing", POSTBACK, "")]


async def test_a_day_of_nothing_is_caught_up_in_few_strides(network):
    """Stretches that are quick to count get longer; none goes beyond its hour."""
    watching, watch = network.watching(), Watch(network.store)
    stretches = []
    count = watch.count

    async def noted(was: int | None, low: int, high: int) -> bool:
        stretches.append((low, high))
        return await count(was, low, high)

    watch.count = noted
    watching._watch = watch
    watching._take_turn = lambda _now: asyncio.sleep(0, result=True)
    await watching.round()
    assert stretches[0][0] == NOW_MS - LATE_MS - CATCH_UP_MS
    assert stretches[-1][1] == NOW_MS - LATE_MS
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(stretches))
    assert all(low // HOUR_MS == (high - 1) // HOUR_MS for low, high in stretches)
    assert len(stretches) < 400
