"""The audit log: managers only."""

from django.http import HttpResponse
from ninja import Path, Query, Router

from redound.console.api.reading import got, listed
from redound.console.api.requests import ApiRequest
from redound.console.paging import Page
from redound.console.records.audit import AuditFilters, AuditShape, audit
from redound.console.render import Values

router = Router(tags=["audit"])


@router.get("/audit", response=Page[AuditShape])
def list_audit(request: ApiRequest, filters: Query[AuditFilters]) -> Values:
    """List changes of the configuration, newest first."""
    return listed(audit, request, filters)


@router.get("/audit/{row_id}", response=AuditShape)
def get_audit(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get one change with its differences."""
    return got(audit, request, row_id, response)
