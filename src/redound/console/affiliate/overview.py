"""The first page of the portal: what fails and why, the last 24 hours, and what is left to set up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Exists, Min, OuterRef
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from redound.console import runtime
from redound.console.columns import read_json
from redound.console.notices.models import Channel
from redound.console.postbacks.shapes import postbacks as shapes
from redound.console.postbacks.visibility import postbacks
from redound.console.records import clicks
from redound.console.shell import charts
from redound.console.shell.page import page
from redound.console.statistics import overview as lately
from redound.console.statistics.words import NOTHING
from redound.console.traffic.models import Delivery, Due, PostbackHealth
from redound.core.deliveries import Queue
from redound.core.money import format_minor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from redound.console.render import Values
    from redound.console.shell.page import PageRequest
    from redound.console.statistics.figures import Figures

SHOWN: Final = 6
BANNERS: Final = 3
MOST_COUNTED: Final = 10_000
LATEST: Final = 50
UNHEALTHY: Final = ("failing", "disabled")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do before everything runs by itself; `to` is the page where it is done."""

    words: str
    done: bool
    action: str
    to: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A postback that fails: how far it got with its attempts, and what came back last."""

    id: str
    name: str
    state: str
    attempts: int
    of_attempts: int
    status: int | None
    said: str


@page
def overview(request: PageRequest) -> HttpResponse:
    """Show how things stand."""
    enabled = request.caller.postbacks_enabled
    hours = lately.deliveries_by_hour(request.caller) if enabled else []
    steps = list(_steps(request))
    done = sum(step.done for step in steps)
    return render(
        request,
        "affiliate/overview.html",
        {
            "enabled": enabled,
            "tiles": list(_tiles(request)),
            "troubles": _troubles(request) if enabled else [],
            "steps": steps if done < len(steps) else [],
            "done": done,
            "hours": hours,
            "chart": lately.deliveries_chart(hours) if hours else "",
            "legend": charts.legend(lately.deliveries_series()),
            "postbacks": _postbacks(request) if enabled else [],
            "reasons": lately.failure_reasons(request.caller) if enabled else [],
        },
    )


def _troubles(request: PageRequest) -> list[Trouble]:
    mine = postbacks(request.caller).filter(archived_at=None, enabled=True)
    found = PostbackHealth.objects.filter(state__in=UNHEALTHY, postback__in=mine).select_related("postback")
    return [_trouble(health) for health in found.order_by("state", "-failed_attempts")[:BANNERS]]


def _trouble(health: PostbackHealth) -> Trouble:
    last: Values = read_json(health.last_response) or {}
    row = health.postback
    said = str(last.get("body") or last.get("error", {}).get("detail", "")).strip().partition("\n")[0]
    return Trouble(
        row.pk,
        row.name,
        health.state,
        health.failed_attempts,
        row.max_attempts or runtime.settings().max_attempts,
        last.get("status"),
        said[:120],
    )


def _tiles(request: PageRequest) -> Iterator[lately.Tile]:
    """Four figures of the last 24 hours; those of postbacks only where there are any."""
    figures = lately.figures(request.caller)
    known = {tile.key: tile for tile in lately.tiles(request.caller, figures).tiles}
    if request.caller.postbacks_enabled:
        yield known["delivered"]
        yield known["rate"]
        yield _retrying(request)
    else:
        yield known["clicks"]
        yield known["conversions"]
    yield from _earned(*figures)


def _retrying(request: PageRequest) -> lately.Tile:
    mine = postbacks(request.caller).values("pk")
    waiting = Due.objects.filter(queue=Queue.RETRY, postback_id__in=mine)
    count = waiting.order_by()[: MOST_COUNTED + 1].count()
    shown = f"{number_format(min(count, MOST_COUNTED), 0)}{'+' if count > MOST_COUNTED else ''}"
    return lately.Tile("retrying", _("Retrying now"), shown, "", "")


def _earned(now: Figures, before: Figures) -> Iterator[lately.Tile]:
    """What was approved, each currency for itself: currencies are never added up."""
    sums = {code: earned.approved_payout_minor for code, earned in now.money.items()}
    label = _("Approved payout")
    if not sums:
        yield lately.Tile("payout", label, NOTHING, "", "")
        return
    code = max(sums, key=lambda each: abs(sums[each]))
    others = [f"{format_minor(sums[each], each)} {each}" for each in sums if each != code]
    was = before.money[code].approved_payout_minor if code in before.money else 0
    moved = round(100 * (sums[code] / was - 1)) if was else 0
    words = f"{moved:+d} %" if moved and not others else " + ".join(others)
    direction = "" if others or not moved else "up" if moved > 0 else "down"
    yield lately.Tile("payout", label, f"{format_minor(sums[code], code)} {code}", words, direction)


def _steps(request: PageRequest) -> Iterator[Step]:
    """What is left to set up, ticked from what is there."""
    caller = request.caller
    clicked = clicks.visible(caller).exists()
    if caller.postbacks_enabled:
        mine = postbacks(caller).filter(archived_at=None)
        health = PostbackHealth.objects.filter(postback__in=mine)
        delivered = health.exclude(last_success_at=None).exists()
        yield Step(_("Add a postback"), mine.exists(), _("Add"), "postback-new")
        yield Step(_("Send a test"), delivered or _tested(mine), _("Test"), "postbacks")
    yield Step(_("Receive your first click"), clicked, _("Get a link"), "links")
    if caller.postbacks_enabled:
        yield Step(_("Get a real conversion delivered"), delivered, _("Track it"), "trace")
        alerted = Channel.objects.filter(user_id=request.user.pk, enabled=True).exists()
        yield Step(_("Turn on failure alerts"), alerted, _("Set up"), "notifications")


def _tested(mine: Any) -> bool:
    """Whether a test of any of these got through, among the latest deliveries of each."""
    own = Delivery.objects.filter(postback_id=OuterRef(OuterRef("pk"))).order_by("-pk").values("pk")[:LATEST]
    passed = Delivery.objects.filter(pk__in=own, test=True, state="delivered")
    return bool(mine.filter(Exists(passed)).exists())


def _postbacks(request: PageRequest) -> list[Values]:
    """Return the latest postbacks, those in trouble first, with what became of their deliveries."""
    mine = postbacks(request.caller).filter(archived_at=None).annotate(worst=Min("health__state"))
    rows = sorted(mine.order_by("-pk")[: 4 * SHOWN], key=lambda row: row.worst not in UNHEALTHY)[:SHOWN]
    values = shapes(rows, request.caller)
    strips = lately.strips([row.pk for row in rows])
    return [{**each, "strip": strips[each["id"]]} for each in values]
