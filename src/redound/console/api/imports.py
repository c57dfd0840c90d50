"""Files of conversions, status changes and activity: taken in, run by a process of their own, followed."""

from typing import Any

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.reading import listed
from redound.console.api.requests import ApiRequest
from redound.console.filters import refuse_unknown
from redound.console.identity import fresh_id
from redound.console.imports import files, starting
from redound.console.paging import Page
from redound.console.records.imports import (
    ImportFilters,
    ImportRowShape,
    ImportShape,
    RowFilters,
    RunForm,
    Upload,
    begun,
    imports,
    rows_page,
    shape,
)
from redound.console.render import Values

CREATED_STATUS = 201
router = Router(tags=["imports"])


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/imports", response=Page[ImportShape])
def list_imports(request: ApiRequest, filters: Query[ImportFilters]) -> Values:
    """List imports, newest first."""
    return listed(imports, request, filters)


@router.post("/imports", response={201: ImportShape}, openapi_extra=_BODY)
def create_import(request: ApiRequest, upload: Query[Upload], response: HttpResponse) -> Status[Values]:
    """Take in a CSV file, the body of the request, and judge its rows; with `dry_run=false` apply them.

    The header is read at once: 422 names its columns at fault. 409 when the same file was taken in before,
    with the ID of that import: run that one.
    """
    import_id = fresh_id("imp")
    kept = files.keep(request.upload or request, import_id)
    try:
        job = begun(upload, kept, import_id, request.caller)
    except BaseException:
        kept.path.unlink(missing_ok=True)
        raise
    starting.start(job)
    response["Location"] = f"{request.path}/{job.pk}"
    return Status(CREATED_STATUS, shape(job, request.caller))


@router.get("/imports/{row_id}", response=ImportShape)
def get_import(request: ApiRequest, row_id: Path[str]) -> Values:
    """Get an import with its progress and the count of each verdict."""
    return imports.one(request.caller, row_id)


@router.post("/imports/{row_id}/run", response=ImportShape)
def run_import(request: ApiRequest, row_id: Path[str], form: RunForm) -> Values:
    """Apply an import: after a dry run all, after a cut where it stopped, after its end what was refused.

    Rows that were applied are never applied again. 409 while it runs.
    """
    job = imports.find(request.caller, row_id)
    starting.prepare(job, dry_run=form.dry_run)
    starting.start(job)
    return shape(job, request.caller)


@router.get("/imports/{row_id}/rows", response=Page[ImportRowShape])
def list_import_rows(request: ApiRequest, row_id: Path[str], filters: Query[RowFilters]) -> Values:
    """List what was made of each row, in the order of the file."""
    refuse_unknown(request.GET, filters)
    return rows_page(imports.find(request.caller, row_id), filters)
