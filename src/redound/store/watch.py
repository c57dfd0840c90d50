"""The watch in a database: counting stretches of time once each, and incidents open once each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from redound.core.ids import click_floor, id_floor
from redound.core.watch.counting import of_reports
from redound.core.watch.kinds import DAYS, WINDOWS, Kind, Measure, Tally
from redound.core.watch.windows import HOUR_MS, HOURS_A_DAY, RECENT_HOURS, Before, Hour
from redound.store.plans.steps import Batch, LostRaceError, Step
from redound.store.rows import traffic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redound.core.watch.kinds import Evidence
    from redound.store.players import Statements

    Counted = Mapping[tuple[Measure, str], Tally]

TURN: Final = "watch"
COUNTED: Final = "watch_counted"
_FAR_MS: Final = 600_000


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that is open."""

    id: str
    kind: Kind
    subject: str
    opened_at: int


@dataclass(frozen=True, slots=True)
class Notice:
    """What one audience, "manager" or "affiliate", is told."""

    id: str
    kind: str
    audience: str
    text: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom an incident concerns, IDs; "" for nobody."""

    postback_id: str = ""
    offer_id: str = ""
    advertiser_id: str = ""
    affiliate_id: str = ""


class Watch:
    """The verbs of the watch, on a driver that runs named queries."""

    def __init__(self, statements: Statements) -> None:
        self._db = statements

    async def take_turn(self, holder: str, now_ms: int, until: int) -> bool:
        """Take the turn to watch, or keep it; False while another process has it."""
        times = (f"{each:016d}" for each in (until, now_ms, now_ms + _FAR_MS))
        plan = [Step("put_mark", (TURN,)), Step("take_turn", (TURN, holder, *times))]
        return (await self._db.perform(plan))[1] == 1

    async def counted_until(self) -> int | None:
        """Return up to when has been counted, in ms; None before the first time."""
        rows = await self._db.select("mark", COUNTED)
        if not rows:
            await self._db.perform([Step("put_mark", (COUNTED,))])
        return int(rows[0][0]) if rows and rows[0][0] else None

    async def count(self, was: int | None, low_ms: int, high_ms: int) -> bool:
        """Count what has a time from `low_ms` to before `high_ms`, both in one hour; note that it is counted.

        `was` is up to when had been counted. False, and nothing counted, when another process was faster.
        """
        counts = await self._read(low_ms, high_ms)
        hour = low_ms // HOUR_MS
        rows = [
            (hour, measure.value, subject, tally.total, tally.hits)
            for (measure, subject), tally in sorted(counts.items())
        ]
        before = "" if was is None else f"{was:016d}"
        plan: list[Batch | Step] = [Step("move_mark", (COUNTED, before, f"{high_ms:016d}"), 1)]
        if rows:
            plan.append(Batch("add_watch_hour", rows=rows))
        try:
            await self._db.perform(plan)
        except LostRaceError:
            return False
        return True

    async def _read(self, low_ms: int, high_ms: int) -> Counted:
        counts: dict[tuple[Measure, str], Tally] = defaultdict(Tally)
        for postback_id, total, failed in await self._db.select(
            "watch_tries", *_range("att", low_ms, high_ms)
        ):
            counts[Measure.TRIES, postback_id] += Tally(int(total), int(failed))
        reports = await self._db.select("watch_reports", *_range("rpt", low_ms, high_ms))
        for key, tally in of_reports((row[0], row[1], row[2], row[3]) for row in reports).items():
            counts[key] += tally
        clicks = (click_floor(low_ms), click_floor(high_ms))
        for offer_id, total in await self._db.select("watch_clicks", *clicks):
            counts[Measure.CLICKS, offer_id] += Tally(total, 0)
        for offer_id, made in await self._db.select("watch_conversions", *_range("cnv", low_ms, high_ms)):
            counts[Measure.CLICKS, offer_id] += Tally(0, made)
        return counts

    async def recent(self, hour: int) -> list[Hour]:
        """Return the counts of the hour that goes on and of the longest window before it."""
        rows = await self._db.select("recent_watch_hours", hour - RECENT_HOURS)
        return [Hour(row[0], Measure(row[1]), row[2], Tally(row[3], row[4])) for row in rows]

    async def before(self, hour: int) -> list[Before]:
        """Return the counts of the same hours of the days before, for every window.

        Many short reads instead of a long one, so that others are not kept waiting.
        """
        found = []
        for window in WINDOWS:
            for day in range(1, DAYS + 1):
                high = hour - day * HOURS_A_DAY
                rows = await self._db.select("sum_watch_hours", high - window, high)
                found += [Before(window, Measure(row[0]), row[1], day, Tally(row[2], row[3])) for row in rows]
        return found

    async def forget(self, hour: int) -> None:
        """Delete counts that nothing is compared with any more."""
        await self._db.perform([Step("forget_watch_hours", (hour - (DAYS + 2) * HOURS_A_DAY,))])

    async def open_incidents(self) -> list[OpenIncident]:
        """Return the incidents that are open."""
        rows = await self._db.select("open_incidents")
        return [OpenIncident(row[0], Kind(row[1]), row[2], row[3]) for row in rows]

    async def closed_since(self, since: int) -> dict[tuple[Kind, str], int]:
        """Return when incidents were closed since then, the latest of each kind and subject."""
        rows = await self._db.select("incidents_closed_since", since)
        return {(Kind(row[0]), row[1]): row[2] for row in rows}

    async def open(
        self,
        incident: OpenIncident,
        concerned: Concerned,
        evidence: Evidence,
        notices: Sequence[Notice],
    ) -> bool:
        """Open an incident and tell people; False, and nobody is told, when the same is open already."""
        ids = (concerned.postback_id, concerned.offer_id, concerned.advertiser_id, concerned.affiliate_id)
        text = traffic.text_of(asdict(evidence))
        values = (incident.id, incident.kind.value, incident.subject, *ids, text, incident.opened_at)
        step = Step("open_incident", values, 1)
        return await self._tell(step, concerned, notices, incident.opened_at)

    async def close(
        self,
        incident_id: str,
        because: str,
        evidence: Evidence,
        concerned: Concerned,
        notices: Sequence[Notice],
        now_ms: int,
    ) -> bool:
        """Close an incident and tell people; False, and nobody is told, when it is closed already."""
        step = Step("close_incident", (incident_id, now_ms, because, traffic.text_of(asdict(evidence))), 1)
        return await self._tell(step, concerned, notices, now_ms)

    async def _tell(self, first: Step, concerned: Concerned, notices: Sequence[Notice], at: int) -> bool:
        about = (concerned.postback_id, concerned.affiliate_id)
        plan = [first]
        for each in notices:
            data = traffic.text_of(dict(each.data))
            values = (each.id, each.kind, each.audience, *about, each.text, data, at)
            plan.append(Step("notify_of_incident", values))
        try:
            await self._db.perform(plan)
        except LostRaceError:
            return False
        return True


def _range(prefix: str, low_ms: int, high_ms: int) -> tuple[str, str]:
    return id_floor(prefix, low_ms), id_floor(prefix, high_ms)
