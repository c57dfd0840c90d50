"""What the memory store keeps, and small questions about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from redound.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redound.core.clicks import Click
    from redound.core.conversions import Conversion
    from redound.core.deliveries import NewDelivery, Queue

OPEN = "open"


@dataclass(slots=True)
class Kept:
    """A delivery as the history keeps it: `state` is "open" or a final DeliveryState."""

    new: NewDelivery
    state: str = OPEN
    ended_because: str = ""
    attempts: int = 0
    finished_at: int | None = None


@dataclass(slots=True)
class Due:
    """An unfinished delivery's place in the line."""

    queue: Queue
    at: int
    lease: str = ""
    attempts: int = 0
    receiver_failures: int = 0
    first_attempt_at: int | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """A notice for the manager or for an affiliate."""

    id: str
    kind: str
    audience: str
    postback_id: str
    affiliate_id: str
    text: str
    created_at: int


def hint_of(
    value: str, clicks: Iterable[Click], conversions: Iterable[Conversion], configuration: Snapshot
) -> str:
    """Return what a value is known as that stands where a click ID should, "" for nothing."""
    if any(each.txid == value for each in conversions):
        return "txid"
    if value in configuration.offers:
        return "offer"
    named = (name for click in clicks for name, text in click.params.items() if text == value)
    return next(named, "")


def copy_of(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot with dictionaries of its own."""
    return Snapshot(
        snapshot.version,
        advertisers=snapshot.advertisers.values(),
        brands=snapshot.brands.values(),
        offers=[replace(each, goals=()) for each in snapshot.offers.values()],
        goals=snapshot.goals.values(),
        affiliates=snapshot.affiliates.values(),
        campaigns=snapshot.campaigns.values(),
        links=snapshot.links.values(),
        postbacks=snapshot.postbacks.values(),
    )
