"""Group commit, without a database."""

from __future__ import annotations

import asyncio

import pytest

from redound.edge.batches import Batcher, OverloadedError


class Ledger:
    """Commits when the test says so."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.doors: list[asyncio.Future[None]] = []
        self.at_once = 0

    async def commit(self, items):
        """Wait for the test, then answer with the items' doubles."""
        self.batches.append(list(items))
        door = asyncio.get_running_loop().create_future()
        self.doors.append(door)
        self.at_once = max(self.at_once, sum(not door.done() for door in self.doors))
        await door
        return [item * 2 for item in items]


async def turns(count=5):
    """Let everybody run."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_comes_together_is_committed_together():
    """Ten items in one turn of the loop are one call."""
    ledger = Ledger()
    batcher = Batcher(ledger.commit, most=100, bound=100)
    batches = {id(batcher.add(number)) for number in range(10)}
    await turns()
    assert len(batches) == 1
    assert ledger.batches == [list(range(10))]


async def test_the_next_batch_gathers_while_one_is_on_its_way():
    """And goes when that one has landed, with all that came meanwhile."""
    ledger = Ledger()
    batcher = Batcher(ledger.commit, most=100, bound=100)
    batcher.add(1)
    await turns()
    late = [batcher.add(number) for number in (2, 3, 4)]
    await turns()
    assert ledger.batches == [[1]]
    ledger.doors[0].set_result(None)
    await turns()
    assert ledger.batches == [[1], [2, 3, 4]]
    ledger.doors[1].set_result(None)
    assert await late[0].done == [4, 6, 8]
    assert ledger.at_once == 1


async def test_a_batch_is_no_larger_than_allowed():
    """25 items of at most 10 are three calls, in order."""
    ledger = Ledger()
    batcher = Batcher(ledger.commit, most=10, bound=100, flights=5)
    for number in range(25):
        batcher.add(number)
    await turns()
    assert [len(batch) for batch in ledger.batches] == [10, 10, 5]
    assert [number for batch in ledger.batches for number in batch] == list(range(25))


async def test_more_than_the_bound_is_refused_and_room_comes_back():
    """What waits and what is on its way count."""
    ledger = Ledger()
    batcher = Batcher(ledger.commit, most=10, bound=2)
    batcher.add(1)
    batcher.add(2)
    with pytest.raises(OverloadedError):
        batcher.add(3)
    await turns()
    ledger.doors[0].set_result(None)
    await turns()
    batcher.add(3)
    assert batcher.waiting == 1


async def test_a_failed_batch_fails_all_its_waiters_and_no_other():
    """Each gets the error; the next batch goes its way."""
    ledger = Ledger()
    batcher = Batcher(ledger.commit, most=100, bound=100)
    first = [batcher.add(1), batcher.add(2)]
    await turns()
    second = batcher.add(3)
    ledger.doors[0].set_exception(ValueError("no"))
    for batch in first:
        with pytest.raises(ValueError, match="no"):
            await batch.done
    await turns()
    ledger.doors[1].set_result(None)
    assert await second.done == [6]


async def test_waiters_without_a_task_are_told_and_one_that_breaks_harms_no_other():
    """The direct lane: its answers are written from here."""
    ledger, heard = Ledger(), []

    class Waits:
        def __init__(self, name):
            self.name = name

        def settle(self, result):
            heard.append((self.name, result))
            if self.name == "breaks":
                raise RuntimeError

        def fail(self, error):
            heard.append((self.name, error))

    batcher = Batcher(ledger.commit, most=100, bound=100)
    for name in ("first", "breaks", "last"):
        batcher.add(1).waiters.append(Waits(name))
    await turns()
    ledger.doors[0].set_result(None)
    await turns()
    assert [name for name, _ in heard] == ["first", "breaks", "last"]


async def test_draining_waits_for_everything():
    """A process that stops has answered everybody."""
    ledger = Ledger()
    batcher = Batcher(ledger.commit, most=1, bound=100)
    for number in range(3):
        batcher.add(number)
    draining = asyncio.create_task(batcher.drain())
    for number in range(3):
        await turns()
        assert not draining.done()
        ledger.doors[number].set_result(None)
    await asyncio.wait_for(draining, 5)
    assert batcher.waiting == 0
