"""Reward plans of an offer: what a player has to do for an affiliate to earn a qualified CPA."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from redound.console.manager import editing
from redound.console.manager.affiliates import names as affiliate_names
from redound.console.manager.editing import Filled, Sheet
from redound.console.manager.fields import Field
from redound.console.players import filling, forms, shapes, visibility
from redound.console.players.models import RewardPlan
from redound.console.records.offers import offers
from redound.console.records.record import find
from redound.console.shell.page import here, page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.catalog.models import Offer
    from redound.console.shell.page import PageRequest

FIELDS = (
    Field("name", gettext_lazy("Name"), required=True, placeholder="CPA 120 €"),
    Field(
        "goal_id",
        gettext_lazy("Goal that is reached"),
        "select",
        gettext_lazy("A goal of the kind qualified CPA: what is paid for."),
    ),
    Field(
        "affiliate_id",
        gettext_lazy("Only for"),
        "select",
        gettext_lazy("Empty: for every affiliate who has no plan of their own."),
        fixed=True,
    ),
    Field("enabled", gettext_lazy("In force"), "check"),
    Field(
        "amount",
        gettext_lazy("The affiliate earns"),
        hint=gettext_lazy("In the offer's currency."),
        placeholder="120.00",
        required=True,
    ),
    Field(
        "first_deposit",
        gettext_lazy("First deposit of at least"),
        group=gettext_lazy("What a player has to do"),
    ),
    Field("deposits", gettext_lazy("Deposits in all of at least")),
    Field("deposit_count", gettext_lazy("Number of deposits"), "number"),
    Field("wagers", gettext_lazy("Wagers in all of at least")),
    Field("net_revenue", gettext_lazy("Net revenue of at least")),
    Field(
        "within_days",
        gettext_lazy("Within days of registration"),
        "number",
        gettext_lazy("Empty: without end."),
    ),
    Field(
        "valid_from",
        gettext_lazy("For players who registered from"),
        "moment",
        group=gettext_lazy("When it counts"),
    ),
    Field("valid_to", gettext_lazy("until"), "moment"),
)


def sheet(request: PageRequest, offer: Offer) -> Sheet[RewardPlan]:
    """Return the form of a reward plan of an offer."""
    goals = offer.goals.filter(kind=filling.QUALIFIED).order_by("pk").values_list("pk", "name")
    choices = {"goal_id": [*goals] or [("", "–")], "affiliate_id": affiliate_names(request.caller)}
    fields = tuple(
        replace(each, options=choices[each.name]) if each.name in choices else each for each in FIELDS
    )
    return Sheet(
        RewardPlan,
        fields,
        filling.fill_reward_plan,
        forms.RewardPlanNew,
        forms.RewardPlanEdit,
        shapes.reward_plan,
        visibility.reward_plans,
    )


@page
def new(request: PageRequest, offer_id: str) -> HttpResponse:
    """Make a new plan of an offer."""
    offer = offers.find(request.caller, offer_id)
    sheet_ = sheet(request, offer)
    made: RewardPlan | Filled = editing.blank(sheet_)
    if request.method == "POST":
        made = editing.create(request, sheet_, offer_id=offer.pk)
    if isinstance(made, RewardPlan):
        messages.success(request, _("The reward plan was created."))
        return redirect(here(request, "offer-plans", offer.pk))
    return _form(request, offer, _("New reward plan"), made)


@page
def edit(request: PageRequest, row_id: str) -> HttpResponse:
    """Change a plan; what was earned by it stays earned."""
    row = find(visibility.reward_plans(request.caller), row_id)
    sheet_ = sheet(request, row.offer)
    form: RewardPlan | Filled = editing.of_row(sheet_, row, request.caller)
    if request.method == "POST":
        form = editing.change(request, sheet_, row_id)
    if isinstance(form, RewardPlan):
        messages.success(request, _("Saved."))
        return redirect(here(request, "offer-plans", row.offer_id))
    return _form(request, row.offer, row.name, form)


def _form(request: PageRequest, offer: Offer, title: str, form: Filled) -> HttpResponse:
    back = here(request, "offer-plans", offer.pk)
    trail = [(here(request, "offers"), _("Offers")), (back, offer.name)]
    lead = _("All that is given has to be met. What is left empty does not matter.")
    context = {"form": form, "title": title, "trail": trail, "back": back, "lead": lead}
    return render(request, "manager/edit.html", context)
