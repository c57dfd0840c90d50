"""Imports: a CSV file is taken in, its columns are named, every row is judged, and only then applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from redound.console.errors import ConflictError
from redound.console.imports import starting
from redound.console.imports.applying import SETTLED
from redound.console.imports.refused import refused_rows
from redound.console.records import imports as records
from redound.console.records.names import with_names
from redound.console.shell.listing import Chip, Column, Listing
from redound.console.shell.listing.export import lines
from redound.console.shell.page import here, page
from redound.core.csv_rows import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redound.console.imports.models import Import
    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

STOP_POLLING = 286
"""The status with which htmx stops asking again."""
KINDS = {
    Kind.CONVERSIONS.value: gettext_lazy("Conversions"),
    Kind.STATUSES.value: gettext_lazy("Changes of status"),
    Kind.ACTIVITY.value: gettext_lazy("Activity of players"),
}
STATES = {
    "waiting": gettext_lazy("Waiting"),
    "running": gettext_lazy("Running"),
    "done": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
    "interrupted": gettext_lazy("Interrupted"),
}
MOVING = frozenset({"waiting", "running"})


def _kinds(request: PageRequest) -> Iterable[tuple[str, Any]]:
    del request
    return KINDS.items()


def _more(values: Sequence[Values], request: PageRequest) -> None:
    del request
    for each, named in zip(values, with_names(values, "advertiser_id"), strict=True):
        each["advertiser"] = named["names"]["advertiser_id"]
        each["kind_words"] = KINDS.get(each["kind"], each["kind"])
        each["state_words"] = STATES.get(each["state"], each["state"])


LISTING: Listing[Any] = Listing(
    page="imports",
    api="imports",
    source=records.imports,
    filters=records.ImportFilters,
    detail="import",
    columns=(
        Column("file_name", gettext_lazy("File")),
        Column("kind", gettext_lazy("Rows are"), key="kind_words"),
        Column("advertiser", gettext_lazy("Advertiser"), phone="hide"),
        Column("state", gettext_lazy("State"), "state"),
        Column("dry_run", gettext_lazy("Only judged"), "flag", phone="hide"),
        Column("rows", gettext_lazy("Rows"), "number"),
        Column("refused", gettext_lazy("Refused"), "number"),
        Column("created_by", gettext_lazy("Taken in by"), phone="hide"),
        Column("created_at", gettext_lazy("Taken in"), "moment", phone="hide"),
    ),
    chips=(Chip("kind", gettext_lazy("Rows are"), options=_kinds),),
    search=gettext_lazy("Name of the file"),
    more=_more,
    empty=gettext_lazy("No imports yet"),
    empty_hint=gettext_lazy(
        "Take in what an advertiser sends as a file: conversions, changes of status, activity."
    ),
)


@page
def imports(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """Show imports."""
    context = {
        "title": _("Imports"),
        "new_url": here(request, "import-new"),
        "new_words": _("New import"),
        "lead": _(
            "Files of conversions, changes of status and activity. Every row is judged before it counts."
        ),
    }
    return LISTING.answer(request, "manager/list.html", context)


@page
def one(request: PageRequest, row_id: str) -> HttpResponse:
    """Show how far an import is and what was made of its rows; its live part alone when the page asks."""
    job = records.imports.find(request.caller, row_id)
    context = _shown(request, job)
    if not request.htmx:
        return render(request, "manager/import.html", context)
    moving = context["import"]["state"] in MOVING
    return render(request, "manager/import_live.html", context, status=200 if moving else STOP_POLLING)


def _shown(request: PageRequest, job: Import) -> dict[str, Any]:
    (shown,) = with_names([records.shape(job, request.caller)], "advertiser_id")
    wanted = records.RowFilters.model_validate(
        {name: request.GET[name] for name in ("verdict", "cursor") if request.GET.get(name)}
    )
    counts = sorted(shown["counts"].items(), key=lambda pair: (pair[0] in SETTLED, -pair[1]))
    return {
        "import": shown,
        "kind_words": KINDS.get(shown["kind"], shown["kind"]),
        "state_words": STATES.get(shown["state"], shown["state"]),
        "moving": shown["state"] in MOVING,
        "counts": [
            {"verdict": verdict, "count": count, "ok": verdict in SETTLED} for verdict, count in counts
        ],
        "rows": records.rows_page(job, wanted),
        "verdict": wanted.verdict or "",
    }


@require_POST
@page
def run(request: PageRequest, row_id: str) -> HttpResponse:
    """Apply an import, or judge its rows again."""
    job = records.imports.find(request.caller, row_id)
    try:
        starting.prepare(job, dry_run=request.POST.get("dry_run") == "1")
    except ConflictError as error:
        messages.error(request, error.detail)
    else:
        starting.start(job)
    return redirect(here(request, "import", row_id))


@page
def refused(request: PageRequest, row_id: str) -> StreamingHttpResponse:
    """Give the rows that were refused as a file: as they came, with the reason, to be mended."""
    job = records.imports.find(request.caller, row_id)
    response = StreamingHttpResponse(lines(refused_rows(job)), content_type="text/csv; charset=utf-8")
    name = f"refused-{job.pk}-{timezone.localtime():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
