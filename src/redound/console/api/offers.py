"""Offers; affiliates read them."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource
from redound.console.catalog import promotions
from redound.console.catalog.forms import OfferEdit, OfferNew
from redound.console.catalog.models import Offer
from redound.console.catalog.shapes import OfferShape
from redound.console.paging import Page
from redound.console.records import offers as records
from redound.console.render import Values

router = Router(tags=["offers"])
offers: Resource[Offer, OfferNew] = Resource(Offer, records.offers, promotions.fill_offer)


@router.get("/offers", response=Page[OfferShape])
def list_offers(request: ApiRequest, filters: Query[records.OfferFilters]) -> Values:
    """List offers, newest first."""
    return offers.list(request, filters)


@router.post("/offers", response={201: OfferShape})
def create_offer(request: ApiRequest, form: OfferNew, response: HttpResponse) -> Status[Values]:
    """Create an offer."""
    return offers.create(request, form, response)


@router.get("/offers/{row_id}", response=OfferShape)
def get_offer(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get an offer."""
    return offers.get(request, row_id, response)


@router.patch("/offers/{row_id}", response=OfferShape)
def edit_offer(request: ApiRequest, row_id: Path[str], form: OfferEdit, response: HttpResponse) -> Values:
    """Change an offer; what is left out stays."""
    return offers.edit(request, row_id, form, response)
