"""The pages of both portals in the order of their menus; the palette offers the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.utils.functional import _StrPromise

    from redound.console.shell.page import PageRequest, Portal


@dataclass(frozen=True, slots=True)
class Item:
    """One page: its URL's name, words, icon. `needs_postbacks`: absent while the affiliate has none enabled.

    `phone` items stand in the bar at a phone's lower edge, the others behind its last button.
    """

    name: str
    label: str | _StrPromise
    icon: str
    phone: bool = False
    needs_postbacks: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one heading; the first group has none."""

    label: str | _StrPromise
    items: tuple[Item, ...]


MENUS: Final[dict[Portal, tuple[Group, ...]]] = {
    "affiliate": (
        Group("", (Item("overview", _("Overview"), "layout-dashboard", phone=True),)),
        Group(
            _("Postbacks"),
            (
                Item("postbacks", _("Postbacks"), "arrow-left-right", phone=True, needs_postbacks=True),
                Item("deliveries", _("Delivery log"), "scroll-text", phone=True, needs_postbacks=True),
                Item("incidents", _("Incidents"), "siren", needs_postbacks=True),
                Item("tester", _("Tester"), "flask-conical", needs_postbacks=True),
                Item("trace", _("Trace"), "route", phone=True),
                Item("lint", _("Check a URL"), "spell-check", needs_postbacks=True),
                Item("bins", _("Catch-all bin"), "inbox", needs_postbacks=True),
            ),
        ),
        Group(
            _("Earn"),
            (
                Item("offers", _("Offers"), "tag"),
                Item("links", _("Links"), "link"),
                Item("conversions", _("Conversions"), "badge-dollar-sign"),
                Item("statistics", _("Statistics"), "chart-column"),
            ),
        ),
        Group(
            _("Build"),
            (
                Item("macros", _("Macros"), "braces"),
                Item("api-keys", _("API keys"), "key-round"),
            ),
        ),
    ),
    "manager": (
        Group("", (Item("overview", _("Overview"), "layout-dashboard", phone=True),)),
        Group(
            _("Traffic"),
            (
                Item("conversions", _("Conversions"), "badge-dollar-sign", phone=True),
                Item("received", _("Received"), "inbox", phone=True),
                Item("players", _("Players"), "users"),
                Item("imports", _("Imports"), "upload"),
                Item("statistics", _("Statistics"), "chart-column"),
            ),
        ),
        Group(
            _("Postbacks"),
            (
                Item("postbacks", _("Postbacks"), "arrow-left-right"),
                Item("deliveries", _("Delivery log"), "scroll-text", phone=True),
                Item("incidents", _("Incidents"), "siren"),
                Item("trace", _("Trace"), "route"),
                Item("tester", _("Tester"), "flask-conical"),
                Item("lint", _("Check a URL"), "spell-check"),
                Item("bins", _("Catch-all bin"), "archive"),
                Item("gallery", _("Gallery"), "layout-template"),
            ),
        ),
        Group(
            _("Partners"),
            (
                Item("affiliates", _("Affiliates"), "handshake"),
                Item("advertisers", _("Advertisers"), "megaphone"),
                Item("offers", _("Offers"), "tag"),
            ),
        ),
        Group(
            _("Installation"),
            (
                Item("people", _("People"), "user-round-cog"),
                Item("api-keys", _("API keys"), "key-round"),
                Item("macros", _("Macros"), "braces"),
                Item("audit", _("Audit log"), "history"),
                Item("system", _("System"), "activity"),
                Item("settings", _("Settings"), "settings"),
            ),
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as it stands in a menu: where it leads, and whether the present page belongs to it."""

    item: Item
    url: str
    current: bool


def menu(request: PageRequest) -> Iterator[tuple[str | _StrPromise, Sequence[Shown]]]:
    """Yield each heading with its items, for the person who asks."""
    root = reverse(f"{request.portal}:overview")
    for group in MENUS[request.portal]:
        shown = [
            _shown(request, item, root)
            for item in group.items
            if request.caller.postbacks_enabled or not item.needs_postbacks
        ]
        if shown:
            yield group.label, shown


def _shown(request: PageRequest, item: Item, root: str) -> Shown:
    url = reverse(f"{request.portal}:{item.name}")
    current = request.path == url if url == root else request.path.startswith(url)
    return Shown(item, url, current)
