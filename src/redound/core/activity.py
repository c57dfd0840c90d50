"""Activity as it comes in by API or file: read, checked, and compared with what is known by the same ID."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from redound.core.judging import MAX_AMOUNT_MINOR
from redound.core.money import BadAmount, Money, parse_amount, read_currency
from redound.core.players import FactKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_TEXT: Final = 200
FIELDS: Final = ("advertiser_id", "customer_id", "kind", "at", "amount", "currency", "external_id")
"""What a fact consists of, all of it text, as in the API and as the columns of a file may be called."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
_FUTURE_MS: Final = 86_400_000


class ActivityVerdict(StrEnum):
    """What was made of one fact. UPDATED: the same ID was stated differently before."""

    ACCEPTED = "accepted"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Activity:
    """A fact about a customer, fit to be stored. `source` is "api" or "csv", `by` its sender. Times in ms."""

    id: str
    advertiser_id: str
    customer_id: str
    kind: FactKind
    at: int
    amount: Money
    external_id: str
    source: str
    by: str
    received_at: int


@dataclass(frozen=True, slots=True)
class ActivityProblem:
    """What is wrong with one field, with what would be right."""

    field: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored under the same advertiser, kind and external ID."""

    id: str
    customer_id: str
    at: int
    amount: Money


def read_activity(
    given: Mapping[str, str], *, new_id: str, source: str, by: str, now_ms: int
) -> Activity | list[ActivityProblem]:
    """Read the FIELDS of one fact; all problems are found at once. That the advertiser exists is not asked.

    `at` is RFC 3339 with an offset, or a day (then its beginning in UTC). Amounts are plain decimals, zero
    or above but for net revenue, which may be negative.
    """
    text = {name: (given.get(name) or "").strip() for name in FIELDS}
    problems = list(_text_problems(text))
    kind = FactKind(text["kind"]) if text["kind"] in set(FactKind) else None
    if kind is None and text["kind"]:
        kinds = ", ".join(FactKind)
        problems.append(ActivityProblem("kind", "unknown_kind", f"{text['kind']!r} is none of {kinds}."))
    at = _moment(text["at"]) if text["at"] else 0
    if at is None:
        problems.append(
            ActivityProblem(
                "at", "bad_time", f"{text['at']!r} is no time. Write 2026-11-20 or 2026-11-20T12:00:00Z."
            )
        )
    elif at > now_ms + _FUTURE_MS:
        problems.append(ActivityProblem("at", "bad_time", f"{text['at']!r} lies in the future."))
    amount = _amount(text["amount"], text["currency"], kind) if text["amount"] and text["currency"] else None
    if isinstance(amount, ActivityProblem):
        problems.append(amount)
    if problems or kind is None or at is None or not isinstance(amount, Money):
        return problems
    return Activity(
        new_id,
        text["advertiser_id"],
        text["customer_id"],
        kind,
        at,
        amount,
        text["external_id"],
        source,
        by,
        now_ms,
    )


def _text_problems(text: Mapping[str, str]) -> Iterator[ActivityProblem]:
    for name, value in text.items():
        if not value:
            yield ActivityProblem(name, "missing", f"{name} is required.")
        elif len(value) > MAX_TEXT or _UNPRINTABLE.search(value):
            yield ActivityProblem(
                name,
                "bad_text",
                f"{name} must have at most {MAX_TEXT} characters, none of them a control one.",
            )


def _moment(text: str) -> int | None:
    try:
        if _DAY.fullmatch(text):
            read = datetime.combine(date.fromisoformat(text), time(), UTC)
        else:
            read = datetime.fromisoformat(text)
            if read.tzinfo is None:
                return None
        at = int(read.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
    return at if at >= 0 else None


def _amount(text: str, currency_text: str, kind: FactKind | None) -> Money | ActivityProblem:
    currency = read_currency(currency_text)
    if currency is None:
        return ActivityProblem(
            "currency", "bad_currency", f"{currency_text!r} is not a currency of ISO 4217. Write EUR or USD."
        )
    negative = kind is FactKind.NET_REVENUE and text.startswith("-")
    amount = parse_amount(text[1:] if negative else text, currency)
    if isinstance(amount, BadAmount):
        return ActivityProblem("amount", "bad_amount", f"amount: {amount.sentence}")
    if amount.minor > MAX_AMOUNT_MINOR:
        return ActivityProblem("amount", "bad_amount", f"amount: {text!r} is too large an amount.")
    return Money(-amount.minor, currency) if negative else amount


def judge_activity(fact: Activity, known: Known | None) -> ActivityVerdict | ActivityProblem:
    """Compare a fact with what is known under its ID: new, the same, restated, or somebody else's."""
    if known is None:
        return ActivityVerdict.ACCEPTED
    if known.customer_id != fact.customer_id:
        return ActivityProblem(
            "external_id",
            "external_id_taken",
            f"external_id: {fact.external_id!r} is a {fact.kind.value} of another customer. Use an ID once.",
        )
    same = (known.at, known.amount) == (fact.at, fact.amount)
    return ActivityVerdict.DUPLICATE if same else ActivityVerdict.UPDATED
