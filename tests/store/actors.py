"""What tests of the store do all the time: reports arrive, deliveries are owed, attempts are recorded."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from redound.core.conversions import (
    Accepted,
    Claim,
    Conversion,
    Facts,
    Incoming,
    Refusal,
    Transition,
    Verdict,
)
from redound.core.decisions import Decision
from redound.core.deliveries import (
    AttemptResult,
    Delivered,
    Fault,
    Health,
    Keep,
    LeasedDelivery,
    NewDelivery,
    Recorded,
    Response,
    SentRequest,
)
from redound.core.ids import new_id
from redound.core.states import Actor, Status
from tests.builders import NOW_MS, make_click, make_conversion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NUMBERS = itertools.count(1)

MINUTE_MS = 60_000


def fresh(prefix: str, at_ms: int = NOW_MS) -> str:
    """Return a new ID; IDs of one millisecond sort in the order in which they were made."""
    return new_id(prefix, at_ms, next(_NUMBERS).to_bytes(8, "big"))


def a_report(**claim: Any) -> Incoming:
    """Acme reports a sale of the default click, or what `claim` says instead."""
    claim.setdefault("click_id", make_click().id)
    return Incoming(
        report_id=fresh("rpt"),
        received_at=NOW_MS,
        method="GET",
        raw_query="click_id=…",
        raw_body="",
        content_type="",
        ip="198.51.100.9",
        claim=Claim(**claim),
    )


def a_delivery(**changes: Any) -> NewDelivery:
    """Alice's postback is owed."""
    delivery_id = changes.pop("id", None) or fresh("dlv")
    given = NewDelivery(
        id=delivery_id,
        postback_id="pbk_tracker",
        affiliate_id="aff_alice",
        offer_id="ofr_shoes",
        conversion_id="cnv_1",
        click_id=make_click().id,
        transition_id=f"trn_{delivery_id}",
        fire_key=f"trn_{delivery_id}",
        values={"sub1": "tracker-click-1", "payout": "10.00"},
        test=False,
        created_at=NOW_MS,
        due_at=NOW_MS,
    )
    return replace(given, **changes)


def sale(
    *, postbacks: Sequence[str] = ("pbk_tracker",), once: bool = False, **changes: Any
) -> Callable[[Incoming, Facts], Decision]:
    """Decide every report as a sale: new if the click has none, else a duplicate."""

    def decide(incoming: Incoming, facts: Facts) -> Decision:
        if facts.click is None:
            return Decision(incoming, Refusal(Verdict.CLICK_NOT_FOUND, "no such click"))
        if facts.by_click or facts.by_txid:
            first = (facts.by_click or facts.by_txid)[0]
            return Decision(incoming, Refusal(Verdict.DUPLICATE, "again", first.id), click_id=first.click_id)
        conversion = make_conversion(
            id=fresh("cnv"), click_id=facts.click.id, txid=incoming.claim.txid, **changes
        )
        return accepted(incoming, conversion, created=True, postbacks=postbacks, once=once)

    return decide


def accepted(
    incoming: Incoming,
    conversion: Conversion,
    *,
    created: bool,
    postbacks: Sequence[str] = ("pbk_tracker",),
    once: bool = False,
    was: Status | None = None,
) -> Decision:
    """An accepted report with its transition and a delivery for each postback."""
    transition = Transition(
        id=fresh("trn"),
        conversion_id=conversion.id,
        from_status=was,
        to_status=conversion.status,
        at=NOW_MS,
        by="",
        reason="",
        report_id=incoming.report_id,
        actor=Actor.REPORT,
    )
    deliveries = tuple(
        a_delivery(
            postback_id=postback_id,
            conversion_id=conversion.id,
            click_id=conversion.click_id,
            transition_id=transition.id,
            fire_key=conversion.id if once else transition.id,
            ordered=not created,
        )
        for postback_id in postbacks
    )
    verdict = Verdict.ACCEPTED if created else Verdict.UPDATED
    outcome = Accepted(verdict, conversion, created, transition)
    return Decision(
        incoming,
        outcome,
        advertiser_id=conversion.advertiser_id,
        affiliate_id=conversion.affiliate_id,
        offer_id=conversion.offer_id,
        click_id=conversion.click_id,
        deliveries=deliveries,
    )


def no_worker() -> None:
    """Nobody takes deliveries in memory."""


def keep(health: Health, records: Sequence[Recorded]) -> Keep:
    """Judge nothing."""
    return Keep(health)


def attempt(
    delivery: LeasedDelivery, step: object | None = None, *, at: int = NOW_MS, **result: Any
) -> Recorded:
    """Record one try of a delivery: delivered, unless `step` says otherwise."""
    delivered = step is None or isinstance(step, Delivered)
    given = AttemptResult(
        request=SentRequest("GET", "https://tracker.example.com/postback", (("User-Agent", "Redound"),)),
        started_at=at,
        duration_ms=25,
        fault=Fault.NONE if delivered else Fault.RECEIVER,
        response=Response(200 if delivered else 500, (("Content-Type", "text/plain"),), "OK"),
    )
    return Recorded(
        attempt_id=fresh("att"),
        delivery=delivery,
        result=replace(given, **result),
        step=Delivered() if step is None else step,  # type: ignore[arg-type]  # any Step
    )
