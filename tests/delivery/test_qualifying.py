"""Players are evaluated on both databases: on news, on a change of plans, on schedule, and paid for once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from redound.core.activity import Activity
from redound.core.conversions import Accepted, Facts
from redound.core.decisions import decide_change, decide_report
from redound.core.money import Money
from redound.core.players import FactKind
from redound.core.states import Actor, Status
from redound.delivery.qualifying import Qualifying
from redound.store.plans.players import activity_batches
from redound.store.plans.reports import change_steps
from redound.store.plans.steps import LostRaceError
from redound.store.players import Players
from redound.store.sqlite import SqliteStore
from tests.builders import (
    DAY_MS,
    HOUR_MS,
    KEYS,
    NOW,
    NOW_MS,
    make_advertiser,
    make_affiliate,
    make_brand,
    make_campaign,
    make_click,
    make_click_id,
    make_goal,
    make_link,
    make_offer,
    make_postback,
)
from tests.store.actors import a_report, fresh, no_worker
from tests.store.rig import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redound.core.decisions import Decision

GOALS = (
    make_goal("registration", kind="registration", base=True),
    make_goal("deposit", kind="deposit", repeats=0),
    make_goal("qualified", kind="qualified_cpa", payout_minor=None, payout_percent=None, revenue_minor=None),
)
PLAN = {
    "id": "rpl_1",
    "name": "50 for 50",
    "offer_id": "ofr_shoes",
    "goal_id": "gol_qualified",
    "affiliate_id": None,
    "enabled": True,
    "amount_minor": 5000,
    "currency": "EUR",
    "first_deposit_minor": 0,
    "deposits_minor": 5000,
    "deposit_count": 0,
    "wagers_minor": 30000,
    "net_revenue_minor": 0,
    "within_days": 30,
    "valid_from": None,
    "valid_to": None,
}


class Casino:
    """Acme's casino on a real database: players register and play, and the evaluation looks at them."""

    def __init__(self, store: Any, database: Database) -> None:
        """Configure Alice's world; every postback of hers fires."""
        self.store, self.database = store, database
        self.now_ms = NOW_MS
        self.fired = 0
        self._edits = 0

    def configure(self) -> None:
        """Store the configuration."""
        for thing in (
            make_advertiser(), make_brand(), make_affiliate(), make_campaign(), make_offer(*GOALS), *GOALS,
            make_link(), make_postback(),
        ):  # fmt: skip
            self.database.put(thing)

    async def open(self) -> Casino:
        """Load what was configured."""
        self.snapshot = await self.store.load_snapshot()
        return self

    def evaluation(self, node: str = "node-a") -> Qualifying:
        """An evaluation of this casino that does not rest."""
        return Qualifying(
            Players(self.store), self.snapshot, node=node, interval_seconds=600, clock=lambda: self.now_ms,
            mint=lambda prefix: fresh(prefix, self.now_ms), fired=self._count, rest=0,
        )  # fmt: skip

    def _count(self) -> None:
        self.fired += 1

    async def evaluate(self) -> int:
        """Have a round."""
        return await self.evaluation().round()

    def plan(self, **changes: Any) -> None:
        """Bob makes or edits a reward plan."""
        self._edits += 1
        row = {**PLAN, **changes, "created_at": NOW, "updated_at": NOW.replace(microsecond=self._edits)}
        marks, names = ", ".join("?" * len(row)), ", ".join(row)
        updates = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
        values = [self.database._value(name, value) for name, value in row.items()]
        sql = f"INSERT INTO reward_plans ({names}) VALUES ({marks}) "
        self.database.run(f"{sql} ON CONFLICT (id) DO UPDATE SET {updates}", *values)

    async def report(self, customer: str, goal: str = "registration", **claim: Any) -> Decision:
        """Acme reports something about a customer, who came by a click of their own."""
        click = make_click(id=make_click_id(NOW_MS - HOUR_MS, random=customer.encode().ljust(8, b".")[:8]))
        await self.store.add_clicks([click])
        incoming = replace(
            a_report(click_id=click.id, goal=goal, customer_id=customer, **claim), received_at=self.now_ms
        )
        decisions, _ = await self.store.apply_reports(
            [incoming],
            lambda each, facts: decide_report(each, facts, self.snapshot, KEYS, fresh),
            no_worker,
        )
        assert isinstance(decisions[0].outcome, Accepted), decisions[0].outcome
        return decisions[0]

    async def plays(
        self, customer: str, kind: str, minor: int, external_id: str = "", **changes: Any
    ) -> None:
        """A fact about a customer comes in."""
        fields = {
            "id": fresh("act"),
            "advertiser_id": "adv_acme",
            "customer_id": customer,
            "kind": FactKind(kind),
            "at": self.now_ms,
            "amount": Money(minor, "EUR"),
            "external_id": external_id or fresh("ext"),
            "source": "api",
            "by": "Bob",
            "received_at": self.now_ms,
        }
        await self.store.perform(activity_batches([Activity(**(fields | changes))]))

    def progress(self) -> list[tuple[Any, ...]]:
        """Plan, state, deposits, wagers and conversion of every progress, by player."""
        return [
            tuple(row)
            for row in self.database.run(
                "SELECT plan_id, state, deposits_minor, wagers_minor, conversion_id FROM plan_progress "
                "ORDER BY player_id, plan_id"
            )
        ]

    def states(self) -> list[str]:
        """The states of all progress."""
        return [row[1] for row in self.progress()]

    def earned(self) -> list[tuple[Any, ...]]:
        """Customer, payout, status of every qualified CPA."""
        sql = (
            "SELECT customer_id, payout_minor, payout_currency, status FROM conversions "
            "WHERE goal_id = 'gol_qualified' ORDER BY id"
        )
        return [tuple(row) for row in self.database.run(sql)]

    def count(self, table: str) -> int:
        """How many rows there are."""
        return int(self.database.run(f"SELECT count(*) FROM {table}")[0][0])


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def casino(request: pytest.FixtureRequest) -> AsyncIterator[Casino]:
    """The casino on each database in turn, with the plan "50 for 50 and 300 of wagers within 30 days"."""
    store: Any
    if request.param == "sqlite":
        path = request.getfixturevalue("sqlite_file")
        url, store = f"sqlite:///{path}", SqliteStore(path)
    else:
        from redound.store.postgres import PostgresStore

        url = request.getfixturevalue("postgres_url")
        store = PostgresStore(url)
    casino = Casino(store, Database(url))
    casino.configure()
    casino.plan()
    await store.open()
    await casino.open()
    await casino.evaluate()
    yield casino
    await store.close()
    casino.database.close()


