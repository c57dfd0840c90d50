"""An affiliate's links: making one for an offer in a campaign of theirs, and how much each is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.db import transaction
from django.db.models import Sum
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from redound.console.accounts.permissions import check
from redound.console.catalog import visibility
from redound.console.catalog.forms import CampaignNew, LinkEdit, LinkNew
from redound.console.catalog.models import Campaign, Link
from redound.console.catalog.parties import fill_campaign, fill_link
from redound.console.clock import now_ms
from redound.console.errors import InvalidError
from redound.console.records.links import LinkFilters, links
from redound.console.records.record import find
from redound.console.shell.forms import NONE, Faults, faults_of, read
from redound.console.shell.listing import Chip, Column, Listing
from redound.console.shell.page import here, page
from redound.console.traffic.figures import LinkFigures
from redound.console.writing import write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from redound.console.accounts.callers import Caller
    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

LATELY_MS: Final = 7 * 86_400_000
MOST: Final = 500


def add_use(rows: Sequence[Values], request: PageRequest) -> None:
    """Add to links what they are called by people, and their clicks of the last seven days."""
    ids = [each["id"] for each in rows]
    found = LinkFigures.objects.filter(at__gte=now_ms() - LATELY_MS, link_id__in=ids)
    found = found.filter(affiliate_id=request.caller.affiliate_id)
    clicks = dict(found.values_list("link_id").annotate(count=Sum("clicks")))
    stored = visibility.links(request.caller).in_bulk(ids)
    for each in rows:
        row = stored[each["id"]]
        each |= {
            "label": row.name or row.code,
            "offer": row.offer.name,
            "campaign": row.campaign.name,
            "lately": clicks.get(row.pk, 0),
            "address": each["url"],
        }


def _offers(request: PageRequest) -> Iterable[tuple[str, str]]:
    return visibility.offers(request.caller).order_by("name").values_list("pk", "name")[:MOST]


def _campaigns(request: PageRequest) -> Iterable[tuple[str, str]]:
    return visibility.campaigns(request.caller).order_by("name").values_list("pk", "name")[:MOST]


LISTING: Final[Listing[Any]] = Listing(
    page="links",
    source=links,
    filters=LinkFilters,
    api="links",
    columns=(
        Column("label", gettext_lazy("Link")),
        Column("offer", gettext_lazy("Offer")),
        Column("campaign", gettext_lazy("Campaign"), phone="hide"),
        Column("address", gettext_lazy("Address"), phone="full"),
        Column("lately", gettext_lazy("Clicks in 7 days"), kind="number", phone="hide"),
        Column("active", gettext_lazy("On"), kind="flag", phone="hide"),
        Column("created_at", gettext_lazy("Created"), kind="moment", shown=False, phone="hide"),
    ),
    chips=(
        Chip("offer_id", gettext_lazy("Offer"), options=_offers),
        Chip("campaign_id", gettext_lazy("Campaign"), options=_campaigns),
        Chip("active", gettext_lazy("On"), kind="flag"),
    ),
    search=gettext_lazy("Name or code of a link"),
    row_template="affiliate/link.html",
    csv=("id", "name", "url", "offer", "campaign", "lately", "active"),
    empty=gettext_lazy("No links yet"),
    empty_hint=gettext_lazy("Choose an offer above: your first campaign is made along with the link."),
    more=add_use,
)


@page
@require_http_methods(["GET", "POST"])
def listed(request: PageRequest) -> HttpResponseBase:
    """List the links; a POST makes one, and a campaign for it when none is chosen."""
    check(request.caller, "links", "read")
    if request.method != "POST":
        return _list(request, {"offer_id": request.GET.get("offer_id", "")})
    typed = {
        name: request.POST.get(name, "").strip() for name in ("offer_id", "campaign_id", "campaign", "name")
    }
    try:
        made = _make(typed, request.caller)
    except InvalidError as error:
        return _list(request, typed, faults_of(error))
    return redirect(here(request, "link", made.pk))


def _make(typed: dict[str, str], caller: Caller) -> Link:
    check(caller, "links", "write")
    with transaction.atomic():
        campaign_id = typed["campaign_id"]
        if not campaign_id:
            named = read(CampaignNew, {"name": typed["campaign"] or _("My campaign")})
            campaign_id = write(Campaign(), named, fill_campaign, caller).pk
        values = {"offer_id": typed["offer_id"], "campaign_id": campaign_id, "name": typed["name"]}
        form = read(LinkNew, {name: value for name, value in values.items() if value})
        return write(Link(), form, fill_link, caller)


def _list(request: PageRequest, typed: dict[str, str], faults: Faults = NONE) -> HttpResponseBase:
    offers = [("", _("Choose an offer")), *_offers(request)]
    campaigns = [*_campaigns(request), ("", _("A new one"))]
    usual = campaigns[0][0] if "campaign_id" not in typed else typed["campaign_id"]
    context = {
        "offers": offers,
        "campaigns": campaigns,
        "typed": {**typed, "campaign_id": usual},
        "faults": faults,
        "open": bool(faults) or bool(typed.get("offer_id")),
    }
    return LISTING.answer(request, "affiliate/links.html", context)


@page
@require_POST
def change(request: PageRequest, link_id: str) -> HttpResponse:
    """Rename a link, switch it on or off."""
    check(request.caller, "links", "write")
    values: dict[str, object] = {"active": "active" in request.POST}
    if "name" in request.POST:
        values["name"] = request.POST["name"]
    with transaction.atomic():
        row = find(visibility.links(request.caller).select_for_update(of=("self",)), link_id)
        write(row, read(LinkEdit, values), fill_link, request.caller)
    messages.success(request, _("Saved."))
    return redirect(here(request, "link", link_id))
