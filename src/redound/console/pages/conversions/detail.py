"""One conversion: where it came from, what it is worth, what became of it, and whom it was told."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.translation import gettext_lazy

from redound.console import bulk, changing
from redound.console.pages.reasons import in_words
from redound.console.postbacks.models import Postback
from redound.console.records import conversions as records
from redound.console.records.clicks import clicks
from redound.console.records.conversions import conversions
from redound.console.records.deliveries import deliveries
from redound.console.records.names import with_names
from redound.console.records.record import find
from redound.console.records.reports import reports
from redound.console.shell.page import page
from redound.core.states import Actor, Status, allowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from redound.console.accounts.callers import Caller
    from redound.console.render import Values
    from redound.console.shell.page import PageRequest
    from redound.console.traffic.models import Conversion

NAMES = ("affiliate_id", "offer_id", "brand_id", "campaign_id", "link_id", "goal_id")
MOST_REPORTS = 20
VERBS = {
    Status.APPROVED: gettext_lazy("Approve"),
    Status.REJECTED: gettext_lazy("Reject"),
    Status.PENDING: gettext_lazy("Back to pending"),
    Status.HOLD: gettext_lazy("Put on hold"),
    Status.REFUNDED: gettext_lazy("Refund"),
}
"""What the button says that gives a conversion this status, the most usual first."""


@page
def conversion(request: PageRequest, row_id: str) -> HttpResponse:
    """Show a conversion."""
    caller = request.caller
    row = find(conversions.visible(caller).select_related("advertiser"), row_id)
    (shown,) = with_names(conversions.shapes([row], caller), *NAMES)
    context = {
        "conversion": shown,
        "click": _click(row, caller),
        "reports": _reports(row, caller),
        "steps": list(_steps(row, shown, caller)),
        "choices": list(choices(row, caller)) if caller.manages else [],
        "undoable": caller.manages and changing.undoable(row.pk, caller),
    }
    return render(request, "pages/conversion.html", context)


def choices(row: Conversion, caller: Caller) -> Iterator[dict[str, Any]]:
    """Yield each status that a manager may give, with how many postbacks that would send."""
    present = Status(row.status)
    possible = [to for to in VERBS if to is not present and allowed(present, to, Actor.MANAGER)]
    foreseen = bulk.foreseen(conversions.visible(caller), [row.pk], possible, caller)
    for to, tally in foreseen.items():
        yield {
            "status": to.value,
            "words": VERBS[to],
            "postbacks": tally.postbacks,
            "parked": tally.parked,
        }


def _click(row: Conversion, caller: Caller) -> Values | None:
    found = clicks.visible(caller).filter(pk=row.click_id).first()
    return clicks.shapes([found], caller)[0] if found is not None else None


def _reports(row: Conversion, caller: Caller) -> list[Values]:
    """Return the reports that led to the conversion, newest first; only managers have a page of each."""
    found = reports.visible(caller).filter(click_id=row.click_id, conversion_id=row.pk)
    return reports.shapes(list(found.order_by("-pk")[:MOST_REPORTS]), caller)


def _steps(row: Conversion, shown: Values, caller: Caller) -> Iterator[dict[str, Any]]:
    """Yield each transition, the newest first, with what every postback made of it."""
    told: dict[str, list[Values]] = defaultdict(list)
    evaluated = records.evaluations(row, caller) if caller.postbacks_enabled else []
    sent = _deliveries(row, caller)
    called = dict(
        Postback.objects.filter(pk__in={each["postback_id"] for each in evaluated}).values_list("pk", "name")
    )
    for each in evaluated:
        told[each["transition_id"]].append(
            {
                **each,
                "name": called.get(each["postback_id"], each["postback_id"]),
                "words": in_words(each["reason"]),
                "delivery": sent.get(each["delivery_id"] or ""),
            }
        )
    for transition in reversed(shown["transitions"]):
        rows = sorted(told[transition["id"]], key=lambda each: not each["fired"])
        advertiser = transition["by"] if transition["by"] == row.advertiser_id else ""
        yield {
            **transition,
            "from_status": transition["from"],
            "postbacks": rows,
            "advertiser": row.advertiser if advertiser else None,
        }


def _deliveries(row: Conversion, caller: Caller) -> dict[str, Values]:
    found = deliveries.visible(caller).filter(conversion_id=row.pk).order_by("-pk")
    return {each["id"]: each for each in deliveries.shapes(list(found[:200]), caller)}
