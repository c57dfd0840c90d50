"""Telling a link that visitors follow from a URL at which a tracker takes postbacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from redound.core.lint.cells import canonical, tells
from redound.core.parsing import Where
from redound.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from redound.core.lint.cells import Cell
    from redound.core.parsing import Parsed, Span

_OFFER: Final = frozenset({"offer_id", "offerid", "offer", "oid", "o"})
_AFFILIATE: Final = frozenset({"aff_id", "affid", "affiliate_id", "aff", "pid", "a", "aid", "publisher_id"})
_LINK_PATHS = re.compile(r"/(?:aff_[cir]|c/[0-9a-hjkmnp-tv-z]{7})/?", re.IGNORECASE)
_TRACKERS_FILL = re.compile(r"(?:cf_)?click_?id|sub_?id|cid|hit|click", re.IGNORECASE)


def offer_span(parsed: Parsed, cells: Sequence[Cell]) -> Span | None:
    """Return what makes a URL look like a link for visitors, None when nothing does.

    That is a path of such links, constant IDs of offer and affiliate, a tracker's click-ID macro in a sub
    slot, or campaign tags; not when the URL tells of a status or payout.
    """
    if _LINK_PATHS.fullmatch(parsed.masked, *parsed.path):
        return parsed.path
    query = [cell for cell in cells if cell.row.where is Where.QUERY]
    speaks = any(tells(cell.names, role) for cell in query for role in (Role.STATUS, Role.PAYOUT))
    return next(_filled_by_tracker(query), None) or (None if speaks else _of_campaign(query))


def _filled_by_tracker(query: Iterable[Cell]) -> Iterator[Span]:
    for cell in query:
        if cell.role is not Role.SLOT or len(cell.row.macros) != 1:
            continue
        macro = cell.row.macros[0]
        whole = macro.text == cell.row.value and canonical(macro) is None
        if whole and _TRACKERS_FILL.fullmatch(macro.name):
            yield cell.span


def _of_campaign(query: Iterable[Cell]) -> Span | None:
    constants = {cell.row.key.lower(): cell for cell in query if cell.row.constant and cell.row.value}
    tagged = next((cell for key, cell in constants.items() if key.startswith("utm_")), None)
    if tagged is not None:
        return tagged.span
    if _AFFILIATE.isdisjoint(constants):
        return None
    return next((cell.span for key, cell in constants.items() if key in _OFFER), None)
