"""Catching up: what a postback missed is counted and listed first, then sent, all or what is ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from redound.console.accounts.permissions import check
from redound.console.errors import ConflictError, InvalidError
from redound.console.pages.editor.shown import language
from redound.console.pages.postbacks.acting import seen
from redound.console.pages.postbacks.moments import moment_of
from redound.console.records import backfill as records
from redound.console.records.backfill import BackfillFilters, BackfillForm
from redound.console.shell.forms import read
from redound.console.shell.page import here, page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.postbacks.models import Postback
    from redound.console.shell.page import PageRequest

SHOWN = 100


def missed(request: PageRequest, row: Postback) -> dict[str, Any]:
    """Return what it missed since the time that the address names, or why nothing can be caught up."""
    since = request.GET.get("since", "").strip()
    try:
        found = records.missed(row, _wanted(since), request.caller, language())
    except (ConflictError, InvalidError) as error:
        return {"problem": error.detail, "since": since}
    return {**found, "since": since, "more": found["count"] - len(found["data"])}


def _wanted(since: str) -> BackfillFilters:
    values: dict[str, Any] = {"limit": SHOWN}
    if since:
        values["since"] = moment_of(since)
    return read(BackfillFilters, values)


@page
@require_POST
def send(request: PageRequest, row_id: str) -> HttpResponse:
    """Send what is ticked, or all that was found since a time."""
    row = seen(request, row_id)
    check(request.caller, "postbacks", "write")
    since = request.POST.get("since", "").strip()
    if "all" in request.POST:
        wanted: dict[str, Any] = {"filter": {"since": moment_of(since)} if since else {}}
    else:
        wanted = {"conversion_ids": request.POST.getlist("conversion_ids")}
    back = f"{here(request, 'postback', row.pk)}?tab=backfill"
    if wanted.get("conversion_ids") == []:
        messages.error(request, _("Tick what is to be sent."))
        return redirect(back)
    made = records.send(row, read(BackfillForm, wanted), request.caller)
    count = made["count"]
    words = ngettext("%(n)d delivery is on its way.", "%(n)d deliveries are on their way.", count)
    messages.success(request, words % {"n": count})
    return redirect(back)
