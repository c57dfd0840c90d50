"""Postbacks: rules and templates; an affiliate keeps their own. Enabling and archiving included."""

from django.db import transaction
from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console import sealing
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Resource
from redound.console.errors import ConflictError
from redound.console.paging import Page
from redound.console.postbacks import actions
from redound.console.postbacks.filling import fill_postback
from redound.console.postbacks.forms import ApprovalForm, EnableForm, PostbackEdit, PostbackNew
from redound.console.postbacks.models import Postback
from redound.console.postbacks.shapes import PostbackShape
from redound.console.records import postbacks as records
from redound.console.records.diagnostics import findings_of
from redound.console.render import Values

router = Router(tags=["postbacks"])
postbacks: Resource[Postback, PostbackNew] = Resource(Postback, records.postbacks, fill_postback)


@router.get("/postbacks", response=Page[PostbackShape])
def list_postbacks(request: ApiRequest, filters: Query[records.PostbackFilters]) -> Values:
    """List postbacks, newest first."""
    return postbacks.list(request, filters)


@router.post("/postbacks", response={201: records.SavedPostback})
def create_postback(request: ApiRequest, form: PostbackNew, response: HttpResponse) -> Status[Values]:
    """Create a postback. With `sign`, the answer holds the signing secret, once."""
    created = postbacks.create(request, form, response)
    row = Postback.objects.get(pk=created.value["id"])
    if form.sign:
        _show_signing_secret(created.value, row)
    created.value["findings"] = findings_of(row, request.caller)
    return created


@router.get("/postbacks/{row_id}", response=PostbackShape)
def get_postback(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a postback."""
    return postbacks.get(request, row_id, response)


@router.patch("/postbacks/{row_id}", response=records.SavedPostback)
def edit_postback(
    request: ApiRequest, row_id: Path[str], form: PostbackEdit, response: HttpResponse
) -> Values:
    """Change a postback; what is left out stays, secrets too."""
    with transaction.atomic():
        before = postbacks.locked(request, row_id)
        if before.archived_at is not None:
            raise ConflictError("archived", "This postback was deleted. Create a new one.")
        values = postbacks.edit(request, row_id, form, response)
        after = Postback.objects.get(pk=row_id)
        if after.enabled is not before.enabled:
            actions.switched(after, was_enabled=before.enabled)
            values = postbacks.get(request, row_id, response)
    if after.signing_secret != before.signing_secret:
        _show_signing_secret(values, after)
    values["findings"] = findings_of(after, request.caller)
    return values


@router.delete("/postbacks/{row_id}", response={204: None})
def delete_postback(request: ApiRequest, row_id: Path[str]) -> Status[None]:
    """Archive a postback: unfinished deliveries are cancelled, the history stays."""
    with transaction.atomic():
        actions.archive(postbacks.locked(request, row_id), request.caller)
    return Status(204, None)


@router.post("/postbacks/{row_id}/enable", response=PostbackShape)
def enable_postback(
    request: ApiRequest, row_id: Path[str], response: HttpResponse, form: EnableForm | None = None
) -> Values:
    """Switch a postback on again, whoever switched it off; what was parked is resumed at a capped rate."""
    with transaction.atomic():
        row = postbacks.locked(request, row_id)
        actions.enable(row, form or EnableForm(), request.caller)
    return postbacks.get(request, row_id, response)


@router.post("/postbacks/{row_id}/approve-html", response=PostbackShape)
def approve_postback_html(
    request: ApiRequest, row_id: Path[str], response: HttpResponse, form: ApprovalForm | None = None
) -> Values:
    """Approve the HTML of a postback; managers only. Any change of it withdraws this.

    Send the `body` that was read, or If-Match: then nothing else is approved than what was read.
    """
    actions.only_managers(request.caller)
    with transaction.atomic():
        row = postbacks.locked(request, row_id)
        actions.approve_html(row, form.body if form else row.body, request.caller)
    return postbacks.get(request, row_id, response)


def _show_signing_secret(values: Values, row: Postback) -> None:
    text = sealing.unseal("postbacks", row.pk, "signing_secret", row.signing_secret)
    values["signing_secret"] = {"value": text, "has_value": True}
