"""Reports: every request that claimed a conversion, with its verdict; affiliates read those on own clicks."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from redound.console import named
from redound.console.accounts.callers import Caller
from redound.console.filters import Filters, Text, one_of
from redound.console.forms import Instant, Shape
from redound.console.records.record import Record, by_id_time
from redound.console.render import Values, moment_ms
from redound.console.traffic.models import Conversion, Report
from redound.core.ids import read_id
from redound.core.reports import Verdict

MOST = 1_000
"""Reports that a search by ID finds."""


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


def _by_text(rows: QuerySet[Report], text: str) -> QuerySet[Report]:
    """Narrow to a report, or to those of a conversion, click or transaction; each is an index's affair."""
    known = read_id(text)
    match known.prefix if known is not None else "":
        case "rpt":
            return rows.filter(pk=text)
        case "cnv":
            clicks = list(Conversion.objects.filter(pk=text).values_list("click_id", flat=True))
            return rows.filter(pk__in=_of_clicks(clicks), conversion_id=text)
        case _:
            made = [str(row["id"]) for row in named.select("trace_conversions_of_txid", text, MOST)]
            clicks = list(Conversion.objects.filter(pk__in=made).values_list("click_id", flat=True))
            told = [text, text.lower()]
            ids = _of_clicks([*told, *clicks])
            ids += [str(row["id"]) for row in named.select("trace_reports_of_txid", text, MOST)]
            return rows.filter(Q(click_id__in=told) | Q(txid=text), pk__in=ids)


def _by_click(rows: QuerySet[Report], text: str) -> QuerySet[Report]:
    return rows.filter(pk__in=_of_clicks([text]))


def _of_clicks(click_ids: Sequence[str]) -> list[str]:
    """Return the reports that named one of these clicks."""
    found = named.select("trace_reports_of_clicks", named.array(click_ids), "", MOST) if click_ids else ()
    return [str(row["id"]) for row in found]


reports: Record[Report] = Record(visible, shapes, {**by_id_time("rpt"), "q": _by_text, "click_id": _by_click})


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
