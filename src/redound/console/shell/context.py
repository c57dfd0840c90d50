"""What every template is given besides its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.utils.functional import SimpleLazyObject

from redound.console import runtime
from redound.console.shell.navigation import menu

if TYPE_CHECKING:
    from django.http import HttpRequest

    from redound.console.shell.page import PageRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's values: the menu, the portal, whom a manager views as; little before sign-in."""
    caller = getattr(request, "caller", None)
    values: dict[str, Any] = {"tracking_url": runtime.settings().tracking_url, "theme": _theme(request)}
    if caller is None or not hasattr(request, "portal"):
        return values
    values |= {
        "caller": caller,
        "portal": request.portal,
        "menu": SimpleLazyObject(lambda: list(menu(cast("PageRequest", request)))),
        "viewing_as": getattr(request, "viewing_as", None),
    }
    return values


def _theme(request: HttpRequest) -> str:
    """Return "light" or "dark" as the person chose, "" for the system's."""
    kept = request.COOKIES.get("theme", "")
    return kept if kept in {"light", "dark"} else ""
