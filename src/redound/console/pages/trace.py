"""Trace: any ID or sub value, the likely cause first, then the whole story of its click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from redound.console.accounts import permissions
from redound.console.catalog import visibility as catalog
from redound.console.catalog.models import Goal
from redound.console.pages.language import spoken
from redound.console.pages.reasons import in_words
from redound.console.postbacks import visibility
from redound.console.records.trace import trace as told
from redound.console.shell.page import page
from redound.console.tracing.resolving import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse
    from django.urls import URLPattern
    from django.utils.functional import _StrPromise

    from redound.console.accounts.callers import Caller
    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

KINDS: Final[Mapping[str, _StrPromise]] = {
    "click": _("A click ID"),
    "sub_value": _("A value in a click"),
    "txid": _("A transaction ID"),
    "conversion": _("A conversion"),
    "delivery": _("A delivery"),
    "attempt": _("An attempt"),
    "report": _("A report"),
    "received": _("A value that came as a click ID"),
    "unknown": _("Nothing that is known here"),
}
CONDITIONS: Final[Mapping[str, _StrPromise]] = {
    "event": _("Event"),
    "goals": _("Goals"),
    "statuses": _("Statuses"),
    "delivery": _("Way of delivery"),
    "level": _("Scope"),
    "exclude_offers": _("Excluded offers"),
    "postbacks_enabled": _("Postbacks enabled"),
    "precedence": _("Precedence"),
    "status_mode": _("How often"),
    "payout_above_zero": _("Payout above zero"),
    "max_age_seconds": _("Age of the click"),
    "valid": _("Valid click"),
    "enabled": _("Switched on"),
}
TONES: Final = {"problem": "bad", "waiting": "warn", "fine": "ok"}
ICONS: Final = {"problem": "circle-x", "waiting": "clock", "fine": "circle-check"}
EVENTS: Final = {
    "delivered": "ok",
    "conversion": "ok",
    "fired": "ok",
    "failed": "bad",
    "cancelled": "warn",
    "skipped": "warn",
    "near_miss": "warn",
    "waiting": "next",
}
"""The colours of a timeline's points."""
PAGES: Final = {"dlv": "delivery", "cnv": "conversion"}
"""By the prefix of its ID: the page of what an event is about."""


@page
def trace(request: PageRequest) -> HttpResponse:
    """Show what is known of what somebody asks for."""
    permissions.check(request.caller, "trace", "read")
    asked = request.GET.get("q", "").strip()[:MAX_TEXT]
    if not asked:
        return render(request, "pages/trace/page.html", {"asked": ""})
    found = told(asked, request.caller, spoken())
    return render(request, "pages/trace/page.html", {"asked": asked, **_shown(found, request.caller)})


def _shown(found: Values, caller: Caller) -> dict[str, Any]:
    """Return the TraceShape's values with the names that a page shows beside IDs."""
    names = _names(found, caller)
    causes = [found["diagnosis"], *found["further"]] if found["diagnosis"] else []
    return {
        "found": found,
        "kind": KINDS.get(found["query"]["kind"], ""),
        "causes": [_cause(each) for each in causes],
        "story": [
            {**each, "point": EVENTS.get(each["kind"], ""), "page": PAGES.get(each["id"][:3], "")}
            for each in found["story"]
        ],
        "evaluations": [
            {**each, "name": names.get(each["postback_id"], ""), "words": in_words(each["reason"])}
            for each in found["evaluations"]
        ],
        "deliveries": [{**each, "name": names.get(each["postback_id"], "")} for each in found["deliveries"]],
        "now": [_what_if(each) for each in found["now"]],
        "conversions": [
            {**each, "goal_name": names.get(each["goal_id"], "")} for each in found["conversions"]
        ],
        "link_name": names.get((found["click"] or {}).get("link_id") or found["query"]["link_id"], ""),
        "offer_name": names.get((found["click"] or {}).get("offer_id", ""), ""),
    }


def _cause(found: Values) -> Values:
    moments = {name: value for name, value in found["evidence"].items() if name.endswith("_at")}
    others = {name: value for name, value in found["evidence"].items() if name not in moments}
    return {
        **found,
        "note": TONES.get(found["tone"], "info"),
        "icon": ICONS.get(found["tone"], "info"),
        "moments": [(_words(name), value) for name, value in moments.items()],
        "others": [(_words(name), value) for name, value in others.items()],
    }


def _words(name: str) -> str:
    return name.removesuffix("_at").replace("_", " ")


def _what_if(found: Values) -> Values:
    conditions = [
        {**each, "words": CONDITIONS.get(each["name"], each["name"].replace("_", " "))}
        for each in found["conditions"]
    ]
    return {**found, "words": in_words(found["reason"]), "conditions": conditions}


def _names(found: Values, caller: Caller) -> dict[str, str]:
    """Return what the postbacks, goals, link and offer of a trace are called, for those who may see them."""
    wanted = {each["postback_id"] for each in (*found["evaluations"], *found["deliveries"])}
    names = dict(visibility.postbacks(caller).filter(pk__in=wanted).values_list("pk", "name"))
    goals = {each["goal_id"] for each in found["conversions"]}
    names |= dict(Goal.objects.filter(pk__in=goals).values_list("pk", "name"))
    click = found["click"] or {}
    link_id = click.get("link_id") or found["query"]["link_id"]
    if link_id:
        names |= dict(catalog.links(caller).filter(pk=link_id).values_list("pk", "name"))
    if click:
        names |= dict(catalog.offers(caller).filter(pk=click["offer_id"]).values_list("pk", "name"))
    return names


urls: list[URLPattern] = [path("trace/", trace, name="trace")]
