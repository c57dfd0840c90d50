"""Tracking links; an affiliate keeps those of their own campaigns."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource
from redound.console.catalog import parties
from redound.console.catalog.forms import LinkEdit, LinkNew
from redound.console.catalog.models import Link
from redound.console.catalog.shapes import LinkShape
from redound.console.paging import Page
from redound.console.records import links as records
from redound.console.render import Values

router = Router(tags=["links"])
links: Resource[Link, LinkNew] = Resource(Link, records.links, parties.fill_link)


@router.get("/links", response=Page[LinkShape])
def list_links(request: ApiRequest, filters: Query[records.LinkFilters]) -> Values:
    """List links, newest first."""
    return links.list(request, filters)


@router.post("/links", response={201: LinkShape})
def create_link(request: ApiRequest, form: LinkNew, response: HttpResponse) -> Status[Values]:
    """Create a link."""
    return links.create(request, form, response)


@router.get("/links/{row_id}", response=LinkShape)
def get_link(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a link."""
    return links.get(request, row_id, response)


@router.patch("/links/{row_id}", response=LinkShape)
def edit_link(request: ApiRequest, row_id: Path[str], form: LinkEdit, response: HttpResponse) -> Values:
    """Change a link; what is left out stays."""
    return links.edit(request, row_id, form, response)
