"""The language in which the core is to speak on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language

if TYPE_CHECKING:
    from redound.core.trace.causes import Language


def spoken() -> Language:
    """Return the reader's language, as far as the core speaks it."""
    return "ru" if (get_language() or "").startswith("ru") else "en"
