"""API keys: made, shown once, revoked. An affiliate keeps their own; managers theirs and all affiliates'."""

from typing import Annotated, Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from pydantic import Field, StringConstraints

from redound.console.accounts import audit, keys
from redound.console.accounts.callers import ALL_SCOPES, Caller
from redound.console.accounts.models import ApiKey, Role, User
from redound.console.accounts.permissions import AFFILIATES_MAY
from redound.console.catalog import visibility
from redound.console.catalog.models import Affiliate
from redound.console.errors import Fault, ForbiddenError, InvalidError
from redound.console.filters import CREATED, Filters, Text, search
from redound.console.forms import Form, Id, Instant, Moment, Name, Shape
from redound.console.records.record import Record, each
from redound.console.render import Values, maybe_moment, moment

NOUNS = frozenset(AFFILIATES_MAY) | {"advertisers"}
Scope = Annotated[str, StringConstraints(max_length=40)]


class ApiKeyShape(Shape):
    """A key without its text; `hint` is how it begins."""

    id: str
    name: str
    hint: str
    affiliate_id: str | None
    user_id: str | None
    scopes: list[str]
    expires_at: Instant | None
    last_used_at: Instant | None
    revoked_at: Instant | None
    created_at: Instant
    updated_at: Instant


class NewApiKeyShape(ApiKeyShape):
    """A new key: `key` is shown this once."""

    key: str


class ApiKeyNew(Form):
    """A key with scopes: read, write (which includes reading), or {noun}:read and {noun}:write."""

    name: Name
    affiliate_id: Id | None = None
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=40)] = Field(
        default_factory=lambda: ["write"]
    )
    expires_at: Moment | None = None


class ApiKeyFilters(Filters):
    """Filters of API keys."""

    name: Text | None = None
    affiliate_id: Text | None = None


def visible(caller: Caller) -> QuerySet[ApiKey]:
    """An affiliate's: their own; a manager's: theirs and all affiliates', of other managers none."""
    if not caller.manages:
        return ApiKey.objects.filter(
            Q(affiliate_id=caller.affiliate_id) | Q(user__affiliate_id=caller.affiliate_id)
        )
    return ApiKey.objects.filter(
        Q(affiliate__isnull=False) | Q(user_id=caller.user_id) | Q(user__role=Role.AFFILIATE)
    )


def shape(row: ApiKey, caller: Caller) -> Values:
    """Return the ApiKeyShape's values."""
    del caller
    return {
        "id": row.id,
        "name": row.name,
        "hint": row.hint,
        "affiliate_id": row.affiliate_id,
        "user_id": row.user_id,
        "scopes": row.scopes,
        "expires_at": maybe_moment(row.expires_at),
        "last_used_at": maybe_moment(row.last_used_at),
        "revoked_at": maybe_moment(row.revoked_at),
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


api_keys: Record[ApiKey] = Record(visible, each(shape), {**CREATED, "q": search("name", "hint")})


def create(form: ApiKeyNew, caller: Caller) -> tuple[ApiKey, str]:
    """Store a key for an affiliate, or for the caller; return it and its text, which is shown this once.

    It may do no more than the caller: InvalidError names the scopes that go beyond.
    """
    faults = _scope_faults(form, caller)
    affiliate = _affiliate(form, caller, faults)
    if form.expires_at is not None and form.expires_at <= timezone.now():
        faults.append(Fault("/expires_at", "past", "expires_at lies in the past."))
    if faults:
        raise InvalidError(faults)
    user = None if affiliate is not None else User.objects.filter(pk=caller.user_id).first()
    if affiliate is None and user is None:
        raise ForbiddenError(
            "no_user", "This key belongs to no user, so say which affiliate the new one is for."
        )
    with transaction.atomic():
        key, raw = keys.issue_key(
            form.name, user=user, affiliate=affiliate, scopes=form.scopes, expires_at=_expiry(form, caller)
        )
        audit.record(caller, "create", key, {}, audit.picture(key))
    return key, raw


def revoke(key: ApiKey, caller: Caller) -> None:
    """Refuse a key from now on; again: nothing. Inside the transaction of the caller of this."""
    if key.revoked_at is None:
        before = audit.picture(key)
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at", "updated_at"])
        audit.record(caller, "revoke", key, before, audit.picture(key))


def _scope_faults(form: ApiKeyNew, caller: Caller) -> list[Fault]:
    faults = []
    for position, scope in enumerate(form.scopes):
        noun, _, verb = scope.rpartition(":")
        pointer = f"/scopes/{position}"
        if verb not in ALL_SCOPES or (noun and noun not in NOUNS):
            sentence = f"{scope!r} is no scope. Write read, write, or a noun with either: postbacks:write."
            faults.append(Fault(pointer, "unknown_scope", sentence))
        elif not _covers(caller, noun, verb):
            faults.append(Fault(pointer, "scope_exceeds", f"Your own key lacks the scope {scope}."))
    return faults


def _covers(caller: Caller, noun: str, verb: str) -> bool:
    if noun:
        return caller.scope_allows(noun, verb)
    return "write" in caller.scopes or verb in caller.scopes


def _affiliate(form: ApiKeyNew, caller: Caller, faults: list[Fault]) -> Affiliate | None:
    wanted = form.affiliate_id or caller.affiliate_id
    if wanted is None:
        return None
    found = visibility.affiliates(caller).filter(pk=wanted).first()
    if found is None:
        faults.append(
            Fault(
                "/affiliate_id", "unknown_reference", f"affiliate_id: there is no {wanted} that you may use."
            )
        )
    return found


def _expiry(form: ApiKeyNew, caller: Caller) -> Any:
    """Return when the new key expires: not after the key that makes it."""
    makers = ApiKey.objects.filter(pk=caller.key_id).values_list("expires_at", flat=True).first()
    moments = [at for at in (form.expires_at, makers) if at is not None]
    return min(moments) if moments else None
