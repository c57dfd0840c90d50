"""What every request to the API passes first: a request ID, the key, the throttle, repeats.

On the way back, errors that never reached an endpoint become problem documents.
"""

from __future__ import annotations

import re
import time
import uuid
from typing import TYPE_CHECKING, cast

from redound.console import throttle
from redound.console.accounts import keys
from redound.console.api import problems, repeats
from redound.console.api.requests import NOT_AUTHENTICATED, PREFIX, ApiRequest
from redound.console.errors import ConsoleError
from redound.logs import Ration, log

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,100}")
_WAITS = re.compile(r"conversions/status|imports|postbacks/[^/]+/test")
_FIRST_ERROR = 400
_ration = Ration()
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 500: "internal_error"}
_DETAILS = {
    400: "The request cannot be read.",
    404: "There is nothing here under this address.",
    405: "This method is not offered here; see the Allow header.",
    500: "Something went wrong here. The request ID names it.",
}


class ApiGate:
    """Django middleware that concerns itself with the API's paths only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if not request.path.startswith(PREFIX):
            return self._get_response(request)
        ours = cast("ApiRequest", request)
        wanted = request.headers.get("X-Request-ID", "")
        ours.upload = None
        ours.request_id = wanted if _REQUEST_ID.fullmatch(wanted) else uuid.uuid4().hex
        began = time.perf_counter()
        try:
            response = self._answer(ours)
        except Exception as error:  # noqa: BLE001 - the last resort: a 500 problem and a logged trace
            response = problems.of_exception(request, error)
        response["X-Request-ID"] = ours.request_id
        response.headers.setdefault("Cache-Control", "no-store")
        if _ration.allows():
            _tell(ours, response.status_code, began)
        return response

    def _answer(self, request: ApiRequest) -> HttpResponseBase:
        request.get_host()
        _identify(request)
        if request.refusal is None:
            throttle.requests.take(request.caller.key_id)
            if request.method == "POST" and "Idempotency-Key" in request.headers:
                waits = _WAITS.fullmatch(request.path.removeprefix(PREFIX)) is not None
                return repeats.answer(request, self._plain, waits=waits)
        return self._plain(request)

    def _plain(self, request: ApiRequest) -> HttpResponseBase:
        response = self._get_response(request)
        kind = response.get("Content-Type", "")
        if response.status_code < _FIRST_ERROR or "json" in kind:
            return response
        status = response.status_code
        document = problems.problem(
            request,
            status,
            _CODES.get(status, "bad_request"),
            _DETAILS.get(status, "The request cannot be answered."),
        )
        if "Allow" in response:
            document["Allow"] = response["Allow"]
        return document


def _tell(request: ApiRequest, status: int, began: float) -> None:
    caller = getattr(request, "caller", None)
    log.info(
        "api.answered",
        request_id=request.request_id,
        method=request.method,
        path=request.path,
        status=status,
        key_id=caller.key_id if caller is not None else "",
        affiliate_id=(caller.affiliate_id or "") if caller is not None else "",
        duration_ms=int((time.perf_counter() - began) * 1000),
        held_back=_ration.take_held_back(),
    )


def _identify(request: ApiRequest) -> None:
    scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
    request.refusal = None
    if scheme.lower() != "bearer" or not raw.strip():
        request.refusal = NOT_AUTHENTICATED
        return
    try:
        request.caller = keys.recognise(raw.strip())
    except ConsoleError as error:
        request.refusal = error
