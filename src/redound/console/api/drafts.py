"""Drafts: what a postback that is still being written would send. Before the routes of one postback."""

from ninja import Router

from redound.console.api.requests import ApiRequest
from redound.console.postbacks.forms import DraftForm
from redound.console.records.tester import DraftShape, draft_values
from redound.console.render import Values

router = Router(tags=["tester"])


@router.post("/postbacks/preview", response=DraftShape)
def preview_draft(request: ApiRequest, form: DraftForm) -> Values:
    """Show what a postback would send that is not stored yet; nothing is stored or sent."""
    return draft_values(form, request.caller)
