"""Brands of advertisers; affiliates read them."""

from redound.console.catalog import shapes, visibility
from redound.console.catalog.models import Brand
from redound.console.filters import CREATED, Filters, Text, search
from redound.console.records.record import Record, each

brands: Record[Brand] = Record(visibility.brands, each(shapes.brand), {**CREATED, "q": search("name")})


class BrandFilters(Filters):
    """Filters of brands."""

    name: Text | None = None
    advertiser_id: Text | None = None
