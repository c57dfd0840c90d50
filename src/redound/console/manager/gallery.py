"""The gallery of trackers: what comes with Redound to read, entries of one's own to write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from redound.console.manager import editing
from redound.console.manager.affiliates import names as affiliate_names
from redound.console.manager.editing import Filled, Sheet
from redound.console.manager.fields import Field
from redound.console.records import gallery as records
from redound.console.records.record import find
from redound.console.shell.page import here, page
from redound.console.trackers import entries
from redound.console.trackers.filling import fill_tracker
from redound.console.trackers.forms import TrackerEdit, TrackerNew
from redound.console.trackers.models import TrackerEntry
from redound.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

    from redound.console.accounts.callers import Caller
    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

BAR = "|"
NOT_SENT = "-"
KINDS = (
    ("tracker", gettext_lazy("Tracker")),
    ("source", gettext_lazy("Traffic source")),
    ("network", gettext_lazy("Network")),
)


def read_parameters(text: str) -> list[dict[str, Any]]:
    """Read parameters, one a line: `name | role | meaning`; a minus before the name: it is not sent."""
    return [_parameter(line) for line in text.split("\n") if line.strip()]


def _parameter(line: str) -> dict[str, Any]:
    name, role, meaning = (*(part.strip() for part in line.split(BAR, 2)), "", "")[:3]
    sent = not name.startswith(NOT_SENT)
    return {
        "name": name.removeprefix(NOT_SENT).strip(),
        "role": role.lower() or Role.OTHER.value,
        "meaning": meaning,
        "sent": sent,
    }


def write_parameters(rows: Iterable[Values] | None) -> str:
    """Return what `read_parameters` reads."""
    return "\n".join(map(_line, rows or ()))


def _line(each: Values) -> str:
    name = each["name"] if each["sent"] else f"{NOT_SENT}{each['name']}"
    return f" {BAR} ".join(part for part in (name, each["role"], each["meaning"]) if part)


FIELDS = (
    Field("name", gettext_lazy("Name"), required=True),
    Field("kind", gettext_lazy("Kind"), "select", options=KINDS, blank="tracker"),
    Field("affiliate_id", gettext_lazy("Only for"), "select", gettext_lazy("Empty: for everybody.")),
    Field(
        "base",
        gettext_lazy("Address of its postback"),
        "url",
        gettext_lazy("Without parameters. Words in CAPITALS are for the affiliate to replace."),
        placeholder="https://DOMAIN/postback",
        required=True,
        mono=True,
        group=gettext_lazy("Postback"),
    ),
    Field(
        "click_macro",
        gettext_lazy("Its macro for its click ID"),
        hint=gettext_lazy("What the affiliate puts into our link."),
        blank="",
        placeholder="{clickid}",
        mono=True,
    ),
    Field(
        "parameters",
        gettext_lazy("Parameters it reads"),
        "area",
        gettext_lazy(
            "One a line: name | role | meaning. Roles: click (exactly one), status, payout, currency, txid, "
            "event, slot, account, other. A minus before the name: known, but not sent."
        ),
        placeholder="cid | click | its click ID\npayout | payout",
        mono=True,
        parse=read_parameters,
        show=write_parameters,
    ),
    Field(
        "status_words",
        gettext_lazy("Its words for statuses"),
        "pairs",
        gettext_lazy("One a line: our status = its word."),
        placeholder="approved = sale",
        mono=True,
    ),
    Field("notes", gettext_lazy("Notes"), "lines", gettext_lazy("One a line; affiliates read them.")),
)


def sheet(caller: Caller) -> Sheet[TrackerEntry]:
    """Return the form of an entry."""
    fields = tuple(
        replace(each, options=affiliate_names(caller)) if each.name == "affiliate_id" else each
        for each in FIELDS
    )
    return Sheet(
        TrackerEntry,
        fields,
        fill_tracker,
        TrackerNew,
        TrackerEdit,
        _values,
        entries.editable,
    )


def _values(row: TrackerEntry, caller: Caller) -> Values:
    del caller
    return records.shape(row)


@page
def gallery_list(request: PageRequest) -> HttpResponse:
    """Show all entries, own ones first."""
    sought = request.GET.get("q", "").strip().lower()
    found = sorted(records.listed(request.caller), key=lambda each: not each["own"])
    shown = [each for each in found if sought in each["name"].lower()]
    return render(request, "manager/gallery.html", {"entries": shown, "q": request.GET.get("q", "")})


@page
def entry(request: PageRequest, row_id: str) -> HttpResponse:
    """Show what a tracker expects."""
    return render(request, "manager/gallery_entry.html", {"entry": records.one(row_id, request.caller)})


@page
def new(request: PageRequest) -> HttpResponse:
    """Make an entry of one's own."""
    sheet_ = sheet(request.caller)
    made = editing.create(request, sheet_) if request.method == "POST" else editing.blank(sheet_)
    if isinstance(made, TrackerEntry):
        messages.success(request, _("The entry was created. Affiliates find it in their editor now."))
        return redirect(here(request, "gallery-entry", made.pk))
    return _form(request, _("New entry"), made, here(request, "gallery"))


@page
def edit(request: PageRequest, row_id: str) -> HttpResponse:
    """Change an entry of one's own."""
    row = find(entries.editable(request.caller), row_id)
    sheet_ = sheet(request.caller)
    form: TrackerEntry | Filled = editing.of_row(sheet_, row, request.caller)
    if request.method == "POST":
        form = editing.change(request, sheet_, row_id)
    if isinstance(form, TrackerEntry):
        messages.success(request, _("Saved."))
        return redirect(here(request, "gallery-entry", row_id))
    return _form(request, row.name, form, here(request, "gallery-entry", row_id))


def _form(request: PageRequest, title: str, form: Filled, back: str) -> HttpResponse:
    trail = [(here(request, "gallery"), _("Gallery"))]
    return render(request, "manager/edit.html", {"form": form, "title": title, "trail": trail, "back": back})


@require_POST
@page
def delete(request: PageRequest, row_id: str) -> HttpResponse:
    """Take an entry of one's own away."""
    records.delete(row_id, request.caller)
    messages.success(request, _("The entry was taken away. Postbacks made with it stay as they are."))
    return redirect(here(request, "gallery"))
