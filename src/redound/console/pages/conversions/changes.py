"""What managers do with conversions: approve, reject and the like, one or many at once, and take it back.

Nothing is sent that was not counted first: a change of many says how many postbacks it sends, and when that
number is another one by the time it is confirmed, it is asked once more.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from redound.console import bulk, changing
from redound.console.clock import now_ms
from redound.console.errors import ConflictError, ConsoleError, ForbiddenError
from redound.console.records.conversions import StatusForm, conversions
from redound.console.render import money
from redound.console.shell.forms import read
from redound.console.shell.page import here, page
from redound.console.shell.templatetags.shell import in_words
from redound.core.states import Status
from redound.core.undoing import UNDO_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from redound.console.bulk import Tally
    from redound.console.shell.page import PageRequest
    from redound.console.traffic.models import Conversion

MOST = 200
"""How many conversions are changed from a page at once; more are a job's affair."""
LAST = "last_change"
"""The session's key that holds what a manager changed last: IDs, words and when, to undo it."""
OFFERED = (Status.APPROVED, Status.REJECTED)
"""What the bar offers for many at once."""


def only_managers(request: PageRequest) -> None:
    """Raise ForbiddenError for an affiliate."""
    if not request.caller.manages:
        raise ForbiddenError("managers_only", _("Only managers may change conversions."))


@require_POST
@page
def count(request: PageRequest) -> HttpResponse:
    """Show the bar: how many are chosen, what they are worth, how many postbacks each button sends."""
    only_managers(request)
    return render(request, "pages/conversions_bar.html", {"bar": bar(request, chosen(request))})


def chosen(request: PageRequest) -> list[str]:
    """Return the IDs that were ticked and exist."""
    wanted = request.POST.getlist("ids")[:MOST]
    seen = conversions.visible(request.caller).filter(pk__in=wanted)
    return sorted(seen.values_list("pk", flat=True))


def bar(request: PageRequest, ids: Sequence[str]) -> dict[str, Any]:
    """Return what is said about the chosen conversions."""
    rows = list(conversions.visible(request.caller).filter(pk__in=ids))
    foreseen = bulk.foreseen(conversions.visible(request.caller), ids, OFFERED, request.caller)
    return {
        "count": len(rows),
        "affiliates": len({row.affiliate_id for row in rows}),
        "payouts": sums(rows),
        "tallies": {to.value: tally for to, tally in foreseen.items()},
    }


def sums(rows: Sequence[Conversion]) -> list[dict[str, str] | None]:
    """Return the payouts added up, one sum a currency."""
    total: Counter[str] = Counter()
    for row in rows:
        if row.payout_minor is not None:
            total[row.payout_currency] += row.payout_minor
    return [money(minor, currency) for currency, minor in sorted(total.items())]


def _tally(request: PageRequest, ids: Sequence[str], to: Status, *, dry_run: bool = True) -> Tally:
    reason = request.POST.get("reason", "").strip()
    seen = conversions.visible(request.caller)
    return bulk.change_many(seen, ids, to, reason, request.caller, dry_run=dry_run)


@require_POST
@page
def change_many(request: PageRequest) -> HttpResponse:
    """Change the ticked conversions when it was said how many postbacks that sends; else say so and ask."""
    only_managers(request)
    ids = chosen(request)
    if not ids:
        messages.error(request, _("Nothing was chosen. Tick the conversions that you mean first."))
        return redirect(_back(request))
    form = read(StatusForm, {"status": request.POST.get("status"), "reason": request.POST.get("reason", "")})
    to = Status(form.status)
    tally = _tally(request, ids, to)
    promised = request.POST.get(f"promised-{to.value}", request.POST.get("promised", ""))
    needs_reason = to is Status.REJECTED and not (form.reason or "").strip()
    if promised != str(tally.postbacks) or needs_reason or not tally.changed:
        return _ask(request, ids, to, tally, promised)
    done = _tally(request, ids, to, dry_run=False)
    _remember(request, [each for each in ids if each not in done.refused], to, done)
    return redirect(_back(request))


