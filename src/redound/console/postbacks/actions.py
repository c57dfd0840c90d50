"""What people do with postbacks beyond editing: switch off and on, archive, retry a delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from redound.console import named, runtime
from redound.console.accounts import audit
from redound.console.clock import now_ms
from redound.console.errors import ConflictError, Fault, ForbiddenError, InvalidError
from redound.console.postbacks.filling import to_check
from redound.console.postbacks.forms import EnableForm
from redound.console.postbacks.models import Postback
from redound.core.deliveries import DeliveryState
from redound.core.requests import validate_postback
from redound.store.plans import notices, people
from redound.store.plans.steps import LostRaceError

if TYPE_CHECKING:
    from datetime import datetime

    from redound.console.accounts.callers import Caller
    from redound.console.traffic.models import Delivery


def archive(row: Postback, caller: Caller) -> None:
    """Delete a postback as far as that goes: it owes nothing any more, its history stays. Again: nothing."""
    if row.archived_at is not None:
        return
    before = audit.picture(row)
    row.archived_at = timezone.now()
    row.enabled = False
    row.save(update_fields=["archived_at", "enabled", "updated_at"])
    named.perform(people.archive_steps(row.pk, now_ms()))
    audit.record(caller, "archive", row, before, audit.picture(row))


def enable(row: Postback, form: EnableForm, caller: Caller) -> None:
    """Switch on, with a clean slate, and resume what was parked at the installation's capped rate."""
    if row.archived_at is not None:
        raise ConflictError("archived", "This postback was deleted. Create a new one.")
    before = audit.picture(row)
    row.enabled = True
    row.save(update_fields=["enabled", "updated_at"])
    resume(row, form, caller.by)
    audit.record(caller, "enable", row, before, audit.picture(row))


def only_managers(caller: Caller) -> None:
    """Raise ForbiddenError for an affiliate: nobody approves their own HTML."""
    if not caller.manages:
        raise ForbiddenError("managers_only", "Only managers may approve what visitors are shown.")


def approve_html(row: Postback, seen: str, caller: Caller) -> None:
    """Allow the HTML of a postback to be shown. `seen` is the HTML that the manager read.

    ConflictError when it is another one by now, or no HTML is to be approved.
    """
    if row.archived_at is not None:
        raise ConflictError("archived", "This postback was deleted. Create a new one.")
    if row.delivery != "html":
        raise ConflictError("not_html", "This postback is sent from here; it has no HTML to approve.")
    if row.body != seen:
        raise ConflictError("html_changed", "Its HTML is not what you sent. Read it again, then approve it.")
    faults = [Fault(each.pointer, each.code, each.message) for each in validate_postback(to_check(row, {}))]
    if faults:
        raise InvalidError(faults)
    before = audit.picture(row)
    row.html_approved = True
    row.save(update_fields=["html_approved", "updated_at"])
    audit.record(caller, "approve_html", row, before, audit.picture(row))


def resume(row: Postback, form: EnableForm, by: str = "") -> None:
    """Give a clean slate and let the parked deliveries go; people are told if it was disabled."""
    retry_failed_since = form.retry_failed_since
    if form.retry_failed and retry_failed_since is None:
        retry_failed_since = form.resume_since or row.created_at
    named.perform(notices.enabled_steps(row.pk, by, now_ms()))
    named.perform(
        people.enable_steps(
            row.pk,
            now_ms(),
            per_second=runtime.settings().resume_per_second,
            resume_since=_milliseconds(form.resume_since),
            retry_failed_since=_milliseconds(retry_failed_since),
        )
    )


def switched(row: Postback, *, was_enabled: bool) -> None:
    """Park what is owed when an edit switched the postback off, resume it when one switched it on."""
    if was_enabled and not row.enabled:
        named.perform(people.switch_off_steps(row.pk, now_ms()))
    elif row.enabled and not was_enabled:
        resume(row, EnableForm())


def retry(delivery: Delivery, caller: Caller) -> None:
    """Send a delivery now: one that waits, failed or was cancelled. ConflictError says why it cannot be."""
    del caller
    postback = Postback.objects.filter(pk=delivery.postback_id).first()
    if postback is None or postback.archived_at is not None:
        raise ConflictError("archived", "Its postback was deleted, so there is nowhere to send it.")
    try:
        with transaction.atomic():
            named.perform(people.retry_steps(delivery.id, now_ms()))
    except LostRaceError:
        raise ConflictError("not_retriable", _why_not(getattr(delivery, "shown", ""))) from None


def cancel(delivery: Delivery, caller: Caller) -> None:
    """End an unfinished delivery without sending it. ConflictError when it has ended, or is being sent."""
    del caller
    if getattr(delivery, "shown", "") == DeliveryState.LEASED:
        raise ConflictError("not_cancellable", "It is being sent at this moment.")
    try:
        with transaction.atomic():
            named.perform(people.cancel_steps(delivery.id, "by_hand", now_ms()))
    except LostRaceError:
        raise ConflictError("not_cancellable", "It has ended already.") from None


def _why_not(state: str) -> str:
    match state:
        case DeliveryState.DELIVERED:
            return "It was delivered already."
        case DeliveryState.CANCELLED:
            return "It was cancelled because the change that it was for was undone."
        case DeliveryState.PARKED:
            return "It is parked until its postback is enabled: POST /api/v1/postbacks/{id}/enable."
        case _:
            return "It is being sent at this moment."


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1000)
