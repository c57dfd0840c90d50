"""Django's own refusals in the pages' look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.translation import gettext as _

from redound.console.shell.page import error_page

if TYPE_CHECKING:
    from django.http import HttpRequest


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    del exception
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    del exception
    return error_page(request, 403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that does not come from a page of ours, or from one that is too old."""
    del reason
    return error_page(
        request, 403, _("This form has expired or did not come from here. Reload the page and send it again.")
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    del exception
    return error_page(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    """500: as little as can be, for what is broken may be what the page needs."""
    del request
    return HttpResponse(
        "<!doctype html><title>Redound</title><h1>Something went wrong here.</h1>"
        "<p>It has been logged. <a href='/'>Back to the start</a></p>",
        status=500,
    )
