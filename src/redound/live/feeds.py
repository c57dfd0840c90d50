"""What happens to the rows of one noun, read once for everybody who watches, and handed on in memory.

Nobody watches: nothing is read. Somebody watches: one look a second at the youngest rows, whoever they belong
to; what is new or looks different since the look before is a change. Looks overlap by a minute, so a row that
was committed late is found although its ID is older than others'. The last changes are kept for readers who
come back.

A cursor is `{epoch}.{number}` of the last change that a reader got, or `t{ms}`, the time of the page that it
reads on. An epoch ends when changes may have been missed: readers are told to reload.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from redound.console.live.rows import MANAGERS, WINDOW_MS, Row, Sample
from redound.core.ids import read_id
from redound.logs import log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

LOOK_SECONDS: Final = 0.7
KEPT: Final = 2_000
"""Changes that are kept for readers who come back."""
KNOWN: Final = 20_000
"""Rows whose looks are remembered: many times what one look takes."""
WAITING: Final = 500
"""Changes that may wait for one reader; one more and it is told to reload instead."""
MARGIN_MS: Final = 2_000
"""How much earlier than a page's time its reader begins: twice the same row does no harm."""
AT_ONCE: Final = 200
"""Changes handed on before others on the event loop have their turn."""

_CURSOR = re.compile(r"(?:t(?P<ms>\d{1,15})|(?P<epoch>[0-9a-f]{16})\.(?P<number>\d{1,18}))", re.ASCII)


@dataclass(frozen=True, slots=True)
class Change:
    """A row that came or changed; `at` in ms."""

    cursor: str
    number: int
    at: int
    row: Row
    kind: Literal["new", "state"]


class Reader:
    """One stream's place in a feed: what waits to be sent, and what it is about.

    `filters` are the values wanted by field. A row that changed its state is handed on whatever the filter
    says of states: it may be one that the page shows.
    """

    def __init__(self, audience: str, filters: Mapping[str, frozenset[str]]) -> None:
        self.audience = audience
        self._filters = filters
        self._some = asyncio.Event()
        self._waiting: list[Change] = []
        self._reset = False

    def wants(self, change: Change) -> bool:
        """Whether the change is for this reader's eyes, and about what it asked for."""
        row = change.row
        if not (row.for_managers if self.audience == MANAGERS else row.audience == self.audience):
            return False
        return all(
            row.fields.get(name) in wanted or (name == "state" and change.kind == "state")
            for name, wanted in self._filters.items()
        )

    def offer(self, change: Change) -> None:
        """Queue a change that is wanted; too many make it a reset."""
        if self._reset or not self.wants(change):
            return
        if len(self._waiting) >= WAITING:
            self.reset()
            return
        self._waiting.append(change)
        self._some.set()

    def reset(self) -> None:
        """Tell the reader to begin anew; what waited is dropped."""
        self._waiting.clear()
        self._reset = True
        self._some.set()

    async def take(self, seconds: float) -> tuple[bool, Sequence[Change]]:
        """Return whether to begin anew, and what came, after waiting for something up to `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._some.wait()
        except TimeoutError:
            if not self._some.is_set():
                return False, ()
        self._some.clear()
        reset, self._reset = self._reset, False
        taken, self._waiting = self._waiting, []
        return reset, taken


class Feed:
    """The changes of one noun. `clock` gives milliseconds.

    `look` finds what is new or changed, given the marks of what is known; these stay as they are meanwhile.
    """

    def __init__(
        self, noun: str, look: Callable[[Mapping[str, str]], Awaitable[Sample]], clock: Callable[[], int]
    ) -> None:
        self._noun = noun
        self._look = look
        self._clock = clock
        self._readers: set[Reader] = set()
        self._known: OrderedDict[str, str] = OrderedDict()
        self._kept: deque[Change] = deque(maxlen=KEPT)
        self._epoch = secrets.token_hex(8)
        self._number = self._handed = 0
        self._joining = 0
        self._looked_at: int | None = None
        self._looked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failing = False

    @property
    def cursor(self) -> str:
        """The place behind the last change that was handed on."""
        return f"{self._epoch}.{self._handed}"

    @property
    def watched(self) -> bool:
        """Whether rows are being read."""
        return self._task is not None

    async def join(self, reader: Reader, cursor: str) -> None:
        """Let a reader follow from its cursor on, "" for from now on. It gets what it missed first."""
        if self._task is None:
            self._looked.clear()
            self._task = asyncio.create_task(self._run(), name=f"live-{self._noun}")
        self._joining += 1
        try:
            await self._looked.wait()
            self._readers.add(reader)
        finally:
            self._joining -= 1
            self._rest()
        # Nothing happens since it was added: a change is either missed or still to come.
        missed = self._since(cursor)
        if missed is None:
            reader.reset()
            return
        for change in missed:
            reader.offer(change)

    def leave(self, reader: Reader) -> None:
        """Forget a reader; with the last one reading ends."""
        self._readers.discard(reader)
        self._rest()

    def _rest(self) -> None:
        if self._readers or self._joining or self._task is None:
            return
        self._task.cancel()
        self._task = None

    def _since(self, cursor: str) -> list[Change] | None:
        """Return the changes behind a cursor, None when they are not all known any more."""
        found = _CURSOR.fullmatch(cursor)
        if found is None:
            return [] if not cursor else None
        if found["ms"]:
            begin = int(found["ms"]) - MARGIN_MS
            if begin < self._clock() - WINDOW_MS:
                return None
            return [change for change in self._kept if change.at >= begin]
        number = int(found["number"])
        oldest = self._kept[0].number if self._kept else self._handed + 1
        if found["epoch"] != self._epoch or not oldest - 1 <= number <= self._handed:
            return None
        return [change for change in self._kept if change.number > number]

    async def _run(self) -> None:
        while True:
            try:
                await self._take_in(await self._look(self._known))
            except Exception as error:  # noqa: BLE001 - whatever it was, it is logged and the next look tries again
                if not self._failing:
                    log.warning("live.not_read", noun=self._noun, error=str(error) or type(error).__name__)
                self._failing = True
            else:
                self._failing = False
                self._looked.set()
            await asyncio.sleep(LOOK_SECONDS)

    async def _take_in(self, sample: Sample) -> None:
        now = self._clock()
        before = self._looked_at
        self._looked_at = now
        begins = before is None or now - before > WINDOW_MS // 2
        if begins or sample.missed:
            self._begin_anew()
        fresh = [self._change(row, now, begins=begins) for row in sample.rows]
        for start in range(0, len(fresh), AT_ONCE):
            for change in fresh[start : start + AT_ONCE]:
                self._kept.append(change)
                self._handed = change.number
                if not begins:
                    for reader in self._readers:
                        reader.offer(change)
            await asyncio.sleep(0)

    def _begin_anew(self) -> None:
        """End the epoch: what happened between the last look and this one is not known."""
        again = self._number > 0
        self._epoch = secrets.token_hex(8)
        self._number = self._handed = 0
        self._kept.clear()
        for reader in self._readers if again else ():
            reader.reset()

    def _change(self, row: Row, now: int, *, begins: bool) -> Change:
        came_at = _time_of(row.id)
        known = row.id in self._known
        self._known[row.id] = row.mark
        self._known.move_to_end(row.id)
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)
        self._number += 1
        kind: Literal["new", "state"] = "state" if known or came_at < now - WINDOW_MS else "new"
        cursor = f"{self._epoch}.{self._number}"
        return Change(cursor, self._number, came_at if begins else now, row, kind)


def _time_of(row_id: str) -> int:
    parts = read_id(row_id)
    return 0 if parts is None else parts.time_ms
