"""The link builder: a link with the tracker's macros in its sub slots, and the page that it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from redound import gallery
from redound.console.accounts.permissions import check
from redound.console.catalog import visibility
from redound.console.catalog.shapes import link as shape
from redound.console.pages.editor.fields import slug
from redound.console.records.record import find
from redound.console.shell.page import page
from redound.console.trackers import entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse, QueryDict

    from redound.console.accounts.callers import Caller
    from redound.console.shell.page import PageRequest
    from redound.core.gallery import Tracker

SLOTS: Final = ("sub1", "sub2", "sub3", "sub4", "sub5")
_AS_TYPED: Final = "{}[]!$()*'~:;@,/|"
"""What trackers' macros are written with: they read it as it stands."""


@dataclass(frozen=True, slots=True)
class Made:
    """The link as it is to be used. `wrong` says why the deep link leads nowhere, "" when it does not."""

    url: str
    wrong: str


@page
@require_safe
def builder(request: PageRequest, link_id: str) -> HttpResponse:
    """Show a link with what is chosen in the address put into it."""
    check(request.caller, "links", "read")
    row = find(visibility.links(request.caller), link_id)
    chosen = slug(request.GET.get("tracker", ""))
    tracker = entries.find(chosen, request.caller) if chosen else None
    values = _values(request.GET, tracker)
    deep = request.GET.get("url", "").strip()
    made = build(str(shape(row, request.caller)["url"]), values, deep, row.offer.deep_link_hosts)
    return render(
        request,
        "affiliate/builder.html",
        {
            "row": row,
            "link": shape(row, request.caller),
            "trackers": [("", _("None")), *_trackers(request.caller)],
            "chosen": chosen,
            "tracker": tracker,
            "slots": [(name, values.get(name, "")) for name in SLOTS],
            "source": values.get("source", ""),
            "deep": deep,
            "hosts": row.offer.deep_link_hosts,
            "made": made,
        },
    )


def _trackers(caller: Caller) -> list[tuple[str, str]]:
    built_in = [(slug, each.name) for slug, each in gallery.trackers().items() if each.click_macro]
    own = [(row.pk, row.name) for row in entries.visible(caller)]
    return [*built_in, *own]


def _values(query: QueryDict, tracker: Tracker | None) -> dict[str, str]:
    """Return what each parameter is; a tracker's click ID goes into the first slot."""
    values = {name: query.get(name, "").strip() for name in (*SLOTS, "source")}
    known = {each.click_macro for each in gallery.trackers().values()}
    if tracker is not None and (not values["sub1"] or values["sub1"] in known):
        values["sub1"] = tracker.click_macro
    return {name: value for name, value in values.items() if value}


def build(url: str, values: dict[str, str], deep: str, hosts: Sequence[str]) -> Made:
    """Put the parameters into a link; a deep link only when the offer allows its host."""
    pairs = [f"{name}={quote(value, safe=_AS_TYPED)}" for name, value in values.items()]
    wrong = _not_allowed(deep, hosts) if deep else ""
    if deep and not wrong:
        pairs.append(f"url={quote(deep, safe='')}")
    return Made(f"{url}?{'&'.join(pairs)}" if pairs else url, wrong)


def _not_allowed(deep: str, hosts: Sequence[str]) -> str:
    try:
        found = urlsplit(deep)
        host, netloc = (found.hostname or "").lower(), found.netloc.lower()
    except ValueError:
        host = netloc = ""
    if not host or found.scheme not in {"http", "https"} or "@" in netloc:
        return _("Write the whole address of the page, with https://.")
    if host in hosts or netloc in hosts:
        return ""
    return _("The offer does not allow pages of %(host)s. Allowed: %(hosts)s.") % {
        "host": host,
        "hosts": ", ".join(hosts) or "–",
    }
