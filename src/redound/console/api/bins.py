"""Catch-all bins: a URL that keeps what is sent to it, so that a postback is seen without any tracker."""

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.requests import ApiRequest
from redound.console.paging import Page, Paging, page
from redound.console.records import bins as records
from redound.console.records.bins import BinEdit, BinNew, BinRequestShape, BinShape, bins
from redound.console.render import Values

router = Router(tags=["bins"])


@router.get("/bins", response=Page[BinShape])
def list_bins(request: ApiRequest, paging: Query[Paging]) -> Values:
    """List bins, newest first."""
    caller = request.caller
    return page(bins.visible(caller), paging, lambda rows: bins.shapes(rows, caller))


@router.post("/bins", response={201: BinShape})
def create_bin(request: ApiRequest, response: HttpResponse, form: BinNew | None = None) -> Status[Values]:
    """Create a bin; it is there at once."""
    row = records.create(form or BinNew(), request.caller)
    response["Location"] = f"{request.path}/{row.pk}"
    return Status(201, records.shape(row, request.caller))


@router.get("/bins/{row_id}", response=BinShape)
def get_bin(request: ApiRequest, row_id: Path[str]) -> Values:
    """Get a bin."""
    return bins.one(request.caller, row_id)


@router.patch("/bins/{row_id}", response=BinShape)
def edit_bin(request: ApiRequest, row_id: Path[str], form: BinEdit) -> Values:
    """Change how a bin answers; it answers so from the next request on."""
    row = bins.find(request.caller, row_id)
    records.edit(row, form)
    return records.shape(row, request.caller)


@router.delete("/bins/{row_id}", response={204: None})
def delete_bin(request: ApiRequest, row_id: Path[str]) -> Status[None]:
    """Delete a bin and what it caught."""
    records.delete(bins.find(request.caller, row_id))
    return Status(204, None)


@router.get("/bins/{row_id}/requests", response=Page[BinRequestShape])
def list_bin_requests(request: ApiRequest, row_id: Path[str], paging: Query[Paging]) -> Values:
    """List what was sent to a bin, newest first."""
    caught = records.caught(bins.find(request.caller, row_id))
    return page(caught, paging, lambda rows: [*map(records.request_shape, rows)])
