"""What people do with a stored postback: test it, switch it on and off, delete it, approve its HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from redound.console.accounts import audit
from redound.console.accounts.permissions import check
from redound.console.errors import ConflictError, InvalidError
from redound.console.pages.editor import testing
from redound.console.pages.postbacks.moments import moment_of
from redound.console.postbacks import actions, visibility
from redound.console.postbacks.forms import EnableForm
from redound.console.records.record import find
from redound.console.shell.forms import read
from redound.console.shell.page import here, page

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from redound.console.accounts.callers import Caller
    from redound.console.postbacks.models import Postback
    from redound.console.shell.page import PageRequest


def seen(request: PageRequest, row_id: str) -> Postback:
    """Return the postback; NotFoundError when it is not theirs."""
    check(request.caller, "postbacks", "read")
    return find(visibility.postbacks(request.caller), row_id)


def _locked(caller: Caller, row_id: str) -> Postback:
    check(caller, "postbacks", "write")
    return find(visibility.postbacks(caller).select_for_update(of=("self",)), row_id)


@page
@require_POST
def test(request: PageRequest, row_id: str) -> HttpResponse:
    """Send a test of what is stored; show what came of it on the postback's page."""
    row = seen(request, row_id)
    check(request.caller, "postbacks", "write")
    tested = testing.send(row, request.POST, request.caller)
    return redirect(f"{here(request, 'postback', row.pk)}?{tested}#send-test")


@page
@require_POST
def enable(request: PageRequest, row_id: str) -> HttpResponse:
    """Switch it on with a clean slate; what was parked goes out, from a time on if one is given."""
    form = enable_form(request.POST)
    with transaction.atomic():
        row = _locked(request.caller, row_id)
        actions.enable(row, form, request.caller)
    messages.success(request, _("Enabled. What waited for it goes out now."))
    return redirect(here(request, "postback", row_id))


def enable_form(data: QueryDict) -> EnableForm:
    """Return what to catch up on: from a time on, and what had failed for good."""
    values: dict[str, object] = {"retry_failed": "retry_failed" in data}
    since = str(data.get("resume_since", "")).strip()
    if since:
        values["resume_since"] = moment_of(since)
    return read(EnableForm, values)


@page
@require_POST
def pause(request: PageRequest, row_id: str) -> HttpResponse:
    """Switch it off by hand: what would fire from now on is skipped, what is owed is parked."""
    with transaction.atomic():
        row = _locked(request.caller, row_id)
        _switch_off(row, request.caller)
    messages.success(request, _("Paused. What it misses can be caught up later under Backfill."))
    return redirect(here(request, "postback", row_id))


def _switch_off(row: Postback, caller: Caller) -> None:
    if row.archived_at is not None:
        raise ConflictError("archived", _("This postback was deleted. Create a new one."))
    if not row.enabled:
        return
    before = audit.picture(row)
    row.enabled = False
    row.save(update_fields=["enabled", "updated_at"])
    actions.switched(row, was_enabled=True)
    audit.record(caller, "edit", row, before, audit.picture(row))


@page
@require_POST
def delete(request: PageRequest, row_id: str) -> HttpResponse:
    """Archive it: unfinished deliveries are cancelled, the history stays."""
    with transaction.atomic():
        actions.archive(_locked(request.caller, row_id), request.caller)
    messages.success(request, _("Deleted. Its history stays in the delivery log."))
    return redirect(here(request, "postbacks"))


@page
@require_POST
def approve_html(request: PageRequest, row_id: str) -> HttpResponse:
    """Let the HTML that the manager read be shown to visitors."""
    actions.only_managers(request.caller)
    body = request.POST.get("body", "").replace("\r\n", "\n")
    try:
        with transaction.atomic():
            row = _locked(request.caller, row_id)
            seen_body = row.body if body == row.body.replace("\r\n", "\n") else body
            actions.approve_html(row, seen_body, request.caller)
    except InvalidError as error:
        raise ConflictError("not_valid", error.detail) from None
    messages.success(request, _("Approved: visitors are shown this HTML from now on."))
    return redirect(here(request, "postback", row_id))
