"""Group commit for PostgreSQL: what waits at the same time goes into one transaction, several at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MOST_ROWS = 500
"""How many rows one transaction takes at most."""


@dataclass(eq=False, slots=True)
class Job:
    """One call that waits; whoever runs it sets `result` or `error`.

    `keys` names what it must not share with a transaction in flight beside it: two that decide about one
    conversion would only make each other decide again.
    """

    payload: Any
    rows: int
    keys: frozenset[str]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Flights:
    """Gathers jobs into batches and has `most` of them in flight. `run` sets each job's result."""

    def __init__(self, run: Callable[[list[Job]], Awaitable[None]], most: int) -> None:
        self._run = run
        self._most = most
        self._waiting: deque[Job] = deque()
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, payload: Any, rows: int, keys: frozenset[str] = frozenset()) -> Any:
        """Have a job done; return its result once it is durable."""
        job = Job(payload, rows, keys, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._launch()
        return await job.future

    async def drain(self) -> None:
        """Return when nothing waits any more."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _launch(self) -> None:
        while self._waiting and len(self._tasks) < self._most:
            jobs = self._gather()
            if not jobs:
                return
            task = asyncio.create_task(self._fly(jobs))
            self._tasks.add(task)
            task.add_done_callback(self._landed)

    def _gather(self) -> list[Job]:
        """Take what waits, in its order, but for jobs whose keys are in flight; mark the keys as busy."""
        jobs: list[Job] = []
        held: list[Job] = []
        blocked = set(self._busy)
        rows = 0
        while self._waiting and rows < MOST_ROWS:
            job = self._waiting.popleft()
            if job.future.cancelled():
                continue
            if not job.keys.isdisjoint(blocked):
                # Those behind it with the same keys wait with it: arrival order stays.
                blocked |= job.keys
                held.append(job)
            else:
                jobs.append(job)
                rows += job.rows
        self._waiting.extendleft(reversed(held))
        for job in jobs:
            self._busy |= job.keys
        return jobs

    async def _fly(self, jobs: list[Job]) -> None:
        try:
            await self._run(jobs)
        except BaseException as error:  # noqa: BLE001 - handed to those who wait
            for job in jobs:
                job.error = error
        finally:
            for job in jobs:
                self._busy -= job.keys
            _settle(jobs)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._launch()


def _settle(jobs: list[Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
