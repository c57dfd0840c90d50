"""Attempts: each HTTP try of a delivery, with what was really sent and what came back."""

from django.http import HttpResponse
from ninja import Path, Query, Router

from redound.console.api.reading import got, listed
from redound.console.api.requests import ApiRequest
from redound.console.paging import Page
from redound.console.records.attempts import AttemptFilters, AttemptShape, attempts
from redound.console.render import Values

router = Router(tags=["attempts"])


@router.get("/attempts", response=Page[AttemptShape])
def list_attempts(request: ApiRequest, filters: Query[AttemptFilters]) -> Values:
    """List attempts, newest first."""
    return listed(attempts, request, filters)


@router.get("/attempts/{row_id}", response=AttemptShape)
def get_attempt(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get an attempt."""
    return got(attempts, request, row_id, response)
