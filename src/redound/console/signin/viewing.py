"""View as: a manager sees the portal of one affiliate. Beginning and end stand in the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from redound.console.accounts import audit
from redound.console.errors import NotFoundError
from redound.console.shell.page import VIEWING_AS, caller_of, page, viewed_affiliate

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.shell.page import PageRequest


@page
@require_POST
def start(request: PageRequest, affiliate_id: str) -> HttpResponse:
    """Look at the portal of this affiliate."""
    request.session[VIEWING_AS] = affiliate_id.replace("\x00", "")
    affiliate = viewed_affiliate(request)
    if affiliate is None:
        del request.session[VIEWING_AS]
        raise NotFoundError
    audit.record(request.caller, "view_as", affiliate, {}, {})
    return redirect("affiliate:overview")


@page
@require_POST
def end(request: PageRequest) -> HttpResponse:
    """Go back to one's own portal."""
    if request.viewing_as is not None:
        del request.session[VIEWING_AS]
        audit.record(caller_of(request.user), "view_as_end", request.viewing_as, {}, {})
    return redirect("/")
