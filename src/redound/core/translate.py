"""Rewriting a URL that was written for another platform to our macros, and ours to another platform's.

Only macros change; names of parameters, constants and all else stay as they are, since the URL belongs to
the receiver. What has no counterpart stays as well and is listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from redound.core.dialects import DIALECTS, OURS, Candidate, Dialect, ours_for, recognise
from redound.core.macros import MACROS, PARAM, resolve
from redound.core.parsing import parse
from redound.core.styles import Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.core.styles import Written

SURE: Final = 0.4
"""A recognised platform counts from this confidence on, when it is also ahead of the next."""
AHEAD: Final = 0.1

_NEAR_ENOUGH: Final = {
    "goal": ("goal", "goal_name", "goal_id"),
    "goal_name": ("goal_name", "goal"),
    "goal_id": ("goal_id", "goal"),
    "event_type": ("event_type", "goal"),
    "status_word": ("status_word", "status"),
}
"""Of what another platform may have in place of a macro, best first."""


@dataclass(frozen=True, slots=True)
class Translation:
    """The rewritten URL. `unmapped` are the macros without a counterpart, as they are written in it.

    `platform` is what it was taken for or written to, "" when no platform was recognised; `notes` are
    sentences about values that differ although the macro is the same.
    """

    url: str
    unmapped: tuple[str, ...]
    platform: str
    candidates: tuple[Candidate, ...] = ()
    notes: tuple[str, ...] = ()


class UnknownPlatformError(ValueError):
    """There is no platform of this name."""


def translate(url: str, source: str = "", to: str = "") -> Translation:
    """Rewrite a URL from a platform (recognised without one) to ours, or to another platform's.

    With `to` alone the URL has our macros. UnknownPlatformError for a name that is no platform.
    """
    if not to:
        return to_ours(url, source)
    if not source:
        return from_ours(url, to)
    ours = to_ours(url, source)
    theirs = from_ours(ours.url, to)
    return replace(theirs, candidates=ours.candidates, notes=(*ours.notes, *theirs.notes))


def is_platform(name: str) -> bool:
    """Return whether the translator knows a platform of this name."""
    return _slug(name) in DIALECTS or name == OURS


def to_ours(url: str, platform: str = "") -> Translation:
    """Rewrite a platform's URL to our macros; without a platform it is recognised.

    When none is recognised, each macro is read by what all platforms agree on. UnknownPlatformError for a
    name that is none of DIALECTS.
    """
    macros = parse(url).macros
    candidates = tuple(recognise(macros))
    if platform and platform != OURS:
        chosen: Dialect | None = _dialect(platform)
    else:
        slug = OURS if platform else _sure(candidates)
        chosen = DIALECTS.get(slug)
        platform = slug
    pieces: list[str] = []
    unmapped: list[str] = []
    notes: dict[str, None] = {}
    names = [_our_name(macro, chosen) for macro in macros]
    at = 0
    for macro, name in zip(macros, _apart(macros, names, chosen), strict=True):
        pieces.append(url[at : macro.start])
        at = macro.end
        if name is None:
            pieces.append(macro.text)
            unmapped.append(macro.text)
            continue
        modifiers = f"|{macro.modifiers}" if macro.modifiers else ""
        pieces.append(f"{{{name}{modifiers}}}")
        note = chosen.notes.get(name) if chosen else None
        if note:
            notes[note] = None
    pieces.append(url[at:])
    return Translation("".join(pieces), tuple(dict.fromkeys(unmapped)), platform, candidates, tuple(notes))


def from_ours(url: str, platform: str) -> Translation:
    """Rewrite a URL with our macros (or aliases of them) to another platform's."""
    dialect = _dialect(platform)
    pieces: list[str] = []
    unmapped: list[str] = []
    notes: dict[str, None] = {}
    at = 0
    macros = parse(url).macros
    for macro in macros:
        pieces.append(url[at : macro.start])
        at = macro.end
        name = resolve(macro.name) if macro.style is Style.BRACE else None
        written = _written(dialect, name) if name else None
        if written is None or name is None:
            pieces.append(macro.text)
            unmapped.append(macro.text)
            continue
        pieces.append(written)
        if macro.modifiers:
            notes[f"{dialect.title} has no modifiers: {macro.text} became {written}."] = None
        note = dialect.notes.get(name)
        if note:
            notes[note] = None
    pieces.append(url[at:])
    found = tuple(recognise(macros))
    return Translation("".join(pieces), tuple(dict.fromkeys(unmapped)), platform, found, tuple(notes))


def _dialect(platform: str) -> Dialect:
    found = DIALECTS.get(_slug(platform))
    if found is None:
        msg = f"There is no platform {platform!r}; there are {', '.join(DIALECTS)}."
        raise UnknownPlatformError(msg)
    return found


def _slug(platform: str) -> str:
    return platform.strip().lower().removesuffix(".com")


def _sure(candidates: Sequence[Candidate]) -> str:
    if not candidates or candidates[0].confidence < SURE:
        return ""
    ahead = len(candidates) == 1 or candidates[0].confidence - candidates[1].confidence >= AHEAD
    return candidates[0].platform if ahead else ""


def _our_name(macro: Written, dialect: Dialect | None) -> str | None:
    if dialect is not None:
        found = dialect.ours(macro)
        if found is not None:
            return found
        name = macro.name.strip()
        if macro.style is Style.BRACE and (name in MACROS or name.startswith(PARAM)):
            return resolve(name)
        if dialect.any_name and macro.style is Style.BRACE and name:
            return PARAM + name
        return None
    found = ours_for(macro)
    if found is None and macro.name.strip().lower().replace("_", "") in _CLICK_IDS:
        return "sub1"
    return found


_CLICK_IDS: Final = frozenset({"clickid", "subid", "cid"})
"""In a style that no known platform has, these are the sender's click ID: the first slot."""


def _apart(
    macros: Sequence[Written], names: Sequence[str | None], dialect: Dialect | None
) -> list[str | None]:
    """Keep two of ReferOn's parameters apart that would both be {sub1}: the click ID has it."""
    if dialect is None or not dialect.any_name:
        return list(names)
    click_ids = {macro.name for macro, name in zip(macros, names, strict=True) if name == "sub1"} - {"var1"}
    apart: list[str | None] = []
    for macro, name in zip(macros, names, strict=True):
        crowded = name == "sub1" and click_ids and macro.name == "var1"
        apart.append(f"{PARAM}{macro.name}" if crowded else name)
    return apart


def _written(dialect: Dialect, name: str) -> str | None:
    for near in _NEAR_ENOUGH.get(name, (name,)):
        written = dialect.write(near)
        if written is not None:
            return written
    return None
