"""Conversion statuses, the words that mean them, and the one table of allowed changes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Status(StrEnum):
    """Where a conversion stands. The order of definition gives each its bit in a `seen` mask."""

    PENDING = "pending"
    HOLD = "hold"
    APPROVED = "approved"
    REJECTED = "rejected"
    REFUNDED = "refunded"

    @property
    def bit(self) -> int:
        """This status's bit in the mask of statuses that a conversion has been through."""
        return _BITS[self]


_BITS = {status: 1 << position for position, status in enumerate(Status)}


class Actor(StrEnum):
    """Who changes a status; what is allowed depends on it.

    HOLD: a hold that ran out. PLAN: a reward plan. UNDO: a manager takes back a manager's change.
    """

    REPORT = "report"
    MANAGER = "manager"
    HOLD = "hold"
    PLAN = "plan"
    UNDO = "undo"


_BY_REPORT: Final[Mapping[Status, frozenset[Status]]] = {
    Status.PENDING: frozenset({Status.HOLD, Status.APPROVED, Status.REJECTED, Status.REFUNDED}),
    Status.HOLD: frozenset({Status.PENDING, Status.APPROVED, Status.REJECTED, Status.REFUNDED}),
    Status.APPROVED: frozenset({Status.REJECTED, Status.REFUNDED}),
    Status.REJECTED: frozenset(),
    Status.REFUNDED: frozenset(),
}

ALLOWED: Final[Mapping[Actor, Mapping[Status, frozenset[Status]]]] = {
    Actor.REPORT: _BY_REPORT,
    Actor.MANAGER: {**_BY_REPORT, Status.REJECTED: frozenset({Status.APPROVED, Status.PENDING})},
    Actor.HOLD: {
        **dict.fromkeys(Status, frozenset()),
        Status.HOLD: frozenset({Status.PENDING, Status.APPROVED, Status.REJECTED}),
    },
    Actor.PLAN: _BY_REPORT,
    Actor.UNDO: dict.fromkeys(Status, frozenset()),
}
"""The one table of status changes: actor → status now → statuses it may become. What is refunded stays so."""

WORDS: Final[Mapping[Status, tuple[str, ...]]] = {
    Status.PENDING: (
        "pending",
        "pend",
        "lead",
        "new",
        "open",
        "created",
        "received",
        "registered",
        "wait",
        "waiting",
        "awaiting",
        "processing",
        "in_progress",
        "in_review",
        "review",
        "unconfirmed",
        "unapproved",
    ),
    Status.HOLD: ("hold", "on_hold", "onhold", "held", "holding", "frozen"),
    Status.APPROVED: (
        "approved",
        "approve",
        "accepted",
        "accept",
        "confirmed",
        "confirm",
        "done",
        "sale",
        "sold",
        "paid",
        "payable",
        "complete",
        "completed",
        "success",
        "successful",
        "ok",
        "valid",
        "validated",
        "qualified",
        "rebill",
    ),
    Status.REJECTED: (
        "rejected",
        "reject",
        "declined",
        "decline",
        "trash",
        "cancelled",
        "canceled",
        "cancel",
        "invalid",
        "denied",
        "deny",
        "disapproved",
        "fraud",
        "fake",
        "spam",
        "void",
        "voided",
        "failed",
        "fail",
    ),
    Status.REFUNDED: (
        "refunded",
        "refund",
        "chargeback",
        "charged_back",
        "reversed",
        "reversal",
        "returned",
        "return",
    ),
}
"""The built-in words by what they mean. Numbers are left out: `1` is approved to some and pending to others,
so an advertiser who sends them has words of its own."""

_BLANKS = str.maketrans({" ": "_", "-": "_"})
_MEANINGS: Final[Mapping[str, Status]] = {word: status for status, words in WORDS.items() for word in words}


def allowed(from_status: Status, to_status: Status, actor: Actor) -> bool:
    """Return whether this actor may change the one into the other; staying is no change, so not allowed."""
    return to_status in ALLOWED[actor][from_status]


def normal_word(word: str) -> str:
    """Return the form in which words are compared: "On hold", " on-hold" and "on_hold" are one."""
    return word.strip().casefold().translate(_BLANKS)


def word_to_status(word: str, own: Mapping[str, Status]) -> Status | None:
    """Return what a status word means, the advertiser's own words first; None for an unknown word.

    Nothing unknown is ever taken for approved: the caller refuses it.
    """
    key = normal_word(word)
    if own:
        for their_word, status in own.items():
            if normal_word(their_word) == key:
                return status
    return _MEANINGS.get(key)
