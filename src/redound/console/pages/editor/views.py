"""The editor's pages: a new postback, a stored one, and what is said about it while it is being written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from redound.console.accounts.permissions import check
from redound.console.errors import ConflictError, InvalidError
from redound.console.pages.editor import checking, starting, testing
from redound.console.pages.editor.fields import Fields, of_row, one_id, slug, typed
from redound.console.pages.editor.refusals import refusals
from redound.console.pages.editor.saving import Saved, save
from redound.console.pages.editor.shown import everything, insights, language
from redound.console.postbacks import visibility
from redound.console.records.record import find
from redound.console.shell.forms import NONE, Faults
from redound.console.shell.page import here, page
from redound.core.parsing import parse

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.postbacks.models import Postback
    from redound.console.shell.page import PageRequest

SIGNING_SECRET = "signing_secret"  # noqa: S105 - the session's key, not the secret
_SAVES = {"pause": False, "activate": True, "save": None}


@page
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """Write a new postback; `?tracker=` starts from one of the gallery, `?url=` from a URL."""
    check(request.caller, "postbacks", "write")
    if request.method == "POST":
        return _acted(request, typed(request.POST, None), None)
    fields = Fields(
        affiliate_id=one_id(request.GET, "affiliate_id") if request.caller.manages else "",
        url=request.GET.get("url", ""),
        level="offer" if request.caller.manages and not request.GET.get("affiliate_id") else "affiliate",
    )
    tracker = slug(request.GET.get("tracker", ""))
    if tracker:
        fields = starting.start(fields, tracker, request.caller)
    return _shown(request, fields, None)


@page
@require_http_methods(["GET", "POST"])
def edit(request: PageRequest, row_id: str) -> HttpResponse:
    """Change a stored postback."""
    row = _row(request, row_id)
    if request.method == "POST":
        return _acted(request, typed(request.POST, row), row)
    return _shown(request, of_row(row), row)


@page
@require_POST
def live(request: PageRequest, row_id: str = "") -> HttpResponse:
    """Say what is to be said about the fields as they stand: findings, table, preview, rule, company."""
    check(request.caller, "postbacks", "write")
    row = _row(request, row_id) if row_id else None
    fields = starting.filled(_owned(typed(request.POST, row), row))
    shown = {**insights(request, fields, row), "fields": fields, "row": row, "live": True}
    return render(request, "pages/editor/live.html", shown)


def _row(request: PageRequest, row_id: str) -> Postback:
    check(request.caller, "postbacks", "write")
    row = find(visibility.postbacks(request.caller), row_id)
    if row.archived_at is not None:
        raise ConflictError("archived", _("This postback was deleted. Create a new one."))
    return row


def _owned(fields: Fields, row: Postback | None) -> Fields:
    """A stored postback stays with its affiliate, whatever the form says."""
    return fields if row is None else replace(fields, affiliate_id=row.affiliate_id or "")


def _acted(request: PageRequest, fields: Fields, row: Postback | None) -> HttpResponse:
    """Do what the button that was pressed says."""
    fields = starting.filled(_owned(fields, row))
    action, _colon, argument = request.POST.get("do", "check").partition(":")
    if action in _SAVES or action == "test":
        return _saved(request, fields, row, action)
    changed = _changed(request, fields, action, argument)
    return _shown(request, changed, row)


def _changed(request: PageRequest, fields: Fields, action: str, argument: str) -> Fields:
    match action:
        case "start":
            return starting.start(fields, slug(argument), request.caller)
        case "translate":
            found = starting.foreign(fields)
            return fields.with_url(found.url) if found else fields
        case "rows":
            return fields.with_url(checking.retyped(fields.url, parse(fields.url), request.POST))
        case "fix":
            return _fixed(request, fields, argument)
        case _:
            return fields


def _fixed(request: PageRequest, fields: Fields, wanted: str) -> Fields:
    parsed = parse(fields.url)
    tracker, _recognised = starting.tracker_of(fields, parsed, request.caller)
    found = checking.findings(fields, checking.context_of(fields, request.caller, tracker))
    url = checking.corrected(checking.said(found, fields.url, language()), wanted)
    return fields if url is None else fields.with_url(url)


def _saved(request: PageRequest, fields: Fields, row: Postback | None, action: str) -> HttpResponse:
    enabled = _SAVES.get(action, False if row is None else None)
    try:
        saved = save(fields, row.pk if row else "", request.caller, enabled=enabled)
    except InvalidError as error:
        return _shown(request, fields, row, refusals(error))
    _keep_secret(request, saved)
    if action == "test":
        tested = testing.send(saved.row, request.POST, request.caller)
        return redirect(f"{here(request, 'postback-edit', saved.row.pk)}?{tested}#send-test")
    on = saved.row.enabled
    messages.success(request, _("Saved: it is sent from now on.") if on else _("Saved, paused."))
    if checking.has_errors(fields, request.caller):
        messages.error(request, _("The check still finds errors in its URL: edit it to see them."))
    return redirect(here(request, "postback", saved.row.pk))


def _keep_secret(request: PageRequest, saved: Saved) -> None:
    """The signing secret is shown once, on the next page."""
    if saved.signing_secret:
        request.session[SIGNING_SECRET] = {"id": saved.row.pk, "secret": saved.signing_secret}


def _shown(request: PageRequest, fields: Fields, row: Postback | None, faults: Faults = NONE) -> HttpResponse:
    values: dict[str, Any] = everything(request, fields, row, faults)
    if row is not None:
        values["tested"] = testing.result(row, request)
    refused = faults and not request.htmx
    response = render(request, "pages/editor/page.html", values, status=422 if refused else 200)
    if request.htmx and request.method == "GET":
        response["HX-Push-Url"] = request.get_full_path()
    return response
