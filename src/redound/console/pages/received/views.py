"""The pages of the received log, and what managers do there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from redound.console import runtime
from redound.console.accounts import permissions
from redound.console.errors import ForbiddenError
from redound.console.jobs import starting
from redound.console.pages.received.checks import checked
from redound.console.pages.received.listed import RECEIVED, add_words
from redound.console.records import judging
from redound.console.records.reports import reports
from redound.console.shell.forms import read
from redound.console.shell.listing import asking, wants_part
from redound.console.shell.page import here, page, toast
from redound.console.tracing import rows as tracing
from redound.core.reports import Verdict, http_status
from redound.core.trace.facts import Asked, Facts, Kind
from redound.core.trace.rules.reports import refused

if TYPE_CHECKING:
    from django.http import HttpResponse, StreamingHttpResponse

    from redound.console.accounts.callers import Caller
    from redound.console.shell.page import PageRequest
    from redound.console.traffic.models import Report
    from redound.core.trace.causes import Language

SAMPLE = "click_id={click_id}&status={status}&amount={amount}&txid={transaction_id}"
"""What a report says at least; the words in braces are the advertiser's own macros."""


def _only_managers(caller: Caller, verb: str) -> None:
    permissions.check(caller, "reports", verb)
    if not caller.manages:
        raise ForbiddenError("managers_only", _("This page is for managers."))


@page
def received(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """Show every report, newest first."""
    _only_managers(request.caller, "read")
    address = f"{runtime.settings().tracking_url}/postback"
    return RECEIVED.answer(request, "pages/received/list.html", {"address": address, "sample": SAMPLE})


@page
def rows(request: PageRequest) -> HttpResponse:
    """Show a few rows, as they are now."""
    _only_managers(request.caller, "read")
    return RECEIVED.fragment(request)


@page
def report(request: PageRequest, row_id: str) -> HttpResponse:
    """Show one report: beside the list when htmx asks, else on a page of its own."""
    _only_managers(request.caller, "read")
    row = reports.find(request.caller, row_id)
    template = "pages/received/told.html" if wants_part(request) else "pages/received/report.html"
    return render(request, template, {"told": _told(row, request)})


@require_POST
@page
def judge(request: PageRequest, row_id: str) -> HttpResponse:
    """Judge a refused report again, as the configuration now stands."""
    _only_managers(request.caller, "write")
    judging.judge(reports.find(request.caller, row_id))
    return _done(request, row_id)


@require_POST
@page
def match(request: PageRequest, row_id: str) -> HttpResponse:
    """Say which click a refused report belongs to."""
    _only_managers(request.caller, "write")
    form = read(judging.MatchForm, {"click_id": request.POST.get("click_id", "")})
    judging.match(reports.find(request.caller, row_id), form)
    return _done(request, row_id)


def _done(request: PageRequest, row_id: str) -> HttpResponse:
    """Return the report as it now is, in the place that it was shown in."""
    told = _told(reports.find(request.caller, row_id), request)
    words = _("It was judged again: %(verdict)s.") % {"verdict": told["values"]["words"]}
    if not request.htmx:
        messages.success(request, words)
        return redirect(here(request, "report", row_id))
    response = render(request, "pages/received/told.html", {"told": told})
    response["HX-Trigger"] = toast(words)
    return response


@require_POST
@page
def judge_all(request: PageRequest) -> HttpResponse:
    """Begin a job that judges again what the list's filters find of the refused ones; it counts first."""
    _only_managers(request.caller, "write")
    query = QueryDict(request.POST.get("query", "").removeprefix("?"))
    asked = asking.read(query, RECEIVED.filters, RECEIVED.columns)
    newest = reports.visible(request.caller).order_by("-pk").values_list("pk", flat=True).first()
    if asked.left_out or newest is None:
        messages.error(request, " ".join(asked.left_out) or _("No report has come yet."))
        return redirect(here(request, "received"))
    wanted = asked.wanted.model_dump(mode="json", exclude_none=True, exclude={"limit", "cursor"})
    job = starting.begin("report_judging", {"filter": wanted, "until_id": newest}, request.caller)
    return redirect(here(request, "job", job.pk))


def _told(row: Report, request: PageRequest) -> dict[str, Any]:
    """Return what the page of a report shows."""
    (values,) = reports.shapes([row], request.caller)
    add_words([values], request)
    language: Language = "ru" if (get_language() or "").startswith("ru") else "en"
    asked = Asked(row.id, Kind.REPORT, row.id)
    cause = refused(Facts(asked=asked, now_ms=row.received_at, reports=(tracing.report(row),)))
    return {
        "values": values,
        "answered": http_status(Verdict(row.verdict)),
        "checks": checked(row.verdict),
        "pairs": parse_qsl(row.raw_query, keep_blank_values=True)[:100],
        "may_judge": judging.may_be_judged(row),
        "cause": (cause.text(language), cause.remedy(language)) if cause is not None else None,
    }
