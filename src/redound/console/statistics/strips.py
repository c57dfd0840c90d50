"""The last deliveries of postbacks as strips: a small bar for each, by what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from redound.console import named
from redound.console.shell import charts
from redound.console.statistics.words import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

STRIP: Final = 40


@dataclass(frozen=True, slots=True)
class Strip:
    """What became of a postback's last deliveries, the oldest first."""

    marks: tuple[charts.Mark, ...] = ()
    delivered: int = 0
    failed: int = 0

    @property
    def rate(self) -> float | None:
        """How many of those that were delivered or failed were delivered; None when none ended."""
        ended = self.delivered + self.failed
        return self.delivered / ended if ended else None

    @property
    def percent(self) -> str:
        """The rate in words: "97 %", "–" when none ended."""
        return percent(self.rate)

    @property
    def drawn(self) -> SafeString:
        """The strip as it is shown."""
        return charts.strip(self.marks, self.label)

    @property
    def label(self) -> str:
        """What the strip shows, in words."""
        return _("%(delivered)d delivered and %(failed)d failed of the last %(count)d deliveries") % {
            "delivered": self.delivered,
            "failed": self.failed,
            "count": len(self.marks),
        }


def strips(postback_ids: Sequence[str], most: int = STRIP) -> dict[str, Strip]:
    """Return what became of the last deliveries of each postback; every one of them has an entry.

    One query for all: a short range of an index each. The caller has seen to it that they may be seen.
    """
    found: dict[str, list[Any]] = {each: [] for each in postback_ids}
    if postback_ids:
        for row in named.select("last_deliveries", named.array(postback_ids), most):
            found[row["postback_id"]].append(row)
    return {each: _strip(list(reversed(rows))) for each, rows in found.items()}


def _strip(rows: Sequence[Any]) -> Strip:
    outcomes: dict[str, charts.Outcome] = {"delivered": "ok", "failed": "bad", "open": "wait"}
    words = {
        "delivered": _("delivered"),
        "failed": _("failed"),
        "cancelled": _("cancelled"),
        "open": _("unfinished"),
    }
    marks = tuple(
        charts.Mark(
            outcomes.get(row["state"], ""),
            f"{_time(row['created_at'])}: {words.get(row['state'], row['state'])}",
        )
        for row in rows
    )
    states = [row["state"] for row in rows]
    return Strip(marks, states.count("delivered"), states.count("failed"))


def _time(at_ms: int) -> str:
    return timezone.localtime(datetime.fromtimestamp(at_ms / 1000, UTC)).strftime("%Y-%m-%d %H:%M:%S")
