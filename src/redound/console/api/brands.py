"""Brands of advertisers; affiliates read them."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource
from redound.console.catalog import parties
from redound.console.catalog.forms import BrandEdit, BrandNew
from redound.console.catalog.models import Brand
from redound.console.catalog.shapes import BrandShape
from redound.console.paging import Page
from redound.console.records import brands as records
from redound.console.render import Values

router = Router(tags=["brands"])
brands: Resource[Brand, BrandNew] = Resource(Brand, records.brands, parties.fill_brand)


@router.get("/brands", response=Page[BrandShape])
def list_brands(request: ApiRequest, filters: Query[records.BrandFilters]) -> Values:
    """List brands, newest first."""
    return brands.list(request, filters)


@router.post("/brands", response={201: BrandShape})
def create_brand(request: ApiRequest, form: BrandNew, response: HttpResponse) -> Status[Values]:
    """Create a brand."""
    return brands.create(request, form, response)


@router.get("/brands/{row_id}", response=BrandShape)
def get_brand(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a brand."""
    return brands.get(request, row_id, response)


@router.patch("/brands/{row_id}", response=BrandShape)
def edit_brand(request: ApiRequest, row_id: Path[str], form: BrandEdit, response: HttpResponse) -> Values:
    """Change a brand; what is left out stays."""
    return brands.edit(request, row_id, form, response)
