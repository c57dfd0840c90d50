"""One postback: how it does, what it said last, and everything about it behind tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from redound.console import runtime
from redound.console.accounts.models import AuditEntry
from redound.console.clock import now_ms
from redound.console.columns import read_json
from redound.console.pages.editor import testing
from redound.console.pages.editor.fields import one_id
from redound.console.pages.editor.shown import TEST_CLICK, language
from redound.console.pages.editor.views import SIGNING_SECRET
from redound.console.pages.postbacks import backfill
from redound.console.pages.postbacks.acting import seen
from redound.console.pages.postbacks.words import Names, in_units, rule_of
from redound.console.postbacks.shapes import postback as shape
from redound.console.records.deliveries import deliveries
from redound.console.shell.page import page
from redound.console.tools import tester
from redound.console.traffic.models import Attempt, Delivery, Due, PostbackHealth
from redound.core.deliveries import Queue
from redound.core.notices.disabling import why_disabled, why_failing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse
    from django.utils.functional import _StrPromise

    from redound.console.postbacks.models import Postback
    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

RECENT: Final = 25
CHANGES: Final = 50
TABS: Final[Mapping[str, _StrPromise]] = {
    "deliveries": _("Deliveries"),
    "health": _("Health"),
    "settings": _("Settings"),
    "changes": _("Changes"),
    "checklist": _("Checklist"),
    "backfill": _("Backfill"),
}


@page
def postback(request: PageRequest, row_id: str) -> HttpResponse:
    """Show one postback; `?tab=` says which part."""
    row = seen(request, row_id)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "deliveries"
    health = PostbackHealth.objects.filter(pk=row.pk).first()
    values = shape(row, request.caller)
    secret = _secret(request, row)
    return render(
        request,
        "pages/postbacks/detail.html",
        {
            "row": row,
            "values": values,
            "state": "archived" if row.archived_at else values["state"],
            "tabs": [(name, words, name == tab) for name, words in TABS.items()],
            "tab": tab,
            "rule": rule_of(row, Names([row], request.caller)),
            "health": health,
            "max_attempts": row.max_attempts or runtime.settings().max_attempts,
            "last": read_json(health.last_response) if health else None,
            "why": _why(row, health, request),
            "meanings": _meanings(row, health),
            "tested": testing.result(row, request),
            "test_click": request.GET.get("click") or TEST_CLICK,
            "just_passed": _passed(row, request),
            "waiting": _waiting(row),
            "signing_secret": secret,
            **_part(request, row, tab),
        },
    )


def _part(request: PageRequest, row: Postback, tab: str) -> dict[str, Any]:
    match tab:
        case "deliveries":
            return {"deliveries": _deliveries(request, row)}
        case "changes":
            return {"changes": _changes(row)}
        case "settings":
            return {"settings": _settings(row)}
        case "backfill":
            return {"missed": backfill.missed(request, row)}
        case _:
            return {}


def _deliveries(request: PageRequest, row: Postback) -> list[Values]:
    rows = deliveries.visible(request.caller).filter(postback_id=row.pk).order_by("-pk")[:RECENT]
    return deliveries.shapes(list(rows), request.caller)


def _changes(row: Postback) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(noun="postbacks", row_id=row.pk).order_by("-pk")[:CHANGES])


def _settings(row: Postback) -> dict[str, Any]:
    ours = runtime.settings()
    return {
        "attempts": row.max_attempts or ours.max_attempts,
        "schedule": ", ".join(row.retry_schedule) if row.retry_schedule else "",
        "delay": in_units(row.delay_seconds) if row.delay_seconds else "",
        "auth": row.auth.get("type", "none"),
    }


def _why(row: Postback, health: PostbackHealth | None, request: PageRequest) -> str:
    """Return in words why it is disabled or failing, "" when it is neither."""
    if health is None:
        return ""
    facts = {
        "reason": health.disabled_reason,
        "failed_attempts": health.failed_attempts,
        "failures_in_row": health.failures_in_row,
        "last_response": health.last_response,
    }
    if health.state == "disabled":
        return why_disabled(facts, "manager" if request.caller.manages else "affiliate", language())
    return why_failing(facts, language()) if health.state == "failing" and row.enabled else ""


def _meanings(row: Postback, health: PostbackHealth | None) -> list[dict[str, str]]:
    """Return what the last failed answer probably means."""
    if health is None or health.state == "ok":
        return []
    latest = Delivery.objects.filter(postback_id=row.pk).order_by("-pk").values_list("pk", flat=True)[:RECENT]
    tried = Attempt.objects.filter(delivery_id__in=list(latest)).exclude(outcome="delivered")
    last = tried.order_by("-pk").first()
    if last is None:
        return []
    found = tester.reply(row, last).meanings
    return [{"text": each.text(language()), "remedy": each.remedy(language())} for each in found]


def _passed(row: Postback, request: PageRequest) -> bool:
    """Whether the test that the address names got through, so that enabling is the next thing to do."""
    wanted = one_id(request.GET, "tested")
    return (
        bool(wanted) and Attempt.objects.filter(pk=wanted, postback_id=row.pk, outcome="delivered").exists()
    )


def _waiting(row: Postback) -> dict[str, Any]:
    """Return how much is parked, and when the next retry is."""
    due = Due.objects.filter(postback_id=row.pk)
    parked = due.filter(queue=Queue.PARKED).count()
    following = due.filter(queue=Queue.RETRY).order_by("at").values_list("at", flat=True).first()
    return {"parked": parked, "next_at": following if following and following > now_ms() else None}


def _secret(request: PageRequest, row: Postback) -> str:
    """Return the signing secret right after it was made, this once."""
    kept = request.session.get(SIGNING_SECRET)
    if not kept or kept.get("id") != row.pk:
        return ""
    del request.session[SIGNING_SECRET]
    return str(kept["secret"])
