"""API keys: made, shown once, recognised by their digest, and who they act for."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import OperationalError
from django.db.models import Q
from django.utils import timezone

from redound.console import runtime
from redound.console.accounts.callers import Caller
from redound.console.accounts.models import ApiKey
from redound.console.errors import NotAuthenticatedError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from redound.console.accounts.models import User
    from redound.console.catalog.models import Affiliate

PREFIX = "rdk_"
SECRET_BYTES = 32
HINT_LENGTH = 10
LAST_USED_GRAIN = timedelta(minutes=1)


def issue_key(
    name: str,
    *,
    user: User | None = None,
    affiliate: Affiliate | None = None,
    scopes: Collection[str] = ("write",),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Store a new key and return it with its text, which cannot be had again."""
    raw = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    key = ApiKey.objects.create(
        name=name,
        digest=runtime.vault().api_key_digest(raw),
        hint=raw[:HINT_LENGTH],
        user=user,
        affiliate=affiliate,
        scopes=sorted(scopes),
        expires_at=expires_at,
    )
    return key, raw


def recognise(raw: str) -> Caller:
    """Return whom a key acts for; NotAuthenticatedError when it is unknown, expired or revoked."""
    found = (
        ApiKey.objects.select_related("user", "user__affiliate", "affiliate")
        .filter(digest__in=runtime.vault().api_key_digests(raw))
        .first()
    )
    if found is None:
        raise NotAuthenticatedError(
            "unknown_key", "This API key is not known here. Check that it was copied whole."
        )
    now = timezone.now()
    if found.revoked_at is not None:
        raise NotAuthenticatedError("key_revoked", "This API key was revoked. Create a new one.")
    if found.expires_at is not None and found.expires_at <= now:
        raise NotAuthenticatedError("key_expired", "This API key has expired. Create a new one.")
    if found.user is not None and not found.user.is_active:
        raise NotAuthenticatedError("user_inactive", "The user of this API key is switched off.")
    _note_use(found, now)
    return _caller(found)


def _caller(key: ApiKey) -> Caller:
    affiliate = key.affiliate
    if affiliate is None and key.user is not None:
        affiliate = key.user.affiliate
    return Caller(
        by=f"key {key.name} ({key.hint}…)",
        affiliate_id=affiliate.id if affiliate is not None else None,
        user_id=key.user.id if key.user is not None else None,
        key_id=key.id,
        scopes=frozenset(key.scopes),
        postbacks_enabled=affiliate is None or affiliate.postbacks_enabled,
    )


def _note_use(key: ApiKey, now: datetime) -> None:
    """Keep the time of last use to the minute, so that reading does not mean writing."""
    if key.last_used_at is not None and now - key.last_used_at < LAST_USED_GRAIN:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - LAST_USED_GRAIN)
    # A busy database must not turn a read away for this; the next request notes it.
    with suppress(OperationalError):
        ApiKey.objects.filter(stale, id=key.id).update(last_used_at=now)
