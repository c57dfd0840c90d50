"""Filling a postback from a form: its rule, its request, its secrets; then everything that must hold."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from redound.console import runtime, sealing
from redound.console.catalog import visibility
from redound.console.catalog.promotions import with_suggestions
from redound.console.errors import Fault
from redound.console.postbacks.scope import scope_faults
from redound.console.writing import copy, is_new, refer
from redound.core import signing
from redound.core.catalog import (
    Auth,
    Event,
    HealthState,
    Level,
    Method,
    Pair,
    StatusMode,
    Success,
)
from redound.core.catalog import (
    Postback as CorePostback,
)
from redound.core.requests import validate_postback
from redound.core.states import Status
from redound.settings import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redound.console.accounts.callers import Caller
    from redound.console.postbacks.forms import AuthForm, PairForm, PostbackNew
    from redound.console.postbacks.models import Postback

_NEEDS = {"none": "", "basic": "password", "bearer": "token", "header": "token"}
_SEALED_STANDS_FOR = "kept"
"""What a stored secret is checked as: it was checked when it was new, and is not opened for this."""


def fill_postback(row: Postback, form: PostbackNew, caller: Caller) -> Iterator[Fault]:
    """Fill the given fields, then check the whole: a rule that was fine may not go with a new level."""
    showed = (row.delivery, row.body)
    yield from _fill_affiliate(row, form, caller)
    copy(row, form, "name", "enabled", "event", "goals", "status_mode", "level", "payout_above_zero")
    copy(row, form, "max_age_seconds", "delay_seconds", "delivery", "method", "url", "max_attempts")
    copy(row, form, "strict_disable", "sign", "retry_schedule")
    for name in ("statuses", "include", "exclude_offers"):
        if name in form.given:
            setattr(row, name, list(dict.fromkeys(getattr(form, name))))
    if "body" in form.given:
        row.body = form.body or ""
    if "success" in form.given:
        given = form.success.model_dump() if form.success is not None else {}
        row.success = {name: text for name, text in given.items() if text}
    clear: dict[str, str] = {}
    for noun in ("params", "headers"):
        if noun in form.given:
            yield from _fill_pairs(row, noun, getattr(form, noun), clear)
    if "auth" in form.given:
        _fill_auth(row, form.auth, clear)
    if row.sign and not row.signing_secret:
        secret = signing.new_secret(secrets.token_bytes(signing.SECRET_BYTES))
        row.signing_secret = sealing.seal("postbacks", row.id, "signing_secret", secret)
    if (row.delivery, row.body) != showed:
        row.html_approved = False
        if row.delivery == "html":
            yield from _pixel_faults()
    yield from _schedule_faults(row)
    yield from scope_faults(row, caller)
    yield from _request_faults(row, clear)


def _fill_affiliate(row: Postback, form: PostbackNew, caller: Caller) -> Iterator[Fault]:
    if is_new(row) and caller.affiliate_id is not None and form.affiliate_id is None:
        if "affiliate_id" in form.model_fields_set:
            yield Fault(
                "/affiliate_id", "managers_only", "Only managers may have a postback without affiliate."
            )
        row.affiliate_id = caller.affiliate_id
        return
    yield from refer(row, form, "affiliate_id", visibility.affiliates(caller), fixed=True)


def _fill_pairs(
    row: Postback, noun: str, forms: Sequence[PairForm], clear: dict[str, str]
) -> Iterator[Fault]:
    """Take over parameters or headers. `clear` gets the new secrets as they were typed, to be checked."""
    kept = {pair["name"]: pair["value"] for pair in getattr(row, noun) if pair.get("secret")}
    pairs: list[dict[str, Any]] = []
    for position, form in enumerate(forms):
        field = f"{noun}.{form.name}"
        secret = form.secret or (form.value is None and form.name in kept)
        if not secret:
            pairs.append({"name": form.name, "value": form.value or ""})
        elif form.value is not None:
            clear[field] = form.value
            sealed = sealing.seal("postbacks", row.id, field, form.value)
            pairs.append({"name": form.name, "value": sealed, "secret": True})
        elif form.name in kept:
            pairs.append({"name": form.name, "value": kept[form.name], "secret": True})
        else:
            yield Fault(
                f"/{noun}/{position}/value", "no_value", f"{form.name} has no stored value yet. Give one."
            )
    setattr(row, noun, pairs)


def _fill_auth(row: Postback, form: AuthForm | None, clear: dict[str, str]) -> None:
    """Take over the authentication; its secret is kept while the type stays and none is given."""
    if form is None or form.type == "none":
        row.auth = {}
        return
    before: dict[str, str] = row.auth if row.auth.get("type") == form.type else {}
    auth: dict[str, str] = {"type": form.type}
    for name in ("login", "name"):
        value = getattr(form, name) if name in form.model_fields_set else before.get(name)
        if value:
            auth[name] = value
    secret = _NEEDS[form.type]
    value = getattr(form, secret)
    if value:
        clear[f"auth.{secret}"] = value
        auth[secret] = sealing.seal("postbacks", row.id, f"auth.{secret}", value)
    elif before.get(secret):
        auth[secret] = before[secret]
    row.auth = auth


def _schedule_faults(row: Postback) -> Iterator[Fault]:
    for position, text in enumerate(row.retry_schedule or ()):
        try:
            seconds = parse_duration(text)
        except ValueError as error:
            yield Fault(f"/retry_schedule/{position}", "bad_duration", f"retry_schedule: {error}.")
            continue
        if seconds > _LONGEST_WAIT_SECONDS:
            yield Fault(f"/retry_schedule/{position}", "too_long", "retry_schedule: wait 7 days at most.")


_LONGEST_WAIT_SECONDS = 7 * 24 * 3600


def _pixel_faults() -> Iterator[Fault]:
    """A pixel runs in visitors' browsers, so it must not run in the console's origin."""
    ours = runtime.settings()
    if not ours.html_pixels:
        yield Fault(
            "/delivery",
            "pixels_switched_off",
            "HTML pixels are switched off here. The operator allows them with REDOUND_HTML_PIXELS=1.",
        )
    elif not ours.pixel_host:
        yield Fault(
            "/delivery",
            "pixel_needs_own_origin",
            "HTML pixels need a tracking address of their own: set REDOUND_TRACKING_URL to another host.",
        )


def _request_faults(row: Postback, clear: dict[str, str]) -> Iterator[Fault]:
    allowed = runtime.settings().allow_networks
    for problem in validate_postback(to_check(row, clear), allowed):
        yield Fault(problem.pointer, problem.code, with_suggestions(problem.message, problem.suggestions))


def to_check(row: Postback, clear: dict[str, str]) -> CorePostback:
    """Return the postback as the core has it: new secrets in the clear, stored ones as a stand-in."""

    def pairs(noun: str) -> tuple[Pair, ...]:
        return tuple(
            Pair(
                pair["name"],
                clear.get(f"{noun}.{pair['name']}", _SEALED_STANDS_FOR)
                if pair.get("secret")
                else pair["value"],
                secret=bool(pair.get("secret")),
            )
            for pair in getattr(row, noun)
        )

    auth = {
        name: clear.get(f"auth.{name}", _SEALED_STANDS_FOR) if name in {"password", "token"} else value
        for name, value in row.auth.items()
    }
    return CorePostback(
        id=row.id,
        name=row.name,
        affiliate_id=row.affiliate_id,
        enabled=row.enabled,
        event=Event(row.event),
        goals=row.goals if isinstance(row.goals, str) else frozenset(row.goals),
        statuses=frozenset(map(Status, row.statuses)),
        status_mode=StatusMode(row.status_mode),
        level=Level(row.level),
        include=frozenset(row.include),
        exclude_offers=frozenset(row.exclude_offers),
        payout_above_zero=row.payout_above_zero,
        max_age_seconds=row.max_age_seconds,
        delay_seconds=row.delay_seconds,
        method=Method(row.method),
        url=row.url,
        params=pairs("params"),
        headers=pairs("headers"),
        body=row.body,
        auth=Auth(**auth),
        success=Success(**row.success),
        max_attempts=row.max_attempts,
        retry_schedule=None,
        strict_disable=row.strict_disable,
        sign=row.sign,
        signing_secret=_SEALED_STANDS_FOR if row.sign else "",
        health=HealthState.OK,
        created_at=row.created_at or timezone.now(),
        delivery=row.delivery,
    )
