"""Reports: what an advertiser claims, and the verdicts that can be given on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Verdict(StrEnum):
    """What was made of a report."""

    ACCEPTED = "accepted"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    IGNORED_STATUS = "ignored_status"
    TEST = "test"
    MISSING_CLICK_ID = "missing_click_id"
    UNREPLACED_MACRO = "unreplaced_macro"
    MALFORMED_CLICK_ID = "malformed_click_id"
    CLICK_NOT_FOUND = "click_not_found"
    CLICK_EXPIRED = "click_expired"
    WRONG_SLOT = "wrong_slot"
    UNKNOWN_GOAL = "unknown_goal"
    UNKNOWN_STATUS = "unknown_status"
    BAD_AMOUNT = "bad_amount"
    BAD_CURRENCY = "bad_currency"
    MALFORMED = "malformed"
    BAD_TOKEN = "bad_token"  # noqa: S105 - a verdict's name
    IP_NOT_ALLOWED = "ip_not_allowed"
    OFFER_INACTIVE = "offer_inactive"
    AFFILIATE_INACTIVE = "affiliate_inactive"
    INTERNAL_ERROR = "internal_error"


HTTP_STATUSES: Final[Mapping[Verdict, int]] = {
    Verdict.ACCEPTED: 200,
    Verdict.UPDATED: 200,
    Verdict.DUPLICATE: 200,
    Verdict.IGNORED_STATUS: 200,
    Verdict.TEST: 200,
    Verdict.MISSING_CLICK_ID: 400,
    Verdict.UNREPLACED_MACRO: 400,
    Verdict.MALFORMED_CLICK_ID: 400,
    Verdict.CLICK_NOT_FOUND: 404,
    Verdict.CLICK_EXPIRED: 404,
    Verdict.WRONG_SLOT: 400,
    Verdict.UNKNOWN_GOAL: 400,
    Verdict.UNKNOWN_STATUS: 400,
    Verdict.BAD_AMOUNT: 400,
    Verdict.BAD_CURRENCY: 400,
    Verdict.MALFORMED: 400,
    Verdict.BAD_TOKEN: 401,
    Verdict.IP_NOT_ALLOWED: 403,
    Verdict.OFFER_INACTIVE: 403,
    Verdict.AFFILIATE_INACTIVE: 403,
    Verdict.INTERNAL_ERROR: 500,
}
"""What each verdict answers with over HTTP. A report that cannot be stored at all has no verdict: 503."""


def http_status(verdict: Verdict) -> int:
    """Return the HTTP status of the answer to a report with this verdict."""
    return HTTP_STATUSES[verdict]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a report says, after its parameter names were mapped to ours. Empty string: not given.

    `test` is never read from a request: only the testers of the portals and the API set it.
    """

    click_id: str = ""
    goal: str = ""
    status: str = ""
    amount: str = ""
    currency: str = ""
    txid: str = ""
    customer_id: str = ""
    adv_subs: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    test: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A verdict that creates nothing, with the sentence a person reads.

    `conversion_id` names the conversion that a duplicate or ignored status is about.
    """

    verdict: Verdict
    detail: str
    conversion_id: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A report on its way in: the raw request (secrets masked), and the claim or refusal it was read as.

    `shows`: a browser made it, and is shown the HTML of the postbacks that it fires.
    """

    report_id: str
    received_at: int
    method: str
    raw_query: str
    raw_body: str
    content_type: str
    ip: str
    claim: Claim
    refusal: Refusal | None = None
    shows: bool = False
