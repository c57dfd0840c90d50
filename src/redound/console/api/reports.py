"""Reports: every request that claimed a conversion, with its verdict; affiliates read those on own clicks."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Path, Query, Router

from redound.console.accounts.callers import Caller
from redound.console.api.filters import Filters, Text, one_of
from redound.console.api.paging import Page
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Values
from redound.console.api.traffic import Record, by_id_time, exactly
from redound.console.forms import Instant, Shape
from redound.console.render import moment_ms
from redound.console.traffic.models import Report
from redound.core.reports import Verdict

router = Router(tags=["reports"])


class ReportShape(Shape):
    """An incoming request as it came, secrets masked. `ip` and `advertiser_id` are null for an affiliate."""

    id: str
    verdict: str
    detail: str
    click_id: str | None
    conversion_id: str | None
    affiliate_id: str | None
    offer_id: str | None
    advertiser_id: str | None
    txid: str | None
    method: str
    raw_query: str
    raw_body: str
    content_type: str
    ip: str | None
    test: bool
    received_at: Instant
    created_at: Instant
    updated_at: Instant


def visible(caller: Caller) -> QuerySet[Report]:
    """Managers': all; an affiliate's: those on their own clicks."""
    return Report.objects.all() if caller.manages else Report.objects.filter(affiliate_id=caller.affiliate_id)


def shapes(rows: Sequence[Report], caller: Caller) -> list[Values]:
    """Return the ReportShape's values of a page."""
    return [_shape(row, caller) for row in rows]


def _shape(row: Report, caller: Caller) -> Values:
    at = moment_ms(row.received_at)
    return {
        "id": row.id,
        "verdict": row.verdict,
        "detail": row.detail,
        "click_id": row.click_id or None,
        "conversion_id": row.conversion_id or None,
        "affiliate_id": row.affiliate_id or None,
        "offer_id": row.offer_id or None,
        "advertiser_id": (row.advertiser_id or None) if caller.manages else None,
        "txid": row.txid or None,
        "method": row.method,
        "raw_query": row.raw_query,
        "raw_body": row.raw_body,
        "content_type": row.content_type,
        "ip": row.ip if caller.manages else None,
        "test": row.test,
        "received_at": at,
        "created_at": at,
        "updated_at": at,
    }


reports: Record[Report] = Record(
    visible, shapes, {**by_id_time("rpt"), "q": exactly("click_id", "conversion_id", "txid")}
)


class ReportFilters(Filters):
    """Filters of reports."""

    verdict: one_of(*Verdict) | None = None  # type: ignore[valid-type]  # made at run time
    click_id: Text | None = None
    conversion_id: Text | None = None
    affiliate_id: Text | None = None
    offer_id: Text | None = None
    advertiser_id: Text | None = None
    txid: Text | None = None
    test: bool | None = None


@router.get("/reports", response=Page[ReportShape])
def list_reports(request: ApiRequest, filters: Query[ReportFilters]) -> Values:
    """List reports, newest first."""
    return reports.list(request, filters)


@router.get("/reports/{row_id}", response=ReportShape)
def get_report(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a report."""
    return reports.get(request, row_id, response)
