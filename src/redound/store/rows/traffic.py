"""Rows of what comes in ↔ core values, as tuples in the order of the named queries' declarations and columns.

Rows are read by position (`CLICK`, `CONVERSION` name the columns; Django: `values_list(*CLICK)`). Reading
and writing happen for every click and report, so this is plain and fast rather than general.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from redound.core.clicks import Click
from redound.core.conversions import Accepted, Conversion
from redound.core.matching import Fire, Reason
from redound.core.money import Money
from redound.core.states import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from redound.core.conversions import Transition
    from redound.core.decisions import Decision
    from redound.core.deliveries import NewDelivery
    from redound.core.matching import Skip

    Row = Sequence[Any]
    Values = tuple[Any, ...]

CLICK: Final = (
    *("id", "link_id", "affiliate_id", "campaign_id", "offer_id", "brand_id", "created_at", "ip"),
    *("user_agent", "referrer", "country", "params", "valid", "invalid_reason", "test"),
)
CONVERSION: Final = (
    *("id", "click_id", "link_id", "affiliate_id", "campaign_id", "offer_id", "brand_id", "advertiser_id"),
    *("goal_id", "status", "status_word", "txid", "slot", "customer_id", "amount_minor", "amount_currency"),
    *("payout_minor", "payout_currency", "revenue_minor", "revenue_currency", "adv_subs", "test", "seen"),
    *("hold_until", "created_at", "updated_at", "version"),
)
_STATUS: Final = {status.value: status for status in Status}


def text_of(value: Any) -> str:
    """Return a value as compact JSON text."""
    return orjson.dumps(value).decode()


def _mapping(value: Mapping[str, str]) -> str:
    return orjson.dumps(value if type(value) is dict else dict(value)).decode() if value else "{}"


def parameter_of(params: str, value: str) -> str:
    """Return the name of the first of a click's stored parameters that has this value, "" for none."""
    given: dict[str, str] = orjson.loads(params)
    return next((name for name, text in given.items() if text == value), "")


# Clicks


def click_values(click: Click) -> Values:
    """Return what `add_click` takes."""
    return (
        click.id,
        click.link_id,
        click.affiliate_id,
        click.campaign_id,
        click.offer_id,
        click.brand_id,
        click.created_at,
        click.ip,
        click.user_agent,
        click.referrer,
        click.country,
        _mapping(click.params),
        click.valid,
        click.invalid_reason,
        click.test,
    )


def click(row: Row) -> Click:
    """Read the columns CLICK."""
    (id_, link, affiliate, campaign, offer, brand, at, ip, agent, referrer, country, params, *rest) = row
    valid, invalid_reason, test = rest
    return Click(
        id=id_,
        link_id=link,
        affiliate_id=affiliate,
        campaign_id=campaign,
        offer_id=offer,
        brand_id=brand,
        created_at=at,
        ip=ip,
        user_agent=agent,
        referrer=referrer,
        country=country,
        params=orjson.loads(params) if isinstance(params, str) else params,
        valid=bool(valid),
        invalid_reason=invalid_reason,
        test=bool(test),
    )


# Reports, conversions and their transitions


def report_values(decision: Decision) -> Values:
    """Return what `add_report` takes."""
    incoming, outcome = decision.incoming, decision.outcome
    if isinstance(outcome, Accepted):
        conversion_id, test = outcome.conversion.id, outcome.conversion.test
    else:
        conversion_id, test = outcome.conversion_id, incoming.claim.test
    return (
        incoming.report_id,
        incoming.received_at,
        decision.advertiser_id,
        decision.affiliate_id,
        decision.offer_id,
        decision.click_id,
        conversion_id,
        incoming.claim.txid,
        outcome.verdict.value,
        outcome.detail,
        incoming.method,
        incoming.raw_query,
        incoming.raw_body,
        incoming.content_type,
        incoming.ip,
        test,
    )


def _money(money: Money | None) -> tuple[int | None, str]:
    return (None, "") if money is None else (money.minor, money.currency)


def conversion_values(conversion: Conversion) -> Values:
    """Return what `add_conversion` takes: the columns CONVERSION."""
    return (
        conversion.id,
        conversion.click_id,
        conversion.link_id,
        conversion.affiliate_id,
        conversion.campaign_id,
        conversion.offer_id,
        conversion.brand_id,
        conversion.advertiser_id,
        conversion.goal_id,
        conversion.status.value,
        conversion.status_word,
        conversion.txid,
        conversion.slot,
        conversion.customer_id,
        *_money(conversion.amount),
        *_money(conversion.payout),
        *_money(conversion.revenue),
        _mapping(conversion.adv_subs),
        conversion.test,
        conversion.seen,
        conversion.hold_until,
        conversion.created_at,
        conversion.updated_at,
        conversion.version,
    )


def conversion_change(conversion: Conversion, was_version: int) -> Values:
    """Return what `change_conversion` takes."""
    return (
        conversion.id,
        was_version,
        conversion.status.value,
        conversion.status_word,
        conversion.txid,
        conversion.slot,
        conversion.customer_id,
        *_money(conversion.amount),
        *_money(conversion.payout),
        *_money(conversion.revenue),
        _mapping(conversion.adv_subs),
        conversion.seen,
        conversion.hold_until,
        conversion.updated_at,
        conversion.version,
    )


def conversion(row: Row) -> Conversion:
    """Read the columns CONVERSION."""
    return Conversion(
        id=row[0],
        click_id=row[1],
        link_id=row[2],
        affiliate_id=row[3],
        campaign_id=row[4],
        offer_id=row[5],
        brand_id=row[6],
        advertiser_id=row[7],
        goal_id=row[8],
        status=_STATUS[row[9]],
        status_word=row[10],
        txid=row[11],
        slot=row[12],
        customer_id=row[13],
        amount=None if row[14] is None else Money(row[14], row[15]),
        payout=None if row[16] is None else Money(row[16], row[17]),
        revenue=None if row[18] is None else Money(row[18], row[19]),
        adv_subs=orjson.loads(row[20]) if isinstance(row[20], str) else row[20],
        test=bool(row[21]),
        seen=row[22],
        hold_until=row[23],
        created_at=row[24],
        updated_at=row[25],
        version=row[26],
    )


def transition_values(
    transition: Transition, evaluations: Iterable[Fire | Skip], deliveries: Iterable[NewDelivery]
) -> Values:
    """Return what `add_transition` takes."""
    return (
        transition.id,
        transition.conversion_id,
        transition.from_status.value if transition.from_status is not None else "",
        transition.to_status.value,
        transition.at,
        transition.actor.value,
        transition.by,
        transition.reason,
        transition.report_id,
        evaluations_text(evaluations, deliveries),
    )


def evaluations_text(evaluations: Iterable[Fire | Skip], deliveries: Iterable[NewDelivery]) -> str:
    """Return as JSON what came of every postback considered, with the delivery of each that fired."""
    ids = {delivery.postback_id: delivery.id for delivery in deliveries}
    told: list[dict[str, object]] = []
    for each in evaluations:
        if isinstance(each, Fire):
            reason = Reason.PARKED if each.parked else Reason.FIRES
            told.append(
                {
                    "postback_id": each.postback_id,
                    "fired": True,
                    "reason": reason.value,
                    "delivery_id": ids.get(each.postback_id, ""),
                }
            )
        else:
            told.append(
                {
                    "postback_id": each.postback_id,
                    "fired": False,
                    "reason": each.reason.value,
                    "detail": each.detail,
                }
            )
    return text_of(told) if told else "[]"
