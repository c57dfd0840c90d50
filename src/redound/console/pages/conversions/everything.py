"""A change of everything that a filter finds: a job, counted before anything happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from redound.console.jobs import starting
from redound.console.pages.conversions.changes import only_managers
from redound.console.pages.conversions.lists import LISTING
from redound.console.records.conversions import StatusForm, conversions
from redound.console.shell.forms import read
from redound.console.shell.listing import asking
from redound.console.shell.page import here, page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.shell.page import PageRequest


@require_POST
@page
def everything(request: PageRequest) -> HttpResponse:
    """Begin a job for every conversion that the list's filters find at this moment."""
    only_managers(request)
    form = read(StatusForm, {"status": request.POST.get("status"), "reason": request.POST.get("reason", "")})
    query = QueryDict(request.POST.get("query", "").removeprefix("?"))
    asked = asking.read(query, LISTING.filters, LISTING.columns)
    newest = conversions.visible(request.caller).order_by("-pk").values_list("pk", flat=True).first()
    if asked.left_out or newest is None:
        messages.error(request, " ".join(asked.left_out) or _("There is no conversion yet."))
        return redirect(here(request, "conversions"))
    wanted = {
        "filter": asked.wanted.model_dump(mode="json", exclude_none=True, exclude={"limit", "cursor"}),
        "status": form.status,
        "reason": form.reason or "",
        "until_id": newest,
    }
    job = starting.begin("conversion_status", wanted, request.caller)
    return redirect(here(request, "job", job.pk))
