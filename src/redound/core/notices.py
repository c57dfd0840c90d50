"""What people are told when a postback is disabled: why, what came back last, and what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from redound.core.deliveries import Health

KEPT: Final = "New callbacks are kept for 30 days and go out when it is enabled again."
REMEDY: Final = "Correct its address, send a test, and enable it again."


def disabled_because(health: Health, audience: str) -> str:
    """Return the sentences that follow "The postback X was disabled: ".

    `audience` is "manager" or "affiliate"; only the affiliate, whose postback it is, is told what to do.
    """
    parts = [_why(health), _last(health), KEPT]
    if audience == "affiliate":
        parts.append(REMEDY)
    return " ".join(part for part in parts if part)


def _why(health: Health) -> str:
    match health.disabled_reason:
        case "gone":
            return "the receiver answered 410 Gone, so nobody wants these callbacks any more."
        case "attempts_exhausted":
            return f"a callback failed {health.failed_attempts} attempts because of the receiver."
        case "failures_in_row":
            return f"{health.failures_in_row} callbacks in a row failed because of the receiver."
        case reason:
            return f"{reason}."


def _last(health: Health) -> str:
    """Return the sentence about the last answer; it comes as JSON from the health's record."""
    try:
        shown = json.loads(health.last_response)
        status, detail = shown.get("status"), shown.get("error", {}).get("detail", "")
    except (ValueError, AttributeError):
        return ""
    answer = f"The last answer had the status {status}." if status is not None else "There was no answer."
    return f"{answer} {detail}".strip()
