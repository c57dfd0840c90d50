"""The number at the bell, for every page."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from redound.console.notices.reading import unread

if TYPE_CHECKING:
    from django.http import HttpRequest


def bell(request: HttpRequest) -> dict[str, Any]:
    """Return `unread`; it is counted when a template first asks."""
    caller = getattr(request, "caller", None)
    if caller is None:
        return {}
    return {"unread": functools.cache(lambda: unread(caller))}
