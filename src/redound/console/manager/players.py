"""Players: how far each is with the reward plans, and every fact about one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from redound.console.catalog import visibility
from redound.console.players.facts import facts_of
from redound.console.players.models import RewardPlan
from redound.console.records import players as records
from redound.console.records.names import with_names
from redound.console.shell.listing import Chip, Column, Listing
from redound.console.shell.page import page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpResponse, StreamingHttpResponse

    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

MOST = 300
STATES = {
    "open": gettext_lazy("On the way"),
    "met": gettext_lazy("Met"),
    "qualified": gettext_lazy("Qualified"),
    "expired": gettext_lazy("Too late"),
    "barred": gettext_lazy("Taken back"),
}
NAMES = {
    "first_deposit": gettext_lazy("first deposit"),
    "deposits": gettext_lazy("deposits"),
    "deposit_count": gettext_lazy("number of deposits"),
    "wagers": gettext_lazy("wagers"),
    "net_revenue": gettext_lazy("net revenue"),
}
KINDS = {
    "deposit": gettext_lazy("Deposit"),
    "wager": gettext_lazy("Wager"),
    "net_revenue": gettext_lazy("Net revenue"),
}


def _affiliates(request: PageRequest) -> Iterable[tuple[str, str]]:
    return visibility.affiliates(request.caller).order_by("name").values_list("pk", "name")[:MOST]


def _plans(request: PageRequest) -> Iterable[tuple[str, str]]:
    del request
    return RewardPlan.objects.order_by("name").values_list("pk", "name")[:MOST]


def _states(request: PageRequest) -> Iterable[tuple[str, Any]]:
    del request
    return STATES.items()


def _more(values: Sequence[Values], request: PageRequest) -> None:
    del request
    named = with_names(values, "affiliate_id", "offer_id", "advertiser_id")
    for each, with_name in zip(values, named, strict=True):
        each["affiliate"] = with_name["names"]["affiliate_id"]
        each["offer"] = with_name["names"]["offer_id"]
        each["advertiser"] = with_name["names"]["advertiser_id"]
        for one in each["progress"]:
            _tell(one)


def _tell(progress: Values) -> None:
    """Add the words of a plan's progress: "deposits 35.00 of 50.00; 12 days left"."""
    progress["state_words"] = STATES.get(progress["state"], progress["state"])
    for each in progress["thresholds"]:
        each["words"] = _("%(name)s %(have)s of %(need)s") % {
            "name": NAMES.get(each["name"], each["name"]),
            "have": each["have"],
            "need": each["need"],
        }
        each["share"] = _share(each["have"], each["need"])
    left = progress["days_left"]
    progress["left"] = (
        ngettext("%(n)d day left", "%(n)d days left", left) % {"n": left}
        if left is not None and progress["state"] == "open"
        else ""
    )


def _share(have: str, need: str) -> int:
    """Return how much of a threshold is met, 0 to 100."""
    wanted = float(need)
    return max(0, min(100, int(100 * float(have) / wanted))) if wanted > 0 else 100


LISTING: Listing[Any] = Listing(
    page="players",
    api="players",
    source=records.players,
    filters=records.PlayerFilters,
    detail="player",
    columns=(
        Column("customer_id", gettext_lazy("Customer"), "mono"),
        Column("affiliate", gettext_lazy("Affiliate"), phone="hide"),
        Column("offer", gettext_lazy("Offer"), phone="hide"),
        Column("progress", gettext_lazy("Progress"), phone="full"),
        Column("registered_at", gettext_lazy("Registered"), "moment", phone="hide"),
    ),
    chips=(
        Chip("customer_id", gettext_lazy("Customer"), "text"),
        Chip("affiliate_id", gettext_lazy("Affiliate"), options=_affiliates),
        Chip("plan_id", gettext_lazy("Reward plan"), options=_plans),
        Chip("state", gettext_lazy("State"), options=_states),
    ),
    search=gettext_lazy("Click ID or player ID"),
    csv=(
        *("id", "customer_id", "advertiser_id", "affiliate_id", "affiliate", "offer_id", "offer"),
        *("click_id", "conversion_id", "registered_at", "progress"),
    ),
    row_template="manager/player_row.html",
    more=_more,
    empty=gettext_lazy("No players yet"),
    empty_hint=gettext_lazy("They appear with the first registration that names a customer."),
)


@page
def players(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """Show players."""
    lead = _("Customers who registered through a click, and how far they are with the reward plans.")
    return LISTING.answer(request, "manager/audit.html", {"title": _("Players"), "lead": lead})


@page
def player(request: PageRequest, row_id: str) -> HttpResponse:
    """Show one player with every fact, and what each plan makes of it."""
    row = records.players.find(request.caller, row_id)
    shown = records.players.shapes([row], request.caller)
    _more(shown, request)
    facts = facts_of(row)
    plans = {one["plan_id"]: one["plan_name"] for one in shown[0]["progress"]}
    for each in facts:
        each["kind_words"] = KINDS.get(each["kind"], each["kind"])
        each["counts_in"] = [plans.get(one, one) for one in each["counts_for"]]
    return render(request, "manager/player.html", {"player": shown[0], "facts": list(reversed(facts))})
