"""The lists of affiliates, advertisers and offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count as CountOf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from redound.console.accounts.models import User
from redound.console.catalog.models import Brand, Link, Offer
from redound.console.postbacks.models import Postback
from redound.console.records import advertisers as advertiser_records
from redound.console.records import affiliates as affiliate_records
from redound.console.records import offers as offer_records
from redound.console.records.names import with_names
from redound.console.shell.listing import Chip, Column, Listing, Tab
from redound.console.shell.page import here, page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpResponse, StreamingHttpResponse

    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

MOST = 300
_TABS = (
    Tab("all", gettext_lazy("All")),
    Tab("active", gettext_lazy("Active"), {"status": "active"}),
    Tab("paused", gettext_lazy("Paused"), {"status": "paused"}),
)


def _managers(request: PageRequest) -> Iterable[tuple[str, str]]:
    del request
    return User.objects.filter(managed_affiliates__isnull=False).distinct().values_list("pk", "name")[:MOST]


def _brands(request: PageRequest) -> Iterable[tuple[str, str]]:
    del request
    return Brand.objects.order_by("name").values_list("pk", "name")[:MOST]


def _numbers(model: Any, column: str, ids: Iterable[str], **narrower: Any) -> dict[str, int]:
    """Count rows that refer to each of these IDs, in one query."""
    rows = model.objects.filter(**{f"{column}__in": list(ids)}, **narrower).order_by()
    return dict(rows.values_list(column).annotate(n=CountOf("pk")))


def _about_affiliates(values: Sequence[Values], request: PageRequest) -> None:
    del request
    ids = [each["id"] for each in values]
    links = _numbers(Link, "campaign__affiliate_id", ids)
    postbacks = _numbers(Postback, "affiliate_id", ids, archived_at=None)
    people = dict(
        User.objects.filter(pk__in={each["manager_id"] for each in values}).values_list("pk", "name")
    )
    for each in values:
        each["links"] = links.get(each["id"], 0)
        each["postbacks"] = postbacks.get(each["id"], 0)
        each["manager"] = people.get(each["manager_id"], "")


def _about_advertisers(values: Sequence[Values], request: PageRequest) -> None:
    del request
    brands = _numbers(Brand, "advertiser_id", [each["id"] for each in values])
    for each in values:
        each["brands"] = brands.get(each["id"], 0)
        proofs = [
            words
            for name, words in (
                ("tokens", _("token")),
                ("path_keys", _("path key")),
                ("signing_secrets", _("signature")),
            )
            if each[name]
        ]
        each["proof"] = ", ".join(proofs)


def _about_offers(values: Sequence[Values], request: PageRequest) -> None:
    del request
    goals = dict(
        Offer.objects.filter(pk__in=[each["id"] for each in values])
        .annotate(n=CountOf("goals"))
        .values_list("pk", "n")
    )
    for each, named in zip(values, with_names(values, "brand_id"), strict=True):
        each["brand"] = named["names"]["brand_id"]
        each["goals"] = goals.get(each["id"], 0)


AFFILIATES: Listing[Any] = Listing(
    page="affiliates",
    api="affiliates",
    source=affiliate_records.affiliates,
    filters=affiliate_records.AffiliateFilters,
    detail="affiliate",
    columns=(
        Column("name", gettext_lazy("Name")),
        Column("status", gettext_lazy("Status"), "state"),
        Column("manager", gettext_lazy("Manager"), phone="hide"),
        Column("postbacks_enabled", gettext_lazy("May set up postbacks"), "flag", phone="hide"),
        Column("postbacks", gettext_lazy("Postbacks"), "number", phone="hide"),
        Column("links", gettext_lazy("Links"), "number", phone="hide"),
        Column("precedence", gettext_lazy("Several match"), shown=False),
        Column("id", "ID", "mono", shown=False),
        Column("created_at", gettext_lazy("Created"), "moment", phone="hide"),
    ),
    tabs=_TABS,
    chips=(
        Chip("manager_id", gettext_lazy("Manager"), options=_managers),
        Chip("postbacks_enabled", gettext_lazy("May set up postbacks"), "flag"),
    ),
    search=gettext_lazy("Name or ID"),
    more=_about_affiliates,
    empty=gettext_lazy("No affiliates yet"),
    empty_hint=gettext_lazy("Add the first one, then a campaign and a link for them."),
)
ADVERTISERS: Listing[Any] = Listing(
    page="advertisers",
    api="advertisers",
    source=advertiser_records.advertisers,
    filters=advertiser_records.AdvertiserFilters,
    detail="advertiser",
    columns=(
        Column("name", gettext_lazy("Name")),
        Column("proof", gettext_lazy("Proves itself with")),
        Column("preset", gettext_lazy("Platform"), phone="hide"),
        Column("brands", gettext_lazy("Brands"), "number", phone="hide"),
        Column("id", "ID", "mono", shown=False),
        Column("created_at", gettext_lazy("Created"), "moment", phone="hide"),
    ),
    search=gettext_lazy("Name or ID"),
    csv=("id", "name", "proof", "preset", "brands", "created_at"),
    more=_about_advertisers,
    empty=gettext_lazy("No advertisers yet"),
    empty_hint=gettext_lazy(
        "An advertiser has brands, brands have offers, and it reports what visitors did."
    ),
)
OFFERS: Listing[Any] = Listing(
    page="offers",
    api="offers",
    source=offer_records.offers,
    filters=offer_records.OfferFilters,
    detail="offer",
    columns=(
        Column("name", gettext_lazy("Name")),
        Column("status", gettext_lazy("Status"), "state"),
        Column("brand", gettext_lazy("Brand"), phone="hide"),
        Column("payout_model", gettext_lazy("Paid for")),
        Column("currency", gettext_lazy("Currency"), phone="hide"),
        Column("goals", gettext_lazy("Goals"), "number", phone="hide"),
        Column("landing_url", gettext_lazy("Landing URL"), "mono", shown=False),
        Column("id", "ID", "mono", shown=False),
        Column("created_at", gettext_lazy("Created"), "moment", phone="hide"),
    ),
    tabs=_TABS,
    chips=(
        Chip("brand_id", gettext_lazy("Brand"), options=_brands),
        Chip(
            "payout_model",
            gettext_lazy("Paid for"),
            options=lambda _request: (("cpa", "CPA"), ("cpc", "CPC")),
        ),
    ),
    search=gettext_lazy("Name or ID"),
    more=_about_offers,
    empty=gettext_lazy("No offers yet"),
    empty_hint=gettext_lazy("An offer has a landing URL and goals. It belongs to a brand of an advertiser."),
)
NEW = {
    "affiliates": ("affiliate-new", gettext_lazy("Affiliates"), gettext_lazy("New affiliate")),
    "advertisers": ("advertiser-new", gettext_lazy("Advertisers"), gettext_lazy("New advertiser")),
    "offers": ("offer-new", gettext_lazy("Offers"), gettext_lazy("New offer")),
}


def _answer(request: PageRequest, listing: Listing[Any]) -> HttpResponse | StreamingHttpResponse:
    url, title, words = NEW[listing.page]
    context = {"title": title, "new_url": here(request, url), "new_words": words}
    return listing.answer(request, "manager/list.html", context)


@page
def affiliates(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """Show affiliates."""
    return _answer(request, AFFILIATES)


@page
def advertisers(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """Show advertisers."""
    return _answer(request, ADVERTISERS)


@page
def offers(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """Show offers."""
    return _answer(request, OFFERS)
