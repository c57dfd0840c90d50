"""Notifications: what a manager, or an affiliate, should know about."""

from collections.abc import Sequence

from django.db.models import QuerySet

from redound.console.accounts.callers import Caller
from redound.console.filters import Filters, Text
from redound.console.forms import Instant, Shape
from redound.console.records.record import Record, by_id_time, exactly
from redound.console.render import Values, maybe_moment_ms, moment_ms
from redound.console.traffic.models import Notification


class NotificationShape(Shape):
    """Something to know; `read_at` is null until it was read."""

    id: str
    kind: str
    postback_id: str | None
    affiliate_id: str | None
    text: str
    created_at: Instant
    updated_at: Instant
    read_at: Instant | None


def visible(caller: Caller) -> QuerySet[Notification]:
    """Managers': those meant for managers; an affiliate's: those meant for them."""
    if caller.manages:
        return Notification.objects.filter(audience="manager")
    return Notification.objects.filter(audience="affiliate", affiliate_id=caller.affiliate_id)


def shapes(rows: Sequence[Notification], caller: Caller) -> list[Values]:
    """Return the NotificationShape's values of a page."""
    del caller
    return [_shape(row) for row in rows]


def _shape(row: Notification) -> Values:
    return {
        "id": row.id,
        "kind": row.kind,
        "postback_id": row.postback_id or None,
        "affiliate_id": row.affiliate_id or None,
        "text": row.text,
        "created_at": moment_ms(row.created_at),
        "updated_at": moment_ms(row.read_at or row.created_at),
        "read_at": maybe_moment_ms(row.read_at),
    }


def _by_read(rows: QuerySet[Notification], value: bool) -> QuerySet[Notification]:  # noqa: FBT001 - called by the filters' table
    return rows.filter(read_at__isnull=not value)


notifications: Record[Notification] = Record(
    visible, shapes, {**by_id_time("ntf"), "q": exactly("postback_id"), "read": _by_read}
)


class NotificationFilters(Filters):
    """Filters of notifications."""

    kind: Text | None = None
    postback_id: Text | None = None
    affiliate_id: Text | None = None
    read: bool | None = None
