"""The kinds of notifications, and the events by which people choose what they want to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Audience = Literal["manager", "affiliate"]

EVENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "postback_failing": ("postback_failing",),
    "postback_disabled": ("postback_disabled",),
    "postback_enabled": ("postback_enabled",),
    "incident": ("incident_opened", "incident_closed"),
    "approvals_pending": ("approvals_pending",),
    "import_finished": ("import_finished",),
}
"""The kinds of each event."""

FOR_MANAGERS: Final = frozenset(("approvals_pending", "import_finished"))
"""Events that affiliates never hear of."""

TEST: Final = "test"
"""The kind of what the test button sends; it is not stored as a notification."""


def events_for(audience: Audience) -> tuple[str, ...]:
    """Return the events that somebody may choose from."""
    return tuple(event for event in EVENTS if audience == "manager" or event not in FOR_MANAGERS)


def kinds_of(events: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return the kinds of these events; unknown ones have none."""
    return tuple(kind for event in events for kind in EVENTS.get(event, ()))
