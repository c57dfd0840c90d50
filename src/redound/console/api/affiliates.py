"""Affiliates; each reads themselves."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource
from redound.console.catalog import parties
from redound.console.catalog.forms import AffiliateEdit, AffiliateNew
from redound.console.catalog.models import Affiliate
from redound.console.catalog.shapes import AffiliateShape
from redound.console.paging import Page
from redound.console.records import affiliates as records
from redound.console.render import Values

router = Router(tags=["affiliates"])
affiliates: Resource[Affiliate, AffiliateNew] = Resource(
    Affiliate, records.affiliates, parties.fill_affiliate
)


@router.get("/affiliates", response=Page[AffiliateShape])
def list_affiliates(request: ApiRequest, filters: Query[records.AffiliateFilters]) -> Values:
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
