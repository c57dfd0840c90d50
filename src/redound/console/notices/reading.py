"""Notifications for a reader: in their language, and how many are unread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import get_language

from redound.console import named
from redound.console.clock import now_ms
from redound.console.postbacks.models import Postback
from redound.console.records.notifications import visible
from redound.core.ids import id_floor
from redound.core.notices.telling import Noticed, Told, tell
from redound.store.plans.people import read_all_steps, read_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.console.accounts.callers import Caller
    from redound.console.traffic.models import Notification
    from redound.core.trace.causes import Language

COUNTED: Final = 100
"""So far unread ones are counted."""


def unread(caller: Caller) -> int:
    """Return how many unread notifications there are, COUNTED at most. One look-up by an index."""
    return visible(caller).filter(read_at=None).order_by()[:COUNTED].count()


def told(rows: Sequence[Notification]) -> list[tuple[Notification, Told]]:
    """Return each with what it says in the reader's language."""
    wanted = {row.postback_id for row in rows if row.postback_id}
    names = dict(Postback.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    language: Language = "ru" if (get_language() or "en").startswith("ru") else "en"
    return [(row, tell(_noticed(row, names.get(row.postback_id, "")), language)) for row in rows]


def read(row: Notification) -> None:
    """Note that a notification was read; the first time counts."""
    with transaction.atomic():
        named.perform(read_steps([row.id], now_ms()))


def read_all(caller: Caller, until: str) -> None:
    """Note that everything up to this one was read, as far as the person's side sees it."""
    audience = "manager" if caller.manages else "affiliate"
    with transaction.atomic():
        steps = read_all_steps(audience, caller.affiliate_id or "", id_floor("ntf", 0), until, now_ms())
        named.perform(steps)


def _noticed(row: Notification, name: str) -> Noticed:
    return Noticed(
        id=row.id,
        kind=row.kind,
        audience="manager" if row.audience == "manager" else "affiliate",
        text=row.text,
        at=row.created_at,
        postback_id=row.postback_id or "",
        affiliate_id=row.affiliate_id or "",
        name=name,
        data=row.data,
    )
