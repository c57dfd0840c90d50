"""The API itself: its routers put together, its document (OpenAPI 3.1) and the pages that show it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import orjson
from ninja import Swagger
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from ninja.security import HttpBearer

from redound.console.accounts import permissions
from redound.console.api import (
    activity,
    advertisers,
    affiliates,
    api_keys,
    attempts,
    audit,
    backfill,
    bins,
    brands,
    campaigns,
    checklist,
    clicks,
    conversion_changes,
    conversions,
    deliveries,
    delivery_retries,
    diagnostics,
    drafts,
    gallery,
    goals,
    imports,
    incidents,
    links,
    notification_channels,
    notifications,
    offers,
    players,
    postbacks,
    preview,
    problems,
    report_actions,
    reports,
    reward_plans,
    statistics,
    tester,
    trace,
)
from redound.console.api.document import DocumentedApi
from redound.console.api.requests import ApiRequest, noun_of, verb_of
from redound.console.errors import Fault, InvalidError

if TYPE_CHECKING:
    from django.http import HttpRequest

    from redound.console.accounts.callers import Caller

DESCRIPTION = """Everything that the portals can do. Lists are newest first and go on by cursor; edits are
PATCH, with ETag and If-Match; POST takes an Idempotency-Key for 24 hours; errors are problem documents
(RFC 9457) that name each field. Times are RFC 3339 in UTC, money is a decimal string and a currency."""


class ApiKeyAuth(HttpBearer):
    """An API key. The gate has recognised it; here its role and scopes are checked for every route."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """Return who asks; None leads to 401, ForbiddenError to 403."""
        del token
        ours = cast("ApiRequest", request)
        if ours.refusal is not None:
            return None
        permissions.check(ours.caller, noun_of(request.path), verb_of(request.method))
        return ours.caller


class StrictParser(Parser):
    """JSON as RFC 8259 has it, without the NUL characters that PostgreSQL cannot store."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body's value."""
        body = orjson.loads(request.body)
        each_alone = request.path.endswith("/reports")  # a batch, in which one bad report harms no other
        if b"\\u0000" in request.body and not each_alone and _has_nul(body):
            raise InvalidError([Fault("", "nul_character", "The body holds a NUL character. Take it out.")])
        return body


def _has_nul(value: object) -> bool:
    match value:
        case str():
            return "\x00" in value
        case dict():
            return any(_has_nul(part) for pair in value.items() for part in pair)
        case list():
            return any(map(_has_nul, value))
        case _:
            return False


class JsonRenderer(BaseRenderer):
    """Values to JSON."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """Return the body."""
        del request, response_status
        return orjson.dumps(data)


_RESOURCES = (
    *(
        advertisers,
        brands,
        offers,
        goals,
        affiliates,
        campaigns,
        links,
        drafts,
        postbacks,
        clicks,
        report_actions,
        reports,
        conversion_changes,
        conversions,
    ),
    *(delivery_retries, deliveries, attempts, incidents, notifications, api_keys, audit),
    *(trace, preview, diagnostics, gallery),
    *(reward_plans, players, activity, imports, statistics),
    *(tester, backfill, checklist, bins, notification_channels),
)


def make_api() -> DocumentedApi:
    """Return the API with all its routes."""
    api = DocumentedApi(
        title="Redound",
        version="1",
        description=DESCRIPTION,
        auth=ApiKeyAuth(),
        parser=StrictParser(),
        renderer=JsonRenderer(),
        docs=Swagger(settings={"validatorUrl": None}),
        urls_namespace="api",
    )
    for module in _RESOURCES:
        api.add_router("", module.router)
    problems.install(api)
    return api


api = make_api()


def openapi() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document, as plain values."""
    schema: dict[str, Any] = json.loads(
        json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str)
    )
    return schema
