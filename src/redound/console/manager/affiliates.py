"""Affiliates: who they are, what they may do, their campaigns and links, people and postbacks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from redound.console.accounts.models import Role, User
from redound.console.catalog import forms, parties, shapes, visibility
from redound.console.catalog.models import Affiliate, Campaign, Link, Offer
from redound.console.errors import InvalidError
from redound.console.manager import editing
from redound.console.manager.editing import Filled, Sheet
from redound.console.manager.fields import Field
from redound.console.manager.precedence import foreseen
from redound.console.records.affiliates import affiliates as records
from redound.console.records.postbacks import postbacks
from redound.console.shell.page import here, page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.accounts.callers import Caller
    from redound.console.shell.page import PageRequest

MOST = 200
"""How many links, postbacks and people of an affiliate its page lists."""
STATUSES = (("active", gettext_lazy("Active")), ("paused", gettext_lazy("Paused")))
CAP_PERIODS = (("day", gettext_lazy("a day")), ("total", gettext_lazy("in total")))
FIELDS = (
    Field("name", gettext_lazy("Name"), required=True),
    Field(
        "status",
        gettext_lazy("Status"),
        "select",
        gettext_lazy("While paused, new clicks lead nowhere. What was earned before is still counted."),
        STATUSES,
        blank="active",
    ),
    Field("manager_id", gettext_lazy("Manager"), "select", gettext_lazy("Who looks after them.")),
    Field(
        "postbacks_enabled",
        gettext_lazy("May set up postbacks"),
        "check",
        gettext_lazy("Off: their portal has no postbacks, and none of theirs fires."),
        group=gettext_lazy("Postbacks"),
    ),
    Field(
        "precedence",
        gettext_lazy("When several postbacks match"),
        "select",
        gettext_lazy("Most specific: link before campaign, offer, brand, affiliate. Ties all fire."),
        (
            ("all", gettext_lazy("All of them fire")),
            ("most_specific", gettext_lazy("Only the most specific")),
        ),
        blank="all",
    ),
    Field(
        "cap_conversions",
        gettext_lazy("Cap on conversions"),
        "number",
        gettext_lazy("What comes above it is kept without payout. Empty: no cap."),
        group=gettext_lazy("Cap"),
    ),
    Field("cap_period", gettext_lazy("Counted"), "select", options=CAP_PERIODS, blank="day"),
)
CAMPAIGN_FIELDS = (Field("name", gettext_lazy("Name"), required=True),)


def sheet() -> Sheet[Affiliate]:
    """Return the form of an affiliate, with the managers of this moment."""
    people = User.objects.filter(role__in=[Role.MANAGER, Role.OPERATOR]).order_by("name")
    choice = (("", "–"), *((user.pk, user.name) for user in people))
    fields = tuple(replace(each, options=choice) if each.name == "manager_id" else each for each in FIELDS)
    return Sheet(
        Affiliate,
        fields,
        parties.fill_affiliate,
        forms.AffiliateNew,
        forms.AffiliateEdit,
        shapes.affiliate,
        visibility.affiliates,
    )


@page
def affiliate(request: PageRequest, row_id: str) -> HttpResponse:
    """Show one affiliate."""
    row = records.find(request.caller, row_id)
    return render(request, "manager/affiliate.html", _shown(request, row))


def _shown(request: PageRequest, row: Affiliate, **more: Any) -> dict[str, Any]:
    theirs = postbacks.visible(request.caller).filter(affiliate_id=row.pk, archived_at=None)
    links = visibility.links(request.caller).filter(campaign__affiliate_id=row.pk)
    campaigns = list(Campaign.objects.filter(affiliate=row).order_by("-pk")[:MOST])
    return {
        "affiliate": row,
        "campaigns": campaigns,
        "links": [shapes.link(each, request.caller) | _names(each) for each in links.order_by("-pk")[:MOST]],
        "offers": Offer.objects.order_by("name").values_list("pk", "name")[:MOST],
        "people": row.users.order_by("name")[:MOST],
        "postbacks": postbacks.shapes(list(theirs.order_by("-pk")[:MOST]), request.caller),
        "foreseen": foreseen(row, request.caller, request.GET.get("status", "approved")),
        **more,
    }


def _names(link: Link) -> dict[str, str]:
    return {"campaign": link.campaign.name, "offer": link.offer.name}


@page
def new(request: PageRequest) -> HttpResponse:
    """Make a new affiliate."""
    made = editing.create(request, sheet()) if request.method == "POST" else editing.blank(sheet())
    if isinstance(made, Affiliate):
        messages.success(request, _("The affiliate was created. Make a campaign and a link for them next."))
        return redirect(here(request, "affiliate", made.pk))
    return _form(request, _("New affiliate"), made, here(request, "affiliates"))


@page
def edit(request: PageRequest, row_id: str) -> HttpResponse:
    """Change an affiliate."""
    row = records.find(request.caller, row_id)
    sheet_ = sheet()
    if request.method == "POST":
        changed = editing.change(request, sheet_, row_id)
        if isinstance(changed, Affiliate):
            messages.success(request, _("Saved."))
            return redirect(here(request, "affiliate", row_id))
        return _form(request, row.name, changed, here(request, "affiliate", row_id))
    filled = editing.of_row(sheet_, row, request.caller)
    return _form(request, row.name, filled, here(request, "affiliate", row_id))


def _form(request: PageRequest, title: str, form: Filled, back: str) -> HttpResponse:
    trail = [(here(request, "affiliates"), _("Affiliates"))]
    context = {"form": form, "title": title, "trail": trail, "back": back}
    return render(request, "manager/edit.html", context)


@require_POST
@page
def switch_postbacks(request: PageRequest, row_id: str) -> HttpResponse:
    """Allow an affiliate postbacks, or take them away."""
    wanted = request.POST.get("postbacks_enabled") == "1"
    _write(request, records.find(request.caller, row_id), {"postbacks_enabled": wanted})
    messages.success(
        request, _("They may use postbacks now.") if wanted else _("Their postbacks are off now.")
    )
    return redirect(here(request, "affiliate", row_id))


def _write(request: PageRequest, row: Affiliate, values: dict[str, Any]) -> None:
    editing.store(row, forms.AffiliateEdit.model_validate(values), parties.fill_affiliate, request.caller)


@require_POST
@page
def add_campaign(request: PageRequest, row_id: str) -> HttpResponse:
    """Make a campaign of an affiliate."""
    row = records.find(request.caller, row_id)
    return _added(
        request,
        row,
        Campaign(),
        forms.CampaignNew,
        {"name": request.POST.get("name", ""), "affiliate_id": row.pk},
        _("The campaign was created."),
    )


@require_POST
@page
def add_link(request: PageRequest, row_id: str) -> HttpResponse:
    """Make a tracking link in one of the affiliate's campaigns."""
    row = records.find(request.caller, row_id)
    wanted = {name: request.POST.get(name, "") for name in ("name", "campaign_id", "offer_id")}
    if not Campaign.objects.filter(pk=wanted["campaign_id"], affiliate=row).exists():
        messages.error(request, _("Choose one of their campaigns. Make one first if there is none."))
        return redirect(here(request, "affiliate", row.pk))
    return _added(request, row, Link(), forms.LinkNew, wanted, _("The link was created."))


def _added(
    request: PageRequest, row: Affiliate, new_row: Any, form: Any, values: dict[str, Any], words: str
) -> HttpResponse:
    fill = parties.fill_link if isinstance(new_row, Link) else parties.fill_campaign
    try:
        editing.store(new_row, editing.checked(form, values), fill, request.caller)
    except InvalidError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, words)
    return redirect(here(request, "affiliate", row.pk))


@require_POST
@page
def switch_link(request: PageRequest, row_id: str, link_id: str) -> HttpResponse:
    """Switch a link on or off."""
    row = records.find(request.caller, row_id)
    link = visibility.links(request.caller).filter(pk=link_id, campaign__affiliate_id=row.pk).first()
    if link is not None:
        form = forms.LinkEdit.model_validate({"active": request.POST.get("active") == "1"})
        editing.store(link, form, parties.fill_link, request.caller)
    return redirect(here(request, "affiliate", row.pk))


def names(caller: Caller) -> list[tuple[str, str]]:
    """Return all affiliates, for a choice."""
    return [("", "–"), *visibility.affiliates(caller).order_by("name").values_list("pk", "name")]