async def test_a_player_who_meets_the_plan_earns_alice_its_amount_once(casino):
    """Deposits by report, wagers by API: one conversion, one delivery, however often they are evaluated."""
    await casino.report("77")
    await casino.report("77", "deposit", amount="35.00", txid="d1")
    await casino.plays("77", "wager", 12000)
    await casino.evaluate()
    assert casino.progress() == [("rpl_1", "open", 3500, 12000, "")]
    await casino.report("77", "deposit", amount="15.00", txid="d2")
    await casino.plays("77", "wager", 18000)
    deliveries = casino.count("deliveries")
    for _ in range(3):
        await casino.evaluate()
    assert casino.earned() == [("77", 5000, "EUR", "approved")]
    assert casino.count("deliveries") == deliveries + 1
    assert casino.states() == ["qualified"]
    assert casino.fired == 1


async def test_only_players_with_news_are_looked_at(casino):
    """Ten players are known; one of them deposits."""
    for number in range(10):
        await casino.report(f"p{number}")
    await casino.evaluate()
    assert casino.states() == ["open"] * 10
    assert await casino.evaluate() == 0
    await casino.plays("p3", "deposit", 100)
    assert await casino.evaluate() == 1


async def test_activity_may_come_before_the_registration(casino):
    """The daily file was quicker than the report: the facts wait for the player."""
    await casino.plays("77", "deposit", 5000)
    await casino.plays("77", "wager", 30000)
    await casino.evaluate()
    assert (casino.count("players"), casino.states()) == (1, [])
    await casino.report("77")
    await casino.evaluate()
    assert casino.earned() == [("77", 5000, "EUR", "approved")]
    assert casino.count("players") == 1


async def test_a_new_or_changed_plan_is_tried_on_everybody(casino):
    """Bob lowers the thresholds: whoever has met them by now qualifies."""
    for customer in ("77", "78"):
        await casino.report(customer)
    await casino.plays("77", "deposit", 2000)
    await casino.evaluate()
    assert casino.earned() == []
    casino.plan(deposits_minor=2000, wagers_minor=0)
    assert await casino.evaluate() == 3  # both, and once more 77: what was earned is news of its customer
    assert casino.earned() == [("77", 5000, "EUR", "approved")]
    assert await casino.evaluate() == 0


async def test_a_plan_that_is_switched_off_pays_nobody(casino):
    """And what was on the way is taken off the list."""
    await casino.report("77")
    await casino.evaluate()
    casino.plan(enabled=False)
    await casino.plays("77", "deposit", 5000)
    await casino.plays("77", "wager", 30000)
    await casino.evaluate()
    assert (casino.earned(), casino.states()) == ([], [])


async def test_the_schedule_ends_what_has_run_out(casino):
    """Nothing is heard of player 77; a month later the time is over."""
    await casino.report("77")
    await casino.evaluate()
    casino.now_ms += 29 * DAY_MS
    await casino.evaluate()
    assert casino.states() == ["open"]
    casino.now_ms += 2 * DAY_MS
    await casino.evaluate()
    assert casino.states() == ["expired"]
    schedule = await Players(casino.store).schedule()
    assert (schedule.last_at, schedule.next_at) == (casino.now_ms, casino.now_ms + 600_000)


