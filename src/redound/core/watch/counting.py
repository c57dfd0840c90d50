"""From rows of a stretch of time to hourly counts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from redound.core.reports import Verdict
from redound.core.watch.kinds import Measure, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UNMATCHED: Final = frozenset(
    (
        *(Verdict.MISSING_CLICK_ID, Verdict.UNREPLACED_MACRO, Verdict.MALFORMED_CLICK_ID),
        *(Verdict.CLICK_NOT_FOUND, Verdict.WRONG_SLOT),
    )
)
"""The click ID is missing, unreplaced, malformed, unknown or something else."""
NOT_JUDGED: Final = frozenset(
    (Verdict.MALFORMED, Verdict.BAD_TOKEN, Verdict.IP_NOT_ALLOWED, Verdict.INTERNAL_ERROR, Verdict.TEST)
)
"""Refused before or whatever the click ID was."""
GOOD: Final = frozenset((Verdict.ACCEPTED, Verdict.UPDATED, Verdict.DUPLICATE))


def of_reports(
    rows: Iterable[tuple[str, str, str, int]],
) -> Mapping[tuple[Measure, str], Tally]:
    """Return the counts of reports, given as advertiser, offer, verdict and how many."""
    counts: dict[tuple[Measure, str], Tally] = defaultdict(Tally)
    for advertiser_id, offer_id, text, number in rows:
        verdict = Verdict(text)
        if verdict not in NOT_JUDGED:
            hits = number if verdict in UNMATCHED else 0
            counts[Measure.MATCHING, advertiser_id] += Tally(number, hits)
        if verdict in GOOD and offer_id:
            hits = number if verdict is Verdict.DUPLICATE else 0
            counts[Measure.REPORTS, offer_id] += Tally(number, hits)
    return counts
