"""The managers' first page: what needs attention, how the last day went, who and what brought most today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.shortcuts import render
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from redound.console.catalog.models import Affiliate, Offer
from redound.console.clock import now_ms
from redound.console.postbacks.models import Postback
from redound.console.render import money
from redound.console.shell.page import here, page
from redound.console.statistics import overview as figures
from redound.console.statistics.reading import Question, traffic
from redound.console.traffic.models import Incident

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpResponse

    from redound.console.shell.page import PageRequest
    from redound.console.statistics.figures import Figures

MOST_TOP = 5
LATE_SECONDS = 60
"""A delivery that has been due for longer waits for something."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a manager. `tone` is bad, warn or info; `count` the number in front."""

    count: str
    words: str
    url: str
    tone: str
    icon: str


@page
def overview(request: PageRequest) -> HttpResponse:
    """Show how things stand."""
    hours = figures.deliveries_by_hour(request.caller)
    context = {
        "needs": needs(request),
        "tiles": figures.tiles(request.caller),
        "chart": figures.deliveries_chart(hours),
        "series": figures.deliveries_series(),
        "hours": hours,
        "reasons": figures.failure_reasons(request.caller),
        "affiliates": _top(request, "affiliate", Affiliate),
        "offers": _top(request, "offer", Offer),
        "empty": not Offer.objects.exists(),
    }
    return render(request, "manager/overview.html", context)


def needs(request: PageRequest) -> list[Need]:
    """Return what waits for somebody, the worst first."""
    found = figures.attention()
    incidents = Incident.objects.filter(closed_at=None).count()
    html = (
        Postback.objects.filter(delivery="html", html_approved=False, archived_at=None)
        .exclude(body="")
        .count()
    )
    late = found.oldest_due_seconds if found.oldest_due_seconds >= LATE_SECONDS else 0
    rows = (
        (found.disabled, _disabled(found.disabled), "postbacks", "?state=disabled", "bad", "circle-slash"),
        (incidents, _incidents(incidents), "incidents", "?state=open", "bad", "siren"),
        (late, _("since the oldest delivery was due"), "deliveries", "?state=pending", "bad", "clock-alert"),
        (found.failing, _failing(found.failing), "postbacks", "?state=failing", "warn", "triangle-alert"),
        (
            found.pending,
            _pending(found.pending),
            "conversions",
            "?status=pending",
            "warn",
            "badge-dollar-sign",
        ),
        (found.unplaced, _unplaced(found.unplaced), "received", "?verdict=click_not_found", "warn", "inbox"),
        (html, _html(html), "postbacks", "?delivery=html", "info", "code-xml"),
    )
    return [
        Need(_span(count) if name == "deliveries" else str(count), words, url + query, tone, icon)
        for count, words, name, query, tone, icon in rows
        if count and (url := _address(request, name))
    ]


def _address(request: PageRequest, name: str) -> str:
    try:
        return here(request, name)
    except NoReverseMatch:
        return ""


def _span(seconds: int) -> str:
    if seconds >= 3600:  # noqa: PLR2004 - an hour
        return _("%(n)d h") % {"n": seconds // 3600}
    return _("%(n)d min") % {"n": seconds // 60}


def _disabled(count: int) -> str:
    return ngettext("postback is disabled", "postbacks are disabled", count)


def _incidents(count: int) -> str:
    return ngettext("incident is open", "incidents are open", count)


def _failing(count: int) -> str:
    return ngettext("postback is failing", "postbacks are failing", count)


def _pending(count: int) -> str:
    return ngettext("conversion waits for approval", "conversions wait for approval", count)


def _unplaced(count: int) -> str:
    return ngettext("report of a day found no click", "reports of a day found no click", count)


def _html(count: int) -> str:
    return ngettext("HTML postback waits to be read", "HTML postbacks wait to be read", count)


def _top(request: PageRequest, group: str, model: type[Model]) -> list[dict[str, Any]]:
    """Return who or what brought most conversions since the reader's midnight."""
    zone = timezone.get_current_timezone()
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    since = int(midnight.timestamp() * 1000)
    question = Question(
        since, now_ms() + 3_600_000, zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC"), group
    )
    found = {key[1]: each for key, each in traffic(request.caller, question).items() if key[1]}
    best = sorted(found.items(), key=lambda pair: (-pair[1].conversions, -pair[1].clicks))[:MOST_TOP]
    names = dict(model._default_manager.filter(pk__in=[pk for pk, _each in best]).values_list("pk", "name"))
    return [
        {"id": pk, "name": names.get(pk, pk), "figures": each, "money": _money(each)} for pk, each in best
    ]


def _money(each: Figures) -> list[dict[str, Any]]:
    """Return payout and revenue that count, by currency."""
    return [
        {
            "payout": money(earned.open_payout_minor + earned.approved_payout_minor, currency),
            "revenue": money(earned.open_revenue_minor + earned.approved_revenue_minor, currency),
        }
        for currency, earned in sorted(each.money.items())
    ]
