"""Conversions with their transitions; what every postback made of them; a manager's change of status."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated

from django.db.models import QuerySet
from pydantic import ConfigDict, Field, StringConstraints

from redound.console.accounts.callers import Caller
from redound.console.catalog.forms import StatusWord
from redound.console.catalog.models import Goal
from redound.console.columns import read_json
from redound.console.filters import Filters, Text, one_of
from redound.console.forms import Form, Instant, Shape
from redound.console.postbacks.models import Postback
from redound.console.records.record import Record, by_id_time, exactly
from redound.console.render import Values, maybe_moment_ms, moment_ms, money
from redound.console.traffic.models import Conversion, Transition
from redound.core.states import Status


class MoneyShape(Shape):
    """A decimal string and an ISO 4217 currency."""

    amount: str
    currency: str


class TransitionShape(Shape):
    """A change of status; of the first one `from` is null."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    from_: Annotated[str | None, Field(alias="from")]
    to: str
    at: Instant
    by: str
    reason: str | None


class ConversionShape(Shape):
    """An accepted result of one click and goal. `revenue` is null for an affiliate."""

    id: str
    click_id: str
    goal_id: str
    affiliate_id: str
    offer_id: str
    brand_id: str
    campaign_id: str
    link_id: str
    status: str
    status_word: str
    txid: str | None
    amount: MoneyShape | None
    payout: MoneyShape | None
    revenue: MoneyShape | None
    customer_id: str | None
    adv_subs: dict[str, str]
    test: bool
    hold_until: Instant | None
    transitions: list[TransitionShape]
    created_at: Instant
    updated_at: Instant


class EvaluationShape(Shape):
    """What came of one postback for one transition: fired, or the reason why not."""

    postback_id: str
    fired: bool
    reason: str
    detail: str | None
    delivery_id: str | None
    transition_id: str
    at: Instant


def visible(caller: Caller) -> QuerySet[Conversion]:
    """Managers': all; an affiliate's: their own but for private goals (Everflow: private events)."""
    if caller.manages:
        return Conversion.objects.all()
    private = Goal.objects.filter(private=True).values("pk")
    return Conversion.objects.filter(affiliate_id=caller.affiliate_id).exclude(goal_id__in=private)


def shapes(rows: Sequence[Conversion], caller: Caller) -> list[Values]:
    """Return the ConversionShape's values of a page; one query for the transitions of all."""
    transitions: dict[str, list[Values]] = defaultdict(list)
    found = (
        Transition.objects.filter(conversion_id__in=[row.id for row in rows])
        .defer("evaluations")
        .order_by("id")
    )
    for transition in found:
        transitions[transition.conversion_id].append(_transition(transition, caller))
    return [_shape(row, transitions[row.id], caller) for row in rows]


def _transition(row: Transition, caller: Caller) -> Values:
    return {
        "id": row.id,
        "from": row.from_status or None,
        "to": row.to_status,
        "at": moment_ms(row.at),
        "by": (row.by if caller.manages else "") or row.actor,
        "reason": row.reason or None,
    }


def _shape(row: Conversion, transitions: list[Values], caller: Caller) -> Values:
    return {
        "id": row.id,
        "click_id": row.click_id,
        "goal_id": row.goal_id,
        "affiliate_id": row.affiliate_id,
        "offer_id": row.offer_id,
        "brand_id": row.brand_id,
        "campaign_id": row.campaign_id,
        "link_id": row.link_id,
        "status": row.status,
        "status_word": row.status_word,
        "txid": row.txid or None,
        "amount": money(row.amount_minor, row.amount_currency),
        "payout": money(row.payout_minor, row.payout_currency),
        "revenue": money(row.revenue_minor, row.revenue_currency) if caller.manages else None,
        "customer_id": row.customer_id or None,
        "adv_subs": read_json(row.adv_subs) or {},
        "test": row.test,
        "hold_until": maybe_moment_ms(row.hold_until),
        "transitions": transitions,
        "created_at": moment_ms(row.created_at),
        "updated_at": moment_ms(row.updated_at),
    }


conversions: Record[Conversion] = Record(
    visible, shapes, {**by_id_time("cnv"), "q": exactly("click_id", "txid", "customer_id")}
)


class ConversionFilters(Filters):
    """Filters of conversions."""

    status: one_of(*Status) | None = None  # type: ignore[valid-type]  # made at run time
    click_id: Text | None = None
    affiliate_id: Text | None = None
    campaign_id: Text | None = None
    link_id: Text | None = None
    offer_id: Text | None = None
    brand_id: Text | None = None
    goal_id: Text | None = None
    txid: Text | None = None
    customer_id: Text | None = None
    test: bool | None = None


class StatusForm(Form):
    """The status wanted, and why: affiliates are shown the reason."""

    status: StatusWord
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] | None = None


def evaluations(conversion: Conversion, caller: Caller) -> list[Values]:
    """Return what every postback that the caller sees made of each transition, in order."""
    own = _own_postbacks(caller)
    return [
        _evaluation(told, transition)
        for transition in Transition.objects.filter(conversion_id=conversion.id).order_by("id")
        for told in read_json(transition.evaluations) or ()
        if own is None or told["postback_id"] in own
    ]


def _own_postbacks(caller: Caller) -> frozenset[str] | None:
    """Return the IDs that the caller may read about; None for all."""
    if caller.manages:
        return None
    return frozenset(Postback.objects.filter(affiliate_id=caller.affiliate_id).values_list("pk", flat=True))


def _evaluation(told: Values, transition: Transition) -> Values:
    return {
        "postback_id": told["postback_id"],
        "fired": told["fired"],
        "reason": told["reason"],
        "detail": told.get("detail") or None,
        "delivery_id": told.get("delivery_id") or None,
        "transition_id": transition.id,
        "at": moment_ms(transition.at),
    }
