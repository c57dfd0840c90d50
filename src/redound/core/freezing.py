"""Freezing: the macro values of one conversion or click, taken down once as strings.

It happens for every report that fires and every click that is redirected, so what follows from the
configuration alone is remembered, and nothing empty is ever put in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from redound.core.macros import ADV_SUBS, OWN_PARAMS, PARAM
from redound.core.money import format_minor
from redound.core.states import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.core.catalog import Affiliate, Brand, Campaign, Goal, Link, Offer
    from redound.core.clicks import Click
    from redound.core.conversions import Conversion, Transition
    from redound.core.money import Money

    Around = tuple[Offer, Brand | None, Campaign | None, Affiliate | None, Goal | None]

MOST_REMEMBERED: Final = 1024
"""How many combinations of offer, campaign and goal are remembered; then all are forgotten at once."""

_remembered: dict[tuple[int, ...], tuple[Around, Mapping[str, str]]] = {}


def freeze(
    click: Click | None,
    offer: Offer,
    brand: Brand | None,
    campaign: Campaign | None,
    link: Link | None,
    affiliate: Affiliate | None,
    goal: Goal | None,
    conversion: Conversion | None,
    transition: Transition | None,
    before: Conversion | None = None,
) -> dict[str, str]:
    """Take down every value that a postback for this transition or (without conversion) click can send.

    Empty values are left out. Times are RFC 3339 in UTC with milliseconds, money is a plain decimal. The
    click may be gone when its retention has ended; one of click and conversion there must be. `before` is
    the conversion as it stood, when its money may have been other.
    """
    values = dict(_of_configuration((offer, brand, campaign, affiliate, goal)))
    if click is not None:
        _add_click(values, click)
    if conversion is not None:
        _add_conversion(values, conversion, transition)
        _add_deltas(values, conversion, transition, before)
    elif click is not None:
        _add_click_event(values, offer)
    if link is not None:
        values["link_id"] = link.id
    return values


def _of_configuration(around: Around) -> Mapping[str, str]:
    """Return what these objects give, remembered by their identity: they never change, and comparing costs.

    An entry holds its objects, so that none of them can make room for another at the same address.
    """
    offer, brand, campaign, affiliate, goal = around
    key = (id(offer), id(brand), id(campaign), id(affiliate), id(goal))
    known = _remembered.get(key)
    if known is not None:
        return known[1]
    values = {
        "offer_id": offer.id,
        "offer_name": offer.name,
        "brand_id": offer.brand_id,
        "brand_name": brand.name if brand else "",
        "campaign_name": campaign.name if campaign else "",
        "affiliate_name": affiliate.name if affiliate else "",
        "currency": offer.currency,
    }
    if goal is not None:
        values |= {"goal": goal.code, "goal_id": goal.id, "goal_name": goal.name, "event_type": goal.kind}
    found = {name: value for name, value in values.items() if value}
    if len(_remembered) >= MOST_REMEMBERED:
        _remembered.clear()
    _remembered[key] = around, found
    return found


def _add_click(values: dict[str, str], click: Click) -> None:
    for name, value in click.params.items():
        if value and name:
            values[name if name in OWN_PARAMS else PARAM + name] = value
    _add_place(values, click.id, click)
    if click.country:
        values["country"] = click.country
    if click.ip:
        values["ip"] = click.ip
    if click.user_agent:
        values["user_agent"] = click.user_agent
    if click.referrer:
        values["referrer"] = click.referrer
    values["click_time"] = time_text(click.created_at)
    if click.test:
        values["test"] = "1"


def _add_place(values: dict[str, str], click_id: str, subject: Click | Conversion) -> None:
    if click_id:
        values["click_id"] = click_id
    if subject.link_id:
        values["link_id"] = subject.link_id
    if subject.campaign_id:
        values["campaign_id"] = subject.campaign_id
    if subject.affiliate_id:
        values["affiliate_id"] = subject.affiliate_id


def _add_click_event(values: dict[str, str], offer: Offer) -> None:
    """Add what a click postback tells: Everflow's CPC event pays the offer's price of a click."""
    values["event_type"] = values["operation"] = "click"
    values["event_time"] = values["click_time"]
    payout = offer.cpc_payout_minor
    if payout is not None:
        values["payout"] = values["payout_delta"] = format_minor(payout, offer.currency)
        values["payout_minor"] = str(payout)


def _add_conversion(values: dict[str, str], conversion: Conversion, transition: Transition | None) -> None:
    """Add what a conversion tells; without a transition it is told as it stands."""
    for name in ADV_SUBS if conversion.adv_subs else ():
        value = conversion.adv_subs.get(name)
        if value:
            values[name] = value
    _add_place(values, conversion.click_id, conversion)
    values["conversion_id"] = conversion.id
    before = transition.from_status if transition is not None else None
    values["status"] = str(transition.to_status if transition is not None else conversion.status)
    if before is None:
        values["operation"] = "create"
    else:
        values["operation"] = "update"
        values["previous_status"] = str(before)
    if conversion.txid:
        values["txid"] = conversion.txid
    if conversion.status_word:
        values["status_word"] = conversion.status_word
    if conversion.customer_id:
        values["customer_id"] = conversion.customer_id
    _add_money(values, conversion)
    at = time_text(conversion.created_at)
    values["conversion_time"] = at
    other = transition is not None and transition.at != conversion.created_at
    values["event_time"] = time_text(transition.at) if transition is not None and other else at
    if conversion.test:
        values["test"] = "1"


def _add_money(values: dict[str, str], conversion: Conversion) -> None:
    payout, revenue, amount = conversion.payout, conversion.revenue, conversion.amount
    if payout is not None:
        values["payout"] = format_minor(payout.minor, payout.currency)
        values["payout_minor"] = str(payout.minor)
        values["currency"] = payout.currency
    elif amount is not None:
        values["currency"] = amount.currency
    if revenue is not None:
        values["revenue"] = format_minor(revenue.minor, revenue.currency)
    if amount is not None:
        values["amount"] = format_minor(amount.minor, amount.currency)


def _add_deltas(
    values: dict[str, str],
    conversion: Conversion,
    transition: Transition | None,
    before: Conversion | None,
) -> None:
    """Add what a transition changed, signed: money counts while its conversion is approved."""
    was = before or conversion
    counted = transition is not None and transition.from_status is Status.APPROVED
    counts = (transition.to_status if transition is not None else conversion.status) is Status.APPROVED
    payout = _delta(was.payout if counted else None, conversion.payout, counts=counts)
    if payout:
        values["payout_delta"] = payout
    amount = _delta(was.amount if counted else None, conversion.amount, counts=counts)
    if amount:
        values["amount_delta"] = amount


def _delta(was: Money | None, now: Money | None, *, counts: bool) -> str:
    """Return the difference; empty without money, and across currencies, where there is none."""
    money = now or was
    if money is None or (was is not None and now is not None and was.currency != now.currency):
        return ""
    gained = now.minor if now is not None and counts else 0
    return format_minor(gained - (was.minor if was is not None else 0), money.currency)


def time_text(ms: int) -> str:
    """Return milliseconds since the epoch in RFC 3339, UTC: "2026-11-20T12:00:00.000Z"."""
    seconds, rest = divmod(ms, 1000)
    return f"{_second_text(seconds)}.{rest:03d}Z"


@lru_cache(maxsize=4096)
def _second_text(seconds: int) -> str:
    """Remembered: a busy second has thousands of conversions, and each of them is asked for its times."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]
