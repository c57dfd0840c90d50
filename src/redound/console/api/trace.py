"""Trace: the whole story of a click, and the likely cause when something is missing."""

from typing import Annotated

from django.http import HttpResponse
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header
from ninja import Query, Router
from pydantic import Field, StringConstraints

from redound.console.accounts.models import User
from redound.console.api.requests import ApiRequest
from redound.console.records.trace import TraceShape, trace
from redound.console.render import Values
from redound.console.tracing.resolving import MAX_TEXT
from redound.core.trace.causes import LANGUAGES, Language

router = Router(tags=["trace"])


def language_of(request: ApiRequest) -> Language:
    """Return the language asked for: that of Accept-Language, else the user's own, else English."""
    for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code == "*":
            break
        try:
            return _known(get_supported_language_variant(code))
        except LookupError:
            continue
    user_id = request.caller.user_id
    own = User.objects.filter(pk=user_id).values_list("language", flat=True).first() if user_id else ""
    return _known(own or "")


def _known(code: str) -> Language:
    return next((language for language in LANGUAGES if code.partition("-")[0] == language), "en")


Asking = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT),
    Field(description="a click ID, sub value, txid, or the ID of a conversion, delivery, report or attempt"),
]


@router.get("/trace", response=TraceShape, by_alias=True)
def get_trace(request: ApiRequest, response: HttpResponse, q: Query[Asking]) -> Values:
    """Trace a click ID, sub value, txid or an ID of the traffic: the click's story and the likely cause."""
    language = language_of(request)
    response["Content-Language"] = language
    response["Vary"] = "Accept-Language"
    return trace(q, request.caller, language)
