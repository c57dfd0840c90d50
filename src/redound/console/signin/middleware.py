"""What every request of a person passes: their session's age, their language and zone, their second factor.

Requests to the API carry keys instead of sessions and pass untouched.
"""

from __future__ import annotations

import time
import zoneinfo
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from redound.console.shell.page import error_page
from redound.console.signin import paths, second_factors, visits

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from redound.console.accounts.models import User

    Next = Callable[[HttpRequest], HttpResponseBase]

API = "/api/v1/"
STREAMS = ("/live/", "/manage/live/")
"""A stream asks again and again whether it may go on; that is no use that somebody makes of the session."""
HAS_SECOND_FACTOR = "has_second_factor"
"""The session's key that saves asking the database at each request."""
WAYS_TO_A_SECOND_FACTOR = (
    *("/accounts/2fa/", "/accounts/reauthenticate/", "/accounts/logout/", "/accounts/login/"),
    *("/accounts/password/reset/", "/preferences/", "/static/"),
)


def signed_in(request: HttpRequest) -> User | None:
    """Return the person of the request's session, if it has one."""
    if request.path.startswith(API) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    user: Any = request.user
    return cast("User", user) if user.is_authenticated else None


class SessionAges:
    """Ends a session that was idle too long, or has lasted its whole time.

    A part of a page that is asked for without a session leads the whole page to sign in.
    """

    def __init__(self, get_response: Next) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if signed_in(request) is not None:
            now = time.time()
            if visits.is_over(request.session, now):
                logout(request)
            elif not request.path.startswith(STREAMS):
                visits.touch(request, now)
        response = self._get_response(request)
        if request.headers.get("HX-Request") == "true" and _leads_to_sign_in(response):
            return paths.lead_whole_page(request, settings.LOGIN_URL)
        return response


class Preferences:
    """Turns on the person's language and time zone; before sign-in the cookie's or the browser's."""

    def __init__(self, get_response: Next) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if request.path.startswith(API):
            return self._get_response(request)
        user = signed_in(request)
        chosen = user.language if user is not None else ""
        language = (
            chosen if chosen in dict(settings.LANGUAGES) else translation.get_language_from_request(request)
        )
        with translation.override(language), timezone.override(_zone(user.time_zone if user else "")):
            request.LANGUAGE_CODE = language
            response = self._get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", language)
        return response


class Readable:
    """Refuses an address with a NUL character: no page has one, and PostgreSQL cannot be asked for it."""

    def __init__(self, get_response: Next) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        strange = "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "")
        if strange and not request.path.startswith(API):
            return error_page(request, 400)
        return self._get_response(request)


class TwoFactor:
    """Leads who must have a second factor, and has none, to set it up before anything else."""

    def __init__(self, get_response: Next) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        user = signed_in(request)
        if user is None or request.path.startswith(WAYS_TO_A_SECOND_FACTOR) or not self._lacks(request, user):
            return self._get_response(request)
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("mfa_activate_totp")})
        return redirect("mfa_activate_totp")

    @staticmethod
    def _lacks(request: HttpRequest, user: User) -> bool:
        if not second_factors.required_of(user) or request.session.get(HAS_SECOND_FACTOR):
            return False
        if second_factors.has_one(user):
            request.session[HAS_SECOND_FACTOR] = True
            return False
        return True


def _leads_to_sign_in(response: HttpResponseBase) -> bool:
    return response.status_code == HTTPStatus.FOUND and response.get("Location", "").startswith(
        settings.LOGIN_URL
    )


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)
