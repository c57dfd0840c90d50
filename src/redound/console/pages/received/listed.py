"""The list of reports, for managers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from redound.console.catalog import visibility
from redound.console.pages.received.checks import WORDS, look_of, words_of
from redound.console.pages.received.looking import REFUSED, REPEATED, TAKEN, UNPLACED, counts, look
from redound.console.records.names import with_names
from redound.console.records.reports import ReportFilters, reports
from redound.console.shell.listing import Chip, Column, Listing, Tab

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

MOST = 300
"""How many names a filter offers."""
NAMES = ("advertiser_id", "affiliate_id", "offer_id")


def _advertisers(request: PageRequest) -> Iterable[tuple[str, str]]:
    return visibility.advertisers(request.caller).order_by("name").values_list("pk", "name")[:MOST]


def _affiliates(request: PageRequest) -> Iterable[tuple[str, str]]:
    return visibility.affiliates(request.caller).order_by("name").values_list("pk", "name")[:MOST]


def _offers(request: PageRequest) -> Iterable[tuple[str, str]]:
    return visibility.offers(request.caller).order_by("name").values_list("pk", "name")[:MOST]


def _verdicts(request: PageRequest) -> Iterable[tuple[str, Any]]:
    del request
    return WORDS.items()


def add_words(values: Sequence[Values], request: PageRequest) -> None:
    """Add the verdict in words and the names that IDs stand for."""
    del request
    for each, named in zip(values, with_names(values, *NAMES), strict=True):
        each["words"] = words_of(each["verdict"])
        each["look"] = look_of(each["verdict"])
        each["advertiser"] = named["names"]["advertiser_id"]
        each["affiliate"] = named["names"]["affiliate_id"]
        each["offer"] = named["names"]["offer_id"]


RECEIVED: Listing[Any] = Listing(
    page="received",
    api="reports",
    source=reports,
    filters=ReportFilters,
    detail="report",
    drawer=True,
    columns=(
        Column("verdict", _("Verdict"), "state"),
        Column("click_id", _("Click ID sent"), "mono", phone="full"),
        Column("advertiser", _("Advertiser"), phone="hide"),
        Column("offer", _("Offer"), phone="hide", roomy=True),
        Column("txid", _("Transaction"), "mono", phone="hide", shown=False),
        Column("ip", _("From"), "mono", phone="hide", roomy=True),
        Column("received_at", _("Received at"), "moment"),
        Column("affiliate", _("Affiliate"), phone="hide", shown=False),
        Column("method", _("Method"), phone="hide", shown=False),
        Column("detail", _("Why"), phone="hide", shown=False),
        Column("id", _("Report"), "mono", phone="hide", shown=False),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("taken", _("Accepted"), {"verdict": ",".join(TAKEN)}),
        Tab("unplaced", _("Not matched"), {"verdict": ",".join(UNPLACED)}),
        Tab("refused", _("Refused"), {"verdict": ",".join(REFUSED)}),
        Tab("repeated", _("Repeats"), {"verdict": ",".join(REPEATED)}),
    ),
    chips=(
        Chip("since", _("Time"), "moment"),
        Chip("verdict", _("Verdict"), options=_verdicts),
        Chip("advertiser_id", _("Advertiser"), options=_advertisers),
        Chip("offer_id", _("Offer"), options=_offers),
        Chip("affiliate_id", _("Affiliate"), options=_affiliates),
        Chip("test", _("Tests"), "flag"),
    ),
    search=_("Click ID, transaction, conversion…"),
    csv=(
        *("id", "received_at", "verdict", "detail", "click_id", "conversion_id", "txid", "advertiser_id"),
        *("advertiser", "affiliate_id", "affiliate", "offer_id", "offer", "method", "raw_query", "raw_body"),
        *("ip", "test"),
    ),
    row_template="pages/received/row.html",
    more=add_words,
    look=look,
    counts=counts,
    empty=_("No report has come yet"),
    empty_hint=_("Give the report URL to an advertiser; whatever reaches it is kept here, matched or not."),
)
