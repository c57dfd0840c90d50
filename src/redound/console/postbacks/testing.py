"""Sending a test of a postback: a marked delivery, sent by the worker like any other, and its one attempt."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from django.db import transaction

from redound.console import named, runtime
from redound.console.clock import now_ms
from redound.console.errors import ConflictError, UnavailableError
from redound.console.identity import fresh_id
from redound.console.traffic.models import Attempt, Worker
from redound.core.deliveries import NewDelivery
from redound.store.plans.people import cancel_steps
from redound.store.plans.reports import delivery_steps
from redound.store.plans.steps import LostRaceError

if TYPE_CHECKING:
    from redound.console.postbacks.models import Postback
    from redound.console.postbacks.sampling import Sample

MARGIN_SECONDS = 5.0
FIRST_LOOK_SECONDS = 0.01
LONGEST_LOOK_SECONDS = 0.25
ALIVE_SECONDS = 30
"""A worker that was not seen for so long is gone; it beats every quarter of its lease."""
AT_ONCE = 3
"""Tests that may wait at the same time: each holds one of the console's threads."""

_waiting = threading.BoundedSemaphore(AT_ONCE)


def send_test(postback: Postback, wanted: Sample) -> Attempt:
    """Send a test with these values and return its attempt.

    UnavailableError when no worker lives or none came to it in time; then it is not sent later either.
    """
    if postback.archived_at is not None:
        raise ConflictError("archived", "This postback was deleted. Create a new one.")
    if postback.delivery == "html":
        raise ConflictError(
            "html_not_testable",
            "This postback is shown in the visitor's browser and never sent from here, so there is nothing "
            "to test. Open a thank-you page with the pixel instead.",
        )
    _expect_worker()
    if not _waiting.acquire(blocking=False):
        raise UnavailableError("busy", "Several tests are under way already.", retry_after_seconds=2)
    try:
        delivery = _delivery(postback, wanted)
        with transaction.atomic():
            named.perform(delivery_steps([delivery]))
        return _await_attempt(delivery.id)
    finally:
        _waiting.release()


def _delivery(postback: Postback, wanted: Sample) -> NewDelivery:
    now, delivery_id = now_ms(), fresh_id("dlv")
    return NewDelivery(
        id=delivery_id,
        postback_id=postback.pk,
        affiliate_id=postback.affiliate_id or "",
        offer_id=wanted.offer_id,
        conversion_id="",
        click_id=wanted.click_id,
        transition_id="",
        fire_key=f"test:{delivery_id}",
        values=wanted.values,
        test=True,
        created_at=now,
        due_at=0,  # before whatever else this postback has waiting: somebody looks at the screen
    )


def _expect_worker() -> None:
    alive_since = now_ms() - ALIVE_SECONDS * 1000
    if not Worker.objects.filter(role="deliver", seen_at__gte=alive_since).exists():
        raise UnavailableError(
            "no_worker", "No delivery worker is running, so nothing was sent. Start redound serve or deliver."
        )


def _await_attempt(delivery_id: str) -> Attempt:
    """Look for the attempt, ever less often, until the longest attempt must be over."""
    ends = time.monotonic() + runtime.settings().attempt_timeout_seconds + MARGIN_SECONDS
    pause = FIRST_LOOK_SECONDS
    while time.monotonic() < ends:
        found = Attempt.objects.filter(delivery_id=delivery_id).first()
        if found is not None:
            return found
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_LOOK_SECONDS)
    try:
        with transaction.atomic():
            named.perform(cancel_steps(delivery_id, "test_not_sent", now_ms()))
    except LostRaceError:
        late = Attempt.objects.filter(delivery_id=delivery_id).first()
        if late is not None:
            return late
    raise UnavailableError(
        "no_worker", "No delivery worker sent the test in time. It will not be sent later."
    )
