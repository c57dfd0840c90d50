"""What if: which postbacks would fire for a click and a goal, or a new status, and what they would send."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from redound.console import named, runtime
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.errors import Fault, InvalidError
from redound.console.identity import fresh_id
from redound.console.sealing import opener
from redound.console.tracing import rows
from redound.core.conversions import Accepted, Facts
from redound.core.decisions import decide_change, decide_test
from redound.core.deliveries import SentRequest
from redound.core.evaluating import examine_transition
from redound.core.firing import frozen_values
from redound.core.pixels import show
from redound.core.reports import Claim
from redound.core.requests import CannotCompileError, build, compile_postback
from redound.core.states import Actor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.console.tracing.scope import Scope
    from redound.core.catalog import Postback
    from redound.core.clicks import Click
    from redound.core.conversions import Conversion, Refusal
    from redound.core.evaluating import Evaluation
    from redound.core.states import Status


@dataclass(frozen=True, slots=True)
class Imagined:
    """What a report is imagined to say; with `conversion_id` it is a change of that one's status."""

    click_id: str = ""
    conversion_id: str = ""
    goal: str = ""
    status: Status | None = None
    amount: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of it. `requests` are those of the postbacks that would fire, secrets masked."""

    outcome: Accepted | Refusal
    evaluations: tuple[Evaluation, ...] = ()
    postbacks: Mapping[str, Postback] = field(default_factory=dict)
    requests: Mapping[str, SentRequest] = field(default_factory=dict)


def preview(imagined: Imagined, scope: Scope, catalogue: Catalogue | None = None) -> Preview:
    """Return what would happen; nothing is stored or sent. InvalidError for a click that is not theirs.

    `catalogue` is for those who imagine another configuration as well.
    """
    catalogue = catalogue or Catalogue()
    click, outcome = (
        _changed(imagined, scope, catalogue)
        if imagined.conversion_id
        else _reported(imagined, scope, catalogue)
    )
    if not isinstance(outcome, Accepted) or outcome.transition is None:
        return Preview(outcome)
    conversion = outcome.conversion
    evaluations = examine_transition(
        conversion,
        outcome.transition,
        click,
        _fired(conversion) if imagined.conversion_id else frozenset(),
        catalogue,
    )
    postbacks = {
        each.id: each for each in catalogue.postbacks_for(conversion.affiliate_id, conversion.offer_id)
    }
    own = set(scope.postbacks.filter(pk__in=postbacks).values_list("pk", flat=True))
    evaluations = [each for each in evaluations if each.postback_id in own]
    offer = catalogue.offer(conversion.offer_id)
    values = (
        frozen_values(click, conversion, outcome.transition, offer, catalogue) if offer is not None else {}
    )
    requests = {
        each.postback_id: rendered(postbacks[each.postback_id], values) for each in evaluations if each.fires
    }
    kept = {row_id: request for row_id, request in requests.items() if request is not None}
    return Preview(outcome, tuple(evaluations), postbacks, kept)


def _reported(imagined: Imagined, scope: Scope, catalogue: Catalogue) -> tuple[Click, Accepted | Refusal]:
    row = scope.clicks.filter(pk=imagined.click_id.lower()).first()
    if row is None:
        detail = f"click_id: there is no click {imagined.click_id} that you may use."
        raise InvalidError([Fault("/click_id", "unknown_reference", detail)])
    click = rows.click(row)
    claim = Claim(
        goal=imagined.goal,
        status=imagined.status.value if imagined.status is not None else "",
        amount=imagined.amount,
        currency=imagined.currency,
    )
    keys = runtime.vault().click_keys
    outcome = decide_test(click, claim, "preview", now_ms(), catalogue, keys, fresh_id).outcome
    return click, _as_real(outcome)


def _as_real(outcome: Accepted | Refusal) -> Accepted | Refusal:
    """Imagine a real conversion: judged as a test, so that pauses and windows do not matter, but unmarked."""
    if not isinstance(outcome, Accepted):
        return outcome
    return replace(outcome, conversion=replace(outcome.conversion, test=False))


def _changed(
    imagined: Imagined, scope: Scope, catalogue: Catalogue
) -> tuple[Click | None, Accepted | Refusal]:
    row = scope.conversions.filter(pk=imagined.conversion_id).first()
    if row is None:
        detail = f"conversion_id: there is no conversion {imagined.conversion_id} that you may use."
        raise InvalidError([Fault("/conversion_id", "unknown_reference", detail)])
    if imagined.status is None:
        detail = "status is required: the status that the conversion is imagined to change into."
        raise InvalidError([Fault("/status", "missing", detail)])
    conversion = rows.conversion(row)
    stored = scope.clicks.filter(pk=conversion.click_id).first()
    click = rows.click(stored) if stored is not None else None
    facts = Facts(fired=_fired(conversion))
    change = decide_change(
        *(conversion, click, facts, imagined.status, Actor.MANAGER, "preview", "", now_ms(), catalogue),
        fresh_id,
    )
    return click, change.outcome


def _fired(conversion: Conversion) -> frozenset[tuple[str, str]]:
    found = named.select("fired_once", named.array([conversion.id]))
    return frozenset((each["conversion_id"], each["postback_id"]) for each in found)


def rendered(postback: Postback, values: Mapping[str, str]) -> SentRequest | None:
    """Return what would be sent or shown, secrets masked; None when it cannot be put together."""
    if postback.delivery == "html":
        html = show(postback, values, fresh_id("dlv"), now_ms())
        return SentRequest("HTML", "", (), html) if html else None
    try:
        compiled = compile_postback(postback, opener("postbacks", postback.id))
    except CannotCompileError:
        return None
    random = str(secrets.randbelow(10**9))
    return build(compiled, values, fresh_id("dlv"), 1, now_ms(), random).masked
