"""What readers of one noun get, look by look."""

from __future__ import annotations

import asyncio

import pytest

from redound.console.live.rows import WINDOW_MS, Sample
from redound.live import feeds
from redound.live.feeds import Feed, Reader
from tests.edge.client import until
from tests.live.watching import now_ms, row

ALICE, CHARLIE = "aff_alice", "aff_charlie"


class Table:
    """Rows that looks find; a look waits for the test to ask for it."""

    def __init__(self) -> None:
        self.rows = {}
        self.missed = False
        self.looks = 0
        self.broken = False

    def put(self, *rows):
        """Add or change rows."""
        for each in rows:
            self.rows[each.id] = each
        return [each.id for each in rows]

    async def look(self, known):
        """Return what is not known."""
        self.looks += 1
        if self.broken:
            raise RuntimeError("no database")
        fresh = [each for each in self.rows.values() if known.get(each.id) != each.mark]
        return Sample(tuple(sorted(fresh, key=lambda each: each.id)), missed=self.missed)


@pytest.fixture
def table(monkeypatch):
    """An empty table that is looked at as fast as can be."""
    monkeypatch.setattr(feeds, "LOOK_SECONDS", 0.001)
    return Table()


@pytest.fixture
async def feed(table):
    """A feed of the table; nothing runs after the test."""
    feed = Feed("deliveries", table.look, now_ms)
    yield feed
    for reader in list(feed._readers):
        feed.leave(reader)


async def joined(feed, audience="", cursor="", **filters):
    """Return a reader that follows."""
    reader = Reader(audience, {name: frozenset({value}) for name, value in filters.items()})
    await feed.join(reader, cursor)
    return reader


async def taken(reader, count):
    """Return the next changes as (ID, kind)."""
    found = []
    async with asyncio.timeout(10):
        while len(found) < count:
            reset, changes = await reader.take(10)
            assert not reset
            found += [(each.row.id, each.kind) for each in changes]
    return found


async def test_nothing_is_read_while_nobody_watches(feed, table):
    """The data plane pays nothing for streams that nobody has open."""
    assert not feed.watched
    reader = await joined(feed)
    assert feed.watched
    feed.leave(reader)
    looks = table.looks
    await asyncio.sleep(0.02)
    assert not feed.watched
    assert table.looks == looks


async def test_one_look_serves_everybody(feed, table):
    """Ten readers cost what one does, and each gets the row once."""
    readers = [await joined(feed) for _ in range(10)]
    (new,) = table.put(row())
    for reader in readers:
        assert await taken(reader, 1) == [(new, "new")]
    assert len([task for task in asyncio.all_tasks() if task.get_name() == "live-deliveries"]) == 1


async def test_what_was_there_before_is_not_new(feed, table):
    """A reader without a cursor begins now."""
    table.put(row())
    reader = await joined(feed)
    (second,) = table.put(row())
    assert await taken(reader, 1) == [(second, "new")]


async def test_charlie_gets_nothing_of_alice_s(feed, table):
    """Each affiliate their own; Bob all of them."""
    alice, charlie, bob = await joined(feed, ALICE), await joined(feed, CHARLIE), await joined(feed)
    first, second = table.put(row(ALICE), row(CHARLIE))
    assert await taken(alice, 1) == [(first, "new")]
    assert await taken(charlie, 1) == [(second, "new")]
    assert len(await taken(bob, 2)) == 2
    assert (await alice.take(0.01), await charlie.take(0.01)) == ((False, ()), (False, ()))


async def test_what_belongs_to_no_affiliate_is_for_managers(feed, table):
    """A manager's postback has no affiliate."""
    alice, bob = await joined(feed, ALICE), await joined(feed)
    (new,) = table.put(row(""))
    assert await taken(bob, 1) == [(new, "new")]
    assert await alice.take(0.01) == (False, ())


async def test_a_row_committed_late_is_not_missed(feed, table):
    """Its ID is older than one that was seen already."""
    reader = await joined(feed)
    late = row()
    await asyncio.sleep(0.005)
    (early,) = table.put(row())
    assert await taken(reader, 1) == [(early, "new")]
    table.put(late)
    assert await taken(reader, 1) == [(late.id, "new")]


async def test_a_changed_row_comes_again(feed, table):
    """With its new state; what looks the same does not."""
    reader = await joined(feed)
    (new,) = table.put(row(state="pending"))
    await taken(reader, 1)
    table.put(row(row_id=new, mark="b", state="delivered"))
    assert await taken(reader, 1) == [(new, "state")]
    assert await reader.take(0.02) == (False, ())


