"""Advertisers: managers only."""

from redound.console.catalog import shapes, visibility
from redound.console.catalog.models import Advertiser
from redound.console.filters import CREATED, Filters, Text, search
from redound.console.records.record import Record, each

advertisers: Record[Advertiser] = Record(
    visibility.advertisers, each(shapes.advertiser), {**CREATED, "q": search("name")}
)


class AdvertiserFilters(Filters):
    """Filters of advertisers."""

    name: Text | None = None
