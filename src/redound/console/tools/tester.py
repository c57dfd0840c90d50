"""Trying a postback: what would be sent, what is sent, what the reply means, and the control beside it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction

from redound.console import named, runtime
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.errors import ConflictError, Fault, InvalidError
from redound.console.identity import fresh_id
from redound.console.postbacks import testing
from redound.console.tracing import rows as tracing
from redound.console.tracing.previewing import rendered
from redound.console.traffic.models import Delivery, PostbackHealth, next_attempt_at, shown_state
from redound.core.conversions import Accepted
from redound.core.decisions import decide_test
from redound.core.macros import AT_SENDING, resolve
from redound.core.reports import Refusal, Verdict
from redound.core.styles import find_macros
from redound.core.tools import control
from redound.core.tools.control import Conclusion
from redound.core.trace.diagnosing import diagnose
from redound.core.trace.facts import Asked, Facts, Kind
from redound.store.plans.reports import report_steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.console.accounts.callers import Caller
    from redound.console.postbacks.models import Postback
    from redound.console.postbacks.sampling import Sample
    from redound.console.traffic import models
    from redound.core.deliveries import SentRequest
    from redound.core.reports import Claim
    from redound.core.trace.causes import Diagnosis

_POINTERS = {
    Verdict.UNKNOWN_GOAL: "/goal",
    Verdict.UNKNOWN_STATUS: "/status",
    Verdict.BAD_AMOUNT: "/amount",
    Verdict.BAD_CURRENCY: "/currency",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """One attempt of a test, and what its answer probably means, the likeliest first."""

    attempt: models.Attempt
    meanings: tuple[Diagnosis, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """A test, and the control if one was asked for. `changed`: macro → the wrong value in its place."""

    right: Reply
    wrong: Reply | None = None
    conclusion: Conclusion | None = None
    changed: Mapping[str, str] | None = None


def convert(row: models.Click, claim: Claim, caller: Caller) -> str:
    """Make a test conversion for a click and fire what it fires; return the conversion's ID.

    InvalidError names what of the claim cannot be used; then nothing is stored. A private goal does not exist
    for an affiliate.
    """
    catalogue = Catalogue()
    click = tracing.click(row)
    keys = runtime.vault().click_keys
    decision = decide_test(click, claim, caller.by, now_ms(), catalogue, keys, fresh_id)
    outcome = decision.outcome
    if isinstance(outcome, Accepted) and not caller.manages:
        goal = catalogue.goal(outcome.conversion.goal_id)
        if goal is not None and goal.private:
            outcome = Refusal(Verdict.UNKNOWN_GOAL, f"The offer has no goal {claim.goal!r}.")
    if isinstance(outcome, Refusal):
        pointer = _POINTERS.get(outcome.verdict)
        detail = outcome.detail or f"The test was refused: {outcome.verdict.value}."
        if pointer is None:
            raise ConflictError(outcome.verdict.value, detail)
        raise InvalidError([Fault(pointer, outcome.verdict.value, detail)])
    with transaction.atomic():
        named.perform(report_steps(decision))
    return outcome.conversion.id


def preview(row: Postback, wanted: Sample) -> SentRequest | None:
    """Return what a test would send, secrets masked; None when the postback cannot be put together."""
    owner = tracing.owner(row, None)
    return rendered(owner.postback, wanted.values)


def shown_values(row: Postback, wanted: Sample) -> dict[str, str]:
    """Return the values of the macros that a postback's templates use; "" for one without a value."""
    postback = tracing.owner(row, None).postback
    plain = [pair.value for pair in (*postback.params, *postback.headers) if not pair.secret]
    written = (macro for text in (postback.url, *plain, postback.body) for macro in find_macros(text))
    names = [name for macro in written if (name := resolve(macro.name)) is not None]
    return {name: wanted.values.get(name, "") for name in names if name not in AT_SENDING}


def try_out(row: Postback, wanted: Sample, *, with_control: bool) -> Tried:
    """Send a test and say what the reply means; with a control, send that after it and compare."""
    right = reply(row, testing.send_test(row, wanted))
    if not with_control:
        return Tried(right)
    names = control.returned_names(tracing.owner(row, None).postback)
    wrong = control.make_wrong(wanted.values, names, secrets.token_bytes(16))
    if wrong is None:
        return Tried(right, conclusion=Conclusion.NO_CLICK_ID)
    other = reply(row, testing.send_test(row, replace(wanted, values=dict(wrong.values))))
    own = [right.attempt.delivery_id, other.attempt.delivery_id]
    own += [value for name in wrong.changed for value in (wrong.values[name], wanted.values[name])]
    conclusion = control.conclude(tracing.attempt(right.attempt), tracing.attempt(other.attempt), own)
    return Tried(right, other, conclusion, wrong.changed)


def reply(row: Postback, attempt: models.Attempt) -> Reply:
    """Return what the rules of the trace make of an attempt alone."""
    now = now_ms()
    sent = Delivery.objects.annotate(shown=shown_state(now), next_at=next_attempt_at())
    found = list(sent.filter(pk=attempt.delivery_id))
    facts = Facts(
        asked=Asked(attempt.delivery_id, Kind.DELIVERY, attempt.delivery_id),
        now_ms=now,
        deliveries=tracing.deliveries(found, [attempt]),
        postbacks={row.pk: tracing.owner(row, PostbackHealth.objects.filter(pk=row.pk).first())},
    )
    return Reply(attempt, tuple(diagnose(facts)))
