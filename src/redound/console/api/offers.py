"""Offers; affiliates read them."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.filters import CREATED, Filters, Text, column, one_of, search
from redound.console.api.paging import Page
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource, Values, each
from redound.console.catalog import promotions, shapes, visibility
from redound.console.catalog.forms import OfferEdit, OfferNew
from redound.console.catalog.models import Offer
from redound.console.catalog.shapes import OfferShape

router = Router(tags=["offers"])
offers: Resource[Offer, OfferNew] = Resource(
    model=Offer,
    visible=visibility.offers,
    shapes=each(shapes.offer),
    fill=promotions.fill_offer,
    filters={**CREATED, "q": search("name"), "advertiser_id": column("brand__advertiser_id")},
)


class OfferFilters(Filters):
    """Filters of offers."""

    name: Text | None = None
    brand_id: Text | None = None
    advertiser_id: Text | None = None
    status: one_of("active", "paused") | None = None  # type: ignore[valid-type]  # made at run time
    payout_model: one_of("cpa", "cpc") | None = None  # type: ignore[valid-type]  # as above
    currency: Text | None = None
    goals_enabled: bool | None = None


@router.get("/offers", response=Page[OfferShape])
def list_offers(request: ApiRequest, filters: Query[OfferFilters]) -> Values:
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
