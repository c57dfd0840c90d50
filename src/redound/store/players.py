"""Players in a database: what an evaluation reads and writes, by named queries that any driver can run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from redound.core.players import PlayerBook
from redound.core.settling import Surroundings
from redound.store.plans.steps import Batch, Step
from redound.store.rows import players as rows
from redound.store.rows import traffic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from redound.core.conversions import Conversion
    from redound.core.players import Fact, Player, Progress
    from redound.core.rewards import RewardPlan
    from redound.core.settling import Met

    Customer = tuple[str, str]
    """Advertiser ID and customer ID."""

ALL_GONE_THROUGH = "~"
"""A mark above every player's ID."""


@runtime_checkable
class Statements(Protocol):
    """A driver, as far as this needs one."""

    async def select(self, query: str, *values: Any) -> list[Any]:
        """Return the rows of a named query."""

    async def perform(self, plan: Sequence[Batch | Step]) -> list[int]:
        """Run what is planned in one transaction; return how many rows each step touched.

        LostRaceError, and nothing stored, when a row that had to hit did not.
        """


@dataclass(frozen=True, slots=True)
class Scan:
    """Players to go through because a plan of their offer changed, from after the player `after` on."""

    plan_id: str
    offer_id: str
    version: str
    after: str


@dataclass(frozen=True, slots=True)
class Portion:
    """Customers to look at now, and what says afterwards that this has been done."""

    customers: Sequence[Customer]
    done: Sequence[Batch]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Whose turn to evaluate it is until when, and when it was and is next done for all. Times in ms."""

    holder: str
    until: int
    last_at: int
    next_at: int


class Players:
    """The verbs of an evaluation."""

    def __init__(self, statements: Statements) -> None:
        self._db = statements

    async def plans(self) -> list[RewardPlan]:
        """Return every reward plan, those that are switched off too."""
        return [rows.plan(row) for row in await self._db.select("reward_plans")]

    async def schedule(self) -> Schedule:
        """Return when and by whom the next evaluation is done."""
        return Schedule(*(await self._db.select("evaluation"))[0])

    async def take_turn(self, holder: str, now_ms: int, until: int) -> bool:
        """Take the turn to evaluate, or keep it; False while another process has it."""
        turn = Step("take_evaluation", (holder, now_ms, until))
        return (await self._db.perform([turn]))[0] == 1

    async def configuration_version(self) -> int:
        """Return the version of the configuration that the database has."""
        return int((await self._db.select("config_version"))[0][0])

    async def is_waiting(self) -> bool:
        """Say whether there is news of players, or plans have changed."""
        return bool(await self._db.select("any_player_news") or await self._db.select("plans_to_scan"))

    async def overdue(self, now_ms: int, most: int) -> AsyncIterator[Portion]:
        """Go through those whom time alone has changed: windows that ran out, plans that were not paid for.

        Each is seen once, whatever becomes of them.
        """
        for query, values in (("overdue_players", (now_ms,)), ("unpaid_players", ())):
            at, after = 0, ""
            while found := await self._db.select(query, *values, at, after, most):
                at, after = found[-1][:2]
                yield Portion(list(dict.fromkeys((row[2], row[3]) for row in found)), [])

    async def evaluated(self, now_ms: int, next_at: int) -> None:
        """Note that all have been evaluated, and when that is done next."""
        await self._db.perform([Step("plan_evaluation", (now_ms, next_at))])

    async def news(self, most: int) -> Portion | None:
        """Return the next customers with news, all that there is of each; None for nobody."""
        oldest = await self._db.select("player_news", most)
        if not oldest:
            return None
        customers = dict.fromkeys((row[1], row[2]) for row in oldest)
        ids = list({customer_id for _, customer_id in customers})
        heard = [
            row[0] for row in await self._db.select("player_news_of", ids) if (row[1], row[2]) in customers
        ]
        return Portion(list(customers), [Batch("forget_player_news", rows=[(each,) for each in heard])])

    async def scan(self, most: int) -> Portion | None:
        """Return the next players of a plan that changed; None for nobody."""
        scans = [Scan(*row) for row in await self._db.select("plans_to_scan")]
        if not scans:
            return None
        scan = scans[0]
        found = await self._db.select("players_of_offer", scan.offer_id, scan.after, most)
        done = len(found) < most
        mark = (scan.plan_id, scan.version, ALL_GONE_THROUGH if done else found[-1][0], done)
        return Portion([(row[1], row[2]) for row in found], [Batch("put_plan_mark", rows=[mark])])

    async def books(self, customers: Sequence[Customer]) -> list[PlayerBook]:
        """Return all that is stored about these customers."""
        if not customers:
            return []
        ids = list(dict.fromkeys(customer_id for _, customer_id in customers))
        players = {
            (row[1], row[2]): rows.player(row) for row in await self._db.select("players_of_customers", ids)
        }
        conversions: dict[Customer, list[Conversion]] = {}
        for row in await self._db.select("conversions_of_customers", ids):
            conversions.setdefault((row[7], row[13]), []).append(traffic.conversion(row))
        facts: dict[Customer, list[Fact]] = {}
        for row in await self._db.select("activity_of_customers", ids):
            facts.setdefault((row[1], row[2]), []).append(rows.fact(row))
        progress = await self._progress(players[each] for each in customers if each in players)
        books = []
        for customer in customers:
            player = players.get(customer)
            own = progress.get(player.id, {}) if player is not None else {}
            books.append(
                PlayerBook(*customer, conversions.get(customer, ()), facts.get(customer, ()), player, own)
            )
        return books

    async def _progress(self, players: Iterable[Player]) -> dict[str, dict[str, Progress]]:
        found: dict[str, dict[str, Progress]] = {}
        ids = [player.id for player in players]
        for row in await self._db.select("progress_of_players", ids) if ids else ():
            each = rows.progress(row)
            found.setdefault(each.player_id, {})[each.plan_id] = each
        return found

    async def surroundings(self, met: Sequence[Met]) -> Surroundings:
        """Return what making the conversions of these needs to know."""
        click_ids = list({each.registration.click_id for each in met})
        clicks = [traffic.click(row) for row in await self._db.select("find_clicks", click_ids)]
        conversions: dict[str, list[Conversion]] = {}
        goals = {each.plan.goal_id for each in met}
        known = []
        for row in await self._db.select("conversions_of_clicks", click_ids):
            if row[8] in goals:
                known.append(row[0])
                conversions.setdefault(row[1], []).append(traffic.conversion(row))
        planned = await self._db.select("planned_conversions", known) if known else []
        return Surroundings({click.id: click for click in clicks}, conversions, {row[0] for row in planned})

    async def store(self, batches: Sequence[Batch]) -> None:
        """Store what an evaluation led to, in one transaction. LostRaceError when it came too late."""
        await self._db.perform(batches)
