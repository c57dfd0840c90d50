"""A random story of traffic at a made-up time of day, and rollers that work on it in arbitrary steps."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from redound.core.deliveries import Cancelled, Delivered, GivenUp, LeasedDelivery, Queue, RetryAt
from redound.core.money import Money
from redound.core.states import Status
from redound.store.batches import place
from redound.store.plans.people import enable_steps, retry_steps
from redound.store.plans.reports import delivery_batches
from redound.store.plans.steps import Batch, LostRaceError, Step
from redound.store.rows import sending, traffic
from redound.store.statistics import NOUNS, Statistics
from tests.builders import NOW_MS, make_click, make_click_id, make_conversion
from tests.store.actors import a_delivery, attempt, fresh

if TYPE_CHECKING:
    from random import Random

    from redound.core.clicks import Click
    from redound.core.conversions import Conversion

MONEY = (None, Money(1000, "EUR"), Money(250, "EUR"), Money(700, "USD"), Money(90, "JPY"))


class CutOffError(Exception):
    """The roller's process dies here."""


class Cut:
    """A driver of which some transactions fail, before they are made or after."""

    def __init__(self, store: Any, random: Random) -> None:
        self._store = store
        self._random = random

    async def select(self, query: str, *values: Any) -> Any:
        """Read."""
        return await self._store.select(query, *values)

    async def select_together(self, asked: Any) -> Any:
        """Read in one state."""
        return await self._store.select_together(asked)

    async def perform(self, plan: Any) -> Any:
        """Write, or die before it, or die after it and never learn of it."""
        fate = self._random.random()
        if fate < 0.15:
            raise CutOffError
        done = await self._store.perform(plan)
        if fate > 0.85:
            raise CutOffError
        return done


