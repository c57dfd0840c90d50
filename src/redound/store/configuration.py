"""Which configuration rows a snapshot needs, and what they become; the drivers only fetch them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from redound.store.rows import catalog
from redound.store.snapshot import Changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOUNS: Final = ("advertisers", "brands", "offers", "goals", "affiliates", "campaigns", "links", "postbacks")
_READERS: Final = {
    "advertisers": catalog.advertiser,
    "brands": catalog.brand,
    "offers": catalog.offer,
    "goals": catalog.goal,
    "affiliates": catalog.affiliate,
    "campaigns": catalog.campaign,
    "links": catalog.link,
    "postbacks": catalog.postback,
}


def changes(
    fetched: Mapping[str, Iterable[Mapping[str, Any]]], asked: Mapping[str, Iterable[str]]
) -> Changes:
    """Return fetched rows as changes, noun by noun; what was asked for by ID and not found is gone."""
    read: dict[str, dict[str, Any]] = {}
    for noun, rows in fetched.items():
        found: dict[str, Any] = dict.fromkeys(asked.get(noun, ()))
        reader = _READERS[noun]
        for row in rows:
            found[row["id"]] = reader(row)
        read[noun] = found
    return Changes(**read)


def changed_ids(rows: Iterable[tuple[int, str, str]]) -> dict[str, list[str]]:
    """Return the changed IDs by noun, from rows of `config_changes`."""
    found: dict[str, dict[str, None]] = {}
    for _, noun, row_id in rows:
        found.setdefault(noun, {})[row_id] = None
    return {noun: list(ids) for noun, ids in found.items() if noun in _READERS}
