"""Who may watch what: the answer to a stream that asks on behalf of its reader.

A stream is opened outside Django (`redound.live`), which asks for the same address here with the reader's
cookies. So whatever keeps a page from somebody keeps the stream from them: session, portal, "view as".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from redound.console.errors import ForbiddenError, NotFoundError
from redound.console.live.rows import MANAGERS, NOUNS
from redound.console.shell.page import PageRequest, page

if TYPE_CHECKING:
    from redound.console.accounts.callers import Caller


@require_GET
@page
def scope(request: PageRequest, noun: str) -> HttpResponse:
    """Answer `{"user": …, "audience": …}`; `audience` is an affiliate's ID or "" for the managers."""
    if noun not in NOUNS:
        raise NotFoundError
    caller = request.caller
    if not _may_watch(caller, noun):
        raise ForbiddenError("not_yours_to_watch", "This cannot be watched from here.")
    return JsonResponse({"user": caller.user_id, "audience": caller.affiliate_id or MANAGERS})


def _may_watch(caller: Caller, noun: str) -> bool:
    if noun == "reports":
        return caller.manages
    return noun == "notifications" or caller.postbacks_enabled
