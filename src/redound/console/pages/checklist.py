"""The checklist of a postback: six steps, what shows how each stands, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.urls import path

from redound.console.accounts import permissions
from redound.console.pages.language import spoken
from redound.console.records.checklist import checked
from redound.console.records.postbacks import postbacks
from redound.console.shell.page import here, page

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.urls import URLPattern

    from redound.console.shell.page import PageRequest

ICONS: Final = {"done": "check", "wrong": "x", "todo": ""}
LEADS: Final = {
    "macros_verified": "postback-edit",
    "mapped": "postback-edit",
    "template_clean": "postback-edit",
    "test_delivered": "tester",
    "watched": "deliveries",
}
"""Where each step is worked on."""


@page
def fragment(request: PageRequest, row_id: str) -> HttpResponse:
    """Show the checklist: a part of another page when htmx asks, else a page of its own."""
    permissions.check(request.caller, "postbacks", "read")
    row = postbacks.find(request.caller, row_id)
    values = checked(row, request.caller, spoken())
    steps = [
        {**each, "icon": ICONS[each["state"]], "to": _to(request, row.pk, each)} for each in values["steps"]
    ]
    context: dict[str, Any] = {"row": row, "checklist": values, "steps": steps, "of": len(steps)}
    alone = not getattr(request, "htmx", False)
    return render(request, "pages/checklist/page.html" if alone else "pages/checklist/steps.html", context)


def _to(request: PageRequest, row_id: str, step: dict[str, Any]) -> str:
    name = LEADS.get(step["code"], "")
    match name:
        case "postback-edit":
            return here(request, name, row_id)
        case "tester":
            return f"{here(request, name)}?postback={row_id}"
        case "deliveries":
            return f"{here(request, name)}?postback_id={row_id}"
        case _:
            return ""


urls: list[URLPattern] = [path("postbacks/<str:row_id>/checklist/", fragment, name="postback-checklist")]
