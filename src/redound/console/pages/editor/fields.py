"""What stands in the editor's fields, as text: read from a stored postback or from what was typed.

Whatever is wrong with it, it is shown again as it was typed. Secrets are never in here once they are stored:
a blank field then means the one that is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from redound.console.render import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.http import QueryDict

    from redound.console.postbacks.models import Postback

LEVELS: Final = ("affiliate", "brand", "offer", "campaign", "link")
STATUSES: Final = ("pending", "hold", "approved", "rejected", "refunded")
MAX_ROWS: Final = 60
"""Rows of parameters, and of headers, that one form may send."""
_ID = re.compile(r"[a-z]{3}_[0-9a-f]{28}")
_SLUG = re.compile(r"[a-z0-9_-]{1,60}")
_ROW = re.compile(r"(params|headers)-(\d{1,3})-name")
_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class PairField:
    """A parameter or header; `kept`: a secret that is stored, whose value a blank leaves as it is."""

    name: str = ""
    value: str = ""
    secret: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """The editor's fields. `include` leads from a level to what is chosen of it; durations are texts."""

    name: str = ""
    affiliate_id: str = ""
    event: str = "conversion"
    goals: str = "any"
    goal_ids: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ("approved",)
    status_mode: str = "each"
    level: str = "affiliate"
    include: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude_offers: tuple[str, ...] = ()
    payout_above_zero: bool = False
    max_age: str = ""
    delay: str = ""
    delivery: str = "s2s"
    method: str = "GET"
    url: str = ""
    params: tuple[PairField, ...] = ()
    headers: tuple[PairField, ...] = ()
    body: str = ""
    html: str = ""
    auth_type: str = "none"
    auth_login: str = ""
    auth_name: str = ""
    auth_secret: str = ""
    auth_kept: str = ""
    contains: str = ""
    not_contains: str = ""
    max_attempts: str = ""
    retry_schedule: str = ""
    strict_disable: bool = False
    sign: bool = False
    tracker: str = ""
    blanks: Mapping[str, str] = field(default_factory=dict)
    version: str = ""

    @property
    def included(self) -> tuple[str, ...]:
        """What is chosen of the level that counts."""
        return self.include.get(self.level, ())

    def with_url(self, url: str) -> Fields:
        """Return the same with another URL."""
        return replace(self, url=url)


def of_row(row: Postback) -> Fields:
    """Return the fields of a stored postback."""
    listed = isinstance(row.goals, list)
    html = row.delivery == "html"
    return Fields(
        name=row.name,
        affiliate_id=row.affiliate_id or "",
        event=row.event,
        goals="list" if listed else row.goals,
        goal_ids=tuple(row.goals) if listed else (),
        statuses=tuple(row.statuses),
        status_mode=row.status_mode,
        level=row.level,
        include={row.level: tuple(row.include)},
        exclude_offers=tuple(row.exclude_offers),
        payout_above_zero=row.payout_above_zero,
        max_age=duration(row.max_age_seconds),
        delay=duration(row.delay_seconds or None),
        delivery=row.delivery,
        method=row.method,
        url=row.url,
        params=tuple(map(_pair, row.params)),
        headers=tuple(map(_pair, row.headers)),
        body="" if html else row.body,
        html=row.body if html else "",
        auth_type=row.auth.get("type", "none"),
        auth_login=row.auth.get("login", ""),
        auth_name=row.auth.get("name", ""),
        auth_kept=row.auth.get("type", "") if row.auth.get("password") or row.auth.get("token") else "",
        contains=row.success.get("body_contains", ""),
        not_contains=row.success.get("body_not_contains", ""),
        max_attempts=str(row.max_attempts or ""),
        retry_schedule=", ".join(row.retry_schedule or ()),
        strict_disable=row.strict_disable,
        sign=row.sign,
        version=moment(row.updated_at),
    )


def _pair(pair: Mapping[str, object]) -> PairField:
    secret = bool(pair.get("secret"))
    return PairField(str(pair["name"]), "" if secret else str(pair["value"]), secret, kept=secret)


def typed(data: QueryDict, row: Postback | None) -> Fields:
    """Return the fields as a form sent them; `row` is the stored postback whose secrets are kept."""
    return Fields(
        name=_text(data, "name").strip(),
        affiliate_id=one_id(data, "affiliate_id"),
        tracker=slug(_text(data, "tracker")),
        blanks={name[6:]: str(value).strip() for name, value in data.items() if name.startswith("blank.")},
        version=_text(data, "version"),
        **_rule(data),
        **_request(data, row),
    )


