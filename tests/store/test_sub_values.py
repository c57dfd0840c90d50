"""The index of sub values: filled off the click path, never behind a late click. On every driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.core.trace.sub_values import day_of, value_key
from redound.store.indexing import INDEX_AT_ONCE, INDEX_LATE_MS
from tests.builders import DAY_MS, NOW_MS, SECOND_MS, make_click, make_click_id

if TYPE_CHECKING:
    from redound.core.clicks import Click
    from tests.store.rig import Rig

LATER = NOW_MS + 2 * INDEX_LATE_MS


def a_click(number: int = 1, at: int = NOW_MS, **params: str) -> Click:
    """A click of this time with these parameters."""
    click_id = make_click_id(at, random=number.to_bytes(4) * 2)
    return make_click(id=click_id, created_at=at, params=params or {"sub1": f"value-{number}"})


def rows(rig: Rig) -> list[tuple[int, int, str]]:
    """Everything that is noted."""
    if rig.database is None:
        return sorted(rig.store.sub_values)
    found = rig.database.run("SELECT day, key_hash, click_id FROM sub_values")
    return sorted(tuple(row) for row in found)


async def test_a_click_is_noted_once_it_is_no_longer_young(rig):
    """Not at once: a click with an earlier ID may still be on its way into the database."""
    click = a_click(sub1="MyTest123")
    await rig.store.add_clicks([click])
    assert await rig.store.index_sub_values(NOW_MS) == 0
    assert rows(rig) == []
    assert await rig.store.index_sub_values(LATER) == 1
    assert rows(rig) == [(day_of(NOW_MS), value_key("mytest123"), click.id)]


async def test_every_click_is_noted_once(rig):
    """A second round finds nothing new, and what came after it."""
    first = [a_click(number) for number in range(3)]
    await rig.store.add_clicks(first)
    assert await rig.store.index_sub_values(LATER) == 3
    assert await rig.store.index_sub_values(LATER) == 0
    await rig.store.add_clicks([a_click(9, NOW_MS + SECOND_MS)])
    assert await rig.store.index_sub_values(LATER) == 1
    assert len(rows(rig)) == 4


async def test_a_round_is_bounded(rig):
    """Millions of clicks are noted in steps, oldest first."""
    await rig.store.add_clicks([a_click(number) for number in range(INDEX_AT_ONCE + 5)])
    assert await rig.store.index_sub_values(LATER) == INDEX_AT_ONCE
    assert await rig.store.index_sub_values(LATER) == 5
    assert len(rows(rig)) == INDEX_AT_ONCE + 5


async def test_a_click_that_is_stored_late_is_noted_too(rig):
    """A spill file is replayed after an outage: its clicks have old IDs, and the index goes back to them."""
    await rig.store.add_clicks([a_click(1)])
    assert await rig.store.index_sub_values(LATER) == 1
    old = a_click(2, NOW_MS - DAY_MS, sub1="spilled-1")
    await rig.store.add_clicks([old])
    while await rig.store.index_sub_values(LATER):
        pass
    assert (day_of(old.created_at), value_key("spilled-1"), old.id) in rows(rig)
    assert len(rows(rig)) == 2
