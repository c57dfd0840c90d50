"""Postbacks as the API shows them: their rule and template without secrets, and how their receiver does."""

from collections.abc import Mapping, Sequence
from typing import Any

from redound.console.accounts.callers import Caller
from redound.console.catalog.shapes import HiddenValue
from redound.console.forms import Instant, Shape
from redound.console.postbacks.models import Postback
from redound.console.render import hidden, maybe_moment, maybe_moment_ms, moment
from redound.console.traffic.models import PostbackHealth


class PairShape(Shape):
    """A parameter or header. A secret's `value` is null."""

    name: str
    value: str | None
    secret: bool
    has_value: bool


class AuthShape(Shape):
    """How the receiver knows us. `password` and `token` are null; `has_value` says whether one is stored."""

    type: str
    login: str | None
    password: None
    token: None
    name: str | None
    has_value: bool


class SuccessShape(Shape):
    """What makes a 2xx answer a success beyond its status."""

    body_contains: str | None
    body_not_contains: str | None


class PostbackShape(Shape):
    """A rule and a template. `state` is active, paused (by hand), failing or disabled (by its failures).

    `html_approved`: a manager has approved what the visitor's browser is to be shown; every change of `body`
    withdraws that. `signing_secret` has a value once, in the answer to the request that switched signing on.
    """

    id: str
    name: str
    affiliate_id: str | None
    enabled: bool
    event: str
    goals: str | list[str]
    statuses: list[str]
    status_mode: str
    level: str
    include: list[str]
    exclude_offers: list[str]
    payout_above_zero: bool
    max_age_seconds: int | None
    delay_seconds: int
    delivery: str
    html_approved: bool
    method: str
    url: str
    params: list[PairShape]
    headers: list[PairShape]
    body: str | None
    auth: AuthShape
    success: SuccessShape
    max_attempts: int | None
    retry_schedule: list[str] | None
    strict_disable: bool
    sign: bool
    signing_secret: HiddenValue
    state: str
    disabled_at: Instant | None
    disabled_reason: str | None
    failed_attempts: int
    last_success_at: Instant | None
    archived_at: Instant | None
    created_at: Instant
    updated_at: Instant


_AS_STORED = (
    *(
        "id",
        "name",
        "affiliate_id",
        "enabled",
        "event",
        "goals",
        "statuses",
        "status_mode",
        "level",
        "include",
    ),
    *("exclude_offers", "payout_above_zero", "max_age_seconds", "delay_seconds", "delivery", "html_approved"),
    *("method", "url"),
    *("max_attempts", "retry_schedule", "strict_disable", "sign"),
)


def postbacks(rows: Sequence[Postback], caller: Caller) -> list[dict[str, Any]]:
    """Return the PostbackShape's values of a page; one query for the health of all."""
    del caller
    health = {
        found.postback_id: found for found in PostbackHealth.objects.filter(pk__in=[row.pk for row in rows])
    }
    return [_postback(row, health.get(row.pk)) for row in rows]


def postback(row: Postback, caller: Caller) -> dict[str, Any]:
    """Return the PostbackShape's values of one."""
    return postbacks([row], caller)[0]


def _postback(row: Postback, health: PostbackHealth | None) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _AS_STORED},
        "params": [_pair(pair) for pair in row.params],
        "headers": [_pair(pair) for pair in row.headers],
        "body": row.body or None,
        "auth": _auth(row.auth),
        "success": {name: row.success.get(name) for name in ("body_contains", "body_not_contains")},
        "signing_secret": hidden(row.signing_secret if row.sign else ""),
        "state": _state(row, health),
        "disabled_at": maybe_moment_ms(health.disabled_at) if health else None,
        "disabled_reason": (health.disabled_reason or None) if health else None,
        "failed_attempts": health.failed_attempts if health else 0,
        "last_success_at": maybe_moment_ms(health.last_success_at) if health else None,
        "archived_at": maybe_moment(row.archived_at),
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


def _state(row: Postback, health: PostbackHealth | None) -> str:
    if health is not None and health.state == "disabled":
        return "disabled"
    if not row.enabled or row.archived_at is not None:
        return "paused"
    return "failing" if health is not None and health.state == "failing" else "active"


def _pair(pair: Mapping[str, Any]) -> dict[str, Any]:
    secret = bool(pair.get("secret"))
    return {
        "name": pair["name"],
        "value": None if secret else pair["value"],
        "secret": secret,
        "has_value": bool(pair["value"]),
    }


def _auth(auth: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": auth.get("type", "none"),
        "login": auth.get("login"),
        "password": None,
        "token": None,
        "name": auth.get("name"),
        "has_value": bool(auth.get("password") or auth.get("token")),
    }
