"""Changing conversions as a manager: many at once, and taking the last change of one back."""

from django.http import HttpResponse
from ninja import Path, Router

from redound.console import changing
from redound.console.api.reading import got
from redound.console.api.requests import ApiRequest
from redound.console.records import conversion_changes as records
from redound.console.records.conversion_changes import BulkShape, BulkStatusForm, UndoForm
from redound.console.records.conversions import ConversionShape, conversions
from redound.console.render import Values

router = Router(tags=["conversions"])


@router.post("/conversions/status", response=BulkShape)
def change_many(request: ApiRequest, form: BulkStatusForm) -> Values:
    """Change the status of many conversions, or count first what that would do (`dry_run`).

    Every conversion is decided as by `POST conversions/{id}/status`; what cannot be changed stays and is
    named. Oldest first, at most a thousand a request.
    """
    return records.change_many(form, request.caller)


@router.post("/conversions/{row_id}/undo", response=ConversionShape, by_alias=True)
def undo(
    request: ApiRequest, row_id: Path[str], response: HttpResponse, form: UndoForm | None = None
) -> Values:
    """Take back a manager's last change while none of its postbacks was tried; the former status returns.

    Its unsent deliveries are cancelled, and the history keeps both changes.
    """
    conversion = conversions.find(request.caller, row_id)
    changing.undo(conversion.id, (form.reason if form else None) or "", request.caller)
    return got(conversions, request, row_id, response)
