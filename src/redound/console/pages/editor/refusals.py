"""Why a field cannot be saved, in the reader's language; in English in the words of the rule itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from redound.console.shell.forms import Faults, faults_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

    from redound.console.errors import Fault, InvalidError

WORDS: Final[Mapping[str, _StrPromise]] = {
    "empty": _("Choose at least one."),
    "/url empty": _("There is no URL yet."),
    "not_for_level": _("All offers are covered: choose nothing here."),
    "unknown_reference": _("Something that was chosen does not exist or is not yours."),
    "affiliate_required": _("Without an affiliate a postback is for offers or brands."),
    "click_needs_s2s": _("A click postback is sent from server to server."),
    "click_needs_offers": _("A click postback is for certain CPC offers: choose offers, campaigns or links."),
    "offer_not_cpc": _("One of these offers does not pay for clicks: choose conversions."),
    "goal_of_other_offer": _("One of the goals belongs to an offer that this postback is not for."),
    "pixels_switched_off": _("HTML in the browser is switched off here. Ask the operator."),
    "pixel_needs_own_origin": _("HTML in the browser needs a tracking address of its own. Ask the operator."),
    "not_for_pixels": _("This does not go with HTML in the browser."),
    "body_missing": _("Write the HTML."),
    "bad_duration": _("Write a number with s, m, h or d, for example 30m or 7d."),
    "too_long": _("This is too long."),
    "too_many": _("These are too many."),
    "no_value": _("A secret has no stored value yet. Give one."),
    "missing_scheme": _("The URL begins with https:// or http:// and a host."),
    "bad_scheme": _("Only http:// and https:// addresses are called."),
    "double_scheme": _("The scheme is written twice."),
    "missing_host": _("The URL names no host."),
    "bad_host": _("The host is not a valid name or address."),
    "ip_host": _("An IPv4 address is written as four plain decimal numbers."),
    "single_label_host": _("The host needs a full name such as tracker.example.com."),
    "trailing_dot_host": _("The host ends with a dot."),
    "private_host": _("This address belongs to a private network, so it is not called."),
    "bad_port": _("This port is not called."),
    "userinfo": _("A user name or password cannot stand in the URL; use the authentication below."),
    "stray_space": _("A URL cannot hold a blank; write %20."),
    "surrounding_space": _("Blank characters stand before or after the URL."),
    "backslash": _("A backslash does not belong in a URL."),
    "control_char": _("There is a control character in it."),
    "invisible_char": _("There is a character in it that cannot be seen."),
    "macro_in_host": _("A macro cannot stand in the host or port."),
    "macro_in_fragment": _("What follows # is never sent to a server."),
    "macro_not_visible": _("One of the macros is the manager's: an affiliate's postback cannot send it."),
    "macro_in_name": _("A parameter's name is sent as it is: macros stand in values only."),
    "unknown_macro": _("There is a macro in it that does not exist."),
    "unknown_modifier": _("There is a modifier in it that does not exist."),
    "bad_param_name": _("A parameter needs a name, in one line."),
    "duplicate_param": _("Each name may stand once."),
    "duplicate_header": _("There are two headers of this name."),
    "bad_signature_macro": _("{sig} stands in the URL of a signed GET request."),
    "body_not_sent": _("Only POST JSON sends a body."),
    "body_and_params": _("Give either parameters or a body: both would be the body."),
    "bad_json": _("The body is not valid JSON."),
    "bad_login": _("Give a login, without a colon."),
    "bad_password": _("The password cannot hold control characters."),
    "bad_token": _("Give the token, without blanks."),
    "changed_meanwhile": _(
        "It was changed by somebody else after you opened it. Open it again in another tab, compare, and "
        "repeat your change there."
    ),
}
UNFIT: Final = _("This cannot be used.")


def refusals(error: InvalidError) -> Faults:
    """Return what is wrong by field, for the reader."""
    found = faults_of(error)
    if (get_language() or "en").startswith("en"):
        return found
    told: dict[str, tuple[str, ...]] = {}
    for fault in error.faults:
        told[fault.pointer] = (*told.get(fault.pointer, ()), _say(fault))
    return Faults({pointer: tuple(dict.fromkeys(sentences)) for pointer, sentences in told.items()})


def _say(fault: Fault) -> str:
    """The rules' sentences are in English; what the editor says itself is translated already."""
    words = WORDS.get(f"{fault.pointer} {fault.code}") or WORDS.get(fault.code)
    if words is not None:
        return str(words)
    return fault.detail if fault.code in {"missing", "bad_number"} else str(UNFIT)
