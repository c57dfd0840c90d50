"""Clicks; an affiliate reads their own."""

from django.http import HttpResponse
from ninja import Path, Query, Router

from redound.console.api.reading import got, listed
from redound.console.api.requests import ApiRequest
from redound.console.paging import Page
from redound.console.records.clicks import ClickFilters, ClickShape, clicks
from redound.console.render import Values

router = Router(tags=["clicks"])


@router.get("/clicks", response=Page[ClickShape])
def list_clicks(request: ApiRequest, filters: Query[ClickFilters]) -> Values:
    """List clicks, newest first."""
    return listed(clicks, request, filters)


@router.get("/clicks/{row_id}", response=ClickShape)
def get_click(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a click by its click ID, whatever the case."""
    return got(clicks, request, row_id.lower(), response)
