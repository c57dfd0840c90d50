"""The list of postbacks: an affiliate's own, a manager's of everybody, with what became of each lately."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_POST

from redound.console import runtime
from redound.console.accounts.permissions import check
from redound.console.catalog import visibility
from redound.console.errors import ConflictError
from redound.console.pages.editor.fields import ids_of
from redound.console.pages.postbacks.acting import enable_form
from redound.console.pages.postbacks.words import Names, scope_of
from redound.console.postbacks import actions
from redound.console.postbacks.models import Postback
from redound.console.postbacks.visibility import postbacks as visible
from redound.console.records.postbacks import PostbackFilters
from redound.console.records.postbacks import postbacks as source
from redound.console.shell.listing import Chip, Column, Listing, Tab
from redound.console.shell.page import here, page
from redound.console.statistics.overview import strips
from redound.console.traffic.models import Due
from redound.core.deliveries import Queue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

MOST_AT_ONCE: Final = 200


def add_lately(rows: Sequence[Values], request: PageRequest) -> None:
    """Add what became of each lately: a strip, the success rate, the next retry, its scope in words."""
    ids = [str(each["id"]) for each in rows]
    lately = strips(ids)
    stored = Postback.objects.select_related("affiliate").annotate(next=Subquery(_next_retry())).in_bulk(ids)
    names = Names(list(stored.values()), request.caller)
    usual = runtime.settings().max_attempts
    for each in rows:
        row: Any = stored[each["id"]]
        strip = lately[each["id"]]
        each |= {
            "affiliate": row.affiliate.name if row.affiliate is not None else "",
            "scope": scope_of(row, names),
            "strip": strip,
            "rate": strip.percent,
            "next_at": row.next,
            "of_attempts": row.max_attempts or usual,
        }


def _next_retry() -> Any:
    return Due.objects.filter(queue=Queue.RETRY, postback_id=OuterRef("pk")).order_by("at").values("at")[:1]


def _affiliates(request: PageRequest) -> Iterable[tuple[str, str]]:
    return visibility.affiliates(request.caller).order_by("name").values_list("pk", "name")[:1000]


LISTING: Final = Listing(
    page="postbacks",
    source=source,
    filters=PostbackFilters,
    api="postbacks",
    detail="postback",
    columns=(
        Column("name", _("Name")),
        Column("state", _("State"), kind="state"),
        Column("affiliate", _("Affiliate"), phone="hide"),
        Column("scope", _("Where"), phone="full"),
        Column("strip", _("Last 40 deliveries"), key="url", phone="full"),
        Column("rate", _("Success"), kind="number", phone="hide"),
        Column("next_at", _("Next retry"), kind="moment", phone="hide"),
        Column("url", _("URL"), kind="mono", shown=False, phone="hide"),
        Column("created_at", _("Created"), kind="moment", shown=False, phone="hide"),
    ),
    tabs=(
        Tab("all", pgettext_lazy("tab", "All")),
        Tab("active", pgettext_lazy("tab", "Active"), {"state": "active"}),
        Tab("failing", pgettext_lazy("tab", "Failing"), {"state": "failing"}),
        Tab("disabled", pgettext_lazy("tab", "Disabled"), {"state": "disabled"}),
        Tab("paused", pgettext_lazy("tab", "Paused"), {"state": "paused"}),
    ),
    chips=(
        Chip("affiliate_id", _("Affiliate"), options=_affiliates),
        Chip(
            "event",
            _("Event"),
            options=lambda _request: [("conversion", _("Conversion")), ("click", _("Click"))],
        ),
        Chip(
            "delivery",
            _("Delivery"),
            options=lambda _request: [("s2s", _("Server to server")), ("html", _("HTML"))],
        ),
        Chip("archived", _("Deleted ones"), kind="flag"),
    ),
    search=_("Name or part of the URL"),
    row_template="pages/postbacks/row.html",
    csv=("id", "name", "state", "affiliate_id", "event", "level", "method", "url", "created_at"),
    empty=_("No postbacks yet"),
    empty_hint=_(
        "A postback tells your tracker of every conversion. Pick your tracker, and it is done in a minute."
    ),
    managers_only=frozenset({"affiliate", "affiliate_id"}),
    more=add_lately,
)


@page
def postbacks(request: PageRequest) -> HttpResponseBase:
    """List postbacks; to managers those of everybody."""
    check(request.caller, "postbacks", "read")
    recovering = request.caller.manages and request.GET.get("state") == "disabled"
    context = {"empty_action": "pages/postbacks/empty.html", "recovering": recovering}
    return LISTING.answer(request, "pages/postbacks/list.html", context)


@page
@require_POST
def recover(request: PageRequest) -> HttpResponse:
    """Enable several that were disabled, and catch up from a time on; managers, after an outage."""
    actions.only_managers(request.caller)
    form = enable_form(request.POST)
    wanted = ids_of(request.POST, "ids")[:MOST_AT_ONCE]
    count = 0
    for row_id in visible(request.caller).filter(pk__in=wanted).values_list("pk", flat=True):
        with transaction.atomic():
            row = Postback.objects.select_for_update(of=("self",)).get(pk=row_id)
            try:
                actions.enable(row, form, request.caller)
            except ConflictError:
                continue
        count += 1
    words = ngettext("%(n)d postback is enabled again.", "%(n)d postbacks are enabled again.", count)
    messages.success(request, words % {"n": count})
    return redirect(here(request, "postbacks"))
