"""Advertisers: managers only."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource
from redound.console.catalog import parties
from redound.console.catalog.forms import AdvertiserEdit, AdvertiserNew
from redound.console.catalog.models import Advertiser
from redound.console.catalog.shapes import AdvertiserShape
from redound.console.forms import Shape
from redound.console.paging import Page
from redound.console.records import advertisers as records
from redound.console.render import Values
from redound.core.profiles import PRESETS

router = Router(tags=["advertisers"])
advertisers: Resource[Advertiser, AdvertiserNew] = Resource(
    Advertiser, records.advertisers, parties.fill_advertiser
)


class PresetShape(Shape):
    """A network as sender of reports. `click_slot`: the parameter of its link that takes our click ID."""

    preset: str
    title: str
    click_slot: str | None
    query: str
    status_words: dict[str, str]
    parameter_names: dict[str, str]


@router.get("/advertisers", response=Page[AdvertiserShape])
def list_advertisers(request: ApiRequest, filters: Query[records.AdvertiserFilters]) -> Values:
    """List advertisers, newest first."""
    return advertisers.list(request, filters)


@router.post("/advertisers", response={201: AdvertiserShape})
def create_advertiser(request: ApiRequest, form: AdvertiserNew, response: HttpResponse) -> Status[Values]:
    """Create an advertiser."""
    return advertisers.create(request, form, response)


@router.get("/advertisers/presets", response=Page[PresetShape])
def list_presets(request: ApiRequest) -> Values:
    """List the networks whose way of reporting is known, and what to enter there behind our report URL."""
    del request
    data = [
        {
            "preset": preset.slug,
            "title": preset.title,
            "click_slot": preset.click_slot or None,
            "query": preset.query,
            "status_words": dict(preset.status_words),
            "parameter_names": dict(preset.parameter_names),
        }
        for preset in PRESETS.values()
    ]
    return {"data": data, "next_cursor": None, "has_more": False}


@router.get("/advertisers/{row_id}", response=AdvertiserShape)
def get_advertiser(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get an advertiser."""
    return advertisers.get(request, row_id, response)


@router.patch("/advertisers/{row_id}", response=AdvertiserShape)
def edit_advertiser(
    request: ApiRequest, row_id: Path[str], form: AdvertiserEdit, response: HttpResponse
) -> Values:
    """Change an advertiser; what is left out stays."""
    return advertisers.edit(request, row_id, form, response)
