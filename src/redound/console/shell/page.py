"""What every page goes through: who asks, in which portal, and what becomes of what goes wrong.

    @page
    def deliveries(request: PageRequest) -> HttpResponse: ...

A stranger is led to sign in; an affiliate gets no page of the managers' portal; a manager who looks at the
affiliates' portal does so as one affiliate ("view as", kept in the session) or is led to their own.
"""

from __future__ import annotations

import json
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from redound.console.accounts.callers import Caller
from redound.console.accounts.models import User
from redound.console.errors import ConsoleError, ForbiddenError, InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase
    from django_htmx.middleware import HtmxDetails

P = ParamSpec("P")
Portal = Literal["affiliate", "manager"]
VIEWING_AS = "viewing_as"
"""The session's key that holds the affiliate whose portal a manager looks at."""
ERROR_HEADER = "HX-Trigger"


class PageRequest(HttpRequest):
    """A request by somebody who is signed in.

    `viewing_as` is the affiliate, `{id, name}`, whose portal a manager looks at, else None.
    """

    caller: Caller
    portal: Portal
    htmx: HtmxDetails
    viewing_as: Any
    user: User


def page(
    view: Callable[Concatenate[PageRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Return the view for those who may see it."""

    @wraps(view)
    def seen(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        ours = cast("PageRequest", request)
        ours.portal = portal_of(request)
        try:
            elsewhere = _enter(ours)
            if elsewhere is not None:
                return elsewhere
            response = view(ours, *args, **kwargs)
        except ConsoleError as error:
            return refused(ours, error)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return seen


def portal_of(request: HttpRequest) -> Portal:
    """Return the portal that the address belongs to; pages of neither are shown in the person's own."""
    spaces = _spaces(request)
    if "manager" in spaces:
        return "manager"
    if "affiliate" in spaces:
        return "affiliate"
    user = request.user
    manages = isinstance(user, User) and user.manages and VIEWING_AS not in request.session
    return "manager" if manages else "affiliate"


def _spaces(request: HttpRequest) -> list[str]:
    """Return the namespaces of the address.

    A form that waited for a password is taken up inside of the request that brought the password, so what
    was resolved for that one says nothing; the address is by then the form's own.
    """
    match = request.resolver_match
    if match is not None and match.namespaces:
        return list(match.namespaces)
    try:
        return list(resolve(request.path_info).namespaces)
    except Resolver404:
        return []


def _enter(request: PageRequest) -> HttpResponse | None:
    """Find out on whose behalf the page is shown; a response leads elsewhere."""
    user = request.user
    request.viewing_as = None
    if request.portal == "manager":
        if not user.manages:
            raise ForbiddenError("managers_only", _("This page is for managers."))
        request.caller = caller_of(user)
        return None
    if not user.manages:
        request.caller = caller_of(user)
        return None
    request.viewing_as = viewed_affiliate(request)
    if request.viewing_as is None:
        return redirect("manager:overview")
    request.caller = Caller(
        by=f"user {user.name} viewing as {request.viewing_as.name}",
        affiliate_id=request.viewing_as.pk,
        user_id=user.pk,
        postbacks_enabled=request.viewing_as.postbacks_enabled,
    )
    return None


def viewed_affiliate(request: HttpRequest) -> Any:
    """Return the affiliate that a manager views as, None without one or when it is gone."""
    wanted = request.session.get(VIEWING_AS)
    if wanted is None:
        return None
    affiliates: Any = User._meta.get_field("affiliate").related_model
    return affiliates.objects.filter(pk=wanted).first()


def caller_of(user: User) -> Caller:
    """Return on whose behalf a signed-in person acts."""
    affiliate = user.affiliate
    return Caller(
        by=f"user {user.name}",
        affiliate_id=affiliate.pk if affiliate is not None else None,
        user_id=user.pk,
        postbacks_enabled=affiliate is None or affiliate.postbacks_enabled,
    )


def here(request: HttpRequest, name: str, *args: object) -> str:
    """Return the address of a page in the portal that the request is in."""
    return reverse(f"{portal_of(request)}:{name}", args=args)


def exists(portal: Portal, name: str) -> bool:
    """Whether the portal has this page (it needs no arguments)."""
    try:
        reverse(f"{portal}:{name}")
    except NoReverseMatch:
        return False
    return True


def refused(request: HttpRequest, error: ConsoleError) -> HttpResponse:
    """Return what is shown instead: a toast beside the page when htmx asked, else a page of its own."""
    if isinstance(error, InvalidError) or getattr(request, "htmx", False):
        response = HttpResponse(error.detail, status=error.status, content_type="text/plain; charset=utf-8")
        response[ERROR_HEADER] = toast(error.detail, "bad")
    else:
        response = error_page(request, error.status, error.detail)
    if error.retry_after_seconds is not None:
        response["Retry-After"] = str(error.retry_after_seconds)
    response["Cache-Control"] = "no-store"
    return response


def error_page(request: HttpRequest, status: int, detail: str = "") -> HttpResponse:
    """Return the page that says what went wrong and where to go on."""
    words = detail or _WHY.get(status, HTTPStatus(status).phrase)
    return render(request, "shell/error.html", {"status": status, "detail": words}, status=status)


_WHY = {
    400: gettext_lazy("The request cannot be read."),
    403: gettext_lazy("You may not do this here."),
    404: gettext_lazy("There is nothing here under this address."),
}


def toast(text: str, kind: Literal["ok", "bad"] = "ok") -> str:
    """Return the value of `HX-Trigger` that shows a few words at the edge of the page."""
    return json.dumps({"toast": {"text": text, "kind": kind}})
