"""The catalogue as the API shows it: the fields of each resource, and what affiliates do not see of them."""

from typing import Any

from redound.console import runtime
from redound.console.accounts.callers import Caller
from redound.console.catalog.models import Advertiser, Affiliate, Brand, Campaign, Goal, Link, Offer
from redound.console.forms import Instant, Shape
from redound.console.render import amount, hidden, maybe_moment, moment, percent
from redound.core.catalog import ONCE, UNLIMITED


class HiddenValue(Shape):
    """A credential as it is read back: whether there is one."""

    value: str | None
    has_value: bool


class AdvertiserShape(Shape):
    """Who reports conversions."""

    id: str
    name: str
    tokens: list[HiddenValue]
    path_keys: list[HiddenValue]
    signing_secrets: list[HiddenValue]
    allowed_ips: list[str]
    status_words: dict[str, str]
    preset: str | None
    parameter_names: dict[str, str | None]
    default_status: str | None
    repeats: str
    answer: str
    success_code: int | None
    failure_code: int | None
    created_at: Instant
    updated_at: Instant


class BrandShape(Shape):
    """A brand of an advertiser. `advertiser_id` is null for an affiliate."""

    id: str
    name: str
    advertiser_id: str | None
    created_at: Instant
    updated_at: Instant


class OfferShape(Shape):
    """What is promoted."""

    id: str
    name: str
    brand_id: str
    landing_url: str
    currency: str
    payout_model: str
    goals_enabled: bool
    status: str
    paused_at: Instant | None
    conversion_window_days: int | None
    deep_link_hosts: list[str]
    cpc_payout: str | None
    cap_conversions: int | None
    cap_period: str
    created_at: Instant
    updated_at: Instant


class GoalShape(Shape):
    """What can be reached at an offer. `revenue` and `revenue_percent` are null for an affiliate."""

    id: str
    offer_id: str
    code: str
    name: str
    kind: str
    base: bool
    payout: str | None
    payout_percent: str | None
    revenue: str | None
    revenue_percent: str | None
    default_status: str
    repeats: str | int
    hold_seconds: int | None
    hold_then: str | None
    private: bool
    created_at: Instant
    updated_at: Instant


class AffiliateShape(Shape):
    """Who sends traffic."""

    id: str
    name: str
    status: str
    paused_at: Instant | None
    manager_id: str | None
    postbacks_enabled: bool
    precedence: str
    cap_conversions: int | None
    cap_period: str
    created_at: Instant
    updated_at: Instant


class CampaignShape(Shape):
    """A media campaign of an affiliate."""

    id: str
    name: str
    affiliate_id: str
    created_at: Instant
    updated_at: Instant


class LinkShape(Shape):
    """A tracking link; `url` is where visitors are sent."""

    id: str
    name: str
    campaign_id: str
    offer_id: str
    affiliate_id: str
    brand_id: str
    active: bool
    code: str
    url: str
    created_at: Instant
    updated_at: Instant


def _dated(row: Advertiser | Brand | Offer | Goal | Affiliate | Campaign | Link) -> dict[str, Any]:
    return {"id": row.id, "created_at": moment(row.created_at), "updated_at": moment(row.updated_at)}


def advertiser(row: Advertiser, caller: Caller) -> dict[str, Any]:
    """Return an AdvertiserShape's values."""
    del caller
    return {
        **_dated(row),
        "name": row.name,
        "tokens": [hidden(token) for token in row.tokens],
        "path_keys": [hidden(key) for key in row.path_keys],
        "signing_secrets": [hidden(secret) for secret in row.signing_secrets],
        "allowed_ips": row.allowed_ips,
        "status_words": row.status_words,
        "preset": row.preset or None,
        "parameter_names": {name: parameter or None for name, parameter in row.parameter_names.items()},
        "default_status": row.default_status or None,
        "repeats": row.repeats,
        "answer": row.answer,
        "success_code": row.success_code,
        "failure_code": row.failure_code,
    }


def brand(row: Brand, caller: Caller) -> dict[str, Any]:
    """Return a BrandShape's values."""
    return {
        **_dated(row),
        "name": row.name,
        "advertiser_id": row.advertiser_id if caller.manages else None,
    }


def offer(row: Offer, caller: Caller) -> dict[str, Any]:
    """Return an OfferShape's values."""
    del caller
    return {
        **_dated(row),
        "name": row.name,
        "brand_id": row.brand_id,
        "landing_url": row.landing_url,
        "currency": row.currency,
        "payout_model": row.payout_model,
        "goals_enabled": row.goals_enabled,
        "status": row.status,
        "paused_at": maybe_moment(row.paused_at),
        "conversion_window_days": row.conversion_window_days,
        "deep_link_hosts": row.deep_link_hosts,
        "cpc_payout": amount(row.cpc_payout_minor, row.currency),
        "cap_conversions": row.cap_conversions,
        "cap_period": row.cap_period,
    }


def goal(row: Goal, caller: Caller) -> dict[str, Any]:
    """Return a GoalShape's values; needs its offer at hand."""
    currency = row.offer.currency
    named = {ONCE: "once", UNLIMITED: "unlimited"}
    return {
        **_dated(row),
        "offer_id": row.offer_id,
        "code": row.code,
        "name": row.name,
        "kind": row.kind,
        "base": row.base,
        "payout": amount(row.payout_minor, currency),
        "payout_percent": percent(row.payout_percent),
        "revenue": amount(row.revenue_minor, currency) if caller.manages else None,
        "revenue_percent": percent(row.revenue_percent) if caller.manages else None,
        "default_status": row.default_status,
        "repeats": named.get(row.repeats, row.repeats),
        "hold_seconds": row.hold_seconds,
        "hold_then": row.hold_then or None,
        "private": row.private,
    }


def affiliate(row: Affiliate, caller: Caller) -> dict[str, Any]:
    """Return an AffiliateShape's values."""
    return {
        **_dated(row),
        "name": row.name,
        "status": row.status,
        "paused_at": maybe_moment(row.paused_at),
        "manager_id": row.manager_id if caller.manages else None,
        "postbacks_enabled": row.postbacks_enabled,
        "precedence": row.precedence,
        "cap_conversions": row.cap_conversions,
        "cap_period": row.cap_period,
    }


def campaign(row: Campaign, caller: Caller) -> dict[str, Any]:
    """Return a CampaignShape's values."""
    del caller
    return {**_dated(row), "name": row.name, "affiliate_id": row.affiliate_id}


def link(row: Link, caller: Caller) -> dict[str, Any]:
    """Return a LinkShape's values; needs its campaign and offer at hand."""
    del caller
    return {
        **_dated(row),
        "name": row.name,
        "campaign_id": row.campaign_id,
        "offer_id": row.offer_id,
        "affiliate_id": row.campaign.affiliate_id,
        "brand_id": row.offer.brand_id,
        "active": row.active,
        "code": row.code,
        "url": f"{runtime.settings().tracking_url}/c/{row.code}",
    }
