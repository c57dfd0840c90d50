"""Conversions with their transitions; what every postback made of them; a manager's change of status."""

from django.http import HttpResponse
from ninja import Path, Query, Router

from redound.console import changing
from redound.console.api.reading import got, listed
from redound.console.api.requests import ApiRequest
from redound.console.paging import Page
from redound.console.records.conversions import (
    ConversionFilters,
    ConversionShape,
    EvaluationShape,
    StatusForm,
    conversions,
    evaluations,
)
from redound.console.render import Values
from redound.core.states import Status

router = Router(tags=["conversions"])


@router.get("/conversions", response=Page[ConversionShape], by_alias=True)
def list_conversions(request: ApiRequest, filters: Query[ConversionFilters]) -> Values:
    """List conversions, newest first."""
    return listed(conversions, request, filters)


@router.get("/conversions/{row_id}", response=ConversionShape, by_alias=True)
def get_conversion(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a conversion."""
    return got(conversions, request, row_id, response)


@router.get("/conversions/{row_id}/evaluations", response=Page[EvaluationShape])
def list_evaluations(request: ApiRequest, row_id: Path[str]) -> Values:
    """List what every postback made of each transition, in order: fired, or skipped because."""
    conversion = conversions.find(request.caller, row_id)
    data = evaluations(conversion, request.caller)
    return {"data": data, "next_cursor": None, "has_more": False}


@router.post("/conversions/{row_id}/status", response=ConversionShape, by_alias=True)
def change_status(request: ApiRequest, row_id: Path[str], form: StatusForm, response: HttpResponse) -> Values:
    """Change the status as a manager; postbacks fire as for a report. The same status again does nothing."""
    conversion = conversions.find(request.caller, row_id)
    changing.change_status(conversion.id, Status(form.status), form.reason or "", request.caller)
    return got(conversions, request, row_id, response)
