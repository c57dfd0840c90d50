"""The order of the rules: the first cause that is found is the diagnosis, the others are told after it.

The last thing that happened explains most, so rules go backwards along the way of a conversion, and within a
stage from the particular to the general:

1. What was asked for is no ID, or a changed one.
2. Something was sent, but the click had no tracker's click ID where the postback looks for it.
3. The callback could not be brought, or was refused; or its 2xx says no.
4. A conversion was accepted, and nothing fired for it.
5. Reports were refused, or came with another ID.
6. Nobody made the click; nothing was reported for it.
7. A callback waits for its time.
8. All is well here; what is left is the tracker's own counting.
9. What else is wrong with a click that was not sent anywhere yet; and nothing is known at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redound.core.deliveries import ErrorKind
from redound.core.trace.causes import answers as of_answers
from redound.core.trace.causes import asked as of_asked
from redound.core.trace.causes import clicks as of_clicks
from redound.core.trace.causes import deliveries as of_deliveries
from redound.core.trace.causes import matches as of_matches
from redound.core.trace.causes import reports as of_reports
from redound.core.trace.rules import answers, asked, clicks, deliveries, matches, reports

if TYPE_CHECKING:
    from redound.core.trace.causes import Cause, Diagnosis
    from redound.core.trace.facts import Facts
    from redound.core.trace.rules import Rule


_NEVER_SENT: Final = frozenset({ErrorKind.TEMPLATE, ErrorKind.REFUSED, ErrorKind.INTERNAL})


def _once_sent(rule: Rule) -> Rule:
    """Return a rule that holds only where a request went out, or was about to."""

    def found(facts: Facts) -> Diagnosis | None:
        tries = (attempt for delivery in facts.deliveries for attempt in delivery.attempts)
        return rule(facts) if any(each.error_kind not in _NEVER_SENT for each in tries) else None

    return found


ORDER: Final[tuple[Rule, ...]] = (
    *asked.RULES,
    *map(_once_sent, clicks.RULES),
    *deliveries.RULES,
    *answers.RULES,
    *matches.RULES,
    *reports.RULES,
    *clicks.VALIDITY,
    *reports.NONE_CAME,
    *deliveries.WAITING,
    *matches.ANSWERED,
    *answers.LAST,
    *deliveries.LAST,
    *matches.LAST,
    *clicks.RULES,
    *asked.LAST,
)

STAGES: Final[tuple[tuple[str, tuple[Cause, ...]], ...]] = (
    ("What was asked for", of_asked.CAUSES),
    ("The click", of_clicks.CAUSES),
    ("The report", of_reports.CAUSES),
    ("The match", of_matches.CAUSES),
    ("The delivery", of_deliveries.CAUSES),
    ("The tracker's answer", of_answers.CAUSES),
)
"""All causes, by the stage at which a conversion is lost, in the order of the documentation."""

CAUSES: Final[dict[str, Cause]] = {cause.code: cause for _, causes in STAGES for cause in causes}
