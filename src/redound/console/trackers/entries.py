"""The gallery as somebody sees it: what comes with Redound, then the manager's entries and their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from redound import gallery
from redound.console.trackers.models import TrackerEntry
from redound.core.gallery import read_tracker

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller
    from redound.core.gallery import Tracker


def visible(caller: Caller) -> QuerySet[TrackerEntry]:
    """Managers': all; an affiliate's: their own and those for everybody."""
    if caller.manages:
        return TrackerEntry.objects.all()
    return TrackerEntry.objects.filter(Q(affiliate=None) | Q(affiliate_id=caller.affiliate_id))


def editable(caller: Caller) -> QuerySet[TrackerEntry]:
    """Managers': all; an affiliate's: their own."""
    if caller.manages:
        return TrackerEntry.objects.all()
    return TrackerEntry.objects.filter(affiliate_id=caller.affiliate_id)


def tracker_of(row: TrackerEntry) -> Tracker:
    """Return the entry; its slug is the row's ID."""
    return read_tracker(row.pk, row.content)


def find(name: str, caller: Caller) -> Tracker | None:
    """Return the tracker of this slug, ID or name, None when the caller sees none."""
    built_in = gallery.find(name)
    if built_in is not None:
        return built_in
    row = visible(caller).filter(Q(pk=name) | Q(name__iexact=name)).first()
    return None if row is None else tracker_of(row)
