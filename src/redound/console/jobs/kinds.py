"""The kinds of jobs there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redound.console.jobs import conversions, deliveries, reports

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.console.jobs.work import Work

KINDS: Final[Mapping[str, Work]] = {
    "conversion_status": conversions.ChangeStatus(),
    "delivery_retry": deliveries.Retry(),
    "report_judging": reports.Judge(),
}
"""What a job's `kind` names."""
