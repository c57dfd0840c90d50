"""Small forms: a brand's name and owner, a campaign's name, what a link is called and leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.contrib import messages
from django.db.models import Model
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from redound.console.catalog import forms, parties, shapes, visibility
from redound.console.catalog.models import Brand, Campaign, Link
from redound.console.manager import editing
from redound.console.manager.editing import Filled, Sheet
from redound.console.manager.fields import Field
from redound.console.records.record import find
from redound.console.shell.page import here, page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.shell.page import PageRequest

M = TypeVar("M", bound=Model)
MOST = 500
NAME = Field("name", gettext_lazy("Name"), required=True)


@page
def brand(request: PageRequest, row_id: str) -> HttpResponse:
    """Change a brand."""
    row = find(visibility.brands(request.caller).select_related("advertiser"), row_id)
    owners = visibility.advertisers(request.caller).order_by("name").values_list("pk", "name")[:MOST]
    owner = Field("advertiser_id", gettext_lazy("Advertiser"), "select", options=[*owners], required=True)
    sheet = Sheet(
        Brand,
        (NAME, owner),
        parties.fill_brand,
        forms.BrandNew,
        forms.BrandEdit,
        shapes.brand,
        visibility.brands,
    )
    trail = [
        (here(request, "advertisers"), _("Advertisers")),
        (here(request, "advertiser", row.advertiser_id), row.advertiser.name),
    ]
    return _changed(request, sheet, row, trail)


@page
def campaign(request: PageRequest, row_id: str) -> HttpResponse:
    """Change a campaign."""
    row = find(visibility.campaigns(request.caller).select_related("affiliate"), row_id)
    sheet = Sheet(
        Campaign,
        (NAME,),
        parties.fill_campaign,
        forms.CampaignNew,
        forms.CampaignEdit,
        shapes.campaign,
        visibility.campaigns,
    )
    trail = [
        (here(request, "affiliates"), _("Affiliates")),
        (here(request, "affiliate", row.affiliate_id), row.affiliate.name),
    ]
    return _changed(request, sheet, row, trail)


@page
def link(request: PageRequest, row_id: str) -> HttpResponse:
    """Change a link: clicks that were made keep their offer and campaign."""
    row = find(visibility.links(request.caller).select_related("campaign__affiliate", "offer"), row_id)
    affiliate = row.campaign.affiliate
    campaigns = affiliate.campaigns.order_by("name").values_list("pk", "name")[:MOST]
    offers = visibility.offers(request.caller).order_by("name").values_list("pk", "name")[:MOST]
    fields = (
        Field("name", gettext_lazy("Name"), blank=""),
        Field("campaign_id", gettext_lazy("Campaign"), "select", options=[*campaigns], required=True),
        Field("offer_id", gettext_lazy("Offer"), "select", options=[*offers], required=True),
        Field("active", gettext_lazy("In use"), "check", gettext_lazy("Off: its clicks lead nowhere.")),
    )
    sheet = Sheet(
        Link, fields, parties.fill_link, forms.LinkNew, forms.LinkEdit, shapes.link, visibility.links
    )
    trail = [
        (here(request, "affiliates"), _("Affiliates")),
        (here(request, "affiliate", affiliate.pk), affiliate.name),
    ]
    return _changed(request, sheet, row, trail)


def _changed(request: PageRequest, sheet: Sheet[M], row: M, trail: list[tuple[str, str]]) -> HttpResponse:
    """Show the form of a row, or store it and go back to whose it is."""
    back = trail[-1][0]
    form: M | Filled = editing.of_row(sheet, row, request.caller)
    if request.method == "POST":
        form = editing.change(request, sheet, str(row.pk))
        if not isinstance(form, Filled):
            messages.success(request, _("Saved."))
            return redirect(back)
    context = {"form": form, "title": str(row), "trail": trail, "back": back}
    return render(request, "manager/edit.html", context)
