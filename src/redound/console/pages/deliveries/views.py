"""The pages of the delivery log, and what can be done there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from redound.console.accounts import permissions
from redound.console.errors import ForbiddenError
from redound.console.jobs import starting
from redound.console.pages.deliveries.listed import DELIVERIES
from redound.console.pages.deliveries.told import tell
from redound.console.postbacks import actions
from redound.console.records.deliveries import deliveries as records
from redound.console.shell.listing import asking, wants_part
from redound.console.shell.page import here, page, toast

if TYPE_CHECKING:
    from django.http import HttpResponse, StreamingHttpResponse

    from redound.console.shell.page import PageRequest

NOUN = "deliveries"


@page
def deliveries(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """Show what was sent, newest first."""
    permissions.check(request.caller, NOUN, "read")
    return DELIVERIES.answer(request, "pages/deliveries/list.html")


@page
def rows(request: PageRequest) -> HttpResponse:
    """Show a few rows, as they are now."""
    permissions.check(request.caller, NOUN, "read")
    return DELIVERIES.fragment(request)


@page
def delivery(request: PageRequest, row_id: str) -> HttpResponse:
    """Show one delivery: beside the list when htmx asks, else on a page of its own."""
    permissions.check(request.caller, NOUN, "read")
    told = tell(records.find(request.caller, row_id), request.caller, request.GET.get("attempt", ""))
    template = "pages/deliveries/told.html" if wants_part(request) else "pages/deliveries/delivery.html"
    return render(request, template, {"told": told})


@require_POST
@page
def retry(request: PageRequest, row_id: str) -> HttpResponse:
    """Send it now."""
    permissions.check(request.caller, NOUN, "write")
    actions.retry(records.find(request.caller, row_id), request.caller)
    return _done(request, row_id, _("It is sent now."))


@require_POST
@page
def cancel(request: PageRequest, row_id: str) -> HttpResponse:
    """Give it up."""
    permissions.check(request.caller, NOUN, "write")
    actions.cancel(records.find(request.caller, row_id), request.caller)
    return _done(request, row_id, _("It was cancelled."))


def _done(request: PageRequest, row_id: str, words: str) -> HttpResponse:
    """Return the delivery as it now is, in the place that it was shown in."""
    if not request.htmx:
        messages.success(request, words)
        return redirect(here(request, "delivery", row_id))
    told = tell(records.find(request.caller, row_id), request.caller)
    response = render(request, "pages/deliveries/told.html", {"told": told})
    response["HX-Trigger"] = toast(words)
    return response


@require_POST
@page
def retry_all(request: PageRequest) -> HttpResponse:
    """Begin a job that sends again what the list's filters find at this moment; it counts first."""
    if not request.caller.manages:
        raise ForbiddenError("managers_only", _("This is for managers."))
    query = QueryDict(request.POST.get("query", "").removeprefix("?"))
    asked = asking.read(query, DELIVERIES.filters, DELIVERIES.columns)
    newest = records.visible(request.caller).order_by("-pk").values_list("pk", flat=True).first()
    if asked.left_out or newest is None:
        messages.error(request, " ".join(asked.left_out) or _("Nothing was sent yet."))
        return redirect(here(request, "deliveries"))
    job = starting.begin(
        "delivery_retry",
        {
            "filter": asked.wanted.model_dump(mode="json", exclude_none=True, exclude={"limit", "cursor"}),
            "until_id": newest,
        },
        request.caller,
    )
    return redirect(here(request, "job", job.pk))
