"""How often somebody may guess a password, without letting strangers lock people out.

Failures are counted for the address on the network it is tried from (5 in 5 minutes), for that network
(20 in 5 minutes), and for the address wherever it is tried from (100 an hour). The last would let many
machines together lock a person out, so a browser in which that person has signed in before (OWASP: device
cookies) is counted by itself, and not with strangers.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

APP = "allauth.account"
BY_NETWORK, EVERYWHERE = "login_failed", "login_failed_everywhere"
COOKIE = "__Host-devices" if settings.SESSION_COOKIE_SECURE else "redound_devices"
SALT = "signin.devices"
COOKIE_AGE = 180 * 24 * 3600
MAX_DEVICES = 5
"""How many people may share a browser before the first of them is a stranger to it again."""


def consume(request: HttpRequest, address: str) -> Any:
    """Count one try; return what a success takes back (`rollback()`), None when there were too many."""
    known = devices(request).get(_mark(address))
    key = f"device|{known}" if known else f"{address}|{ratelimit.get_ip(request)}"
    used = ratelimit.consume(request, app=APP, action=BY_NETWORK, key=key)
    if used is None or known:
        return used
    everywhere = ratelimit.consume(request, app=APP, action=EVERYWHERE, key=address)
    if everywhere is None:
        return None
    used.usage.extend(everywhere.usage)
    return used


def forgive(request: HttpRequest, address: str) -> None:
    """Forget the failures of an address: its password was set anew."""
    ratelimit.clear(request, app=APP, action=EVERYWHERE, key=address)


def devices(request: HttpRequest) -> dict[str, str]:
    """Return who signed in from this browser before: `{mark of the address: the device's random name}`."""
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_AGE)
    except signing.BadSignature:
        return {}
    return dict(found)


def remember_device(request: HttpRequest, response: HttpResponse, address: str) -> None:
    """Let the browser show next time that this person signed in from it."""
    known = devices(request)
    mark = _mark(address)
    name = known.pop(mark, "") or secrets.token_urlsafe(12)
    kept = dict([*known.items(), (mark, name)][-MAX_DEVICES:])
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _mark(address: str) -> str:
    return salted_hmac(SALT, address.lower()).hexdigest()[:16]
