"""Offers: what is promoted, in tabs: details, goals, postbacks, reward plans."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from redound.console.catalog import forms, promotions, shapes, visibility
from redound.console.catalog.models import Offer
from redound.console.manager import editing
from redound.console.manager.affiliates import CAP_PERIODS, STATUSES
from redound.console.manager.editing import Filled, Sheet
from redound.console.manager.fields import Field
from redound.console.players.models import RewardPlan
from redound.console.players.shapes import reward_plan
from redound.console.postbacks.models import Postback
from redound.console.records.names import with_names
from redound.console.records.offers import offers as records
from redound.console.records.postbacks import postbacks
from redound.console.shell.page import here, page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from django.http import HttpResponse

    from redound.console.shell.page import PageRequest

MOST = 500
FIELDS = (
    Field("name", gettext_lazy("Name"), required=True),
    Field("brand_id", gettext_lazy("Brand"), "select", required=True),
    Field(
        "landing_url",
        gettext_lazy("Landing URL"),
        "url",
        gettext_lazy("Where visitors are sent. {click_id} goes out here and comes back with the report."),
        placeholder="https://shop.example.com/?click_id={click_id}&s={sub1}",
        required=True,
        mono=True,
    ),
    Field(
        "status",
        gettext_lazy("Status"),
        "select",
        gettext_lazy("While paused, new clicks lead nowhere. What was earned before is still counted."),
        STATUSES,
        blank="active",
    ),
    Field(
        "currency",
        gettext_lazy("Currency"),
        hint=gettext_lazy("Three letters of ISO 4217. Amounts of goals are in it."),
        blank="",
        placeholder="EUR",
        group=gettext_lazy("Money"),
        required=True,
    ),
    Field(
        "payout_model",
        gettext_lazy("Paid for"),
        "select",
        options=(("cpa", gettext_lazy("Conversions (CPA)")), ("cpc", gettext_lazy("Clicks (CPC)"))),
        blank="cpa",
    ),
    Field("cpc_payout", gettext_lazy("Payout of a click"), hint=gettext_lazy("Only for CPC: 0.15")),
    Field(
        "goals_enabled",
        gettext_lazy("Goals are told apart"),
        "check",
        gettext_lazy("Off: what is no goal counts as the base goal, and postbacks do not ask for the goal."),
        group=gettext_lazy("Conversions"),
    ),
    Field(
        "conversion_window_days",
        gettext_lazy("Conversion window, days"),
        "number",
        gettext_lazy("How long after the click a conversion counts. Empty: for ever."),
    ),
    Field("cap_conversions", gettext_lazy("Cap on conversions"), "number", gettext_lazy("Empty: no cap.")),
    Field("cap_period", gettext_lazy("Counted"), "select", options=CAP_PERIODS, blank="day"),
    Field(
        "deep_link_hosts",
        gettext_lazy("Hosts for deep links"),
        "lines",
        gettext_lazy("One a line. A link may lead to these with url=…"),
        mono=True,
        placeholder="shop.example.com",
        group=gettext_lazy("Deep links"),
    ),
)
TABS = (
    ("offer", gettext_lazy("Details")),
    ("offer-goals", gettext_lazy("Goals")),
    ("offer-postbacks", gettext_lazy("Postbacks")),
    ("offer-plans", gettext_lazy("Reward plans")),
)


def sheet(request: PageRequest) -> Sheet[Offer]:
    """Return the form of an offer, with the brands of this moment."""
    brands = visibility.brands(request.caller).select_related("advertiser").order_by("name")
    choice = (("", "–"), *((each.pk, f"{each.name} · {each.advertiser.name}") for each in brands[:MOST]))
    fields = tuple(replace(each, options=choice) if each.name == "brand_id" else each for each in FIELDS)
    return Sheet(
        Offer, fields, promotions.fill_offer, forms.OfferNew, forms.OfferEdit, shapes.offer, visibility.offers
    )


def tabbed(request: PageRequest, row: Offer, name: str, **more: Any) -> HttpResponse:
    """Show one tab of an offer."""
    tabs = [(here(request, tab, row.pk), words, tab == name) for tab, words in TABS]
    template = f"manager/{name.replace('-', '_')}.html"
    return render(request, template, {"offer": row, "tabs": tabs, **more})


@page
def offer(request: PageRequest, row_id: str) -> HttpResponse:
    """Show an offer's details."""
    row = records.find(request.caller, row_id)
    return tabbed(request, row, "offer", shown=shapes.offer(row, request.caller))


