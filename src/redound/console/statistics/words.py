"""The words of figures, in the reader's language."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from redound.core.money import format_minor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

NOTHING: Final = "–"

GROUPS: Final[Mapping[str, _StrPromise]] = {
    "affiliate": gettext_lazy("Affiliate"),
    "offer": gettext_lazy("Offer"),
    "goal": gettext_lazy("Goal"),
    "campaign": gettext_lazy("Campaign"),
    "link": gettext_lazy("Link"),
    "country": gettext_lazy("Country"),
    "postback": gettext_lazy("Postback"),
}

KINDS: Final[Mapping[str, _StrPromise]] = {
    "redirect": gettext_lazy("The receiver redirects"),
    "body": gettext_lazy("The answer's text is not what is asked for"),
    "dns_not_found": gettext_lazy("The host name does not exist"),
    "dns_failed": gettext_lazy("The host name could not be looked up"),
    "connect": gettext_lazy("No connection"),
    "tls": gettext_lazy("The certificate is not accepted"),
    "timeout": gettext_lazy("No answer in time"),
    "reset": gettext_lazy("The receiver hung up"),
    "protocol": gettext_lazy("The answer is not HTTP"),
    "too_large": gettext_lazy("The answer is too large"),
    "refused": gettext_lazy("The address must not be called"),
    "template": gettext_lazy("The URL cannot be made"),
    "internal": gettext_lazy("An error of ours"),
}


def reason_in_words(error_kind: str, status: int | None) -> str:
    """Return why attempts failed: what the receiver answered, or what kept it from answering."""
    if error_kind in KINDS and error_kind not in {"body", "redirect"}:
        return str(KINDS[error_kind])
    if error_kind in KINDS:
        return f"{KINDS[error_kind]} ({status})" if status else str(KINDS[error_kind])
    if status:
        return _("The receiver answers %(status)d") % {"status": status}
    return error_kind or _("Unknown")


def group_in_words(group: str) -> str:
    """Return what figures are grouped by: "Affiliate", "sub3"."""
    return str(GROUPS.get(group, group))


def percent(part: float | None, digits: int = 1) -> str:
    """Return "97.5 %", "–" for None. It is cut, not rounded: not quite all is never said to be all."""
    if part is None:
        return NOTHING
    shown = int(part * 100 * 10**digits + 1e-9) / 10**digits
    return f"{number_format(shown, 0 if shown == int(shown) else digits)} %"


SEEN: Final = 0.005
"""The smallest change that is shown as one: below it is 0 %."""


def in_percent(change: float | None) -> str:
    """Return a change as "+12 %", "" when there is nothing to compare with."""
    if change is None:
        return ""
    return _("unchanged") if abs(change) < SEEN else f"{100 * change:+.0f} %"


def milliseconds(ms: int | None) -> str:
    """Return "1,250 ms", "–" for None."""
    return NOTHING if ms is None else _("%(ms)s ms") % {"ms": count(ms)}


def count(number: int) -> str:
    """Return a count in the reader's form."""
    return str(number_format(number, 0, force_grouping=True))


def amount(minor: int, currency: str) -> str:
    """Return an amount without its currency, in the reader's form."""
    text = format_minor(minor, currency)
    return str(number_format(Decimal(text), len(text.partition(".")[2]), force_grouping=True))
