"""Sending again every delivery that a filter finds, no faster than what was parked is resumed."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from redound.console import runtime
from redound.console.errors import ConflictError
from redound.console.jobs.work import Piece
from redound.console.postbacks import actions
from redound.console.records.deliveries import DeliveryFilters, deliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.traffic.models import Delivery

SECONDS: Final = 4
"""How long a piece lasts at the capped rate: shorter than a run may be silent, and soon stopped."""
COUNTED_AT_ONCE: Final = 1_000
RETRIABLE: Final = frozenset({"failed", "retrying", "pending", "cancelled"})


def meant(filters: DeliveryFilters, caller: Caller) -> QuerySet[Delivery]:
    """Return the deliveries that a filter means: those that failed, unless it names states."""
    wanted = filters if filters.state else filters.model_copy(update={"state": "failed"})
    return deliveries.rows(caller, wanted)


class Retry:
    """`wanted`: `filter` as the list's query, and `until_id`, the last one meant.

    Without a state in the filter what failed is meant: that is what people want sent again.
    """

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep

    def piece(self, wanted: Mapping[str, Any], caller: Caller, after: str, *, dry_run: bool) -> Piece:
        """Send the next ones, oldest first."""
        filters = DeliveryFilters.model_validate(wanted["filter"])
        found = meant(filters, caller).filter(pk__lte=wanted["until_id"], pk__gt=after)
        per_second = runtime.settings().resume_per_second
        most = COUNTED_AT_ONCE if dry_run else max(1, min(COUNTED_AT_ONCE, int(per_second * SECONDS)))
        rows = list(found.order_by("pk")[:most])
        if not rows:
            return Piece(0)
        counts: Counter[str] = Counter()
        for row in rows:
            counts[self._one(row, caller, dry_run=dry_run)] += 1
        if not dry_run:
            self._sleep(len(rows) / per_second)
        return Piece(len(rows), rows[-1].pk, counts)

    def _one(self, row: Any, caller: Caller, *, dry_run: bool) -> str:
        """Send one again; return what it counts as."""
        if dry_run:
            return "retried" if row.shown in RETRIABLE else "refused"
        try:
            actions.retry(row, caller)
        except ConflictError:
            return "refused"
        return "retried"
