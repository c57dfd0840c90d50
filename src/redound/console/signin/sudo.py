"""Sudo: for secrets, keys, second factors and people a person shows again that it is them.

    @page
    @sudo_required
    def new_key(request: PageRequest) -> HttpResponse: ...

Valid for 15 minutes after signing in or after giving password or code again. A form that was sent too late
waits sealed in the session and is taken up after the password.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.core.exceptions import ReauthenticationRequired
from django.urls import reverse

from redound.console.signin import paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from redound.console.shell.page import PageRequest

P = ParamSpec("P")


def sudo_required(
    view: Callable[Concatenate[PageRequest, P], HttpResponse],
) -> Callable[Concatenate[PageRequest, P], HttpResponse]:
    """Return the view for those who have shown lately that it is them; the others are asked first."""

    @wraps(view)
    def guarded(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if has_sudo(request):
            return view(request, *args, **kwargs)
        if request.headers.get("HX-Request") == "true":
            return paths.lead_whole_page(request, reverse("account_reauthenticate"))
        raise ReauthenticationRequired  # allauth's middleware asks, and takes the request up again

    return guarded


def has_sudo(request: HttpRequest) -> bool:
    """Whether the person has shown within the last 15 minutes that it is them."""
    return bool(did_recently_reauthenticate(request))
