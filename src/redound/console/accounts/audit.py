"""The audit log: who changed which configuration, from what to what. Secrets never get into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console.accounts.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Model

    from redound.console.accounts.callers import Caller

MASK = "••••"
_SECRET_FIELDS = frozenset({"signing_secret", "digest", "password", "secret"})
_SECRET_KEYS = frozenset({"sealed", "digest", "password", "token"})
_NOT_NEWS = frozenset({"id", "created_at", "updated_at", "last_used_at", "last_login"})


def picture(row: Model) -> dict[str, object]:
    """Return a row's columns as they stand, to compare later. Not for showing: secrets are in it, sealed."""
    return {
        field.attname: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if field.attname not in _NOT_NEWS
    }


def record(
    caller: Caller, action: str, row: Model, before: Mapping[str, object], after: Mapping[str, object]
) -> None:
    """Store an entry for what differs between two pictures; nothing differing is no entry."""
    differences = differing(before, after)
    if not differences and action == "edit":
        return
    AuditEntry.objects.create(
        by=caller.by[:250],
        user_id=caller.user_id,
        key_id=caller.key_id,
        affiliate_id=caller.affiliate_id or "",
        action=action,
        noun=row._meta.db_table,
        row_id=str(row.pk),
        row_name=str(row)[:200],
        differences=differences,
    )


def differing(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[object]]:
    """Return `{field: [before, after]}`; a changed secret shows as a changed mask."""
    changes: dict[str, list[object]] = {}
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        shown = [masked(name, old), masked(name, new)]
        changes[name] = shown if shown[0] != shown[1] else [MASK, f"{MASK} (changed)"]
    return changes


def masked(name: str, value: object) -> object:
    """Return a column's value fit for JSON and for eyes."""
    if name in _SECRET_FIELDS:
        return MASK if value else ""
    return _masked(value)


def _masked(value: object) -> object:
    match value:
        case dict():
            hide = _SECRET_KEYS | ({"value"} if value.get("secret") else frozenset())
            return {key: MASK if key in hide and inner else _masked(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_masked(inner) for inner in value]
        case None | bool() | int() | str():
            return value
        case _:
            return str(value)
