"""Telling people: what there is to tell, and bringing it to their channels. A side task of who delivers.

Every such process looks. A turn lets one of them find news; for each channel and notification there is one
row, claimed by compare-and-set under a lease, so that one process sends it. What cannot be sent is tried
again a few times, and the person is shown what came of it.
"""

from __future__ import annotations

import asyncio
import secrets
import zoneinfo
from datetime import UTC
from itertools import groupby
from typing import TYPE_CHECKING, Final

from redound.core.ids import new_id
from redound.core.notices.digests import next_due
from redound.core.notices.messages import compose
from redound.delivery.rounds import every
from redound.delivery.services import NotSent, Sent
from redound.logs import log
from redound.store.plans.notices import approvals_steps, failing_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import tzinfo

    from redound.core.trace.causes import Language
    from redound.delivery.channels import Channels
    from redound.store.notices import Notices, Sending, Wanted


LOOK_SECONDS: Final = 2.0
NEWS_MS: Final = 60_000
TURN_MS: Final = 150_000
PURGE_MS: Final = 3_600_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
OVERLAP_MS: Final = 120_000
"""How much further back than the last look a look goes: notifications may be committed late."""
AT_ONCE: Final = 500
IN_FLIGHT: Final = 4
LEASE_MS: Final = 120_000
FAILING_FOR_MS: Final = 600_000
"""How long a postback fails before people are told: a receiver that restarts alarms nobody."""
FAILING_AGAIN_MS: Final = 6 * HOUR_MS
MOST_COUNTED: Final = 1_000
PAUSES_SECONDS: Final = (60, 300, 1_800, 7_200)
"""Before the second, third … try; there is none after the last."""


class Noticing:
    """Tells people. `base_url` is the console's address; `node` names this process."""

    def __init__(
        self, notices: Notices, channels: Channels, *, base_url: str, node: str, clock: Callable[[], int]
    ) -> None:
        self._notices = notices
        self._channels = channels
        self._base_url = base_url
        self._node = node
        self._clock = clock
        self._looked_at: int | None = None
        self._news_at = self._purged_at = 0
        self._room = asyncio.Semaphore(IN_FLIGHT)

    async def run(self) -> None:
        """Look every two seconds until cancelled."""
        await every(LOOK_SECONDS, self.round, held_up="notices.held_up", failed="notices.failed")

    async def round(self) -> int:
        """Find news, hand out what is new, send what is due; return how many notifications were sent."""
        now_ms = self._clock()
        if now_ms - self._news_at >= NEWS_MS:
            self._news_at = now_ms
            await self._find_news(now_ms)
        await self._hand_out(now_ms)
        if now_ms - self._purged_at >= PURGE_MS:
            self._purged_at = now_ms
            await self._notices.purge(now_ms - 30 * DAY_MS)
        return await self._send_due(now_ms)

    # News

    async def _find_news(self, now_ms: int) -> None:
        """Make notifications of what nobody else makes any of."""
        if not await self._notices.take_turn(self._node, now_ms, now_ms + TURN_MS):
            return
        for health in await self._notices.failing(now_ms - FAILING_FOR_MS, now_ms - FAILING_AGAIN_MS):
            await self._notices.tell(failing_steps(health, now_ms))
            log.info("postback.failing", postback_id=health.postback_id, failures=health.failures_in_row)
        await self._tell_of_approvals(now_ms)

    async def _tell_of_approvals(self, now_ms: int) -> None:
        """Tell managers of conversions that wait for more than an hour: hourly, and once until it is read."""
        latest = await self._notices.latest("approvals_pending", now_ms - DAY_MS)
        since = now_ms - DAY_MS
        if latest is not None:
            told_at, read_at = latest
            if read_at is None or now_ms - told_at < HOUR_MS:
                return
            since = told_at - HOUR_MS
        count = await self._notices.pending(since, now_ms - HOUR_MS, MOST_COUNTED)
        if count:
            await self._notices.tell(approvals_steps(count, more=count >= MOST_COUNTED, now_ms=now_ms))

    # Handing out

    async def _hand_out(self, now_ms: int) -> None:
        """Give every channel what it is to bring, at the time that its person wants to be told."""
        since = now_ms - DAY_MS if self._looked_at is None else self._looked_at - OVERLAP_MS
        while wanted := await self._notices.wanted(since, AT_ONCE):
            await self._notices.send_later([_row(each, now_ms) for each in wanted])
            if len(wanted) < AT_ONCE:
                break
        self._looked_at = now_ms

    # Sending

    async def _send_due(self, now_ms: int) -> int:
        lease = f"{self._node}/{secrets.token_hex(4)}"
        claimed = await self._notices.claim(lease, now_ms, now_ms + LEASE_MS, AT_ONCE)
        by_channel = sorted(claimed, key=lambda each: (each.channel.id, each.id))
        groups = [list(group) for _, group in groupby(by_channel, key=lambda each: each.channel.id)]
        return sum(await asyncio.gather(*(self._send(lease, group) for group in groups)))

    async def _send(self, lease: str, group: Sequence[Sending]) -> int:
        """Send what waits for one channel as one message."""
        channel = group[0].channel
        ids = [each.id for each in group]
        told = [each.notice for each in group if each.notice is not None]
        if not channel.open or not told:
            await self._notices.finish(lease, ids, "dropped", "", self._clock())
            return 0
        language: Language = "ru" if channel.language == "ru" else "en"
        async with self._room:
            outcome = await self._channels.send(channel, compose(told, self._base_url, language), ids[0])
        attempts = max(each.attempts for each in group)
        now_ms = self._clock()
        match outcome:
            case Sent():
                await self._notices.finish(lease, ids, "sent", "", now_ms)
                log.info("notice.sent", channel_id=channel.id, kind=channel.kind, notifications=len(ids))
                return len(ids)
            case NotSent(reason, again) if again and attempts <= len(PAUSES_SECONDS):
                due_at = now_ms + PAUSES_SECONDS[attempts - 1] * 1000
                await self._notices.retry(lease, ids, reason, due_at)
            case NotSent(reason, _):
                await self._notices.finish(lease, ids, "failed", reason, now_ms)
                log.warning("notice.not_sent", channel_id=channel.id, kind=channel.kind, reason=reason)
        return 0


def _row(wanted: Wanted, now_ms: int) -> tuple[str, str, str, int, int]:
    due_at = next_due(wanted.digest, wanted.hour, _zone(wanted.time_zone), now_ms)
    sending_id = new_id("nsd", now_ms, secrets.token_bytes(8))
    return sending_id, wanted.notification_id, wanted.channel_id, due_at, now_ms


def _zone(name: str) -> tzinfo:
    try:
        return zoneinfo.ZoneInfo(name or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return UTC