@page
def goals(request: PageRequest, row_id: str) -> HttpResponse:
    """Show an offer's goals."""
    row = records.find(request.caller, row_id)
    found = visibility.goals(request.caller).filter(offer=row).order_by("-base", "pk")
    return tabbed(request, row, "offer-goals", goals=[shapes.goal(each, request.caller) for each in found])


@page
def offer_postbacks(request: PageRequest, row_id: str) -> HttpResponse:
    """Show the postbacks that name this offer, its brand or a goal of it; and how many cover all offers."""
    row = records.find(request.caller, row_id)
    seen = Postback.objects.filter(archived_at=None)
    called = dict(row.goals.values_list("pk", "name"))
    rules = seen.order_by("-pk").values_list("pk", "level", "include", "goals")
    named = [pk for pk, *rule in rules if _names(row, called.keys(), *rule)][:MOST]
    everywhere = seen.filter(level="affiliate").exclude(pk__in=named).count()
    shown = postbacks.shapes(list(seen.filter(pk__in=named).order_by("-pk")), request.caller)
    rows = with_names(shown, "affiliate_id")
    for each in rows:
        each["goal_names"] = _goal_names(each["goals"], called)
    return tabbed(request, row, "offer-postbacks", postbacks=rows, everywhere=everywhere)


def _names(
    row: Offer, goal_ids: AbstractSet[str], level: str, include: Sequence[str], goals: str | Sequence[str]
) -> bool:
    """Whether a postback's rule is about this offer in particular."""
    if not isinstance(goals, str) and not goal_ids.isdisjoint(goals):
        return True
    wanted = {"offer": row.pk, "brand": row.brand_id}.get(level)
    return wanted is not None and wanted in include


def _goal_names(goals: str | Sequence[str], called: dict[str, str]) -> list[str]:
    if isinstance(goals, str):
        words = {"any": _("any goal"), "base": _("the base goal"), "events": _("all but the base goal")}
        return [words.get(goals, goals)]
    return [called.get(each, each) for each in goals]


@page
def plans(request: PageRequest, row_id: str) -> HttpResponse:
    """Show an offer's reward plans."""
    row = records.find(request.caller, row_id)
    found = RewardPlan.objects.filter(offer=row).order_by("-pk")
    shown = with_names([reward_plan(each, request.caller) for each in found], "affiliate_id", "goal_id")
    return tabbed(request, row, "offer-plans", plans=shown)


@page
def new(request: PageRequest) -> HttpResponse:
    """Make a new offer."""
    sheet_ = sheet(request)
    if request.method == "POST":
        made: Offer | Filled = editing.create(request, sheet_)
    else:
        made = editing.blank(sheet_, brand_id=request.GET.get("brand_id", ""))
    if isinstance(made, Offer):
        messages.success(
            request, _("The offer was created. Without a base goal nothing can be reported for it.")
        )
        return redirect(here(request, "goal-new", made.pk))
    return _form(request, _("New offer"), made, here(request, "offers"))


@page
def edit(request: PageRequest, row_id: str) -> HttpResponse:
    """Change an offer."""
    row = records.find(request.caller, row_id)
    sheet_ = sheet(request)
    form: Offer | Filled = editing.of_row(sheet_, row, request.caller)
    if request.method == "POST":
        form = editing.change(request, sheet_, row_id)
    if isinstance(form, Offer):
        messages.success(request, _("Saved."))
        return redirect(here(request, "offer", row_id))
    return _form(request, row.name, form, here(request, "offer", row_id))


def _form(request: PageRequest, title: str, form: Filled, back: str) -> HttpResponse:
    trail = [(here(request, "offers"), _("Offers"))]
    return render(request, "manager/edit.html", {"form": form, "title": title, "trail": trail, "back": back})
