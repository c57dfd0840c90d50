"""The configuration, and what wrong values are known as, on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.store.configuration import NOUNS, changed_ids, changes
from redound.store.facts import wanted
from redound.store.port import RECENT_CLICKS
from redound.store.postgres.connection import rows_of
from redound.store.rows import traffic
from redound.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.core.reports import Incoming
    from redound.store.postgres.connection import Connection
    from redound.store.snapshot import Changes


async def version(db: Connection) -> int:
    """Return the version of the configuration."""
    return int((await rows_of(db, "config_version"))[0][0])


async def snapshot(db: Connection) -> Snapshot:
    """Return the configuration as a snapshot, all of it as at one moment."""
    async with db.transaction(isolation="repeatable_read", readonly=True):
        current = await version(db)
        fetched = {noun: await rows_of(db, f"all_{noun}") for noun in NOUNS}
    found = Snapshot(current)
    found.apply(current, changes(fetched, {}))
    return found


async def since(db: Connection, known: int) -> tuple[int, Changes | None]:
    """Return the changes since a version; None when so much has changed that it is no longer known."""
    current = await version(db)
    if current == known:
        return current, None
    async with db.transaction(isolation="repeatable_read", readonly=True):
        current = await version(db)
        rows = await rows_of(db, "config_changes", known)
        if len(rows) != current - known:
            return current, None
        asked = changed_ids(rows)
        fetched = {noun: await rows_of(db, f"some_{noun}", ids) for noun, ids in asked.items()}
    return current, changes(fetched, asked)


async def hints(db: Connection, batch: Sequence[Incoming]) -> dict[str, str]:
    """Say what values that cannot be click IDs are known as: a txid, an offer, a parameter's value."""
    found = {}
    for value in wanted(batch).hints:
        if "\0" in value:
            continue
        hint = (await rows_of(db, "hint_of_value", value))[0][0] or await _parameter(db, value)
        if hint:
            found[value] = hint
    return found


async def _parameter(db: Connection, value: str) -> str:
    needle = ":" + traffic.text_of(value)
    for (params,) in await rows_of(db, "recent_params_with", needle, RECENT_CLICKS):
        return traffic.parameter_of(params, value)
    return ""
