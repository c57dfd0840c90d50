"""The list of conversions: managers approve and reject here, affiliates follow theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from redound.console.catalog import visibility
from redound.console.pages.conversions.changes import last_change
from redound.console.pages.conversions.looking import counts, look
from redound.console.records.conversions import ConversionFilters, conversions
from redound.console.records.names import with_names
from redound.console.shell.listing import Chip, Column, Listing, Tab
from redound.console.shell.page import page
from redound.console.traffic.models import Click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpResponse, StreamingHttpResponse

    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

MOST = 300
"""How many names a filter offers."""
QUICK_SECONDS = 15
"""A conversion so soon after its click is worth a look: bots are quick."""
NAMES = ("affiliate_id", "offer_id", "goal_id")


def _affiliates(request: PageRequest) -> Iterable[tuple[str, str]]:
    return visibility.affiliates(request.caller).order_by("name").values_list("pk", "name")[:MOST]


def _offers(request: PageRequest) -> Iterable[tuple[str, str]]:
    return visibility.offers(request.caller).order_by("name").values_list("pk", "name")[:MOST]


def _goals(request: PageRequest) -> Iterable[tuple[str, str]]:
    found = visibility.goals(request.caller).order_by("offer__name", "code")
    offer = request.GET.get("offer_id", "")
    if offer:
        found = found.filter(offer_id=offer)
    return [
        (pk, f"{offer_name} · {name}")
        for pk, offer_name, name in found.values_list("pk", "offer__name", "name")[:MOST]
    ]


def _more(values: Sequence[Values], request: PageRequest) -> None:
    """Add the names, and what is striking about a conversion."""
    clicked = dict(
        Click.objects.filter(pk__in={each["click_id"] for each in values}).values_list("pk", "created_at")
    )
    for each, named in zip(values, with_names(values, *NAMES), strict=True):
        each["affiliate"] = named["names"]["affiliate_id"]
        each["offer"] = named["names"]["offer_id"]
        each["goal"] = named["names"]["goal_id"]
        each["took"] = _took(each, clicked.get(each["click_id"]))
        each["took_words"] = "–" if each["took"] is None else _duration(each["took"])
        each["flag"] = _flag(each) if request.caller.manages else _tested(each)


def _took(values: Values, clicked_at: int | None) -> int | None:
    """Return the seconds from click to conversion, None when the click is no longer kept."""
    if clicked_at is None:
        return None
    created = datetime.fromisoformat(values["created_at"]).timestamp()
    return max(0, int(created - clicked_at / 1000))


def _duration(seconds: int) -> str:
    """Return a span in the two largest units that it has."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return _("%(d)d d %(h)d h") % {"d": days, "h": hours % 24}
    if hours:
        return _("%(h)d h %(m)d min") % {"h": hours, "m": minutes % 60}
    if minutes:
        return _("%(m)d min %(s)d s") % {"m": minutes, "s": seconds % 60}
    return _("%(s)d s") % {"s": seconds}


def _flag(values: Values) -> str:
    """Return what a manager should look at before approving it."""
    took = values["took"]
    if values["test"] or took is None or took > QUICK_SECONDS:
        return _tested(values)
    return _("%(n)d s to convert") % {"n": took}


def _tested(values: Values) -> str:
    return _("Only a test") if values["test"] else ""


LISTING: Listing[Any] = Listing(
    page="conversions",
    api="conversions",
    source=conversions,
    filters=ConversionFilters,
    detail="conversion",
    select=True,
    columns=(
        Column("created_at", gettext_lazy("Came in"), "moment", phone="full"),
        Column("id", gettext_lazy("Conversion"), "mono"),
        Column("affiliate", gettext_lazy("Affiliate"), to="affiliate", ref="affiliate_id", phone="hide"),
        Column("offer", gettext_lazy("Offer · goal")),
        Column("took", gettext_lazy("Click → conversion"), "number", phone="hide"),
        Column("status", gettext_lazy("Status"), "state"),
        Column("payout", gettext_lazy("Payout"), "money"),
        Column("revenue", gettext_lazy("Revenue"), "money", shown=False),
        Column("flag", gettext_lazy("Flags"), phone="full"),
        Column("click_id", gettext_lazy("Click ID"), "mono", shown=False),
        Column("txid", gettext_lazy("Transaction"), "mono", shown=False),
        Column("customer_id", gettext_lazy("Customer"), "mono", shown=False),
        Column("status_word", gettext_lazy("Status word"), shown=False),
    ),
    managers_only=frozenset({"affiliate", "revenue", "affiliate_id"}),
    tabs=(
        Tab("all", gettext_lazy("All")),
        Tab("pending", gettext_lazy("Pending"), {"status": "pending"}),
        Tab("hold", gettext_lazy("On hold"), {"status": "hold"}),
        Tab("approved", gettext_lazy("Approved"), {"status": "approved"}),
        Tab("rejected", gettext_lazy("Rejected"), {"status": "rejected"}),
        Tab("refunded", gettext_lazy("Refunded"), {"status": "refunded"}),
    ),
    chips=(
        Chip("since", gettext_lazy("Since"), "moment"),
        Chip("affiliate_id", gettext_lazy("Affiliate"), options=_affiliates),
        Chip("offer_id", gettext_lazy("Offer"), options=_offers),
        Chip("goal_id", gettext_lazy("Goal"), options=_goals),
        Chip("test", gettext_lazy("Tests"), "flag"),
    ),
    search=gettext_lazy("Click ID, transaction ID, customer…"),
    csv=(
        *("id", "created_at", "status", "status_word", "affiliate_id", "affiliate", "offer_id", "offer"),
        *("goal_id", "goal", "click_id", "txid", "customer_id", "payout.amount", "payout.currency"),
        *("revenue.amount", "revenue.currency", "amount.amount", "amount.currency", "test"),
    ),
    row_template="pages/conversions_row.html",
    more=_more,
    look=look,
    counts=counts,
    empty=gettext_lazy("No conversions yet"),
    empty_hint=gettext_lazy("They appear as soon as an advertiser reports a result for a click."),
)


_NOT_THEIRS = frozenset({"affiliate_id", "affiliate", "revenue.amount", "revenue.currency"})
AFFILIATES = replace(LISTING, csv=tuple(each for each in LISTING.csv if each not in _NOT_THEIRS))
"""The same for affiliates, whose files say nothing of revenue either."""


@page
def conversions_list(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """Show conversions."""
    listing = LISTING if request.caller.manages else AFFILIATES
    return listing.answer(request, "pages/conversions.html", {"last_change": last_change(request)})
