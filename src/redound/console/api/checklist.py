"""The checklist of a postback: six steps with their evidence, and whom to ask."""

from django.http import HttpResponse
from ninja import Path, Router

from redound.console.api.requests import ApiRequest
from redound.console.api.trace import language_of
from redound.console.records.checklist import ChecklistShape, checked
from redound.console.records.postbacks import postbacks
from redound.console.render import Values

router = Router(tags=["checklist"])


@router.get("/postbacks/{row_id}/checklist", response=ChecklistShape)
def get_checklist(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Say what is shown to work about a postback, what is not yet, and what to do next."""
    row = postbacks.find(request.caller, row_id)
    language = language_of(request)
    response["Content-Language"] = language
    response["Vary"] = "Accept-Language"
    return checked(row, request.caller, language)
