"""API keys: a list; a form whose key is shown once, and revoking, both behind sudo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from redound.console.accounts import permissions
from redound.console.catalog import visibility
from redound.console.errors import InvalidError
from redound.console.records.api_keys import NOUNS, ApiKeyNew, api_keys, create, revoke
from redound.console.shell import forms
from redound.console.shell.page import here, page
from redound.console.signin.sudo import sudo_required

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.urls import URLPattern

    from redound.console.shell.page import PageRequest

PER_PAGE = 50
LIFETIMES = (
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("A year")),
    ("", gettext_lazy("Until it is revoked")),
)
DEFAULT_LIFETIME = "365"
WHOLE = (
    ("write", gettext_lazy("Read and change everything")),
    ("read", gettext_lazy("Only read everything")),
    ("some", gettext_lazy("Only what is ticked below")),
)


@page
def listed(request: PageRequest) -> HttpResponse:
    """List the keys that the person may see, newest first."""
    permissions.check(request.caller, "api-keys", "read")
    return _list(request)


@page
@sudo_required
def new(request: PageRequest) -> HttpResponse:
    """Show the form of a new key; a POST makes it and shows its text this once."""
    permissions.check(request.caller, "api-keys", "write")
    if request.method != "POST":
        return _form(request, {"lifetime": DEFAULT_LIFETIME, "whole": "write"})
    try:
        key, raw = create(forms.read(ApiKeyNew, _wanted(request)), request.caller)
    except InvalidError as error:
        typed = {name: request.POST.get(name, "") for name in ("name", "affiliate_id", "lifetime", "whole")}
        return _form(request, typed, forms.faults_of(error))
    return _list(request, raw=raw, made=key)


@page
@require_POST
@sudo_required
def revoked(request: PageRequest, key_id: str) -> HttpResponse:
    """Refuse a key from now on."""
    permissions.check(request.caller, "api-keys", "write")
    with transaction.atomic():
        revoke(api_keys.find(request.caller, key_id), request.caller)
    return redirect(here(request, "api-keys"))


def _list(request: PageRequest, **more: Any) -> HttpResponse:
    rows = api_keys.visible(request.caller).select_related("affiliate", "user").order_by("-id")
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    now = datetime.now(UTC)
    for key in shown:
        key.state = _state(key, now)  # type: ignore[attr-defined]  # for the template
    return render(request, "pages/api_keys.html", {"rows": shown, **more})


def _state(key: Any, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "active"


def _wanted(request: PageRequest) -> dict[str, Any]:
    """Return ApiKeyNew's fields from the form, which asks for a lifetime and in three ways for scopes."""
    wanted = forms.given(request.POST, "name", "affiliate_id")
    wanted.setdefault("name", "")
    whole = request.POST.get("whole", "")
    wanted["scopes"] = request.POST.getlist("scopes") if whole == "some" else [whole or "write"]
    lifetime = request.POST.get("lifetime", "")
    if lifetime in dict(LIFETIMES) and lifetime:
        wanted["expires_at"] = datetime.now(UTC) + timedelta(days=int(lifetime))
    return wanted


def _form(request: PageRequest, typed: dict[str, str], faults: forms.Faults = forms.NONE) -> HttpResponse:
    values = {
        "typed": typed,
        "faults": faults,
        "others": faults.elsewhere(("name", "affiliate_id", "scopes")),
        "lifetimes": LIFETIMES,
        "ways": WHOLE,
        "nouns": sorted(_nouns(request)),
        "ticked": request.POST.getlist("scopes"),
        "affiliates": _owners(request),
    }
    return render(request, "pages/api_key_new.html", values, status=422 if faults else 200)


def _nouns(request: PageRequest) -> frozenset[str]:
    return NOUNS if request.caller.manages else frozenset(permissions.AFFILIATES_MAY)


def _owners(request: PageRequest) -> list[tuple[str, str]]:
    """Return whom a manager may make a key for, themselves first."""
    if not request.caller.manages:
        return []
    found = visibility.affiliates(request.caller).order_by("name").values_list("id", "name")
    return [("", _("Myself, a manager")), *found]


urls: list[URLPattern] = [
    path("api-keys/", listed, name="api-keys"),
    path("api-keys/new/", new, name="api-key-new"),
    path("api-keys/<str:key_id>/revoke/", revoked, name="api-key-revoke"),
]
