"""The list of notifications, its live rows, and what the bell shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from redound.console.errors import NotFoundError
from redound.console.notices import reading
from redound.console.paging import read_cursor, write_cursor
from redound.console.records.notifications import notifications, visible
from redound.console.shell.page import here, page
from redound.core.notices.kinds import EVENTS, events_for

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from redound.console.shell.page import PageRequest
    from redound.console.traffic.models import Notification

PER_PAGE: Final = 50
IN_THE_BELL: Final = 8
MOST_ASKED: Final = 50


@page
def listed(request: PageRequest) -> HttpResponse:
    """Show notifications, newest first: all or the unread, of every event or of one."""
    found = _asked(request)
    cursor = request.GET.get("cursor", "")
    if cursor:
        found = found.filter(pk__lt=read_cursor(cursor))
    rows = list(found[: PER_PAGE + 1])
    shown = rows[:PER_PAGE]
    values: dict[str, Any] = {
        "rows": reading.told(shown),
        "next_cursor": write_cursor(shown[-1].pk) if len(rows) > PER_PAGE else None,
        "newest": shown[0].pk if shown else "",
        "only_unread": request.GET.get("read") == "false",
        "event": request.GET.get("event", ""),
        "events": events_for("manager" if request.caller.manages else "affiliate"),
        "first": not cursor,
    }
    return render(request, "notices/list.html", values)


@page
def rows(request: PageRequest) -> HttpResponse:
    """Answer the rows of `ids=a,b,c`, as far as they are the reader's."""
    ids = request.GET.get("ids", "").split(",")[:MOST_ASKED]
    found = visible(request.caller).filter(pk__in=ids).order_by("-pk")
    return render(request, "notices/rows.html", {"rows": reading.told(list(found))})


@page
def latest(request: PageRequest) -> HttpResponse:
    """Answer what the bell shows: the youngest few."""
    found = visible(request.caller).order_by("-pk")[:IN_THE_BELL]
    return render(request, "notices/latest.html", {"rows": reading.told(list(found))})


@page
def opened(request: PageRequest, notice_id: str) -> HttpResponse:
    """Note that a notification was read, and lead to what it is about."""
    row = notifications.find(request.caller, notice_id)
    if row.read_at is None and request.viewing_as is None:
        reading.read(row)
    ((_, told),) = reading.told([row])
    return redirect(told.path)


@page
@require_POST
def read_all(request: PageRequest) -> HttpResponse:
    """Note that everything up to what the page showed was read."""
    until = request.POST.get("until", "")
    if not visible(request.caller).filter(pk=until).exists():
        raise NotFoundError
    reading.read_all(request.caller, until)
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    return redirect(back if safe else here(request, "notifications"))


def _asked(request: PageRequest) -> QuerySet[Notification]:
    found = visible(request.caller).order_by("-pk")
    if request.GET.get("read") == "false":
        found = found.filter(read_at=None)
    kinds = EVENTS.get(request.GET.get("event", ""))
    return found.filter(kind__in=kinds) if kinds else found
