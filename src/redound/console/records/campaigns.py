"""Campaigns; an affiliate keeps their own."""

from redound.console.catalog import shapes, visibility
from redound.console.catalog.models import Campaign
from redound.console.filters import CREATED, Filters, Text, search
from redound.console.records.record import Record, each

campaigns: Record[Campaign] = Record(
    visibility.campaigns, each(shapes.campaign), {**CREATED, "q": search("name")}
)


class CampaignFilters(Filters):
    """Filters of campaigns."""

    name: Text | None = None
    affiliate_id: Text | None = None
