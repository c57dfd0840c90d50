"""The checks that a report goes through, in their order, and at which one it stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from django.utils.translation import gettext_lazy as _

from redound.core.reports import Verdict

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Result = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what holds when it is passed, what does not when it fails, and the verdicts that say so."""

    passed: str | _StrPromise
    failed: str | _StrPromise
    verdicts: frozenset[Verdict]


CHECKS: Final = (
    Check(_("The request can be read"), _("The request cannot be read"), frozenset({Verdict.MALFORMED})),
    Check(
        _("Its click is known"),
        _("No click could be found for it"),
        frozenset(
            {
                Verdict.MISSING_CLICK_ID,
                Verdict.UNREPLACED_MACRO,
                Verdict.MALFORMED_CLICK_ID,
                Verdict.WRONG_SLOT,
                Verdict.CLICK_NOT_FOUND,
            }
        ),
    ),
    Check(
        _("The advertiser has shown who they are"),
        _("The token is missing or wrong"),
        frozenset({Verdict.BAD_TOKEN}),
    ),
    Check(
        _("The address is one of the advertiser's"),
        _("The address is not on the advertiser's list"),
        frozenset({Verdict.IP_NOT_ALLOWED}),
    ),
    Check(
        _("Offer and affiliate were active when the click was made"),
        _("The offer or the affiliate was paused before the click"),
        frozenset({Verdict.OFFER_INACTIVE, Verdict.AFFILIATE_INACTIVE}),
    ),
    Check(
        _("The click is young enough"),
        _("The click is older than the offer's window"),
        frozenset({Verdict.CLICK_EXPIRED}),
    ),
    Check(_("The goal is known"), _("The offer has no such goal"), frozenset({Verdict.UNKNOWN_GOAL})),
    Check(_("The status is known"), _("The status word is not known"), frozenset({Verdict.UNKNOWN_STATUS})),
    Check(
        _("The money can be read"),
        _("The amount or its currency cannot be read"),
        frozenset({Verdict.BAD_AMOUNT, Verdict.BAD_CURRENCY}),
    ),
    Check(
        _("It says something new"),
        _("It was reported before"),
        frozenset({Verdict.DUPLICATE, Verdict.IGNORED_STATUS}),
    ),
)
"""In the order in which they are made (a rule of the product)."""


def checked(verdict: str) -> list[tuple[Result, str]]:
    """Return each check with its result and words; after the one that failed none was made."""
    if verdict == Verdict.INTERNAL_ERROR:
        return []
    stopped = next((number for number, each in enumerate(CHECKS) if verdict in each.verdicts), len(CHECKS))
    results: list[tuple[Result, str]] = []
    for number, each in enumerate(CHECKS):
        if number < stopped:
            results.append(("passed", str(each.passed)))
        elif number == stopped:
            results.append(("failed", str(each.failed)))
        else:
            results.append(("skipped", str(each.passed)))
    return results


WORDS: Final[dict[str, str | _StrPromise]] = {
    Verdict.ACCEPTED: _("Accepted"),
    Verdict.UPDATED: _("Updated"),
    Verdict.DUPLICATE: _("Duplicate"),
    Verdict.IGNORED_STATUS: _("Nothing new"),
    Verdict.TEST: _("Test"),
    Verdict.MISSING_CLICK_ID: _("No click ID"),
    Verdict.UNREPLACED_MACRO: _("Macro not replaced"),
    Verdict.MALFORMED_CLICK_ID: _("Not a click ID"),
    Verdict.CLICK_NOT_FOUND: _("Click not found"),
    Verdict.CLICK_EXPIRED: _("Click too old"),
    Verdict.WRONG_SLOT: _("Wrong parameter"),
    Verdict.UNKNOWN_GOAL: _("Unknown goal"),
    Verdict.UNKNOWN_STATUS: _("Unknown status"),
    Verdict.BAD_AMOUNT: _("Bad amount"),
    Verdict.BAD_CURRENCY: _("Bad currency"),
    Verdict.MALFORMED: _("Not readable"),
    Verdict.BAD_TOKEN: _("Bad token"),
    Verdict.IP_NOT_ALLOWED: _("Address not allowed"),
    Verdict.OFFER_INACTIVE: _("Offer paused"),
    Verdict.AFFILIATE_INACTIVE: _("Affiliate paused"),
    Verdict.INTERNAL_ERROR: _("Our fault"),
}
_LOOKS: Final = {"accepted": "approved", "updated": "approved", "test": "test"}
_REPEATS: Final = frozenset({"duplicate", "ignored_status"})


def words_of(verdict: str) -> str:
    """Return a verdict in the reader's language."""
    return str(WORDS.get(verdict, verdict))


def look_of(verdict: str) -> str:
    """Return the tag's class for a verdict: good, a repeat, or refused."""
    return _LOOKS.get(verdict) or ("pending" if verdict in _REPEATS else "failed")
