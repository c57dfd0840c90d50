"""Rolling traffic up into figures by half an hour, exactly: what is read, and what is written of it.

Each of four nouns is counted in the order of its IDs up to a mark; a portion of figures and the mark that it
reaches are one transaction. All portions of a database follow each other: `statistics_step` is moved by
compare-and-set in each, so that of two rollers one loses its portion and has changed nothing. How far the
marks may go, and why no row is passed over or counted twice, stands in docs/adr/0018.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from redound.core.ids import CLICK, id_floor
from redound.core.statistics import Names, by_day, overall, rows_of
from redound.store import counters
from redound.store.counting import ROLL_AFTER_MS
from redound.store.plans.steps import Batch, LostRaceError, Step
from redound.store.players import Statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redound.core.statistics import Deltas, Place
    from redound.store.counters import Counted

TURN: Final = "statistics"
NOUNS: Final = {"clicks": CLICK, "conversions": "cnv", "deliveries": "dlv", "attempts": "att"}
"""What is counted, and how its IDs begin."""
TELL_MS: Final = 10_000
"""How much later the time of a mark has to be to be written while there is nothing to count."""
_FAR_MS: Final = 600_000
_STEP: Final = "statistics_step"
_HORIZON: Final = "statistics_horizon"
_NEXT: Final = {
    "clicks": "clicks_to_count",
    "conversions": "conversions_to_count",
    "deliveries": "deliveries_to_count",
    "attempts": "attempts_to_count",
}
_LATE: Final = {
    "clicks": "late_clicks_to_count",
    "conversions": "late_conversions_to_count",
    "deliveries": "late_deliveries_to_count",
    "attempts": "late_attempts_to_count",
}


@runtime_checkable
class Snapshots(Statements, Protocol):
    """A driver that can also answer several questions from one state of the database."""

    async def select_together(self, asked: Sequence[Step]) -> list[list[Any]]:
        """Return the rows of several named queries."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far it is known what was stored.

    Whoever is still to commit something looked at the clock at `safe_at` (ms) or later. `seen_at` becomes
    that as soon as no transaction numbered below `seen_number` is under way.
    """

    safe_at: int = 0
    seen_at: int = 0
    seen_number: int = 0

    def text(self) -> str:
        """Return it as a mark."""
        return f"{self.safe_at} {self.seen_at} {self.seen_number}"


def read_horizon(text: str) -> Horizon:
    """Read what `Horizon.text` wrote; nothing was written before the first round."""
    return Horizon(*map(int, text.split())) if text else Horizon()


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a noun is counted: to which ID, and to which time (ms) at least."""

    row_id: str = ""
    time_ms: int = 0

    def text(self) -> str:
        """Return it as it is stored."""
        return f"{self.row_id} {self.time_ms}"


def read_mark(text: str) -> Mark:
    """Read what `Mark.text` wrote."""
    row_id, _, time_ms = text.rpartition(" ")
    return Mark(row_id, int(time_ms)) if text else Mark()


@dataclass(slots=True)
class Rolled:
    """What a portion counted, and whether there is more at once."""

    counted: int = 0
    more: bool = False


@dataclass(slots=True)
class Looked:
    """What a portion read: marks of that moment, late rows and the next ones, and others by question."""

    marks: dict[str, str]
    mark: Mark
    before: str
    until_ms: int
    late: list[Any]
    rows: list[Any]
    others: list[list[Any]] = field(default_factory=list)
    most: int = 0

    @property
    def crowded(self) -> bool:
        """Whether there are more notes than a portion takes: they come first, and the mark stays."""
        return len(self.late) >= self.most or any(len(rows) >= self.most for rows in self.others[:1])

    def reached(self, id_at: int, time_at: int) -> Mark | None:
        """Return the mark that this portion reaches, by its columns of ID and time; None when it stays."""
        if self.crowded:
            return None
        if len(self.rows) >= self.most:
            last = self.rows[-1]
            return Mark(str(last[id_at]), max(self.mark.time_ms, min(int(last[time_at]), self.until_ms)))
        # The floor without its last digit sorts before every ID of that time, and after all before it.
        return Mark(max(self.before[:-1], self.mark.row_id), max(self.until_ms, self.mark.time_ms))


