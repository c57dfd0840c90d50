"""Judging again every refused report that a filter finds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from redound.console.jobs.work import Piece
from redound.console.records import judging
from redound.core.reports import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.console.accounts.callers import Caller

COUNTED_AT_ONCE = 1_000


class Judge:
    """`wanted`: `filter` as the list's query, and `until_id`, the last one meant."""

    def piece(self, wanted: Mapping[str, Any], caller: Caller, after: str, *, dry_run: bool) -> Piece:
        """Judge the next ones, oldest first."""
        found = judging.refused(wanted["filter"], caller).filter(pk__lte=wanted["until_id"], pk__gt=after)
        rows = list(found.order_by("pk")[: COUNTED_AT_ONCE if dry_run else judging.AT_ONCE])
        if not rows:
            return Piece(0)
        if dry_run:
            return Piece(len(rows), rows[-1].pk, {"judged": len(rows)})
        made = Counter(each.outcome.verdict for each in judging.judge_rows(rows))
        taken = made[Verdict.ACCEPTED] + made[Verdict.UPDATED]
        counts = {"accepted": taken, "still_refused": len(rows) - taken}
        return Piece(len(rows), rows[-1].pk, counts)
