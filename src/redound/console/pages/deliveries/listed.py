"""The list of deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from redound.console.catalog import visibility
from redound.console.columns import milliseconds
from redound.console.pages.deliveries.answers import answer_of
from redound.console.pages.deliveries.looking import counts, look
from redound.console.postbacks import visibility as postbacks
from redound.console.records.deliveries import DeliveryFilters, deliveries
from redound.console.records.names import with_names
from redound.console.shell.listing import Chip, Column, Listing, Tab
from redound.console.traffic.models import Attempt
from redound.core.ids import id_floor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

MOST = 300
"""How many names a filter offers."""
NAMES = ("postback_id", "affiliate_id", "offer_id")


def _postbacks(request: PageRequest) -> Iterable[tuple[str, str]]:
    found = postbacks.postbacks(request.caller).filter(archived_at=None).order_by("name")
    return found.values_list("pk", "name")[:MOST]


def _affiliates(request: PageRequest) -> Iterable[tuple[str, str]]:
    return visibility.affiliates(request.caller).order_by("name").values_list("pk", "name")[:MOST]


def _offers(request: PageRequest) -> Iterable[tuple[str, str]]:
    return visibility.offers(request.caller).order_by("name").values_list("pk", "name")[:MOST]


def _goals(request: PageRequest) -> Iterable[tuple[str, str]]:
    found = visibility.goals(request.caller).order_by("offer__name", "code")
    if offer_id := request.GET.get("offer_id", ""):
        found = found.filter(offer_id=offer_id)
    rows = found.values_list("pk", "offer__name", "name")[:MOST]
    return [(pk, f"{offer} · {name}") for pk, offer, name in rows]


def _answers(request: PageRequest) -> Iterable[tuple[str, Any]]:
    del request
    return [
        ("2xx", _("2xx: took it")),
        ("3xx", _("3xx: sent elsewhere")),
        ("4xx", _("4xx: refused")),
        ("404", "404"),
        ("429", "429"),
        ("5xx", _("5xx: broken")),
        ("none", _("No answer")),
    ]


def add_answers(values: Sequence[Values], request: PageRequest) -> None:
    """Add the names that IDs stand for, and what the latest attempt was answered; two bounded look-ups."""
    del request
    latest = _latest_attempts(values)
    for each, named in zip(values, with_names(values, *NAMES), strict=True):
        each["postback"] = named["names"]["postback_id"]
        each["affiliate"] = named["names"]["affiliate_id"]
        each["offer"] = named["names"]["offer_id"]
        attempt = latest.get(each["id"])
        each["response"] = answer_of(attempt) if attempt is not None else None
        each["latency_ms"] = attempt.duration_ms if attempt is not None else None
        each["response_status"] = attempt.status if attempt is not None else None


def _latest_attempts(values: Sequence[Values]) -> dict[str, Attempt]:
    """Return the latest attempt of each; none is older than its delivery, and they are kept by day."""
    if not values:
        return {}
    oldest = datetime.fromisoformat(min(each["created_at"] for each in values))
    since = id_floor("att", milliseconds(oldest))
    found = Attempt.objects.filter(delivery_id__in=[each["id"] for each in values], pk__gte=since)
    columns = ("delivery_id", "status", "error_kind", "duration_ms")
    return {each.delivery_id: each for each in found.only(*columns).order_by("pk")}


DELIVERIES: Listing[Any] = Listing(
    page="deliveries",
    api="deliveries",
    source=deliveries,
    filters=DeliveryFilters,
    detail="delivery",
    drawer=True,
    columns=(
        Column("state", _("State"), "state"),
        Column("response", _("Response")),
        Column("postback", _("Postback"), phone="full"),
        Column("affiliate", _("Affiliate"), phone="hide", roomy=True),
        Column("click_id", _("Click ID"), "mono", phone="hide"),
        Column("attempts", _("Attempts"), "number", phone="hide", roomy=True),
        Column("latency_ms", _("Latency"), "number", phone="hide", roomy=True),
        Column("created_at", _("Made"), "moment"),
        Column("next_attempt_at", _("Next attempt"), "moment", phone="hide", shown=False),
        Column("offer", _("Offer"), phone="hide", shown=False),
        Column("conversion_id", _("Conversion"), "mono", phone="hide", shown=False),
        Column("id", _("Delivery"), "mono", phone="hide", shown=False),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("failed", _("Failed"), {"state": "failed"}),
        Tab("retrying", _("Retrying"), {"state": "retrying"}),
        Tab("parked", _("Parked"), {"state": "parked"}),
        Tab("delivered", _("Delivered"), {"state": "delivered"}),
    ),
    chips=(
        Chip("since", _("Time"), "moment"),
        Chip("postback_id", _("Postback"), options=_postbacks),
        Chip("status", _("Response"), options=_answers),
        Chip("offer_id", _("Offer"), options=_offers),
        Chip("goal_id", _("Goal"), options=_goals),
        Chip("affiliate_id", _("Affiliate"), options=_affiliates),
        Chip("test", _("Tests"), "flag"),
    ),
    managers_only=frozenset({"affiliate", "affiliate_id"}),
    search=_("Click ID, conversion, delivery…"),
    csv=(
        *("id", "created_at", "state", "ended_because", "attempts", "response_status", "latency_ms"),
        *("next_attempt_at", "finished_at", "postback_id", "postback", "offer_id", "offer"),
        *("conversion_id", "click_id", "transition", "test", "resent"),
    ),
    row_template="pages/deliveries/row.html",
    more=add_answers,
    look=look,
    counts=counts,
    empty=_("Nothing was sent yet"),
    empty_hint=_("As soon as a conversion fires a postback, the request and its answer are here."),
)
