"""Problem documents (RFC 9457): every error of the API in one form, with what would be right."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError

from redound.console.api.requests import NOT_AUTHENTICATED
from redound.console.errors import (
    ConflictError,
    ConsoleError,
    Fault,
    InvalidError,
    NotAuthenticatedError,
    NotFoundError,
    UnavailableError,
)
from redound.logs import log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ninja import NinjaAPI

MEDIA_TYPE = "application/problem+json"
_SENTENCES = {
    "missing": "is required.",
    "extra_forbidden": "is not a field of this resource. Leave it out.",
    "string_type": "must be a text.",
    "string_too_short": "must not be empty.",
    "bool_type": "must be true or false.",
    "int_type": "must be a whole number.",
    "list_type": "must be a list.",
    "dict_type": "must be an object.",
    "json_invalid": "is not JSON.",
}


def problem(
    request: HttpRequest,
    status: int,
    code: str,
    detail: str,
    *,
    title: str = "",
    faults: Sequence[Fault] = (),
    retry_after_seconds: int | None = None,
) -> HttpResponse:
    """Return one problem document. `errors` names the fields by JSON Pointer, query parameters by name."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [_error(fault) for fault in faults],
        "request_id": getattr(request, "request_id", ""),
    }
    response = HttpResponse(orjson.dumps(document), status=status, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    if retry_after_seconds is not None:
        response["Retry-After"] = str(retry_after_seconds)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="redound"'
    return response


def _error(fault: Fault) -> dict[str, str]:
    place = {"parameter": fault.pointer[1:]} if fault.pointer.startswith("?") else {"pointer": fault.pointer}
    return {**place, "code": fault.code, "detail": fault.detail}


def of_console(request: HttpRequest, error: ConsoleError) -> HttpResponse:
    """Return the problem document of an error of ours."""
    return problem(
        request,
        error.status,
        error.code,
        error.detail,
        title=error.title,
        faults=error.faults,
        retry_after_seconds=error.retry_after_seconds,
    )


def of_exception(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the problem document of any exception; what nobody expected is logged and says nothing."""
    known = _expected(request, error)
    if known is not None:
        return of_console(request, known)
    if isinstance(error, DisallowedHost):
        detail = "This address is not served here. Set REDOUND_BASE_URL to the one that people use."
        return problem(request, 400, "host_not_served", detail)
    if isinstance(error, RequestDataTooBig):
        return problem(request, 413, "too_large", "The body is too large.")
    if isinstance(error, HttpError):
        return problem(request, error.status_code, "bad_request", f"{error.message}. Send one JSON object.")
    log.error("api.failed", request_id=getattr(request, "request_id", ""), exc_info=error)
    return problem(request, 500, "internal_error", "Something went wrong here. The request ID names it.")


def _expected(request: HttpRequest, error: Exception) -> ConsoleError | None:
    """Return the error of ours that an exception stands for, None when it stands for none."""
    found: ConsoleError | None = None
    match error:
        case ConsoleError():
            found = error
        case AuthenticationError():
            refusal = getattr(request, "refusal", None)
            found = refusal if isinstance(refusal, NotAuthenticatedError) else NOT_AUTHENTICATED
        case ValidationError():
            found = InvalidError([_fault(each) for each in error.errors])
        case Http404():
            found = NotFoundError()
        case HttpError(__cause__=ConsoleError() as cause):
            found = cause
        case DataError():
            log.warning("api.value_refused_by_database", error=str(error))
            found = InvalidError([Fault("", "bad_value", "A value is outside of what can be stored.")])
        case IntegrityError():
            found = ConflictError(
                "conflict", "Somebody else has just stored what excludes this. Read it again."
            )
        case OperationalError():
            log.warning("api.database_unavailable", error=str(error))
            detail = "The database cannot take this at the moment."
            found = UnavailableError("database_unavailable", detail, retry_after_seconds=1)
    return found


def _fault(error: dict[str, Any]) -> Fault:
    """Return one of pydantic's errors in our words."""
    place, *path = error["loc"]
    path = [part for part in path[1:] if not _is_branch(part)]
    kind = str(error["type"])
    name = str(path[-1]) if path else str(error["loc"][-1])
    sentence = _SENTENCES.get(kind) or f"cannot be used: {error['msg'].removeprefix('Value error, ')}."
    pointer = (
        f"?{error['loc'][-1]}"
        if place == "query"
        else "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
    )
    return Fault(pointer, _CODES.get(kind, kind), f"{name} {sentence}")


_CODES = {"missing": "missing", "extra_forbidden": "unknown_field"}


def _is_branch(part: object) -> bool:
    """Whether a piece of a location names a branch of a union or a constraint, not a field."""
    return isinstance(part, str) and ("[" in part or part in {"str", "int", "float", "bool", "KeptToken"})


def install(api: NinjaAPI) -> None:
    """Make the API answer every exception with a problem document."""
    for kind in (Exception, Http404, HttpError, AuthenticationError, ValidationError, ConsoleError):
        api.add_exception_handler(kind, of_exception)  # type: ignore[arg-type]  # it is given exceptions only
