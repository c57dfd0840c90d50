"""The audit log: managers read all of it, nobody else any."""

from typing import Any

from django.db.models import Q, QuerySet

from redound.console.accounts.callers import Caller
from redound.console.accounts.models import AuditEntry
from redound.console.filters import Filters, Text
from redound.console.forms import Instant, Shape
from redound.console.records.record import Record, by_id_time, each
from redound.console.render import Values, moment


class AuditShape(Shape):
    """One change of the configuration. `differences`: field → [before, after], secrets masked.

    `by` says who in words that outlive the account. `affiliate_id` is set when it was done as or by an
    affiliate. `noun` and `row_id` name what was changed.
    """

    id: str
    at: Instant
    by: str
    user_id: str | None
    key_id: str | None
    affiliate_id: str | None
    action: str
    noun: str
    row_id: str
    row_name: str
    differences: dict[str, list[Any]]


class AuditFilters(Filters):
    """Filters of the audit log; `q` is an ID, or a part of who or what."""

    noun: Text | None = None
    row_id: Text | None = None
    action: Text | None = None
    user_id: Text | None = None
    affiliate_id: Text | None = None


def visible(caller: Caller) -> QuerySet[AuditEntry]:
    """Managers': all; an affiliate's: none."""
    return AuditEntry.objects.all() if caller.manages else AuditEntry.objects.none()


def _shape(row: AuditEntry, caller: Caller) -> Values:
    del caller
    return {
        "id": row.pk,
        "at": moment(row.at),
        "by": row.by,
        "user_id": row.user_id,
        "key_id": row.key_id or None,
        "affiliate_id": row.affiliate_id or None,
        "action": row.action,
        "noun": row.noun,
        "row_id": row.row_id,
        "row_name": row.row_name,
        "differences": row.differences,
    }


def _search(rows: QuerySet[AuditEntry], text: str) -> QuerySet[AuditEntry]:
    return rows.filter(Q(pk=text) | Q(row_id=text) | Q(by__icontains=text) | Q(row_name__icontains=text))


audit: Record[AuditEntry] = Record(visible, each(_shape), {**by_id_time("adt"), "q": _search})