def _ask(request: PageRequest, ids: Sequence[str], to: Status, tally: Tally, promised: str) -> HttpResponse:
    rows = list(conversions.visible(request.caller).filter(pk__in=ids))
    context = {
        "ids": ids,
        "to": to.value,
        "tally": tally,
        "payouts": sums(rows),
        "refused": list(tally.refused.items()),
        "reason": request.POST.get("reason", ""),
        "back": _back(request),
        "asks_reason": to is not Status.APPROVED,
        "reason_missing": "confirmed" in request.POST and to is Status.REJECTED,
        "other_number": promised != "" and promised != str(tally.postbacks),
    }
    return render(request, "pages/conversions_confirm.html", context)


def _remember(request: PageRequest, ids: Sequence[str], to: Status, tally: Tally) -> None:
    """Keep for the next page what was done, so that it can say so and offer to undo it."""
    request.session[LAST] = {
        "ids": list(ids),
        "status": to.value,
        "changed": tally.changed,
        "postbacks": tally.postbacks,
        "refused": len(tally.refused),
        "at": now_ms(),
        "told": False,
    }


def last_change(request: PageRequest) -> dict[str, Any] | None:
    """Return what the manager changed last, in words: once, and as long as its postbacks wait."""
    kept = request.session.get(LAST)
    if kept is None or not request.caller.manages:
        return None
    age = now_ms() - kept["at"]
    left = changing.manual_delay_ms() - age
    if (kept["told"] and left <= 0) or age > UNDO_MS:
        del request.session[LAST]
        return None
    request.session[LAST] = {**kept, "told": True}
    seconds = max(0, left // 1000)
    return {
        **kept,
        "words": _said(kept),
        "seconds": seconds,
        "may_undo": seconds > 0 or not kept["postbacks"],
    }


def _said(kept: dict[str, Any]) -> str:
    changed = ngettext(
        "%(n)d conversion is now: %(status)s.", "%(n)d conversions are now: %(status)s.", kept["changed"]
    ) % {"n": kept["changed"], "status": in_words(kept["status"])}
    sent = ngettext(
        "%(n)d postback is sent for it.", "%(n)d postbacks are sent for it.", kept["postbacks"]
    ) % {"n": kept["postbacks"]}
    refused = ngettext("%(n)d could not be changed.", "%(n)d could not be changed.", kept["refused"]) % {
        "n": kept["refused"]
    }
    return " ".join([changed, sent, refused] if kept["refused"] else [changed, sent])


@require_POST
@page
def undo_last(request: PageRequest) -> HttpResponse:
    """Take the last change back, of each conversion none of whose postbacks was tried yet."""
    only_managers(request)
    kept = request.session.pop(LAST, None)
    if kept is None:
        messages.error(request, _("There is nothing to undo any more."))
        return redirect(_back(request))
    undone, refused = 0, ""
    for row_id in kept["ids"]:
        try:
            changing.undo(row_id, "", request.caller)
        except ConsoleError as error:
            refused = error.detail
        else:
            undone += 1
    if undone:
        words = ngettext("%(n)d change was undone.", "%(n)d changes were undone.", undone) % {"n": undone}
        messages.success(request, words)
    if undone < len(kept["ids"]):
        left = len(kept["ids"]) - undone
        words = ngettext("%(n)d could not be undone:", "%(n)d could not be undone:", left) % {"n": left}
        messages.error(request, f"{words} {refused}")
    return redirect(_back(request))


@require_POST
@page
def change_one(request: PageRequest, row_id: str) -> HttpResponse:
    """Change the status of one conversion."""
    only_managers(request)
    row = conversions.find(request.caller, row_id)
    form = read(StatusForm, {"status": request.POST.get("status"), "reason": request.POST.get("reason", "")})
    try:
        changed = changing.change_status(row.pk, Status(form.status), form.reason or "", request.caller)
    except ConflictError as error:
        messages.error(request, error.detail)
    else:
        words = _("The status is now: %(status)s.") if changed else _("It was %(status)s already.")
        messages.success(request, words % {"status": in_words(form.status)})
    return redirect(here(request, "conversion", row.pk))


@require_POST
@page
def undo_one(request: PageRequest, row_id: str) -> HttpResponse:
    """Take a manager's last change of one conversion back."""
    only_managers(request)
    row = conversions.find(request.caller, row_id)
    try:
        changing.undo(row.pk, request.POST.get("reason", "").strip()[:1000], request.caller)
    except ConflictError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("The change was undone. Its unsent postbacks were cancelled."))
    return redirect(here(request, "conversion", row.pk))


def _back(request: PageRequest) -> str:
    """Return where the person came from: the list with its filters."""
    wanted = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return here(request, "conversions")
