"""Incidents: what the watch found; managers read all, affiliates those of their own postbacks."""

from django.http import HttpResponse
from ninja import Path, Query, Router

from redound.console.api.reading import got, listed
from redound.console.api.requests import ApiRequest
from redound.console.paging import Page
from redound.console.records.incidents import IncidentFilters, IncidentShape, incidents
from redound.console.render import Values

router = Router(tags=["incidents"])


@router.get("/incidents", response=Page[IncidentShape])
def list_incidents(request: ApiRequest, filters: Query[IncidentFilters]) -> Values:
    """List incidents, newest first."""
    return listed(incidents, request, filters)


@router.get("/incidents/{row_id}", response=IncidentShape)
def get_incident(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get an incident."""
    return got(incidents, request, row_id, response)
