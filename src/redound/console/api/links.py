"""Tracking links; an affiliate keeps those of their own campaigns."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.filters import CREATED, Filters, Text, column, search
from redound.console.api.paging import Page
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource, Values, each
from redound.console.catalog import parties, shapes, visibility
from redound.console.catalog.forms import LinkEdit, LinkNew
from redound.console.catalog.models import Link
from redound.console.catalog.shapes import LinkShape

router = Router(tags=["links"])
links: Resource[Link, LinkNew] = Resource(
    model=Link,
    visible=visibility.links,
    shapes=each(shapes.link),
    fill=parties.fill_link,
    filters={
        **CREATED,
        "q": search("name", "code"),
        "affiliate_id": column("campaign__affiliate_id"),
        "brand_id": column("offer__brand_id"),
    },
)


class LinkFilters(Filters):
    """Filters of links."""

    name: Text | None = None
    code: Text | None = None
    campaign_id: Text | None = None
    affiliate_id: Text | None = None
    offer_id: Text | None = None
    brand_id: Text | None = None
    active: bool | None = None


@router.get("/links", response=Page[LinkShape])
def list_links(request: ApiRequest, filters: Query[LinkFilters]) -> Values:
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
