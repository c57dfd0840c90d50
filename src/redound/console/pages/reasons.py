"""Why a postback fired or not, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

REASONS: Final[Mapping[str, _StrPromise]] = {
    "fires": _("Fired"),
    "parked_disabled": _("Fired, but waits: the postback is disabled"),
    "postback_off": _("The postback is switched off"),
    "postbacks_not_enabled": _("Postbacks are not enabled for the affiliate"),
    "event_differs": _("It fires on another event"),
    "shown_in_browser": _("It is shown in browsers, not sent"),
    "goal_not_listed": _("Its goals do not include this one"),
    "status_not_listed": _("Its statuses do not include this one"),
    "statuses_missing": _("It waits until every listed status was reached"),
    "already_fired": _("It has fired for this conversion already"),
    "out_of_scope": _("The conversion lies outside of its scope"),
    "offer_excluded": _("The offer is excluded"),
    "more_specific_won": _("A more specific postback won"),
    "payout_zero": _("The payout is zero"),
    "too_old": _("The click was too long ago"),
    "click_not_valid": _("The click is not valid"),
}
"""The words of `core.matching.Reason`."""


def in_words(reason: str) -> str:
    """Return a reason in words; one that is not known here as it is."""
    return str(REASONS.get(reason, reason.replace("_", " ")))
