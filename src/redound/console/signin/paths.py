"""Where people are led: to addresses of ours alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from redound.console import runtime

if TYPE_CHECKING:
    from django.http import HttpRequest


def home(user: Any) -> str:
    """Return the start of a person's portal."""
    return reverse("manager:overview") if user.manages else reverse("affiliate:overview")


def profile(user: Any) -> str:
    """Return a person's own profile."""
    return reverse("manager:profile") if user.manages else reverse("affiliate:profile")


def own_path(url: str) -> bool:
    """Whether it is a path on this host: no scheme, no host, nothing that a browser would take for one."""
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


def lead_whole_page(request: HttpRequest, url: str) -> HttpResponse:
    """Let htmx load another page instead of a part, which leads back to the page that asked."""
    address = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = f"{address.path}?{address.query}" if address.query else address.path
    asked = urlencode({"next": back if own_path(back) else "/"})
    return HttpResponse(status=204, headers={"HX-Redirect": f"{url}?{asked}"})


def reset_link(user_id: str, token: str) -> str:
    """Return the link with which the holder of a token sets a new password.

    Under the configured address, whatever host the request named.
    """
    return runtime.settings().base_url + reverse("account_reset_password_from_key", args=(user_id, token))


def invitation_link(token: str) -> str:
    """Return the link with which the holder of a token makes their account."""
    return runtime.settings().base_url + reverse("invitation-open", args=(token,))
