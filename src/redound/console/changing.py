"""A manager's change of a conversion's status: decided as a report is, stored by the same plans."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction

from redound.console import named, runtime
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.errors import ConflictError, NotFoundError
from redound.console.identity import fresh_id
from redound.console.tracing.rows import transition as read_transition
from redound.console.traffic.models import Click, Conversion, Delivery, Transition
from redound.core.conversions import Accepted, Facts
from redound.core.decisions import decide_change
from redound.core.reports import Verdict
from redound.core.states import Actor
from redound.core.undoing import undo_change
from redound.store.plans.people import undo_steps
from redound.store.plans.reports import change_steps
from redound.store.plans.steps import LostRaceError
from redound.store.rows import traffic as rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redound.console.accounts.callers import Caller
    from redound.core.clicks import Click as CoreClick
    from redound.core.conversions import Conversion as CoreConversion
    from redound.core.deliveries import NewDelivery
    from redound.core.states import Status

TRIES = 4


def change_status(conversion_id: str, to: Status, reason: str, caller: Caller) -> bool:
    """Change the status and fire what it fires; return whether anything changed.

    ConflictError when the table of changes does not allow it, NotFoundError when it is gone. A report that
    changes the conversion at the same moment makes this decide again, with what then stands there.
    """
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return _change(conversion_id, to, reason, caller)
        except LostRaceError:
            continue
    raise ConflictError("conflict", "Others keep changing this conversion. Try again.", retry_after_seconds=1)


def _change(conversion_id: str, to: Status, reason: str, caller: Caller) -> bool:
    conversion = _stored(conversion_id)
    fired = named.select("fired_once", named.array([conversion.id]))
    change = decide_change(
        conversion,
        stored_click(conversion.click_id),
        Facts(fired=frozenset((each["conversion_id"], each["postback_id"]) for each in fired)),
        to,
        Actor.MANAGER,
        caller.by,
        reason,
        now_ms(),
        Catalogue(),
        fresh_id,
    )
    if not isinstance(change.outcome, Accepted):
        if change.outcome.verdict is Verdict.DUPLICATE:
            return False
        raise ConflictError("status_change_not_allowed", change.outcome.detail)
    named.perform(
        change_steps(
            change.outcome.conversion,
            change.outcome.transition,
            change.evaluations,
            held_back(change.deliveries),
        )
    )
    return True


def held_back(deliveries: Iterable[NewDelivery]) -> list[NewDelivery]:
    """Return what a manager's change owes, due after the delay in which it can be undone."""
    delay_ms = manual_delay_ms()
    return [replace(each, due_at=each.due_at + delay_ms) for each in deliveries]


def manual_delay_ms() -> int:
    """Return how long deliveries of a manager's change wait."""
    return round(runtime.settings().manual_delay_seconds * 1000)


def undo(conversion_id: str, reason: str, caller: Caller) -> None:
    """Take a manager's last change back, and with it its deliveries, none of which may have been tried.

    ConflictError says why it cannot be undone, NotFoundError that the conversion is gone.
    """
    try:
        with transaction.atomic():
            _undo(conversion_id, reason, caller)
    except LostRaceError:
        raise _SENT from None


_SENT = ConflictError(
    "already_sent", "A postback of this change was sent or is being sent. Change the status instead."
)


def undoable(conversion_id: str, caller: Caller) -> bool:
    """Whether `undo` would work at this moment."""
    try:
        _undoing(conversion_id, "", caller, now_ms())
    except ConflictError:
        return False
    return True


def _undo(conversion_id: str, reason: str, caller: Caller) -> None:
    now = now_ms()
    outcome, unsent = _undoing(conversion_id, reason, caller, now)
    # The conversion first: what is changed or sent at this moment makes one of these miss its row.
    named.perform([*change_steps(outcome.conversion, outcome.transition), *undo_steps(unsent, now)])


def _undoing(conversion_id: str, reason: str, caller: Caller, now: int) -> tuple[Accepted, list[str]]:
    """Return what undoing comes to, and the deliveries to cancel; ConflictError when it cannot be undone."""
    conversion = _stored(conversion_id)
    history = list(Transition.objects.filter(conversion_id=conversion_id).order_by("id"))
    outcome = undo_change(
        conversion,
        [read_transition(each) for each in history],
        Catalogue().goal(conversion.goal_id),
        by=caller.by,
        reason=reason,
        now_ms=now,
        delay_ms=manual_delay_ms(),
        mint=fresh_id,
    )
    if not isinstance(outcome, Accepted):
        raise ConflictError("nothing_to_undo", outcome.detail)
    owed = Delivery.objects.filter(conversion_id=conversion_id, transition_id=history[-1].id)
    if owed.exclude(state="open").exclude(state="cancelled", attempts=0).exists():
        raise _SENT
    return outcome, list(owed.filter(state="open").order_by("id").values_list("id", flat=True))


def _stored(conversion_id: str) -> CoreConversion:
    row = Conversion.objects.filter(pk=conversion_id).values_list(*rows.CONVERSION).first()
    if row is None:
        raise NotFoundError
    return rows.conversion(row)


def stored_click(click_id: str) -> CoreClick | None:
    """Return a click as the core has it, None when its retention has ended."""
    row = Click.objects.filter(pk=click_id).values_list(*rows.CLICK).first()
    return rows.click(row) if row is not None else None