async def test_filters_keep_out_what_was_not_asked_for(feed, table):
    """But a row that leaves a state is told of: the page may show it."""
    reader = await joined(feed, postback_id="pbk_1", state="failed")
    table.put(
        row(postback_id="pbk_2", state="failed"),
        row(postback_id="pbk_1", state="pending"),
    )
    (wanted,) = table.put(row(postback_id="pbk_1", state="failed"))
    assert await taken(reader, 1) == [(wanted, "new")]
    table.put(row(row_id=wanted, mark="b", postback_id="pbk_1", state="delivered"))
    assert await taken(reader, 1) == [(wanted, "state")]


async def test_who_comes_back_gets_what_was_missed_and_nothing_twice(feed, table):
    """By the cursor of the last change."""
    other, reader = await joined(feed), await joined(feed)
    table.put(row())
    _, changes = await reader.take(10)
    feed.leave(reader)
    missed = table.put(row(), row())
    await taken(other, 3)
    again = await joined(feed, cursor=changes[-1].cursor)
    assert sorted(await taken(again, 2)) == sorted((each, "new") for each in missed)
    (new,) = table.put(row())
    assert await taken(again, 1) == [(new, "new")]


async def test_who_comes_back_soon_misses_nothing_even_when_nobody_else_watched(feed, table):
    """Looks overlap, so a short rest leaves no gap."""
    reader = await joined(feed)
    await taken_after(reader, table)
    cursor = feed.cursor
    feed.leave(reader)
    missed = table.put(row(), row())
    again = await joined(feed, cursor=cursor)
    assert sorted(await taken(again, 2)) == sorted((each, "new") for each in missed)


async def taken_after(reader, table):
    """Add a row and wait for it."""
    table.put(row())
    return await taken(reader, 1)


@pytest.mark.parametrize("cursor", ["0123456789abcdef.5", "nonsense", "t1"])
async def test_a_cursor_that_is_not_known_means_to_reload(feed, cursor):
    """Another process's, a mangled one, a page made long ago."""
    assert await (await joined(feed, cursor=cursor)).take(1) == (True, [])


async def test_after_a_long_rest_readers_reload(table, monkeypatch):
    """What happened meanwhile is not known."""
    times = [now_ms()]
    feed = Feed("deliveries", table.look, lambda: times[0])
    reader = await joined(feed)
    await taken_after(reader, table)
    cursor = feed.cursor
    feed.leave(reader)
    times[0] += WINDOW_MS
    again = await joined(feed, cursor=cursor)
    assert await again.take(1) == (True, [])
    feed.leave(again)


async def test_a_cursor_older_than_what_is_kept_means_to_reload(feed, table, monkeypatch):
    """The backlog is bounded."""
    monkeypatch.setattr(feeds, "WAITING", 10_000)
    reader = await joined(feed)
    start = feed.cursor
    table.put(*(row() for _ in range(feeds.KEPT + 1)))
    await taken(reader, feeds.KEPT + 1)
    assert await (await joined(feed, cursor=start)).take(1) == (True, [])


async def test_a_page_s_time_is_a_cursor(feed, table):
    """What was committed while the page was made is not missed."""
    table.put(row())
    page = f"t{now_ms()}"
    reader = await joined(feed, cursor=page)
    (new,) = table.put(row())
    assert (new, "new") in await taken(reader, 2)


async def test_more_than_can_be_followed_means_to_reload(feed, table):
    """A look was cut off before it reached what was known."""
    reader = await joined(feed)
    await taken_after(reader, table)
    cursor = feed.cursor
    table.put(*(row() for _ in range(5)))
    table.missed = True
    reset, _ = await reader.take(10)
    table.missed = False
    assert reset
    assert feed.cursor.partition(".")[0] != cursor.partition(".")[0]


async def test_a_reader_that_takes_nothing_is_told_to_reload(feed, table, monkeypatch):
    """What waits for one reader is bounded; others are not disturbed."""
    monkeypatch.setattr(feeds, "WAITING", 3)
    slow, other = await joined(feed), await joined(feed)
    for _ in range(5):
        await taken_after(other, table)
    assert await slow.take(1) == (True, [])


async def test_a_database_that_fails_does_not_end_the_feed(feed, table):
    """What came meanwhile is found afterwards."""
    reader = await joined(feed)
    table.broken = True
    looks = table.looks
    await until(lambda: table.looks > looks + 2)
    (new,) = table.put(row())
    table.broken = False
    assert await taken(reader, 1) == [(new, "new")]


async def test_a_reader_who_gives_up_before_the_first_look_leaves_nothing_running(feed, table):
    """The database does not answer at all."""
    table.broken = True
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await joined(feed)
    assert not feed.watched
