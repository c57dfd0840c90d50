"""Sending a test of a postback: a marked delivery, sent by the worker like any other, and its one attempt."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from django.db import transaction

from redound.console import named, runtime
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.errors import ConflictError, Fault, InvalidError, UnavailableError
from redound.console.identity import fresh_id
from redound.console.traffic.models import Attempt, Click, Conversion, Worker
from redound.core.deliveries import NewDelivery
from redound.core.firing import frozen_values
from redound.core.macros import AT_SENDING, example_values
from redound.store.plans.people import cancel_steps
from redound.store.plans.reports import delivery_steps
from redound.store.plans.steps import LostRaceError
from redound.store.rows import traffic as rows

if TYPE_CHECKING:
    from redound.console.accounts.callers import Caller
    from redound.console.postbacks.models import Postback

MARGIN_SECONDS = 5.0
FIRST_LOOK_SECONDS = 0.01
LONGEST_LOOK_SECONDS = 0.25
ALIVE_SECONDS = 30
"""A worker that was not seen for so long is gone; it beats every quarter of its lease."""
AT_ONCE = 3
"""Tests that may wait at the same time: each holds one of the console's threads."""

_waiting = threading.BoundedSemaphore(AT_ONCE)


def send_test(postback: Postback, click_id: str | None, caller: Caller) -> Attempt:
    """Send a test for a click, or with sample values, and return its attempt.

    UnavailableError when no worker lives or none came to it in time; then it is not sent later either.
    """
    if postback.archived_at is not None:
        raise ConflictError("archived", "This postback was deleted. Create a new one.")
    values = _values(click_id, caller)
    _expect_worker()
    if not _waiting.acquire(blocking=False):
        raise UnavailableError("busy", "Several tests are under way already.", retry_after_seconds=2)
    try:
        delivery = _delivery(postback, click_id or "", values)
        with transaction.atomic():
            named.perform(delivery_steps([delivery]))
        return _await_attempt(delivery.id)
    finally:
        _waiting.release()


def _delivery(postback: Postback, click_id: str, values: dict[str, str]) -> NewDelivery:
    now, delivery_id = now_ms(), fresh_id("dlv")
    return NewDelivery(
        id=delivery_id,
        postback_id=postback.pk,
        affiliate_id=postback.affiliate_id or "",
        offer_id=values.get("offer_id", "") if click_id else "",
        conversion_id="",
        click_id=click_id,
        transition_id="",
        fire_key=f"test:{delivery_id}",
        values=values,
        test=True,
        created_at=now,
        due_at=0,  # before whatever else this postback has waiting: somebody looks at the screen
    )


def _values(click_id: str | None, caller: Caller) -> dict[str, str]:
    """Return examples for every macro; for a click, its own values and those of its last conversion."""
    samples = {name: value for name, value in example_values().items() if name not in AT_SENDING}
    if not click_id:
        return {**samples, "test": "1"}
    found = Click.objects.filter(pk=click_id.lower())
    if not caller.manages:
        found = found.filter(affiliate_id=caller.affiliate_id)
    row = found.values_list(*rows.CLICK).first()
    catalogue = Catalogue()
    click = rows.click(row) if row is not None else None
    offer = catalogue.offer(click.offer_id) if click is not None else None
    if click is None or offer is None:
        detail = f"click_id: there is no click {click_id} that you may use. Leave it out for sample values."
        raise InvalidError([Fault("/click_id", "unknown_reference", detail)])
    last = Conversion.objects.filter(click_id=click.id).order_by("-pk").values_list(*rows.CONVERSION).first()
    conversion = rows.conversion(last) if last is not None else None
    known = frozen_values(click, conversion, None, offer, catalogue)
    from_samples = {name: value for name, value in samples.items() if name in _OF_A_CONVERSION}
    goal = next((goal for goal in offer.goals if goal.base), None)
    if conversion is None and goal is not None:
        from_samples |= {
            "goal": goal.code,
            "goal_id": goal.id,
            "goal_name": goal.name,
            "event_type": goal.kind,
        }
    return {**from_samples, **known, "test": "1"}


_OF_A_CONVERSION = frozenset(
    (
        *("conversion_id", "txid", "goal", "goal_id", "goal_name", "event_type", "operation", "status"),
        *("status_word", "payout", "payout_minor", "amount", "customer_id", "conversion_time", "event_time"),
    )
)
"""What a click that has not converted yet lacks; without its click the samples' own sub IDs would mislead."""


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
