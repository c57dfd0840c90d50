"""`{% load live %}{% live_tail "deliveries" fragment="/deliveries/rows/" target="#rows" %}`.

The page adds `redound/live.js` in its block `scripts`, and gives its rows `data-id`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from redound.console.clock import now_ms
from redound.console.live.rows import FILTERS, Noun
from redound.console.shell.page import portal_of

if TYPE_CHECKING:
    from django.http import HttpRequest

register = template.Library()


@register.inclusion_tag("live/tail.html", takes_context=True)
def live_tail(context: dict[str, Any], noun: Noun, fragment: str, target: str) -> dict[str, Any]:
    """Show whether the list is live, with a button to pause. The page's own filters are the stream's too."""
    request: HttpRequest = context["request"]
    wanted = [
        (name, ",".join(request.GET.getlist(name))) for name in sorted(FILTERS) if request.GET.get(name)
    ]
    address = reverse(f"{portal_of(request)}:live", args=(noun,))
    return {
        "src": f"{address}?{urlencode(wanted)}" if wanted else address,
        "fragment": fragment,
        "target": target,
        "since": f"t{now_ms()}",
    }
