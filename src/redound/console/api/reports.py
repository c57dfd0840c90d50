"""Reports: every request that claimed a conversion, with its verdict; affiliates read those on own clicks."""

from django.http import HttpResponse
from ninja import Path, Query, Router

from redound.console.api.reading import got, listed
from redound.console.api.requests import ApiRequest
from redound.console.paging import Page
from redound.console.records.reports import ReportFilters, ReportShape, reports
from redound.console.render import Values

router = Router(tags=["reports"])


@router.get("/reports", response=Page[ReportShape])
def list_reports(request: ApiRequest, filters: Query[ReportFilters]) -> Values:
    """List reports, newest first."""
    return listed(reports, request, filters)


@router.get("/reports/{row_id}", response=ReportShape)
def get_report(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a report."""
    return got(reports, request, row_id, response)
