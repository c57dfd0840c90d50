"""Goals of an offer: what can be reached, and what it is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from redound.console.catalog import forms, promotions, shapes, visibility
from redound.console.catalog.models import Goal
from redound.console.manager import editing
from redound.console.manager.editing import Filled, Sheet
from redound.console.manager.fields import Field
from redound.console.records.offers import offers
from redound.console.records.record import find
from redound.console.shell.page import here, page
from redound.console.shell.templatetags.shell import WORDS
from redound.core.states import Status

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.catalog.models import Offer
    from redound.console.shell.page import PageRequest

KINDS = (
    ("registration", gettext_lazy("Registration")),
    ("first_deposit", gettext_lazy("First deposit")),
    ("qualified_cpa", gettext_lazy("Qualified CPA")),
    ("sale", gettext_lazy("Sale")),
    ("lead", gettext_lazy("Lead")),
    ("deposit", gettext_lazy("Deposit")),
    ("custom", gettext_lazy("Other")),
)
STATUS_WORDS = tuple((each.value, WORDS[each.value]) for each in Status)
FIELDS = (
    Field(
        "code",
        gettext_lazy("Code"),
        hint=gettext_lazy("What the advertiser reports as goal=…, and what {goal} becomes."),
        required=True,
        mono=True,
        placeholder="ftd",
    ),
    Field("name", gettext_lazy("Name"), hint=gettext_lazy("Empty: the code.")),
    Field("kind", gettext_lazy("Kind"), "select", options=KINDS, blank="custom"),
    Field(
        "base",
        gettext_lazy("Base goal"),
        "check",
        gettext_lazy("What a report without a goal means. An offer has one."),
    ),
    Field(
        "private", gettext_lazy("Private"), "check", gettext_lazy("Affiliates do not see its conversions.")
    ),
    Field(
        "payout",
        gettext_lazy("Payout"),
        hint=gettext_lazy("A fixed amount in the offer's currency, or a share below; not both."),
        placeholder="12.00",
        group=gettext_lazy("Money"),
    ),
    Field("payout_percent", gettext_lazy("Payout, % of the reported amount"), placeholder="10"),
    Field(
        "revenue", gettext_lazy("Revenue"), hint=gettext_lazy("Affiliates never see it."), placeholder="20.00"
    ),
    Field(
        "revenue_percent",
        gettext_lazy("Revenue, % of the reported amount"),
        hint=gettext_lazy("100: as reported."),
        placeholder="100",
    ),
    Field(
        "default_status",
        gettext_lazy("Status when the report names none"),
        "select",
        options=STATUS_WORDS,
        blank="approved",
        group=gettext_lazy("Status"),
    ),
    Field(
        "repeats",
        gettext_lazy("How often a click may reach it"),
        "mixed",
        gettext_lazy("once, unlimited, or a number."),
        blank="once",
        placeholder="once",
    ),
    Field("hold_seconds", gettext_lazy("Hold runs out after, seconds"), "number"),
    Field(
        "hold_then",
        gettext_lazy("Then it becomes"),
        "select",
        options=(
            ("", "–"),
            *(each for each in STATUS_WORDS if each[0] in {"pending", "approved", "rejected"}),
        ),
    ),
)


def sheet() -> Sheet[Goal]:
    """Return the form of a goal."""
    return Sheet(
        Goal,
        FIELDS,
        promotions.fill_goal,
        forms.GoalNew,
        forms.GoalEdit,
        shapes.goal,
        visibility.goals,
    )


@page
def new(request: PageRequest, offer_id: str) -> HttpResponse:
    """Make a new goal of an offer."""
    offer = offers.find(request.caller, offer_id)
    if request.method == "POST":
        made: Goal | Filled = editing.create(request, sheet(), offer_id=offer.pk)
    else:
        made = editing.blank(sheet(), base=not offer.goals.filter(base=True).exists())
    if isinstance(made, Goal):
        messages.success(request, _("The goal was created."))
        return redirect(here(request, "offer-goals", offer.pk))
    return _form(request, offer, _("New goal"), made)


@page
def edit(request: PageRequest, row_id: str) -> HttpResponse:
    """Change a goal."""
    row = find(visibility.goals(request.caller), row_id)
    form: Goal | Filled = editing.of_row(sheet(), row, request.caller)
    if request.method == "POST":
        form = editing.change(request, sheet(), row_id)
    if isinstance(form, Goal):
        messages.success(request, _("Saved."))
        return redirect(here(request, "offer-goals", row.offer_id))
    return _form(request, row.offer, row.name, form)


def _form(request: PageRequest, offer: Offer, title: str, form: Filled) -> HttpResponse:
    back = here(request, "offer-goals", offer.pk)
    trail = [(here(request, "offers"), _("Offers")), (back, offer.name)]
    return render(request, "manager/edit.html", {"form": form, "title": title, "trail": trail, "back": back})
