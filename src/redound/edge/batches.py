"""Group commit: requests that wait at the same time are made durable by one call.

While a batch is on its way the next one gathers, so batches grow with load and a lone request waits for
nobody. All requests of a batch await one future.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from redound.logs import log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Item = TypeVar("Item")
Result = TypeVar("Result")
Result_contra = TypeVar("Result_contra", contravariant=True)


class OverloadedError(Exception):
    """More requests wait than the bound allows; nothing of this one was taken."""


class Waiter(Protocol[Result_contra]):
    """Somebody who waits for a batch without a task."""

    def settle(self, result: Result_contra) -> None:
        """Answer: the batch is durable."""

    def fail(self, error: BaseException) -> None:
        """Answer: it is not."""


class Batch(Generic[Item, Result]):
    """Items that share one commit. `done` gives its result, or raises what it raised, to all of them.

    `waiters` are told the same, without the cost of a task for each.
    """

    __slots__ = ("done", "items", "waiters")

    def __init__(self, done: asyncio.Future[Result]) -> None:
        self.items: list[Item] = []
        self.waiters: list[Waiter[Result]] = []
        self.done = done


class Batcher(Generic[Item, Result]):
    """Gathers items and commits them, at most `most` a call and `flights` calls at a time.

    `bound` items may wait or be on their way; one more raises OverloadedError.
    """

    def __init__(
        self, commit: Callable[[list[Item]], Awaitable[Result]], *, most: int, bound: int, flights: int = 1
    ) -> None:
        self._commit = commit
        self._most = most
        self._bound = bound
        self._flights = flights
        self._flying: set[asyncio.Task[None]] = set()
        self._gathering: deque[Batch[Item, Result]] = deque()
        self._launching = False
        self.waiting = 0

    def add(self, item: Item) -> Batch[Item, Result]:
        """Put the item into the batch that gathers; it is the last of the batch's items on return."""
        if self.waiting >= self._bound:
            raise OverloadedError
        self.waiting += 1
        gathering = self._gathering
        if gathering and len(gathering[-1].items) < self._most:
            batch = gathering[-1]
        else:
            loop = asyncio.get_running_loop()
            batch = Batch(loop.create_future())
            gathering.append(batch)
            if not self._launching and len(self._flying) < self._flights:
                # Not at once: requests that arrived in the same turn of the loop come along.
                self._launching = True
                loop.call_soon(self._launch)
        batch.items.append(item)
        return batch

    async def drain(self) -> None:
        """Return when nothing waits any more."""
        while self._flying or self._gathering:
            await asyncio.sleep(0)
            await asyncio.gather(*self._flying, return_exceptions=True)

    def _launch(self) -> None:
        self._launching = False
        while self._gathering and len(self._flying) < self._flights:
            task = asyncio.get_running_loop().create_task(self._fly(self._gathering.popleft()))
            self._flying.add(task)
            task.add_done_callback(self._landed)

    async def _fly(self, batch: Batch[Item, Result]) -> None:
        try:
            result = await self._commit(batch.items)
        except asyncio.CancelledError as error:
            batch.done.cancel()
            _fail(batch.waiters, error)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, those who wait must be told
            if not batch.done.done():
                batch.done.set_exception(error)
                batch.done.exception()  # marks it as seen: perhaps nobody awaits it
            _fail(batch.waiters, error)
        else:
            if not batch.done.done():
                batch.done.set_result(result)
            _settle(batch.waiters, result)
        finally:
            self.waiting -= len(batch.items)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._launch()


def _settle(waiters: list[Waiter[Result]], result: Result) -> None:
    for waiter in waiters:
        try:
            waiter.settle(result)
        except Exception:  # noqa: BLE001 - whatever it was, those who wait must be told
            log.exception("answer.failed")


def _fail(waiters: list[Waiter[Result]], error: BaseException) -> None:
    for waiter in waiters:
        try:
            waiter.fail(error)
        except Exception:  # noqa: BLE001 - whatever it was, those who wait must be told
            log.exception("answer.failed")
