"""Campaigns; an affiliate keeps their own."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.filters import CREATED, Filters, Text, search
from redound.console.api.paging import Page
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource, Values, each
from redound.console.catalog import parties, shapes, visibility
from redound.console.catalog.forms import CampaignEdit, CampaignNew
from redound.console.catalog.models import Campaign
from redound.console.catalog.shapes import CampaignShape

router = Router(tags=["campaigns"])
campaigns: Resource[Campaign, CampaignNew] = Resource(
    model=Campaign,
    visible=visibility.campaigns,
    shapes=each(shapes.campaign),
    fill=parties.fill_campaign,
    filters={**CREATED, "q": search("name")},
)


class CampaignFilters(Filters):
    """Filters of campaigns."""

    name: Text | None = None
    affiliate_id: Text | None = None


@router.get("/campaigns", response=Page[CampaignShape])
def list_campaigns(request: ApiRequest, filters: Query[CampaignFilters]) -> Values:
    """List campaigns, newest first."""
    return campaigns.list(request, filters)


@router.post("/campaigns", response={201: CampaignShape})
def create_campaign(request: ApiRequest, form: CampaignNew, response: HttpResponse) -> Status[Values]:
    """Create a campaign."""
    return campaigns.create(request, form, response)


@router.get("/campaigns/{row_id}", response=CampaignShape)
def get_campaign(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a campaign."""
    return campaigns.get(request, row_id, response)


@router.patch("/campaigns/{row_id}", response=CampaignShape)
def edit_campaign(
    request: ApiRequest, row_id: Path[str], form: CampaignEdit, response: HttpResponse
) -> Values:
    """Change a campaign; what is left out stays."""
    return campaigns.edit(request, row_id, form, response)
