"""Moments as people type them."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def moment_of(text: str) -> str:
    """Return RFC 3339 for a date and time in the reader's zone; what cannot be read stays as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (at if at.tzinfo is not None else timezone.make_aware(at)).isoformat()
