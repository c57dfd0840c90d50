"""Advertisers: who reports to us, with which names and words, and how they prove who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from redound.console import runtime
from redound.console.catalog import credentials, forms, parties, shapes, visibility
from redound.console.catalog.models import Advertiser, Brand
from redound.console.catalog.report_urls import report_url
from redound.console.errors import ConflictError, InvalidError
from redound.console.manager import editing
from redound.console.manager.editing import Filled, Sheet
from redound.console.manager.fields import Field
from redound.console.manager.goals import STATUS_WORDS
from redound.console.records.advertisers import advertisers as records
from redound.console.records.record import find
from redound.console.shell.page import here, page
from redound.console.signin.sudo import sudo_required
from redound.core.profiles import PRESETS

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.catalog.report_urls import Way
    from redound.console.shell.page import PageRequest

NEW_SECRET = "new_credential"  # noqa: S105 - the session's key of what is shown once
WAYS = (
    ("token", gettext_lazy("Token in the query")),
    ("path", gettext_lazy("Key in the path")),
    ("signed", gettext_lazy("Signed (HMAC)")),
    ("open", gettext_lazy("Click ID alone")),
)
KINDS = (
    ("tokens", gettext_lazy("Tokens"), gettext_lazy("Sent as token=…")),
    (
        "path_keys",
        gettext_lazy("Path keys"),
        gettext_lazy("For platforms whose URL has no room for a secret"),
    ),
    ("signing_secrets", gettext_lazy("Signing secrets"), gettext_lazy("HMAC-SHA256 of each report")),
)
PROVES = {"token": "tokens", "path": "path_keys", "signed": "signing_secrets", "open": ""}
"""Which credential each way in needs."""
REPEATS = (
    ("update", gettext_lazy("updates the conversion")),
    ("ignore", gettext_lazy("is ignored")),
    ("new_txid", gettext_lazy("is a new conversion if the transaction is another")),
    ("always_new", gettext_lazy("is always a new conversion")),
    ("add_amount", gettext_lazy("adds its amount")),
)
FIELDS = (
    Field("name", gettext_lazy("Name"), required=True),
    Field(
        "preset",
        gettext_lazy("Platform"),
        "select",
        gettext_lazy("Their parameter names and status words are then known."),
        (("", gettext_lazy("none of these")), *((each.slug, each.title) for each in PRESETS.values())),
    ),
    Field(
        "allowed_ips",
        gettext_lazy("Addresses that may report"),
        "lines",
        gettext_lazy("One address or network a line. Empty: any."),
        placeholder="203.0.113.0/24",
        mono=True,
        group=gettext_lazy("Who may report"),
    ),
    Field(
        "parameter_names",
        gettext_lazy("Their parameter names"),
        "pairs",
        gettext_lazy("One a line: their name = ours. With nothing after = it is not read."),
        placeholder="order_ref = txid",
        mono=True,
        group=gettext_lazy("How they report"),
    ),
    Field(
        "status_words",
        gettext_lazy("Their status words"),
        "pairs",
        gettext_lazy("One a line: their word = pending, hold, approved, rejected or refunded."),
        placeholder="paid = approved",
        mono=True,
    ),
    Field(
        "default_status",
        gettext_lazy("A report without a status means"),
        "select",
        options=(("", gettext_lazy("what the goal says")), *STATUS_WORDS),
    ),
    Field("repeats", gettext_lazy("The same result again"), "select", options=REPEATS, blank="update"),
    Field(
        "answer",
        gettext_lazy("Text that answers a success"),
        hint=gettext_lazy("Empty: the verdict."),
        blank="",
        group=gettext_lazy("What they are answered"),
    ),
    Field(
        "success_code",
        gettext_lazy("Code of a success"),
        "number",
        gettext_lazy("200, 201, 202 or 204. Empty: 200."),
    ),
    Field(
        "failure_code",
        gettext_lazy("Code of every refusal"),
        "number",
        gettext_lazy("For systems that repeat what is refused. Empty: one for each reason."),
    ),
)
SHEET: Sheet[Advertiser] = Sheet(
    Advertiser,
    FIELDS,
    parties.fill_advertiser,
    forms.AdvertiserNew,
    forms.AdvertiserEdit,
    shapes.advertiser,
    visibility.advertisers,
)


@page
def advertiser(request: PageRequest, row_id: str) -> HttpResponse:
    """Show an advertiser with the URL to give them."""
    row = records.find(request.caller, row_id)
    shown_once = request.session.pop(NEW_SECRET, None)
    if shown_once is not None and shown_once["advertiser_id"] != row.pk:
        shown_once = None
    context = {
        "advertiser": row,
        "shown": shapes.advertiser(row, request.caller),
        "preset": PRESETS.get(row.preset),
        "brands": Brand.objects.filter(advertiser=row).prefetch_related("offers").order_by("name"),
        "kinds": [(kind, words, hint, range(len(getattr(row, kind)))) for kind, words, hint in KINDS],
        "new_secret": shown_once,
        "builder": _builder(request, row, shown_once),
        "open": not (row.tokens or row.path_keys or row.signing_secrets),
        "most": credentials.MOST,
    }
    return render(request, "manager/advertiser.html", context)


def _builder(request: PageRequest, row: Advertiser, new_secret: dict[str, str] | None) -> dict[str, Any]:
    """Return the report URL as the form above it asks for; a new secret stands in it this once."""
    kind = new_secret["kind"] if new_secret is not None else ""
    usual = next(
        (
            way
            for way, proof in PROVES.items()
            if proof and (proof == kind or (not kind and getattr(row, proof)))
        ),
        "open",
    )
    wanted = request.GET.get("way", usual)
    way = cast("Way", wanted if wanted in PROVES else usual)
    secret = new_secret["text"] if new_secret is not None and PROVES[way] == kind else ""
    click_macro = request.GET.get("click_macro", "").strip()[:100]
    names = request.GET.get("names", "own") == "own"
    made = report_url(
        row, runtime.settings().tracking_url, way, click_macro=click_macro, secret=secret, names=names
    )
    return {
        "url": made.url,
        "curl": made.curl,
        "way": way,
        "ways": WAYS,
        "click_macro": click_macro,
        "names": names,
        "missing": PROVES[way] and not getattr(row, PROVES[way]),
        "hidden": bool(PROVES[way]) and not secret,
    }


@page
def new(request: PageRequest) -> HttpResponse:
    """Make a new advertiser."""
    made = editing.create(request, SHEET) if request.method == "POST" else editing.blank(SHEET)
    if isinstance(made, Advertiser):
        messages.success(request, _("The advertiser was created. Make a token and a brand next."))
        return redirect(here(request, "advertiser", made.pk))
    return _form(request, _("New advertiser"), made, here(request, "advertisers"))


@page
def edit(request: PageRequest, row_id: str) -> HttpResponse:
    """Change an advertiser."""
    row = records.find(request.caller, row_id)
    form: Advertiser | Filled = editing.of_row(SHEET, row, request.caller)
    if request.method == "POST":
        form = editing.change(request, SHEET, row_id)
    if isinstance(form, Advertiser):
        messages.success(request, _("Saved."))
        return redirect(here(request, "advertiser", row_id))
    return _form(request, row.name, form, here(request, "advertiser", row_id))


def _form(request: PageRequest, title: str, form: Filled, back: str) -> HttpResponse:
    trail = [(here(request, "advertisers"), _("Advertisers"))]
    return render(request, "manager/edit.html", {"form": form, "title": title, "trail": trail, "back": back})


@require_POST
@page
@sudo_required
def add_secret(request: PageRequest, row_id: str, kind: str) -> HttpResponse:
    """Make a token, path key or signing secret; it is shown once, on the advertiser's page."""
    try:
        with transaction.atomic():
            row = find(_locked(request), row_id)
            text = credentials.add_credential(row, kind, request.caller)
    except (ConflictError, InvalidError) as error:
        messages.error(request, error.detail)
    else:
        request.session[NEW_SECRET] = {"advertiser_id": row_id, "kind": kind, "text": text}
    return redirect(here(request, "advertiser", row_id))


@require_POST
@page
@sudo_required
def drop_secret(request: PageRequest, row_id: str, kind: str, position: int) -> HttpResponse:
    """Take a credential away: reports that use it are refused from then on."""
    with transaction.atomic():
        row = find(_locked(request), row_id)
        credentials.drop_credential(row, kind, position, request.caller)
    messages.success(request, _("It was taken away. Reports that still use it are refused."))
    return redirect(here(request, "advertiser", row_id))


def _locked(request: PageRequest) -> Any:
    return records.visible(request.caller).select_for_update(of=("self",))


@require_POST
@page
def add_brand(request: PageRequest, row_id: str) -> HttpResponse:
    """Make a brand of an advertiser."""
    row = records.find(request.caller, row_id)
    values = {"name": request.POST.get("name", ""), "advertiser_id": row.pk}
    try:
        editing.store(Brand(), editing.checked(forms.BrandNew, values), parties.fill_brand, request.caller)
    except InvalidError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("The brand was created."))
    return redirect(here(request, "advertiser", row.pk))
