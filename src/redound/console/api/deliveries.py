"""Deliveries: what each postback owed, and how it stands; an affiliate reads those of their own postbacks."""

from django.http import HttpResponse
from ninja import Path, Query, Router

from redound.console.api.reading import got, listed
from redound.console.api.requests import ApiRequest
from redound.console.paging import Page
from redound.console.postbacks import actions
from redound.console.records.deliveries import DeliveryFilters, DeliveryShape, deliveries
from redound.console.render import Values

router = Router(tags=["deliveries"])


@router.get("/deliveries", response=Page[DeliveryShape])
def list_deliveries(request: ApiRequest, filters: Query[DeliveryFilters]) -> Values:
    """List deliveries, newest first."""
    return listed(deliveries, request, filters)


@router.get("/deliveries/{row_id}", response=DeliveryShape)
def get_delivery(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a delivery."""
    return got(deliveries, request, row_id, response)


@router.post("/deliveries/{row_id}/cancel", response=DeliveryShape)
def cancel_delivery(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Give an unfinished delivery up: it is not sent any more."""
    actions.cancel(deliveries.find(request.caller, row_id), request.caller)
    return got(deliveries, request, row_id, response)


@router.post("/deliveries/{row_id}/retry", response=DeliveryShape)
def retry_delivery(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Try a delivery again now: one that waits, or one that failed or was cancelled."""
    actions.retry(deliveries.find(request.caller, row_id), request.caller)
    return got(deliveries, request, row_id, response)
