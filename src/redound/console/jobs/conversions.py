"""A new status for every conversion that a filter finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redound.console import bulk
from redound.console.filters import narrow
from redound.console.jobs.work import Piece
from redound.console.records.conversions import ConversionFilters, conversions
from redound.core.states import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.console.accounts.callers import Caller

AT_ONCE = 200
"""Conversions between two looks at whether to stop."""


class ChangeStatus:
    """`wanted`: `filter` as the list's query, `status`, `reason`, and `until_id`, the last one meant."""

    def piece(self, wanted: Mapping[str, Any], caller: Caller, after: str, *, dry_run: bool) -> Piece:
        """Change the next conversions, oldest first."""
        seen = conversions.visible(caller)
        filters = ConversionFilters.model_validate(wanted["filter"])
        found = narrow(seen, filters, conversions.filters).filter(pk__lte=wanted["until_id"])
        ids = list(found.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        if not ids:
            return Piece(0)
        tally = bulk.change_many(
            seen, ids, Status(wanted["status"]), wanted["reason"], caller, dry_run=dry_run
        )
        counts = {
            "changed": tally.changed,
            "unchanged": tally.unchanged,
            "refused": len(tally.refused),
            "postbacks": tally.postbacks,
            "parked": tally.parked,
        }
        return Piece(len(ids), ids[-1], counts)
