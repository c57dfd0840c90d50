"""Tracking links; an affiliate keeps those of their own campaigns."""

from redound.console.catalog import shapes, visibility
from redound.console.catalog.models import Link
from redound.console.filters import CREATED, Filters, Text, column, search
from redound.console.records.record import Record, each

links: Record[Link] = Record(
    visibility.links,
    each(shapes.link),
    {
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
