"""What a person does: retry, cancel, enable, switch off, archive, read. Times in ms since the epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.store.plans.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterable


def retry_steps(delivery_id: str, now_ms: int) -> list[Step]:
    """Send one delivery now: reopen it if it failed or was cancelled, or move its next attempt to now.

    LostRaceError when somebody is sending it at this moment, when it is parked, or when it got through.
    """
    return [
        Step("note_reopened", (delivery_id,)),
        Step("reopen_delivery", (delivery_id,)),
        Step("hurry_delivery", (delivery_id, now_ms), 1),
    ]


def cancel_steps(delivery_id: str, reason: str, now_ms: int) -> list[Step]:
    """End one unfinished delivery without sending it. LostRaceError when it has ended meanwhile.

    An attempt that is on the wire is recorded all the same, and changes nothing any more.
    """
    return [Step("cancel_open", (delivery_id, reason, now_ms), 1), Step("end_due", (delivery_id,), 1)]


def undo_steps(delivery_ids: Iterable[str], now_ms: int) -> list[Step]:
    """End deliveries that were never tried, as if they had not been owed.

    LostRaceError when one of them is being sent at this moment or was tried.
    """
    steps = []
    for each in delivery_ids:
        steps += [Step("end_unsent", (each,), 1), Step("undo_delivery", (each, now_ms), 1)]
    return steps


def enable_steps(
    postback_id: str,
    now_ms: int,
    *,
    per_second: float,
    resume_since: int | None = None,
    retry_failed_since: int | None = None,
) -> list[Step]:
    """Give a disabled postback a clean slate and resume what is parked, at most `per_second`, oldest first.

    `resume_since`: what was parked for conversions before then is cancelled (`not_resumed`).
    `retry_failed_since`: failed deliveries created since then are tried again, in the same line.
    The postback's own `enabled` is the ORM's affair.
    """
    steps = [Step("reset_health", (postback_id,))]
    if resume_since is not None:
        steps += [
            Step("cancel_parked_before", (postback_id, resume_since, now_ms)),
            Step("end_cancelled_parked", (postback_id,)),
        ]
    if retry_failed_since is not None:
        steps += [
            Step("note_reopened_of", (postback_id, retry_failed_since)),
            Step("reopen_failed", (postback_id, retry_failed_since)),
            Step("park_reopened", (postback_id, retry_failed_since, now_ms)),
        ]
    return [*steps, Step("resume_parked", (postback_id, now_ms, 1000 / per_second))]


def switch_off_steps(postback_id: str, now_ms: int) -> list[Step]:
    """Park what a postback still owes, when a person switches it off; `enable_steps` resumes it."""
    return [Step("park_open_of", (postback_id, now_ms))]


def archive_steps(postback_id: str, now_ms: int) -> list[Step]:
    """Cancel everything a postback still owes, when it is deleted; the history stays."""
    return [
        Step("cancel_open_of", (postback_id, "postback_archived", now_ms)),
        Step("end_open_of", (postback_id,)),
    ]


def read_steps(notification_ids: Iterable[str], now_ms: int) -> list[Step]:
    """Mark notifications as read; one that was read before keeps its time."""
    return [Step("read_notification", (each, now_ms)) for each in notification_ids]


def read_all_steps(audience: str, affiliate_id: str, since: str, until: str, now_ms: int) -> list[Step]:
    """Mark as read what one side sees of the notifications with IDs from `since` to `until`."""
    return [Step("read_notifications", (audience, affiliate_id, since, until, now_ms))]
