"""Statistics are exact: whatever happens in whatever order, the rollups are what the raw rows add up to."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import psycopg
import pytest

from redound.core.money import Money
from redound.core.states import Status
from redound.core.statistics import MOST_VALUES
from redound.delivery.rolling import Rolling
from redound.store import batches
from redound.store.plans.statistics import rebuild_steps
from redound.store.plans.steps import Batch, LostRaceError, perform
from redound.store.rows import traffic
from redound.store.statistics import NOUNS, Statistics, read_mark
from tests.builders import NOW_MS
from tests.store.raw_figures import added_up, rolled
from tests.store.statistics_story import Story


@pytest.fixture
def story(sql_rig, monkeypatch):
    """A story that begins now, on each database."""
    told = Story(sql_rig.store, Random(0))
    monkeypatch.setattr(batches, "wall_ms", told.clock)
    return told


@pytest.mark.parametrize("seed", range(8))
async def test_the_rollups_are_what_the_raw_rows_add_up_to(sql_rig, story, seed):
    """Late clicks, replays, refunds, tests, deliveries opened again; rollers in pairs, rollers that die."""
    story.random.seed(seed)
    for _ in range(3):
        await story.told(60)
        await story.is_caught_up()
        assert rolled(sql_rig.database) == added_up(sql_rig.database)
        assert sql_rig.count("uncounted") == 0


async def test_a_transaction_that_commits_late_is_not_passed_over(sql_rig, story, monkeypatch):
    """Its rows have the IDs of when it began; the roller waits for whoever was writing then."""
    if sql_rig.database.sqlite:
        pytest.skip("SQLite has one writer at a time")
    await story.some_clicks()
    roller = Statistics(sql_rig.store)
    with psycopg.connect(sql_rig.store._url) as slow, slow.cursor() as cursor:
        steps = [step for batch in story.conversion_plan() for step in batch.steps()]
        perform(cursor, "postgresql", steps)
        for _ in range(5):
            story.now += 60_000
            horizon = await roller.look_ahead(story.now)
            await roller.roll("conversions", horizon, 100)
        assert horizon.safe_at <= NOW_MS + 60_000
        slow.commit()
    await story.is_caught_up()
    assert rolled(sql_rig.database) == added_up(sql_rig.database)


async def test_what_was_stored_too_slowly_is_stored_again(sql_rig, story, monkeypatch):
    """Between the look at the clock and the end of storing a minute went by: then nothing is stored."""
    if sql_rig.database.sqlite:
        pytest.skip("on SQLite nobody else writes meanwhile")
    times = iter([NOW_MS, NOW_MS + 60_000])
    monkeypatch.setattr(batches, "wall_ms", lambda: next(times))
    with pytest.raises(LostRaceError):
        await sql_rig.store.perform(story.conversion_plan())
    assert sql_rig.count("conversions") == 0


async def test_sub_values_have_names_up_to_a_bound(sql_rig, story):
    """The first hundred of half an hour, slot and affiliate; the rest are one row, and nothing is lost."""
    made = [story.a_click() for _ in range(MOST_VALUES + 20)]
    fields = {"affiliate_id": "aff_alice", "test": False, "valid": True, "created_at": NOW_MS}
    made = [replace(click, **fields, params={"sub2": f"value-{n}"}) for n, click in enumerate(made)]
    await sql_rig.store.add_clicks(made)
    await story.is_caught_up()
    rows = sql_rig.database.run("SELECT value, clicks FROM sub_figures WHERE slot = 2")
    assert len(rows) == MOST_VALUES + 1
    assert dict(rows)[""] == 20
    assert sum(clicks for _, clicks in rows) == MOST_VALUES + 20


async def test_amounts_beyond_all_bounds_do_not_stop_the_roller(sql_rig, story):
    """Two of them would not fit a column: each counts as a thousand million million."""
    huge = Money(2**63 - 1, "EUR")
    made = [
        replace(story.new_conversion(), payout=huge, status=Status.APPROVED, test=False) for _ in range(3)
    ]
    made = [replace(each, created_at=NOW_MS, revenue=None) for each in made]
    rows = [traffic.conversion_values(each) for each in made]
    await sql_rig.store.perform([Batch("add_conversion", rows=rows)])
    await story.is_caught_up()
    assert sql_rig.database.run("SELECT sum(approved_payout_minor) FROM offer_figures") == [(3 * 10**15,)]


async def test_an_idle_installation_says_that_it_is_up_to_date(sql_rig, story):
    """Nothing happens, and the figures are those of a few seconds ago."""
    roller = Statistics(sql_rig.store)
    await roller.look_ahead(story.now)
    horizon = await roller.look_ahead(story.now + 5_000)
    for noun in NOUNS:
        await roller.roll(noun, horizon, 10)
    marks = dict(sql_rig.database.run("SELECT name, value FROM marks"))
    for noun in NOUNS:
        assert NOW_MS - 60_000 <= read_mark(marks[f"statistics_{noun}"]).time_ms < NOW_MS


async def test_one_process_rolls_at_a_time(sql_rig, story):
    """The second one does nothing until the first has gone; then it takes over."""
    await story.some_clicks()
    first = Rolling(Statistics(sql_rig.store), node="a", clock=story.clock, rest=0)
    second = Rolling(Statistics(sql_rig.store), node="b", clock=story.clock, rest=0)
    await first.round()
    story.now += 20_000
    assert await second.round() == 0
    story.now += 20_000
    await second.round()
    story.now += 20_000
    assert await second.round() >= 0
    await story.is_caught_up()
    assert rolled(sql_rig.database) == added_up(sql_rig.database)


async def test_everything_can_be_counted_anew(sql_rig, story):
    """In the middle of it all; a roller that was at work meanwhile adds nothing on top."""
    story.random.seed(99)
    await story.told(60)
    await sql_rig.store.perform(rebuild_steps())
    assert rolled(sql_rig.database)["offer_figures"] == {}
    await story.told(20)
    await story.is_caught_up()
    assert rolled(sql_rig.database) == added_up(sql_rig.database)
