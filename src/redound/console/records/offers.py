"""Offers; affiliates read them."""

from redound.console.catalog import shapes, visibility
from redound.console.catalog.models import Offer
from redound.console.filters import CREATED, Filters, Text, column, one_of, search
from redound.console.records.record import Record, each

offers: Record[Offer] = Record(
    visibility.offers,
    each(shapes.offer),
    {**CREATED, "q": search("name"), "advertiser_id": column("brand__advertiser_id")},
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