class Story:
    """Alice's and Charlie's traffic. `now` is the time of everybody's clock."""

    def __init__(self, store: Any, random: Random) -> None:
        self.store = store
        self.random = random
        self.now = NOW_MS
        self.clicks: list[Click] = []
        self.conversions: dict[str, Conversion] = {}
        self.deliveries: list[Any] = []
        self._number = 0

    def clock(self) -> int:
        """The time in the story."""
        return self.now

    # What happens

    def a_click(self) -> Click:
        """A visitor's click: mostly of this moment, sometimes from a spill file of hours ago."""
        random = self.random
        self._number += 1
        ago = random.choice((0, 40, 900, 4_000, 9_500, 11_000, 60_000, 7_200_000))
        at = self.now - ago
        params = {f"sub{n}": random.choice(("a", "b", "ё\0")) for n in range(1, 7) if random.random() < 0.5}
        who = random.choice(("alice", "charlie"))
        return make_click(
            id=make_click_id(at, random=self._number.to_bytes(4) * 2),
            created_at=at,
            affiliate_id=f"aff_{who}",
            link_id=f"lnk_{who}",
            campaign_id=f"cmp_{who}",
            country=random.choice(("", "DE", "LV")),
            params=params,
            valid=random.random() < 0.8,
            test=random.random() < 0.1,
        )

    async def some_clicks(self) -> None:
        """New clicks, and some that were stored before: their answer got lost."""
        clicks = [self.a_click() for _ in range(self.random.randrange(1, 6))]
        again = self.random.sample(self.clicks, k=min(len(self.clicks), self.random.choice((0, 0, 2))))
        self.clicks += clicks
        await self.store.add_clicks([*clicks, *again])

    def new_conversion(self) -> Conversion:
        """A conversion of a click; its ID was made a moment ago, or a while: the process was stopped."""
        random = self.random
        click = random.choice(self.clicks) if self.clicks else self.a_click()
        at = self.now - random.choice((0, 0, 30, 3_000, 14_000, 600_000))
        conversion = make_conversion(
            id=fresh("cnv", at),
            click_id=click.id,
            slot="",
            affiliate_id=click.affiliate_id,
            link_id=click.link_id,
            campaign_id=click.campaign_id,
            goal_id=random.choice(("gol_sale", "gol_lead")),
            status=random.choice(list(Status)),
            payout=random.choice(MONEY),
            revenue=random.choice(MONEY),
            test=random.random() < 0.1,
            created_at=at,
        )
        self.conversions[conversion.id] = conversion
        return conversion

    def conversion_plan(self) -> list[Batch]:
        """New conversions."""
        made = [self.new_conversion() for _ in range(self.random.randrange(1, 4))]
        return [Batch("add_conversion", exact=True, rows=[traffic.conversion_values(each) for each in made])]

    async def a_change(self) -> None:
        """A conversion's status, or only its amounts, change; a late refund among them."""
        if not self.conversions:
            return
        old = self.random.choice(list(self.conversions.values()))
        new = replace(
            old,
            status=self.random.choice([old.status, *Status]),
            payout=self.random.choice([old.payout, *MONEY]),
            updated_at=self.now,
            version=old.version + 1,
        )
        self.conversions[old.id] = new
        rows = [traffic.conversion_change(new, old.version)]
        await self.store.perform([Batch("change_conversion", exact=True, rows=rows)])

    async def some_deliveries(self) -> None:
        """Postbacks are owed."""
        made = []
        for _ in range(self.random.randrange(1, 4)):
            at = self.now - self.random.choice((0, 0, 200, 12_000, 700_000))
            made.append(
                a_delivery(
                    id=fresh("dlv", at),
                    postback_id=self.random.choice(("pbk_tracker", "pbk_other")),
                    affiliate_id=self.random.choice(("aff_alice", "aff_charlie", "")),
                    created_at=at,
                    test=self.random.random() < 0.1,
                )
            )
        self.deliveries += made
        await self.store.perform(delivery_batches(place(made)))

    async def an_attempt(self) -> None:
        """One of them is tried, perhaps with patience: the attempt began a while ago."""
        if not self.deliveries:
            return
        owed = self.random.choice(self.deliveries)
        took = self.random.choice((3, 50, 51, 900, 15_000, 15_001, 45_000))
        step: Any = self.random.choice(
            (Delivered(), GivenUp("attempts_exhausted"), Cancelled("superseded"), RetryAt(self.now))
        )
        leased = LeasedDelivery(
            id=owed.id,
            postback_id=owed.postback_id,
            conversion_id=owed.conversion_id,
            click_id=owed.click_id,
            values={},
            test=owed.test,
            created_at=owed.created_at,
            queue=Queue.FRESH,
            lease="",
        )
        record = attempt(leased, step, at=self.now - took, duration_ms=took)
        record = replace(record, attempt_id=fresh("att", self.now - took))
        if self.random.random() < 0.3:
            record = replace(record, result=replace(record.result, response=None))
        values = sending.attempt_values(record)
        plan: list[Batch | Step] = [Batch("add_attempt", rows=[values])]
        state = {"delivered": "delivered", "failed": "failed", "cancelled": "cancelled"}.get(str(values[6]))
        open_now = await self.store.select("leases_of", [owed.id]) if state else []
        if state and open_now:
            plan += [
                Step("end_due", (owed.id,)),
                Step("finish_delivery", (owed.id, state, "", 1, self.now)),
            ]
        await self.store.perform(plan)
        if self.random.random() < 0.2:  # the worker did not hear the answer and records it again
            await self.store.perform([Batch("add_attempt", rows=[values])])

    async def a_retry(self) -> None:
        """Somebody has a failed delivery sent again, or all of a postback."""
        if not self.deliveries:
            return
        if self.random.random() < 0.3:
            steps = enable_steps("pbk_other", self.now, per_second=50, retry_failed_since=NOW_MS - 3_600_000)
            await self.store.perform(steps)
            return
        with suppress(LostRaceError):
            await self.store.perform(retry_steps(self.random.choice(self.deliveries).id, self.now))

    async def time_passes(self) -> None:
        """Seconds, or an hour."""
        self.now += self.random.choice((10, 500, 3_000, 8_000, 20_000, 60_000, 3_600_000))

    # Who counts

    async def rolls(self) -> None:
        """A roller does a little, or two do at once, or one dies over it."""
        random = self.random
        at_once = random.choice((1, 2, 7, 1_000))
        rollers = [Statistics(self.store) for _ in range(random.choice((1, 1, 2)))]
        if random.random() < 0.3:
            rollers.append(Statistics(Cut(self.store, random)))
        await asyncio.gather(*(self._roll(each, at_once) for each in rollers))

    async def _roll(self, roller: Statistics, at_once: int) -> None:
        with suppress(CutOffError):
            horizon = await roller.look_ahead(self.now)
            for noun in self.random.sample(list(NOUNS), k=self.random.randrange(1, 5)):
                await roller.roll(noun, horizon, at_once)

    async def is_caught_up(self) -> None:
        """An hour later nothing new has come, and everything is counted."""
        self.now += 3_600_000
        roller = Statistics(self.store)
        await roller.look_ahead(self.now)
        self.now += 3_600_000
        horizon = await roller.look_ahead(self.now)
        for noun in NOUNS:
            for _ in range(1_000):
                if not (await roller.roll(noun, horizon, 50)).more:
                    break
        for _ in range(20):
            await roller.roll("deliveries", horizon, 50)

    async def told(self, steps: int) -> None:
        """Let so many things happen."""
        happenings = [
            *[self.some_clicks] * 3,
            self._conversions,
            self._conversions,
            *[self.a_change] * 2,
            *[self.some_deliveries] * 2,
            *[self.an_attempt] * 4,
            self.a_retry,
            *[self.time_passes] * 3,
            *[self.rolls] * 5,
        ]
        for _ in range(steps):
            await self.random.choice(happenings)()

    async def _conversions(self) -> None:
        await self.store.perform(self.conversion_plan())
