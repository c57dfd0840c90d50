"""The watch at work: it counts what has passed, looks at every subject, and opens and closes incidents.

A side task of a process that delivers. One process at a time has the turn; should two ever look at once,
every stretch of time is still counted once and every incident opened and closed once, by compare-and-set.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Final, assert_never

from redound.core.watch import words
from redound.core.watch.judging import APART_MS, Close, Keep, Nothing, Open, Standing, judge
from redound.core.watch.kinds import NOUNS, Kind
from redound.core.watch.windows import HOUR_MS, Counts
from redound.delivery.rounds import every
from redound.logs import log
from redound.store.watch import Concerned, Notice, OpenIncident

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redound.core.catalog import Advertiser, Offer, Postback
    from redound.core.decisions import Mint
    from redound.core.watch.judging import Because, Step
    from redound.core.watch.kinds import Evidence
    from redound.core.watch.windows import Before
    from redound.store.snapshot import Snapshot
    from redound.store.watch import Watch

TURN_MS: Final = 60_000
LATE_MS: Final = 5_000
"""Rows may be stored this much later than their IDs say; what is younger is left for the next round."""
SHORTEST_MS: Final = 10_000
QUICK_SECONDS, SLOW_SECONDS = 0.05, 0.5
"""A stretch that is counted quicker than this is followed by a longer one, a slower one by a shorter one."""
CATCH_UP_MS: Final = 24 * HOUR_MS
"""What happened longer ago than this while nobody counted is left out."""
REST: Final = 1.0
"""How long to rest after a stretch, in proportion to what it took."""

Key = tuple[Kind, str]


class Watching:
    """Counts and looks every `interval_seconds`. `node` is unique for each start; `mint` makes IDs."""

    def __init__(
        self,
        watch: Watch,
        snapshot: Snapshot,
        *,
        node: str,
        interval_seconds: float,
        clock: Callable[[], int],
        mint: Mint,
    ) -> None:
        self._watch = watch
        self._snapshot = snapshot
        self._node = node
        self._interval = interval_seconds
        self._late_ms = min(LATE_MS, int(interval_seconds * 1000))
        self._clock = clock
        self._mint = mint
        self._stretch_ms = 6 * SHORTEST_MS
        self._looks: dict[Key, int] = {}
        self._usual: tuple[int, list[Before]] | None = None
        self._open: Counter[str] = Counter()

    def stats(self) -> Mapping[str, float]:
        """Return how many incidents are open, by kind."""
        return {kind.value: self._open[kind.value] for kind in Kind}

    async def run(self) -> None:
        """Count and look until cancelled."""
        await every(self._interval, self.round, held_up="watch.held_up", failed="watch.failed")

    async def round(self) -> None:
        """Count what has passed since the last time, then look at everybody; only when it is our turn."""
        now_ms = self._clock()
        if not await self._take_turn(now_ms):
            self._looks.clear()
        elif await self._count(now_ms):
            await self._look(now_ms)
        self._open = Counter(each.kind.value for each in await self._watch.open_incidents())

    async def _take_turn(self, now_ms: int) -> bool:
        turn_ms = TURN_MS + int(self._interval * 1000)
        return await self._watch.take_turn(self._node, now_ms, now_ms + turn_ms)

    async def _count(self, now_ms: int) -> bool:
        """Count stretch by stretch up to now; False when another process counts."""
        until = now_ms - self._late_ms
        was = await self._watch.counted_until()
        low = max(was or 0, until - CATCH_UP_MS)
        while low < until:
            began = time.monotonic()
            high = min(until, low + self._stretch_ms, (low // HOUR_MS + 1) * HOUR_MS)
            if not await self._watch.count(was, low, high):
                return False
            was = low = high
            took = time.monotonic() - began
            self._pace(took)
            if low < until:
                await asyncio.sleep(took * REST)
                if not await self._take_turn(self._clock()):
                    return False
        return True

    def _pace(self, took: float) -> None:
        """Choose the next stretch so that reading it takes some tenths of a second at most."""
        if took < QUICK_SECONDS:
            self._stretch_ms = min(self._stretch_ms * 2, HOUR_MS)
        elif took > SLOW_SECONDS:
            self._stretch_ms = max(self._stretch_ms // 2, SHORTEST_MS)

    async def _look(self, now_ms: int) -> None:
        hour = now_ms // HOUR_MS
        if self._usual is None or self._usual[0] != hour:
            await self._watch.forget(hour)
            self._usual = (hour, await self._watch.before(hour))
        recent, before = await self._watch.recent(hour), self._usual[1]
        opened = {(each.kind, each.subject): each for each in await self._watch.open_incidents()}
        closed = await self._watch.closed_since(now_ms - APART_MS)

        def decide() -> list[tuple[Key, Step]]:
            counts = Counts(hour, recent, before)
            concerned = {(kind, subject) for kind in Kind for subject in counts.subjects(kind)}
            return [
                (key, self._judge(key, counts, opened.get(key), closed.get(key), now_ms))
                for key in sorted(concerned | opened.keys())
            ]

        # On a thread: with many subjects it takes longer than clicks should wait.
        steps = await asyncio.to_thread(decide)
        self._looks = {}
        for key, step in steps:
            await self._take(key, step, opened.get(key), now_ms)

    def _judge(
        self, key: Key, counts: Counts, incident: OpenIncident | None, closed_at: int | None, now_ms: int
    ) -> Step:
        kind, subject = key
        since = incident.opened_at if incident is not None else None
        seen = counts.seen(kind, subject, active=self._is_active(kind, subject), opened_at=since)
        standing = Standing(incident is not None, self._looks.get(key, 0), closed_at)
        return judge(seen, standing, now_ms)

    async def _take(self, key: Key, step: Step, incident: OpenIncident | None, now_ms: int) -> None:
        match step:
            case Open(evidence):
                await self._start(*key, evidence, now_ms)
            case Close(because, evidence):
                if incident is not None:
                    await self._end(incident, because, evidence, now_ms)
            case Keep(looks) | Nothing(looks):
                if looks:
                    self._looks[key] = looks
            case _ as never:
                assert_never(never)

    async def _start(self, kind: Kind, subject: str, evidence: Evidence, now_ms: int) -> None:
        incident = OpenIncident(self._mint("inc"), kind, subject, now_ms)
        concerned = self._concerned(kind, subject)
        text = f"{self._headline(kind, subject)} {words.shown_by(kind, evidence)} {words.advice(kind)}"
        notices = self._notices("incident_opened", incident, concerned, text, evidence=asdict(evidence))
        if await self._watch.open(incident, concerned, evidence, notices):
            log.info("incident.opened", incident_id=incident.id, kind=kind.value, subject=subject)

    async def _end(self, incident: OpenIncident, because: Because, evidence: Evidence, now_ms: int) -> None:
        concerned = self._concerned(incident.kind, incident.subject)
        told = words.closed_because(because)
        text = f"Over: {self._headline(incident.kind, incident.subject)} {told}"
        notices = self._notices("incident_closed", incident, concerned, text, because=because)
        if await self._watch.close(incident.id, because, evidence, concerned, notices, now_ms):
            log.info("incident.closed", incident_id=incident.id, kind=incident.kind.value, because=because)

    def _notices(
        self, kind: str, incident: OpenIncident, concerned: Concerned, text: str, **more: object
    ) -> list[Notice]:
        """Return one notice for each audience; its data let it be told in another language."""
        data = {
            "incident_id": incident.id,
            "kind": incident.kind.value,
            "subject": incident.subject,
            "name": self._name(incident.kind, incident.subject) if incident.subject else "",
            **more,
        }
        audiences = ["manager", "affiliate"] if concerned.affiliate_id else ["manager"]
        return [Notice(self._mint("ntf"), kind, audience, text, data) for audience in audiences]

    def _headline(self, kind: Kind, subject: str) -> str:
        return f"{words.title(kind)}: {self._name(kind, subject)}."

    def _name(self, kind: Kind, subject: str) -> str:
        snapshot = self._snapshot
        row: Postback | Offer | Advertiser | None
        match NOUNS[kind]:
            case "postback":
                row = snapshot.postbacks.get(subject)
            case "offer":
                row = snapshot.offers.get(subject)
            case "advertiser":
                row = snapshot.advertisers.get(subject)
        return row.name if row is not None else subject or "an unknown sender"

    def _concerned(self, kind: Kind, subject: str) -> Concerned:
        match NOUNS[kind]:
            case "postback":
                row = self._snapshot.postbacks.get(subject)
                return Concerned(postback_id=subject, affiliate_id=(row.affiliate_id or "") if row else "")
            case "offer":
                return Concerned(offer_id=subject)
            case "advertiser":
                return Concerned(advertiser_id=subject)

    def _is_active(self, kind: Kind, subject: str) -> bool:
        """Say whether traffic is to be expected: a postback that is on, an offer that runs."""
        snapshot = self._snapshot
        match NOUNS[kind]:
            case "postback":
                postback = snapshot.postbacks.get(subject)
                return postback is not None and postback.enabled
            case "offer":
                offer = snapshot.offers.get(subject)
                return offer is not None and offer.paused_at is None
            case "advertiser":
                return True
