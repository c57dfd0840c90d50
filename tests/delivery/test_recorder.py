"""Making results durable: in groups, and none lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from redound.core.deliveries import (
    AttemptResult,
    Delivered,
    Fault,
    Health,
    Recorded,
    Response,
    SentRequest,
)
from redound.delivery.recorder import GROUP, Recorder
from redound.store.port import StoreUnavailableError
from tests.delivery.rig import make_leased, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence


def make(number: int, body: str = "OK") -> Recorded:
    """A delivered callback of Alice's."""
    delivery = make_leased(f"dlv_{number}")
    result = AttemptResult(
        SentRequest("GET", "http://alice.example/", ()), 0, 5, Fault.NONE, Response(200, (), body)
    )
    return Recorded(f"att_{number}", delivery, result, Delivered())


@dataclass
class Database:
    """Takes groups unless told otherwise: `down` times it is away, `chokes_on` is a body it refuses."""

    groups: list[list[str]] = field(default_factory=list)
    down: int = 0
    chokes_on: str = ""
    disables: bool = False
    tries: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def record(self, records: Sequence[Recorded], judge: object) -> list[Health]:
        """Store a group."""
        self.tries += 1
        await self.gate.wait()
        if self.down:
            self.down -= 1
            raise StoreUnavailableError("away")
        bodies = [each.result.response.body for each in records if each.result.response is not None]
        if self.chokes_on and self.chokes_on in bodies:
            raise ValueError("cannot take this row")
        self.groups.append([each.delivery.id for each in records])
        return [Health("pbk_1", "disabled")] if self.disables else []


class Desk:
    """A recorder on a database, and what it reported."""

    def __init__(self) -> None:
        self.database = Database()
        self.done: list[str] = []
        self.disabled: list[str] = []
        self.recorder = Recorder(self.database, lambda health, _: health, self._note)  # type: ignore[arg-type]

    def _note(self, records: Sequence[Recorded], disabled: Sequence[Health]) -> None:
        self.done += [each.delivery.id for each in records]
        self.disabled += [each.postback_id for each in disabled]


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A recorder that runs, with short pauses."""
    monkeypatch.setattr("redound.delivery.recorder.FIRST_PAUSE_SECONDS", 0.0)
    desk = Desk()
    task = asyncio.create_task(desk.recorder.run())
    yield desk
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_results_that_come_together_are_stored_together(desk):
    """Three answers within milliseconds are one transaction."""
    for number in range(3):
        desk.recorder.put(make(number))
    await desk.recorder.flushed()
    assert desk.database.groups == [["dlv_0", "dlv_1", "dlv_2"]]
    assert desk.done == ["dlv_0", "dlv_1", "dlv_2"]


async def test_a_large_number_is_cut_into_groups(desk):
    """No transaction grows beyond its bound, and the order is kept."""
    for number in range(2 * GROUP + 1):
        desk.recorder.put(make(number))
    await desk.recorder.flushed()
    assert [len(group) for group in desk.database.groups] == [GROUP, GROUP, 1]
    assert desk.done == [f"dlv_{number}" for number in range(2 * GROUP + 1)]


async def test_while_one_group_is_stored_the_next_one_gathers(desk):
    """A slow commit makes larger groups, not a queue of small ones."""
    desk.database.gate.clear()
    desk.recorder.put(make(0))
    await until(lambda: desk.database.tries > 0)
    for number in range(1, 6):
        desk.recorder.put(make(number))
    assert desk.recorder.backlog == 6
    desk.database.gate.set()
    await desk.recorder.flushed()
    assert [len(group) for group in desk.database.groups] == [1, 5]
    assert desk.recorder.backlog == 0


async def test_when_the_database_is_away_results_are_kept_and_offered_again(desk):
    """Three refusals, then it is back: nothing is lost and nothing is stored twice."""
    desk.database.down = 3
    desk.recorder.put(make(0))
    desk.recorder.put(make(1))
    await desk.recorder.flushed()
    assert desk.database.tries == 4
    assert desk.database.groups == [["dlv_0", "dlv_1"]]
    assert not desk.recorder.failing


async def test_a_failing_recorder_says_so(desk):
    """The worker claims nothing while results cannot be stored."""
    desk.database.down = 1_000_000
    desk.recorder.put(make(0))
    await until(lambda: desk.database.tries > 1)
    assert desk.recorder.failing
    assert desk.done == []
    desk.database.down = 0
    await desk.recorder.flushed()


async def test_a_result_that_cannot_be_stored_harms_no_other(desk):
    """Charlie's answer holds what the database refuses; Alice's are stored, and his without the answer."""
    desk.database.chokes_on = "poison"
    for number in range(4):
        desk.recorder.put(make(number, "poison" if number == 2 else "OK"))
    await desk.recorder.flushed()
    assert sorted(each for group in desk.database.groups for each in group) == [
        "dlv_0",
        "dlv_1",
        "dlv_2",
        "dlv_3",
    ]
    assert sorted(desk.done) == ["dlv_0", "dlv_1", "dlv_2", "dlv_3"]


async def test_what_was_disabled_is_passed_on(desk):
    """The worker hears of it with the group that did it."""
    desk.database.disables = True
    desk.recorder.put(make(0))
    await desk.recorder.flushed()
    assert desk.disabled == ["pbk_1"]
