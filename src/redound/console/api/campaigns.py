"""Campaigns; an affiliate keeps their own."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource
from redound.console.catalog import parties
from redound.console.catalog.forms import CampaignEdit, CampaignNew
from redound.console.catalog.models import Campaign
from redound.console.catalog.shapes import CampaignShape
from redound.console.paging import Page
from redound.console.records import campaigns as records
from redound.console.render import Values

router = Router(tags=["campaigns"])
campaigns: Resource[Campaign, CampaignNew] = Resource(Campaign, records.campaigns, parties.fill_campaign)


@router.get("/campaigns", response=Page[CampaignShape])
def list_campaigns(request: ApiRequest, filters: Query[records.CampaignFilters]) -> Values:
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
