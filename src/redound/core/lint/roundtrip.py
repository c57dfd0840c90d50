"""Rules about the round trip: the slot that carries the tracker's click ID in the link is returned."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from redound.core.lint.cells import canonical, identifies
from redound.core.lint.codes import Severity
from redound.core.lint.subject import Note
from redound.core.macros import PARAM, SUBS
from redound.core.parsing import Where, parse
from redound.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from redound.core.lint.cells import Cell
    from redound.core.lint.subject import Subject
    from redound.core.parsing import Row
    from redound.core.styles import Written

_CLICK_MACRO = re.compile(
    r"(?:(?:cf|rt|aff|ext|external|tracker|visit|bemob)_?)?(?:click_?id|clickid|subid|cid|hit|cnv_?id|click)",
    re.IGNORECASE,
)


def slot_of(name: str) -> str:
    """Return the macro that returns a parameter of the link: `sub2`, else `param.NAME`."""
    return name if name in SUBS or name == "source" else f"{PARAM}{name}"


@lru_cache(maxsize=256)
def _link_rows(links: tuple[str, ...]) -> tuple[Row, ...]:
    return tuple(row for link in links for row in parse(link).rows if row.where is Where.QUERY and row.key)


def _carries_click(row: Row, click_macro: str) -> bool:
    if click_macro and row.value == click_macro:
        return True
    return any(_CLICK_MACRO.fullmatch(macro.name.strip()) for macro in row.macros)


def wanted_slots(subject: Subject) -> list[str]:
    """Return the macros that the tracker's click ID arrives in, as far as links and real clicks tell."""
    context = subject.context
    if not context.links:
        return list(dict.fromkeys(context.seen_slots))
    click_macro = context.tracker.click_macro if context.tracker else ""
    rows = _link_rows(context.links)
    carried = [slot_of(row.key) for row in rows if _carries_click(row, click_macro)]
    return list(dict.fromkeys((*carried, *context.seen_slots)))


def returned(subject: Subject) -> list[tuple[Written, str]]:
    """Return the macros that are to be the tracker's click ID: those in its parameter, else every slot."""
    found = [*_slots(subject.of_role(Role.CLICK))]
    return found or [*_slots(cell for cell in subject.cells if cell.role not in {Role.SLOT, Role.TXID})]


def _slots(cells: Iterable[Cell]) -> Iterator[tuple[Written, str]]:
    for cell in cells:
        for macro in cell.row.macros:
            name = canonical(macro)
            if name is not None and identifies(name) and name != "click_id":
                yield macro, name


def slots(subject: Subject) -> Iterator[Note]:
    """What is returned is what the link carries."""
    context = subject.context
    if not context.links and not context.seen_slots:
        return
    wanted = wanted_slots(subject)
    rows = {slot_of(row.key): row for row in _link_rows(context.links)}
    for macro, name in returned(subject):
        if name in wanted:
            continue
        if wanted:
            yield _other_slot(macro, name, wanted)
        elif name not in rows:
            yield _not_carried(macro, name, rows)
        elif rows[name].macros:
            details = {"slot": rows[name].key, "value": rows[name].value[:60]}
            yield Note("slot_differs.verify", (macro.start, macro.end), details, severity=Severity.INFO)


def _not_carried(macro: Written, name: str, rows: dict[str, Row]) -> Note:
    span = (macro.start, macro.end)
    shown = name.removeprefix(PARAM)
    same = [slot for slot in rows if slot.removeprefix(PARAM).lower() == shown.lower()]
    if same:
        details = {"slot": same[0].removeprefix(PARAM), "macro": macro.text}
        return Note("case_differs.link", span, details, ((*span, f"{{{same[0]}}}"),))
    return Note("slot_mismatch.absent", span, {"slot": shown, "macro": macro.text})


def _other_slot(macro: Written, name: str, wanted: list[str]) -> Note:
    span = (macro.start, macro.end)
    edits = ((*span, f"{{{wanted[0]}}}"),) if len(wanted) == 1 else None
    plain = [slot.removeprefix(PARAM) for slot in wanted]
    details = {"wanted": " / ".join(f"{{{slot}}}" for slot in wanted), "macro": macro.text}
    details["slot"] = " / ".join(plain)
    if name.removeprefix(PARAM).lower() in {slot.lower() for slot in plain}:
        return Note("case_differs.link", span, details, edits)
    numbered = name in SUBS and all(slot in SUBS for slot in wanted)
    return Note("slot_mismatch" if numbered else "slot_differs", span, details, edits)
