"""What is watched, as plain values: this part knows nothing of Django."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Noun = Literal["deliveries", "reports", "notifications"]
NOUNS: Final[tuple[Noun, ...]] = ("deliveries", "reports", "notifications")

WINDOW_MS: Final = 60_000
"""How far back each look goes. A row whose transaction took no longer than this is not missed, and an attempt
belongs to the moment it began."""
MOST: Final = 2_000
"""Rows of one look. More than these between two looks cannot be followed one by one."""

FILTERS: Final = frozenset(
    (
        *("state", "verdict", "kind", "test", "postback_id", "affiliate_id", "offer_id", "advertiser_id"),
        *("conversion_id", "click_id"),
    )
)
"""The parameters of a list's address that a stream heeds."""

MANAGERS: Final = ""
"""Stands for the managers where an affiliate's ID is asked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a stream knows it.

    `mark` changes with what a list shows of it. `fields` are what streams are filtered by. `audience` is the
    affiliate that may see it; managers see it when `for_managers`.
    """

    id: str
    mark: str
    audience: str
    fields: Mapping[str, str]
    for_managers: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """What a look found that was not known or looks different, oldest first.

    `missed`: there was more than a look takes, and it did not reach back to what was known.
    """

    rows: tuple[Row, ...]
    missed: bool = False
