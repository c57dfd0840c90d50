"""The offers that an affiliate may promote: their goals and payouts, never what the advertiser pays us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from redound.console.catalog import visibility
from redound.console.catalog.models import Offer
from redound.console.catalog.shapes import goal as goal_shape
from redound.console.records.offers import OfferFilters, offers
from redound.console.shell.listing import Chip, Column, Listing, Tab
from redound.console.shell.page import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http.response import HttpResponseBase

    from redound.console.render import Values
    from redound.console.shell.page import PageRequest


def add_goals(rows: Sequence[Values], request: PageRequest) -> None:
    """Add brand and goals to offers, with one query each for all."""
    ids = [each["id"] for each in rows]
    brands = dict(Offer.objects.filter(pk__in=ids).values_list("pk", "brand__name"))
    goals: dict[str, list[Values]] = {}
    found = visibility.goals(request.caller).filter(offer_id__in=ids).order_by("-base", "pk")
    for row in found:
        goals.setdefault(row.offer_id, []).append(goal_shape(row, request.caller))
    for each in rows:
        each |= {"brand": brands.get(each["id"], ""), "goals": goals.get(each["id"], []), "go": each["id"]}


LISTING: Final[Listing[Any]] = Listing(
    page="offers",
    source=offers,
    filters=OfferFilters,
    api="offers",
    columns=(
        Column("name", _("Offer")),
        Column("brand", _("Brand"), phone="hide"),
        Column("status", _("State"), kind="state"),
        Column("payout_model", _("Pays for")),
        Column("goals", _("Goals and payouts"), phone="full"),
        Column("conversion_window_days", _("Window"), kind="number", phone="hide", shown=False),
        Column("go", _("Link")),
    ),
    tabs=(
        Tab("all", pgettext_lazy("tab", "All")),
        Tab("active", pgettext_lazy("tab", "Active"), {"status": "active"}),
        Tab("paused", pgettext_lazy("tab", "Paused"), {"status": "paused"}),
    ),
    chips=(
        Chip(
            "payout_model",
            _("Pays for"),
            options=lambda _request: [("cpa", _("Conversions (CPA)")), ("cpc", _("Clicks (CPC)"))],
        ),
    ),
    search=_("Name of an offer"),
    row_template="affiliate/offer.html",
    csv=("id", "name", "brand", "status", "payout_model", "currency"),
    empty=_("No offers yet"),
    empty_hint=_("Your manager has not published any. Ask them."),
    more=add_goals,
)


@page
def listed(request: PageRequest) -> HttpResponseBase:
    """List the offers."""
    return LISTING.answer(request, "affiliate/offers.html")
