"""Undoing a manager's last change of a status, as long as nothing of it was sent.

An undo is a transition of its own: nothing is taken out of the history. Each takes back the one before it, so
reading them as a stack tells what counts: an undone status was never "been through".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from redound.core.caps import OVER_CAP
from redound.core.conversions import Accepted, Transition, hold_until
from redound.core.reports import Refusal, Verdict
from redound.core.states import Actor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.core.catalog import Goal
    from redound.core.conversions import Conversion
    from redound.core.decisions import Mint

UNDO_MS: Final = 15 * 60_000
"""How long a change may be undone, beyond the delay after which it is sent."""


def standing(transitions: Sequence[Transition]) -> list[Transition]:
    """Return the transitions that were not undone, oldest first."""
    stack: list[Transition] = []
    for each in transitions:
        if each.actor is Actor.UNDO and stack:
            stack.pop()
        else:
            stack.append(each)
    return stack


def undo_change(
    conversion: Conversion,
    transitions: Sequence[Transition],
    goal: Goal | None,
    *,
    by: str,
    reason: str,
    now_ms: int,
    delay_ms: int,
    mint: Mint,
) -> Accepted | Refusal:
    """Return the conversion as it stood before the manager's last change, and the transition that says so.

    `transitions` are all of the conversion's, oldest first. A Refusal (IGNORED_STATUS) when its last change
    was not a manager's, was undone already, or was made too long ago. Nothing fires.
    """
    stack = standing(transitions)
    last = transitions[-1] if transitions else None
    if last is None or last.actor is not Actor.MANAGER or last.from_status is None or len(stack) < 2:  # noqa: PLR2004 - the number is the rule
        return _refused(
            conversion, "The conversion's last change was not a manager's, so there is nothing to undo."
        )
    if now_ms - last.at > UNDO_MS + delay_ms:
        return _refused(
            conversion, "The change was made too long ago to be undone. Change the status instead."
        )
    before = stack[-2]
    seen = conversion.seen & OVER_CAP
    for each in stack[:-1]:
        seen |= each.to_status.bit
    restored = replace(
        conversion,
        status=before.to_status,
        status_word="",
        seen=seen,
        hold_until=None if seen & OVER_CAP else hold_until(goal, before.to_status, before.at),
        updated_at=now_ms,
        version=conversion.version + 1,
    )
    transition = Transition(
        mint("trn"),
        conversion.id,
        conversion.status,
        before.to_status,
        now_ms,
        by,
        reason or "The change was undone.",
        "",
        Actor.UNDO,
    )
    return Accepted(Verdict.UPDATED, restored, created=False, transition=transition, before=conversion)


def _refused(conversion: Conversion, sentence: str) -> Refusal:
    return Refusal(Verdict.IGNORED_STATUS, sentence, conversion.id)