def _rule(data: QueryDict) -> dict[str, Any]:
    """Return the fields that say when it fires."""
    return {
        "event": _one(data, "event", ("conversion", "click")),
        "goals": _one(data, "goals", ("any", "base", "events", "list")),
        "goal_ids": ids_of(data, "goal_ids"),
        "statuses": tuple(each for each in data.getlist("statuses") if each in STATUSES),
        "status_mode": _one(data, "status_mode", ("each", "once", "all")),
        "level": _one(data, "level", LEVELS),
        "include": {level: ids_of(data, f"include.{level}") for level in LEVELS},
        "exclude_offers": ids_of(data, "exclude_offers"),
        "payout_above_zero": "payout_above_zero" in data,
        "max_age": _text(data, "max_age").strip(),
        "delay": _text(data, "delay").strip(),
    }


def _request(data: QueryDict, row: Postback | None) -> dict[str, Any]:
    """Return the fields that say what is sent, and how often it is tried."""
    return {
        "delivery": _one(data, "delivery", ("s2s", "html")),
        "method": _one(data, "method", ("GET", "POST_FORM", "POST_JSON")),
        "url": _text(data, "url").strip("\r\n"),
        "params": _pairs(data, "params", row.params if row else ()),
        "headers": _pairs(data, "headers", row.headers if row else ()),
        "body": _text(data, "body").replace("\r\n", "\n"),
        "html": _text(data, "html").replace("\r\n", "\n"),
        "auth_type": _one(data, "auth_type", ("none", "basic", "bearer", "header")),
        "auth_login": _text(data, "auth_login"),
        "auth_name": _text(data, "auth_name").strip(),
        "auth_secret": _text(data, "auth_secret"),
        "auth_kept": of_row(row).auth_kept if row else "",
        "contains": _text(data, "body_contains"),
        "not_contains": _text(data, "body_not_contains"),
        "max_attempts": _text(data, "max_attempts").strip(),
        "retry_schedule": _text(data, "retry_schedule").strip(),
        "strict_disable": "strict_disable" in data,
        "sign": "sign" in data,
    }


def _text(data: QueryDict, name: str) -> str:
    return str(data.get(name, ""))


def _one(data: QueryDict, name: str, among: Sequence[str]) -> str:
    """Return what was chosen, the first where that is none of them."""
    found = _text(data, name)
    return found if found in among else among[0]


def one_id(data: QueryDict, name: str) -> str:
    """Return the ID in a field, "" for what can be none: no database is asked for that."""
    found = str(data.get(name, ""))
    return found if _ID.fullmatch(found) else ""


def slug(text: str) -> str:
    """Return the name of a tracker, "" for what can be none."""
    return text if _SLUG.fullmatch(text) else ""


def ids_of(data: QueryDict, name: str) -> tuple[str, ...]:
    """Return the IDs in a field that repeats."""
    return tuple(each for each in data.getlist(name) if _ID.fullmatch(str(each)))


def _pairs(data: QueryDict, noun: str, stored: Iterable[Mapping[str, object]]) -> tuple[PairField, ...]:
    """Return the rows that hold anything, in their order."""
    secrets = {str(pair["name"]) for pair in stored if pair.get("secret")}
    numbers = sorted(int(found[2]) for key in data if (found := _ROW.fullmatch(key)) and found[1] == noun)
    rows = []
    for number in numbers[:MAX_ROWS]:
        name = str(data.get(f"{noun}-{number}-name", "")).strip()
        value = str(data.get(f"{noun}-{number}-value", ""))
        if name or value:
            kept = name in secrets
            secret = f"{noun}-{number}-secret" in data or (kept and not value)
            rows.append(PairField(name, value, secret=secret, kept=kept))
    return tuple(rows)


def duration(seconds: int | None) -> str:
    """Return "1h" for 3600 seconds, in the largest unit that fits without a rest; "" for None."""
    if seconds is None:
        return ""
    for unit, letter in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m"), (_SECOND, "s")):
        if seconds and seconds % unit == 0:
            return f"{seconds // unit}{letter}"
    return "0s"
