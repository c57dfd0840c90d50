"""From the editor's fields to the postback's form: what cannot be read is a fault beside its field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from redound.console.errors import Fault, InvalidError
from redound.console.postbacks.forms import PostbackEdit, PostbackNew
from redound.console.shell.forms import read
from redound.settings import parse_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.console.pages.editor.fields import Fields, PairField

_SECRET_OF = {"basic": "password", "bearer": "token", "header": "token"}


def form_of(fields: Fields, *, new: bool, manages: bool, enabled: bool | None = None) -> PostbackNew:
    """Return the form that these fields fill; InvalidError with a fault for each that cannot be read.

    `enabled` None leaves that as it is.
    """
    values, faults = _values(fields, new=new, manages=manages)
    if enabled is not None:
        values["enabled"] = enabled
    form: type[PostbackNew] = PostbackNew if new else PostbackEdit
    try:
        found = read(form, values)
    except InvalidError as error:
        told = {fault.pointer for fault in faults}
        raise InvalidError([*faults, *(each for each in error.faults if each.pointer not in told)]) from None
    if faults:
        raise InvalidError(faults)
    return found


def draft_of(fields: Fields, *, new: bool, manages: bool) -> PostbackNew | None:
    """Return the form of what can be read already, for a preview; None while too little of it can."""
    values, _faults = _values(fields, new=new, manages=manages)
    values["name"] = values.get("name") or "…"
    try:
        return read(PostbackNew if new else PostbackEdit, values)
    except InvalidError:
        return None


def _values(fields: Fields, *, new: bool, manages: bool) -> tuple[dict[str, Any], list[Fault]]:
    faults: list[Fault] = []
    if not fields.name:
        faults.append(Fault("/name", "missing", _("Give it a name that you will recognise in lists.")))
    values: dict[str, Any] = {
        "name": fields.name,
        "event": fields.event,
        "goals": list(fields.goal_ids) if fields.goals == "list" else fields.goals,
        "statuses": list(fields.statuses),
        "status_mode": fields.status_mode,
        "level": fields.level,
        "include": list(fields.included),
        "exclude_offers": list(fields.exclude_offers),
        "payout_above_zero": fields.payout_above_zero,
        "max_age_seconds": _seconds(fields.max_age, "/max_age_seconds", faults),
        "delay_seconds": _seconds(fields.delay, "/delay_seconds", faults) or 0,
        "delivery": fields.delivery,
        "max_attempts": _number(fields.max_attempts, faults),
        "retry_schedule": _parts(fields.retry_schedule),
        "strict_disable": fields.strict_disable,
    }
    if new and manages:
        values["affiliate_id"] = fields.affiliate_id or None
    values |= _shown(fields) if fields.delivery == "html" else _sent(fields)
    return values, faults


def _shown(fields: Fields) -> dict[str, Any]:
    """Nothing of ours is requested: the HTML is all there is."""
    nothing: dict[str, Any] = {"params": [], "headers": [], "auth": None, "sign": False, "success": None}
    return {**nothing, "url": "", "method": "GET", "body": fields.html}


def _sent(fields: Fields) -> dict[str, Any]:
    return {
        "method": fields.method,
        "url": fields.url,
        "params": _pairs(fields.params),
        "headers": _pairs(fields.headers),
        "body": fields.body or None if fields.method == "POST_JSON" else None,
        "auth": _auth(fields),
        "success": {
            "body_contains": fields.contains or None,
            "body_not_contains": fields.not_contains or None,
        },
        "sign": fields.sign,
    }


def _pairs(pairs: Sequence[PairField]) -> list[dict[str, Any]]:
    return [
        {
            "name": pair.name,
            "value": None if pair.kept and pair.secret and not pair.value else pair.value,
            "secret": pair.secret,
        }
        for pair in pairs
    ]


def _auth(fields: Fields) -> dict[str, Any]:
    auth: dict[str, Any] = {"type": fields.auth_type}
    if fields.auth_type == "basic":
        auth["login"] = fields.auth_login
    if fields.auth_type == "header":
        auth["name"] = fields.auth_name
    if fields.auth_type != "none" and fields.auth_secret:
        auth[_SECRET_OF[fields.auth_type]] = fields.auth_secret
    return auth


def _seconds(text: str, pointer: str, faults: list[Fault]) -> int | None:
    if not text:
        return None
    try:
        return round(parse_duration(text if not text.isdigit() else f"{text}s"))
    except ValueError:
        sentence = _("Write a number with s, m, h or d, for example 30m or 7d.")
        faults.append(Fault(pointer, "bad_duration", sentence))
        return None


def _number(text: str, faults: list[Fault]) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= len("1000"):
        return int(text)
    faults.append(Fault("/max_attempts", "bad_number", _("Write a whole number.")))
    return None


def _parts(text: str) -> list[str] | None:
    return [part.strip() for part in text.split(",") if part.strip()] or None
