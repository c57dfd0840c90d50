"""API keys: made, shown once, revoked. An affiliate keeps their own; managers theirs and all affiliates'."""

from django.db import transaction
from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console.api.reading import listed
from redound.console.api.requests import ApiRequest
from redound.console.paging import Page
from redound.console.records.api_keys import (
    ApiKeyFilters,
    ApiKeyNew,
    ApiKeyShape,
    NewApiKeyShape,
    api_keys,
    create,
    revoke,
    shape,
)
from redound.console.render import Values

router = Router(tags=["api-keys"])


@router.get("/api-keys", response=Page[ApiKeyShape])
def list_api_keys(request: ApiRequest, filters: Query[ApiKeyFilters]) -> Values:
    """List API keys, newest first."""
    return listed(api_keys, request, filters)


@router.get("/api-keys/{row_id}", response=ApiKeyShape)
def get_api_key(request: ApiRequest, row_id: Path[str]) -> Values:
    """Get an API key, without its text."""
    return api_keys.one(request.caller, row_id)


@router.post("/api-keys", response={201: NewApiKeyShape})
def create_api_key(request: ApiRequest, form: ApiKeyNew, response: HttpResponse) -> Status[Values]:
    """Create a key: for an affiliate, or without `affiliate_id` for oneself. It may do no more than yours."""
    key, raw = create(form, request.caller)
    response["Location"] = f"{request.path}/{key.id}"
    return Status(201, {**shape(key, request.caller), "key": raw})


@router.delete("/api-keys/{row_id}", response={204: None})
def revoke_api_key(request: ApiRequest, row_id: Path[str]) -> Status[None]:
    """Revoke a key: from now on it is refused."""
    with transaction.atomic():
        revoke(api_keys.find(request.caller, row_id), request.caller)
    return Status(204, None)