async def test_a_rejected_deposit_counts_no_more(casino):
    """Bob finds it to be a fraud before the plan is met."""
    await casino.report("77")
    decision = await casino.report("77", "deposit", amount="40.00", txid="d1")
    await casino.evaluate()
    conversion = decision.outcome.conversion
    change = decide_change(
        conversion,
        None,
        Facts(),
        Status.REJECTED,
        Actor.MANAGER,
        "Bob",
        "fraud",
        NOW_MS,
        casino.snapshot,
        fresh,
    )
    await casino.store.perform(change_steps(change.outcome.conversion, change.outcome.transition))
    await casino.evaluate()
    assert casino.progress() == [("rpl_1", "open", 0, 0, "")]


async def test_a_restated_fact_is_counted_as_it_stands(casino):
    """The casino corrects a day's wagers under the same ID."""
    await casino.report("77")
    await casino.plays("77", "wager", 20000, "77-1120")
    await casino.plays("77", "wager", 12000, "77-1120")
    await casino.evaluate()
    assert casino.progress() == [("rpl_1", "open", 0, 12000, "")]
    assert casino.count("activity") == 1


async def test_another_customers_fact_is_never_overwritten(casino):
    """The same ID for somebody else changes nothing."""
    await casino.plays("77", "wager", 20000, "x")
    await casino.plays("78", "wager", 1, "x")
    rows = casino.database.run("SELECT customer_id, amount_minor FROM activity")
    assert [tuple(row) for row in rows] == [("77", 20000)]


async def test_a_qualification_that_was_reported_stands_for_the_plan(casino):
    """Acme also reports qualified players on its own."""
    theirs = await casino.report("77", "qualified")
    await casino.report("77")
    await casino.plays("77", "deposit", 5000)
    await casino.plays("77", "wager", 30000)
    await casino.evaluate()
    assert len(casino.earned()) == 1
    assert casino.progress()[0][1::3] == ("qualified", theirs.outcome.conversion.id)


async def test_of_two_processes_one_evaluates(casino):
    """Both look at the same moment; the other's turn comes when the first is gone."""
    await casino.report("77")
    looked = await asyncio.gather(casino.evaluation("node-a").round(), casino.evaluation("node-b").round())
    assert sorted(looked) == [0, 1]
    await casino.report("78")
    casino.now_ms += 61_000
    assert await casino.evaluation("node-c").round() == 1


async def test_two_evaluations_of_the_same_player_pay_once(casino):
    """A stalled process wakes up and writes what another has long written: it is refused whole."""
    await casino.report("77")
    await casino.plays("77", "deposit", 5000)
    await casino.plays("77", "wager", 30000)
    stalled, plans = casino.evaluation("node-b"), await Players(casino.store).plans()
    books = await Players(casino.store).books([("adv_acme", "77")])
    await casino.evaluate()

    async def stale(customers: Any) -> Any:
        return books

    stalled._players.books = stale  # type: ignore[method-assign]
    with pytest.raises(LostRaceError):
        await stalled._evaluate([("adv_acme", "77")], plans)
    assert len(casino.earned()) == casino.count("players") == 1


async def test_a_player_that_cannot_be_evaluated_holds_up_nobody(casino, monkeypatch):
    """One row trips the rules; the others are evaluated, and the round ends."""
    from redound.delivery import qualifying

    settle = qualifying.settle

    def trip(book: Any, *rest: Any) -> Any:
        if book.customer_id == "78":
            raise ZeroDivisionError
        return settle(book, *rest)

    monkeypatch.setattr(qualifying, "settle", trip)
    for customer in ("77", "78", "79"):
        await casino.report(customer)
    await casino.evaluate()
    assert casino.states() == ["open", "open"]
    assert await casino.evaluate() == 0


async def test_a_goal_that_is_not_known_yet_is_paid_for_at_the_next_evaluation(casino):
    """The plan's goal is missing from the configuration in memory; later it is there."""
    await casino.report("77")
    await casino.plays("77", "deposit", 5000)
    await casino.plays("77", "wager", 30000)
    goals, casino.snapshot.goals = (
        casino.snapshot.goals,
        {key: goal for key, goal in casino.snapshot.goals.items() if key != "gol_qualified"},
    )
    await casino.evaluate()
    assert (casino.states(), casino.earned()) == (["met"], [])
    casino.snapshot.goals = goals
    casino.now_ms += 600_001
    await casino.evaluate()
    assert (casino.states(), len(casino.earned())) == (["qualified"], 1)


async def test_more_players_than_a_portion_holds(casino, monkeypatch):
    """Many portions, for news and for a changed plan."""
    from redound.delivery import qualifying

    monkeypatch.setattr(qualifying, "AT_ONCE", 3)
    for number in range(8):
        await casino.report(f"p{number}")
    assert await casino.evaluate() == 8
    casino.plan(deposits_minor=100)
    assert await casino.evaluate() == 8
    casino.now_ms += 31 * DAY_MS
    assert await casino.evaluate() == 8
    assert casino.states() == ["expired"] * 8
