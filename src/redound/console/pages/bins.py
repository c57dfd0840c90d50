"""Catch-all bins: addresses of ours that keep what is sent to them, with a chosen answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from redound.console.accounts import permissions
from redound.console.catalog import visibility
from redound.console.errors import ConsoleError, InvalidError
from redound.console.records import bins as records
from redound.console.shell import forms
from redound.console.shell.page import here, page

if TYPE_CHECKING:
    from django.urls import URLPattern

    from redound.console.bins.models import Bin
    from redound.console.shell.page import PageRequest

NEEDED: Final = ("name", "status", "delay_ms", "body", "expires_in_hours", "affiliate_id")
NUMBERS: Final = ("status", "delay_ms", "expires_in_hours")
HOURS: Final = (
    ("1", gettext_lazy("An hour")),
    ("24", gettext_lazy("A day")),
    ("168", gettext_lazy("A week")),
    ("720", gettext_lazy("30 days")),
)
USUAL: Final = {"status": "200", "delay_ms": "0", "body": "OK", "expires_in_hours": "168"}
MACROS: Final = "click_id={sub1}&status={status}&payout={payout}&currency={currency}&tid={conversion_id}"
"""What a postback to a bin sends to begin with."""
SHOWN: Final = 50
NOTHING: Final = "none"
"""What was seen of a bin that is empty."""
MOST_OWNERS: Final = 500


@page
def listed(request: PageRequest) -> HttpResponse:
    """List the bins, with the form of a new one; a POST makes it."""
    permissions.check(request.caller, "bins", "write")
    if request.method != "POST":
        return _list(request, USUAL)
    typed = {name: request.POST.get(name, "") for name in NEEDED}
    try:
        row = records.create(forms.read(records.BinNew, _wanted(request)), request.caller)
    except InvalidError as error:
        return _list(request, typed, forms.faults_of(error))
    except ConsoleError as error:
        return _list(request, typed, refused=error.detail)
    return redirect(here(request, "bin", row.pk))


@page
def one(request: PageRequest, row_id: str) -> HttpResponse:
    """Show a bin and what was sent to it, newest first; 204 when nothing came after what was `seen`."""
    permissions.check(request.caller, "bins", "read")
    row = records.bins.find(request.caller, row_id)
    newest = records.caught(row).order_by("-pk").values_list("pk", flat=True).first() or NOTHING
    if request.GET.get("seen") == newest:
        return HttpResponse(status=204)
    return _one(request, row, _typed(row))


@page
@require_POST
def edited(request: PageRequest, row_id: str) -> HttpResponse:
    """Change how a bin answers."""
    permissions.check(request.caller, "bins", "write")
    row = records.bins.find(request.caller, row_id)
    wanted = _wanted(request)
    wanted.pop("affiliate_id", None)
    try:
        records.edit(row, forms.read(records.BinEdit, wanted))
    except InvalidError as error:
        return _one(request, row, dict(request.POST.items()), forms.faults_of(error))
    messages.success(request, _("Saved. It answers so from the next request on."))
    return redirect(here(request, "bin", row.pk))


@page
@require_POST
def deleted(request: PageRequest, row_id: str) -> HttpResponse:
    """Delete a bin and what it caught."""
    permissions.check(request.caller, "bins", "write")
    records.delete(records.bins.find(request.caller, row_id))
    return redirect(here(request, "bins"))


def _wanted(request: PageRequest) -> dict[str, Any]:
    """Return the form's fields: numbers as numbers, and a body that may be blank."""
    wanted = forms.given(request.POST, *NEEDED)
    wanted["body"] = request.POST.get("body", "")
    for name in NUMBERS:
        if wanted.get(name, "").isascii() and wanted.get(name, "").isdecimal():
            wanted[name] = int(wanted[name])
    return wanted


def _typed(row: Bin) -> dict[str, Any]:
    shown = {"name": row.name, "status": row.status, "delay_ms": row.delay_ms, "body": row.body}
    return {**shown, "expires_in_hours": ""}


def _list(
    request: PageRequest, typed: Any, faults: forms.Faults = forms.NONE, *, refused: str = ""
) -> HttpResponse:
    caller = request.caller
    rows = records.visible(caller).select_related("affiliate").order_by("-pk")
    values = {
        "rows": [{**records.shape(row, caller), "owner": row.affiliate} for row in rows],
        "typed": typed,
        "faults": faults,
        "refused": refused,
        "others": faults.elsewhere(NEEDED),
        "hours": HOURS,
        "owners": _owners(request),
    }
    return render(request, "pages/bins/list.html", values, status=422 if faults else 409 if refused else 200)


def _one(request: PageRequest, row: Bin, typed: Any, faults: forms.Faults = forms.NONE) -> HttpResponse:
    shape = records.shape(row, request.caller)
    caught = list(records.caught(row).order_by("-pk")[:SHOWN])
    start = urlencode({"url": f"{shape['url']}?{MACROS}", "name": row.name})
    values = {
        "bin": shape,
        "requests": [records.request_shape(each) for each in caught],
        "typed": typed,
        "faults": faults,
        "others": faults.elsewhere(NEEDED),
        "hours": [("", _("As it is")), *HOURS],
        "start": start,
        "newest": caught[0].pk if caught else NOTHING,
    }
    return render(request, "pages/bins/bin.html", values, status=422 if faults else 200)


def _owners(request: PageRequest) -> list[tuple[str, str]]:
    """Return whose a manager's bin may be: nobody's first."""
    if not request.caller.manages:
        return []
    found = visibility.affiliates(request.caller).order_by("name").values_list("id", "name")
    return [("", _("Managers")), *found[:MOST_OWNERS]]


urls: list[URLPattern] = [
    path("bins/", listed, name="bins"),
    path("bins/<str:row_id>/", one, name="bin"),
    path("bins/<str:row_id>/edit/", edited, name="bin-edit"),
    path("bins/<str:row_id>/delete/", deleted, name="bin-delete"),
]
