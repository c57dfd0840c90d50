"""Notices in a database: what is to be told, to whom by which channel, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from redound.core.ids import id_floor
from redound.core.notices.kinds import TEST
from redound.core.notices.telling import Noticed
from redound.store.plans.steps import Batch, Step
from redound.store.rows import sending

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from redound.core.deliveries import Health
    from redound.core.notices.kinds import Audience
    from redound.store.players import Statements

TURN: Final = "notices"
MONTH_MS: Final = 30 * 24 * 3_600_000
_FAR_MS: Final = 600_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A notification that a channel is to bring, and how its person wants to be told."""

    notification_id: str
    channel_id: str
    digest: str
    hour: int
    time_zone: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to a person. `secret` is sealed; `open` is False when nothing may go there any more."""

    id: str
    kind: str
    secret: str
    email: str
    language: str
    open: bool


@dataclass(frozen=True, slots=True)
class Sending:
    """One notification on its way through one channel; `notice` is None when it is gone."""

    id: str
    attempts: int
    channel: Channel
    notice: Noticed | None


class Notices:
    """The verbs of telling people, on a driver that runs named queries."""

    def __init__(self, statements: Statements) -> None:
        self._db = statements

    # What there is to tell

    async def take_turn(self, holder: str, now_ms: int, until: int) -> bool:
        """Take the turn to look for news, or keep it; False while another process has it."""
        times = (f"{each:016d}" for each in (until, now_ms, now_ms + _FAR_MS))
        plan = [Step("put_mark", (TURN,)), Step("take_turn", (TURN, holder, *times))]
        return (await self._db.perform(plan))[1] == 1

    async def failing(self, begun_before: int, told_since: int) -> list[Health]:
        """Return the healths of postbacks that fail since then, and of which nobody was told."""
        since = id_floor("ntf", max(0, told_since - MONTH_MS))
        rows = await self._db.select("failing_untold", begun_before, told_since, since)
        return [sending.health(row) for row in rows]

    async def latest(self, kind: str, since: int) -> tuple[int, int | None] | None:
        """Return when the youngest notification of a kind was made and read, None without one since then."""
        rows = await self._db.select("latest_notice", kind, id_floor("ntf", since))
        return (rows[0][0], rows[0][1]) if rows else None

    async def pending(self, since: int, before: int, most: int) -> int:
        """Return how many conversions of that time are still pending, `most` at most."""
        bounds = (id_floor("cnv", since), id_floor("cnv", before))
        return int((await self._db.select("pending_conversions", *bounds, most))[0][0])

    async def tell(self, steps: Sequence[Step]) -> None:
        """Store notifications in one transaction."""
        await self._db.perform(steps)

    # Sending

    async def wanted(self, since: int, most: int) -> list[Wanted]:
        """Return what notifications since then channels are to bring and do not yet."""
        return [
            Wanted(*row) for row in await self._db.select("notices_to_send", id_floor("ntf", since), most)
        ]

    async def send_later(self, rows: Sequence[tuple[str, str, str, int, int]]) -> None:
        """Add sendings: ID, notification, channel, when it is due, now. One that is there already stays."""
        await self._db.perform([Batch("add_sending", rows=list(rows))])

    async def claim(self, lease: str, now_ms: int, until: int, most: int) -> list[Sending]:
        """Take due sendings under a lease that ends by itself; nobody else has them until then."""
        due = [row[0] for row in await self._db.select("sendings_due", now_ms, most)]
        if not due:
            return []
        await self._db.perform([Batch("lease_sending", rows=[(each, lease, until, now_ms) for each in due])])
        return [_sending(row) for row in await self._db.select("leased_sendings", lease)]

    async def finish(self, lease: str, ids: Sequence[str], state: str, error: str, now_ms: int) -> None:
        """End sendings as `sent`, `failed` or `dropped`; a lost lease is left alone."""
        rows: list[tuple[Any, ...]] = [(each, lease, state, error, now_ms) for each in ids]
        await self._db.perform([Batch("finish_sending", rows=rows)])

    async def retry(self, lease: str, ids: Sequence[str], error: str, due_at: int) -> None:
        """Give sendings back, to be tried again then; a lost lease is left alone."""
        rows: list[tuple[Any, ...]] = [(each, lease, error, due_at) for each in ids]
        await self._db.perform([Batch("retry_sending", rows=rows)])

    async def purge(self, before: int) -> int:
        """Forget sendings that ended, made before then."""
        return (await self._db.perform([Step("purge_sendings", (id_floor("nsd", before),))]))[0]


def _sending(row: Any) -> Sending:
    sending_id, channel_id, attempts, asked_at, notification_id, *rest = row
    kind, audience, text, at, postback_id, affiliate_id, data, name, *about_channel = rest
    channel_kind, secret, enabled, is_active, email, language, persons_affiliate = about_channel
    tests = notification_id.startswith(f"{TEST}:")
    notice = None
    if tests:
        side: Audience = "manager" if persons_affiliate is None else "affiliate"
        notice = Noticed(notification_id, TEST, side, "", asked_at)
    elif kind is not None:
        known = orjson.loads(data) if isinstance(data, str) else data
        notice = Noticed(
            *(notification_id, kind, audience, text, at, postback_id, affiliate_id, name or "", known)
        )
    is_open = bool(is_active) and (tests or bool(enabled))
    channel = Channel(channel_id, channel_kind or "", secret or "", email or "", language or "en", is_open)
    return Sending(sending_id, attempts, channel, notice)
