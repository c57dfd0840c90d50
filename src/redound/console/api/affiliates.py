"""Affiliates; each reads themselves."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.filters import CREATED, Filters, Text, one_of, search
from redound.console.api.paging import Page
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource, Values, each
from redound.console.catalog import parties, shapes, visibility
from redound.console.catalog.forms import AffiliateEdit, AffiliateNew
from redound.console.catalog.models import Affiliate
from redound.console.catalog.shapes import AffiliateShape

router = Router(tags=["affiliates"])
affiliates: Resource[Affiliate, AffiliateNew] = Resource(
    model=Affiliate,
    visible=visibility.affiliates,
    shapes=each(shapes.affiliate),
    fill=parties.fill_affiliate,
    filters={**CREATED, "q": search("name")},
)


class AffiliateFilters(Filters):
    """Filters of affiliates."""

    name: Text | None = None
    status: one_of("active", "paused") | None = None  # type: ignore[valid-type]  # made at run time
    manager_id: Text | None = None
    postbacks_enabled: bool | None = None
    precedence: one_of("all", "most_specific") | None = None  # type: ignore[valid-type]  # as above


@router.get("/affiliates", response=Page[AffiliateShape])
def list_affiliates(request: ApiRequest, filters: Query[AffiliateFilters]) -> Values:
    """List affiliates, newest first."""
    return affiliates.list(request, filters)


@router.post("/affiliates", response={201: AffiliateShape})
def create_affiliate(request: ApiRequest, form: AffiliateNew, response: HttpResponse) -> Status[Values]:
    """Create an affiliate."""
    return affiliates.create(request, form, response)


@router.get("/affiliates/{row_id}", response=AffiliateShape)
def get_affiliate(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get an affiliate."""
    return affiliates.get(request, row_id, response)


@router.patch("/affiliates/{row_id}", response=AffiliateShape)
def edit_affiliate(
    request: ApiRequest, row_id: Path[str], form: AffiliateEdit, response: HttpResponse
) -> Values:
    """Change an affiliate; what is left out stays."""
    return affiliates.edit(request, row_id, form, response)