class Statistics:
    """The verbs of rolling, on a driver that runs named queries. One instance a process."""

    def __init__(self, statements: Snapshots) -> None:
        self._db = statements
        self._open_after = ""

    async def take_turn(self, holder: str, now_ms: int, until: int) -> bool:
        """Take the turn to roll, or keep it; False while another process has it. Exactness needs no turn."""
        times = (f"{each:016d}" for each in (until, now_ms, now_ms + _FAR_MS))
        plan = [Step("put_mark", (TURN,)), Step("take_turn", (TURN, holder, *times))]
        return (await self._db.perform(plan))[1] == 1

    async def look_ahead(self, now_ms: int) -> Horizon:
        """Move the horizon; return it. `now_ms` is read from the clock just before."""
        marks, numbers = await self._db.select_together(
            [Step("statistics_marks", ()), Step("transactions_of_now", ())]
        )
        text = dict(marks)[_HORIZON]
        known = read_horizon(text)
        oldest, following = numbers[0]
        if known.seen_at and oldest < known.seen_number:
            return known
        moved = Horizon(known.seen_at, now_ms, following)
        try:
            # On SQLite this being written is the point: whoever began before it has committed.
            await self._db.perform([Step("move_mark", (_HORIZON, text, moved.text()), 1)])
        except LostRaceError:
            return known
        return moved

    async def roll(self, noun: str, horizon: Horizon, most: int) -> Rolled:
        """Count the next portion of a noun, at most `most` rows; nothing when another roller was faster."""
        count = {
            "clicks": self._clicks,
            "conversions": self._conversions,
            "deliveries": self._deliveries,
            "attempts": self._attempts,
        }[noun]
        try:
            looked = await self._look(noun, horizon, most)
            counted, reached = await count(looked)
            await self._store(noun, looked, counted, reached)
        except LostRaceError:
            return Rolled(more=True)
        return Rolled(counted.rows, looked.crowded or len(looked.rows) >= most)

    async def _store(self, noun: str, looked: Looked, counted: Counted, reached: Mark | None) -> None:
        """Write a portion in one transaction; LostRaceError when another portion came in between."""
        batches = [batch for batch in (*_figures(counted.deltas), *counted.batches) if batch.rows]
        idle = reached is None or reached.time_ms - looked.mark.time_ms < TELL_MS
        if not batches and not looked.rows and idle:
            return
        step = int(looked.marks[_STEP])
        plan: list[Batch | Step] = [Step("move_mark", (_STEP, str(step), str(step + 1)), 1), *batches]
        if reached is not None:
            plan.append(Step("put_statistics_mark", (f"statistics_{noun}", reached.text())))
        await self._db.perform(plan)

    async def _look(self, noun: str, horizon: Horizon, most: int) -> Looked:
        """Read what is to be counted, all of it in one state of the database.

        The mark is read before, and read again with the rest: when it moved meanwhile, so did the step, and
        the portion will be lost.
        """
        name = f"statistics_{noun}"
        mark = read_mark(dict(await self._db.select("statistics_marks"))[name])
        until_ms = max(0, horizon.safe_at - ROLL_AFTER_MS[noun])
        before = id_floor(NOUNS[noun], until_ms)
        where = (mark.row_id, max(before, mark.row_id), most)
        asked = [
            Step("statistics_marks", ()),
            Step(_LATE[noun], where),
            Step(_NEXT[noun], where),
        ]
        if noun == "deliveries":
            asked += [
                Step("reopened_to_count", (most,)),
                Step("open_to_count", (self._open_after, most)),
            ]
        marks, late, rows, *others = await self._db.select_together(asked)
        looked = Looked(dict(marks), mark, before, until_ms, late, rows, others, most)
        if read_mark(looked.marks[name]) != mark:
            raise LostRaceError("another roller moved the mark")
        if len(late) >= most:
            looked.others = [[] for _ in others]
        if looked.crowded:
            looked.rows = []
        return looked

    async def _clicks(self, looked: Looked) -> tuple[Counted, Mark | None]:
        clicks = await asyncio.to_thread(counters.clicks, looked.late, looked.rows, looked.mark.row_id)
        names = await self._names(place for place, _ in clicks)
        counted = counters.start(looked.late, len(clicks))
        for place, valid in clicks:
            counted.deltas.click(place, names.names(place), valid=valid)
        return counted, looked.reached(1, 2)

    async def _conversions(self, looked: Looked) -> tuple[Counted, Mark | None]:
        found = {row[1]: row for row in (*looked.late, *looked.rows) if row[1] is not None and not row[-1]}
        known = (
            {row[0]: row for row in await self._db.select("counted_conversions", list(found))}
            if found
            else {}
        )
        fresh = list({row[8] for row_id, row in found.items() if row_id not in known})
        clicks = {row[0]: row for row in await self._db.select("find_clicks", fresh)} if fresh else {}
        made = [counters.conversion(row, clicks.get(row[8])) for row in found.values() if row[1] not in known]
        names = await self._names(each.place for each in made)
        counted = counters.start(looked.late, len(found))
        counters.count_conversions(counted, made, names, [(found[row_id], known[row_id]) for row_id in known])
        return counted, looked.reached(1, 2)

    async def _deliveries(self, looked: Looked) -> tuple[Counted, Mark | None]:
        reopened, waiting = looked.others
        if looked.crowded:
            waiting = []
        else:
            self._open_after = waiting[-1][0] if len(waiting) >= looked.most else ""
        counted = counters.start([*looked.late, *reopened], 0)
        counters.count_deliveries(counted, looked.late, looked.rows, reopened, waiting, looked.mark.row_id)
        return counted, looked.reached(1, 6)

    async def _attempts(self, looked: Looked) -> tuple[Counted, Mark | None]:
        counted = counters.start(looked.late, 0)
        await asyncio.to_thread(
            counters.count_attempts, counted, looked.late, looked.rows, looked.mark.row_id
        )
        return counted, looked.reached(1, 5)

    async def _names(self, places: Iterable[Place]) -> Names:
        """Return which sub values have names where these places are."""
        wanted = {(place.at, place.affiliate_id) for place in places if any(place.subs)}
        names = Names()
        if wanted:
            ats, affiliates = ([*dict.fromkeys(part)] for part in zip(*sorted(wanted), strict=True))
            for at, affiliate_id, slot, value in await self._db.select("named_values", ats, affiliates):
                names.known[at, affiliate_id, slot].add(value)
        return names


def _figures(deltas: Deltas) -> list[Batch]:
    """Return what is added: by half an hour, by day, and to what is kept of everything."""
    return [
        Batch("add_network_figures", rows=rows_of(overall(deltas.offers, 0, 4))),
        Batch("add_offer_figures", rows=rows_of(deltas.offers)),
        Batch("add_offer_days", rows=rows_of(by_day(deltas.offers))),
        Batch("add_link_figures", rows=rows_of(deltas.links)),
        Batch("add_link_days", rows=rows_of(by_day(deltas.links))),
        Batch("add_sub_figures", rows=rows_of(deltas.subs)),
        Batch("add_sub_days", rows=rows_of(by_day(deltas.subs))),
        Batch("add_network_delivery_figures", rows=rows_of(overall(deltas.deliveries, 0))),
        Batch("add_delivery_figures", rows=rows_of(deltas.deliveries)),
        Batch("add_delivery_days", rows=rows_of(by_day(deltas.deliveries))),
        Batch("add_failure_figures", rows=rows_of(deltas.failures)),
    ]
