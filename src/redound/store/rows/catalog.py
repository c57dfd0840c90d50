"""Configuration rows → `core.catalog` values.

A row is any mapping of column names, as raw as a driver gives it: JSON and times may be text (SQLite) or
already read (PostgreSQL, Django's `values()`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from redound.core.catalog import (
    Advertiser,
    Affiliate,
    Auth,
    Brand,
    Campaign,
    CapPeriod,
    Event,
    Goal,
    HealthState,
    Level,
    Link,
    Method,
    Offer,
    Pair,
    PayoutModel,
    Postback,
    Precedence,
    StatusMode,
    Success,
)
from redound.core.profiles import RepeatMode, ReportProfile, aliases_with, words_with
from redound.core.states import Status
from redound.settings import parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = Mapping[str, Any]


def advertiser(row: Row) -> Advertiser:
    """Read a row of `advertisers`. Words that map to no status of ours are left out."""
    words = _json(row["status_words"], {})
    own = {word: Status(status) for word, status in words.items() if status in _STATUSES}
    secrets = _json(row["signing_secrets"], [])
    credentials = [*_json(row["tokens"], []), *_json(row["path_keys"], []), *secrets]
    return Advertiser(
        id=row["id"],
        name=row["name"],
        token_digests=frozenset(each["digest"] for each in credentials),
        allowed_ips=tuple(_json(row["allowed_ips"], [])),
        status_words=words_with(own, row["preset"]),
        signing_secrets=tuple(each["sealed"] for each in secrets),
        profile=_profile(row),
    )


def _profile(row: Row) -> ReportProfile:
    return ReportProfile(
        aliases=aliases_with(_json(row["parameter_names"], {}), row["preset"]),
        default_status=Status(row["default_status"]) if row["default_status"] else None,
        repeat=RepeatMode(row["repeats"]),
        answer=row["answer"],
        success_code=row["success_code"],
        failure_code=row["failure_code"],
    )


def brand(row: Row) -> Brand:
    """Read a row of `brands`."""
    return Brand(id=row["id"], name=row["name"], advertiser_id=row["advertiser_id"])


def offer(row: Row) -> Offer:
    """Read a row of `offers` with `advertiser_id` of its brand; its goals come on their own."""
    return Offer(
        id=row["id"],
        name=row["name"],
        brand_id=row["brand_id"],
        advertiser_id=row["advertiser_id"],
        landing_url=row["landing_url"],
        currency=row["currency"],
        payout_model=PayoutModel(row["payout_model"]),
        goals_enabled=bool(row["goals_enabled"]),
        paused_at=_paused_at(row),
        conversion_window_days=row["conversion_window_days"],
        deep_link_hosts=tuple(_json(row["deep_link_hosts"], [])),
        cpc_payout_minor=row["cpc_payout_minor"],
        cap_conversions=row["cap_conversions"],
        cap_period=CapPeriod(row["cap_period"]),
    )


def goal(row: Row) -> Goal:
    """Read a row of `goals`."""
    return Goal(
        id=row["id"],
        offer_id=row["offer_id"],
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        base=bool(row["base"]),
        payout_minor=row["payout_minor"],
        payout_percent=_decimal(row["payout_percent"]),
        revenue_minor=row["revenue_minor"],
        revenue_percent=_decimal(row["revenue_percent"]),
        default_status=Status(row["default_status"]),
        repeats=row["repeats"],
        hold_seconds=row["hold_seconds"],
        hold_then=Status(row["hold_then"]) if row["hold_then"] else None,
        private=bool(row["private"]),
    )


def affiliate(row: Row) -> Affiliate:
    """Read a row of `affiliates`."""
    return Affiliate(
        id=row["id"],
        name=row["name"],
        paused_at=_paused_at(row),
        postbacks_enabled=bool(row["postbacks_enabled"]),
        precedence=Precedence(row["precedence"]),
        cap_conversions=row["cap_conversions"],
        cap_period=CapPeriod(row["cap_period"]),
    )


def campaign(row: Row) -> Campaign:
    """Read a row of `campaigns`."""
    return Campaign(id=row["id"], name=row["name"], affiliate_id=row["affiliate_id"])


def link(row: Row) -> Link:
    """Read a row of `links` with `affiliate_id` of its campaign."""
    return Link(
        id=row["id"],
        number=row["number"],
        code=row["code"],
        name=row["name"],
        campaign_id=row["campaign_id"],
        affiliate_id=row["affiliate_id"],
        offer_id=row["offer_id"],
        active=bool(row["active"]),
    )


def postback(row: Row) -> Postback:
    """Read a row of `postbacks` with `health`, the state in `postback_health` (None: it has none yet)."""
    goals = row["goals"] if row["goals"] in _GOAL_WORDS else _json(row["goals"], "any")
    schedule = _json(row["retry_schedule"], None)
    return Postback(
        id=row["id"],
        name=row["name"],
        affiliate_id=row["affiliate_id"],
        enabled=bool(row["enabled"]),
        event=Event(row["event"]),
        goals=goals if isinstance(goals, str) else frozenset(goals),
        statuses=frozenset(Status(each) for each in _json(row["statuses"], [])),
        status_mode=StatusMode(row["status_mode"]),
        level=Level(row["level"]),
        include=frozenset(_json(row["include"], [])),
        exclude_offers=frozenset(_json(row["exclude_offers"], [])),
        payout_above_zero=bool(row["payout_above_zero"]),
        max_age_seconds=row["max_age_seconds"],
        delay_seconds=row["delay_seconds"],
        method=Method(row["method"]),
        url=row["url"],
        params=_pairs(row["params"]),
        headers=_pairs(row["headers"]),
        body=row["body"],
        auth=Auth(**_known(_json(row["auth"], {}), Auth.__slots__)),
        success=Success(**_known(_json(row["success"], {}), Success.__slots__)),
        max_attempts=row["max_attempts"],
        retry_schedule=None if schedule is None else tuple(_seconds(each) for each in schedule),
        strict_disable=bool(row["strict_disable"]),
        sign=bool(row["sign"]),
        signing_secret=row["signing_secret"],
        health=HealthState(row["health"] or HealthState.OK),
        created_at=_time(row["created_at"]),
        delivery=row["delivery"],
        html_approved=bool(row["html_approved"]),
    )


_GOAL_WORDS = ("any", "base", "events")
_STATUSES = frozenset(status.value for status in Status)


def _json(value: Any, absent: Any) -> Any:
    if value is None:
        return absent
    return orjson.loads(value) if isinstance(value, str | bytes) else value


def _pairs(value: Any) -> tuple[Pair, ...]:
    return tuple(
        Pair(name=each["name"], value=each.get("value") or "", secret=bool(each.get("secret")))
        for each in _json(value, [])
    )


def _known(given: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    return {name: given[name] for name in names if given.get(name)}


def _seconds(value: str | float) -> float:
    return parse_duration(value) if isinstance(value, str) else float(value)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _time(value: str | datetime) -> datetime:
    """Read a time; SQLite keeps Django's as UTC text without a zone."""
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read


def _paused_at(row: Row) -> datetime | None:
    if row["status"] != "paused":
        return None
    return _time(row["paused_at"] or row["updated_at"])
