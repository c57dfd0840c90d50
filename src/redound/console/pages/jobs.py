"""Jobs: work on many rows, counted first, confirmed, followed and stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from redound.console.jobs import starting
from redound.console.jobs.running import ENDED
from redound.console.records.record import find
from redound.console.shell.page import here, page
from redound.console.shell.templatetags.shell import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse
    from django.urls import URLPattern

    from redound.console.jobs.models import Job
    from redound.console.shell.page import PageRequest

STOP_POLLING = 286
"""The status with which htmx stops asking again."""
SHOWN = 30
WORDS = {
    "counting": gettext_lazy("Counting"),
    "counted": gettext_lazy("Waits for you"),
    "running": gettext_lazy("Running"),
    "done": gettext_lazy("Done"),
    "cancelled": gettext_lazy("Stopped"),
    "failed": gettext_lazy("Failed"),
    "interrupted": gettext_lazy("Interrupted"),
}
COUNTS = {
    "changed": gettext_lazy("Changed"),
    "unchanged": gettext_lazy("Had it already"),
    "refused": gettext_lazy("Cannot be changed"),
    "postbacks": gettext_lazy("Postbacks sent"),
    "parked": gettext_lazy("of them parked"),
    "retried": gettext_lazy("Sent again"),
    "judged": gettext_lazy("To judge again"),
    "accepted": gettext_lazy("Accepted"),
    "still_refused": gettext_lazy("Still refused"),
}
"""What a job came to, by name."""
FORESEEN = {
    "changed": gettext_lazy("Will change"),
    "unchanged": gettext_lazy("Have it already"),
    "refused": gettext_lazy("Cannot be changed"),
    "parked": gettext_lazy("Postbacks that wait for a disabled one"),
    "retried": gettext_lazy("Will be sent again"),
    "judged": gettext_lazy("To judge again"),
}
"""What a counted job would come to; names that are not here are said otherwise or not at all."""


@page
def jobs(request: PageRequest) -> HttpResponse:
    """Show the latest jobs."""
    found = starting.visible(request.caller).order_by("-pk")[:SHOWN]
    return render(request, "pages/jobs.html", {"jobs": [shown(each) for each in found]})


@page
def job(request: PageRequest, row_id: str) -> HttpResponse:
    """Show how far a job is; its live part alone when the page asks for that."""
    row = find(starting.visible(request.caller), row_id)
    context = {"job": shown(row)}
    if not request.htmx:
        return render(request, "pages/job.html", context)
    moving = context["job"]["state"] in {"counting", "running"}
    return render(request, "pages/job_live.html", context, status=200 if moving else STOP_POLLING)


@require_POST
@page
def confirm(request: PageRequest, row_id: str) -> HttpResponse:
    """Do what was counted, or go on with what was interrupted."""
    starting.confirm(find(starting.visible(request.caller), row_id))
    return redirect(here(request, "job", row_id))


@require_POST
@page
def stop(request: PageRequest, row_id: str) -> HttpResponse:
    """Stop a job."""
    row = find(starting.visible(request.caller), row_id)
    if row.state not in ENDED:
        starting.stop(row)
    return redirect(here(request, "job", row_id))


def shown(row: Job) -> dict[str, Any]:
    """Return a job as its page shows it."""
    state = starting.state_of(row)
    counting = row.state == "counting"
    counts = row.counted if counting or row.state == "counted" else row.counts
    return {
        "id": row.pk,
        "title": title(row),
        "state": state,
        "words": WORDS.get(state, state),
        "ended": row.state in ENDED,
        "moving": state in {"counting", "running"},
        "may_confirm": state in {"counted", "interrupted"} and bool(row.total),
        "total": row.total,
        "done": row.done,
        "share": row.done / row.total if row.total else 0,
        "counts": _counts(counts, FORESEEN if row.state in {"counting", "counted"} else COUNTS),
        "postbacks": counts.get("postbacks", 0) if row.kind == "conversion_status" else None,
        "reason": row.wanted.get("reason") or "",
        "filter": row.wanted.get("filter") or {},
        "error": row.error,
        "stopping": row.stop_wanted and row.state not in ENDED,
        "by": row.by,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
    }


def _counts(counts: Mapping[str, int], words: Mapping[str, Any]) -> list[tuple[Any, int]]:
    return [(words[name], count) for name, count in counts.items() if count and name in words]


def title(row: Job) -> str:
    """Return what a job does, in words."""
    if row.kind == "conversion_status":
        return _("Conversions to the status: %(status)s") % {"status": in_words(row.wanted.get("status"))}
    if row.kind == "report_judging":
        return _("Judge refused reports again")
    return _("Send deliveries again")


urls: list[URLPattern] = [
    path("jobs/", jobs, name="jobs"),
    path("jobs/<str:row_id>/", job, name="job"),
    path("jobs/<str:row_id>/confirm/", confirm, name="job-confirm"),
    path("jobs/<str:row_id>/stop/", stop, name="job-stop"),
]
"""In both portals."""
