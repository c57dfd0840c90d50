"""Language and theme, chosen on any page, before sign-in too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponseRedirect
from django.views.decorators.http import require_POST

from redound.console.accounts.models import Theme, User
from redound.console.signin.paths import own_path

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

THEME_COOKIE = "theme"
"""Read by the page before its first paint, and written by its switch, so it is no secret of HTTP."""
YEAR_SECONDS = 365 * 24 * 3600


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep a choice: in a cookie, and with the person once they are signed in. Leads back to `next`."""
    back = request.POST.get("next", "")
    response = HttpResponseRedirect(back if own_path(back) else "/")
    user: Any = request.user if request.user.is_authenticated else None
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    if language in dict(settings.LANGUAGES):
        keep_language(response, language)
        if user is not None:
            User.objects.filter(pk=user.pk).update(language=language)
    if theme in Theme.values:
        keep_theme(response, theme)
        if user is not None:
            User.objects.filter(pk=user.pk).update(theme=theme)
    return response


def bring_along(response: HttpResponse, user: User) -> None:
    """Let this browser show pages as the person chose in another; what they left open stays as it is here."""
    if user.theme != Theme.AUTO:
        keep_theme(response, user.theme)
    if user.language:
        keep_language(response, user.language)


def keep_language(response: HttpResponse, language: str) -> None:
    """Let the browser show pages in this language, before sign-in too."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def keep_theme(response: HttpResponse, theme: str) -> None:
    """Let the first paint be right; "auto" leaves it to the device."""
    response.set_cookie(
        THEME_COOKIE,
        theme,
        max_age=YEAR_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
