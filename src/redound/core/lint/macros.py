"""Rules about macros: that they exist here, are complete, and are written as macros at all."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from redound.core.aliases import AMBIGUOUS, meanings, near
from redound.core.dialects import ours_for, spelt_otherwise
from redound.core.lint.cells import canonical
from redound.core.lint.codes import Severity
from redound.core.lint.lookalikes import latin
from redound.core.lint.roundtrip import wanted_slots
from redound.core.lint.subject import Note
from redound.core.macros import MACROS, MANAGER_ONLY, find, resolve
from redound.core.modifiers import MODIFIERS, BadModifier, compile_modifier
from redound.core.nearness import distance, nearest
from redound.core.parsing import MASK
from redound.core.states import word_to_status
from redound.core.styles import Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redound.core.lint.subject import Edit, Subject
    from redound.core.styles import Written

TRACKERS_OWN: Final = {
    (Style.BRACE, "cf_click_id"): "ClickFlare",
    (Style.BRACE, "hit"): "FunnelFlux Pro",
    (Style.BANG_BRACE, "subid"): "CPV Lab",
    (Style.DOUBLE_BRACKET, "subid"): "Prosper202",
}
"""Click-ID macros that one tracker alone has; others are written alike by several."""

_OPTION_WORD = re.compile(r"[A-Za-z_]+")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def macros(subject: Subject) -> Iterator[Note]:
    """Every macro exists and is written as ours are; those in the host are another rule's affair."""
    for macro in _beyond_host(subject):
        yield from _macro(subject, macro)


def _beyond_host(subject: Subject) -> tuple[Written, ...]:
    parsed = subject.parsed
    return parsed.macros_in(parsed.authority[1], parsed.body[1])


def _macro(subject: Subject, macro: Written) -> Iterator[Note]:
    span = (macro.start, macro.end)
    tracker = _whose(subject, macro)
    if macro.style is Style.ENCODED:
        yield Note("encoded_macro", span, {"macro": macro.text}, ((*span, macro.decoded),))
    elif not macro.name.strip():
        yield Note("empty_macro", span)
    elif tracker is not None:
        details = {"macro": macro.text, "tracker": tracker}
        yield Note("tracker_macro", span, details, _returned(subject, macro))
    elif macro.style is Style.BRACE:
        yield from _ours(subject, macro)
    elif not _is_currency_sign(subject, macro):
        yield from _foreign(macro)


def _whose(subject: Subject, macro: Written) -> str | None:
    """Return the tracker whose click-ID macro this is: the only one that writes it so, or the one given."""
    given = subject.context.tracker
    if given is not None and given.click_macro and macro.text == given.click_macro:
        return None if canonical(macro) else given.name
    return TRACKERS_OWN.get((macro.style, macro.name))


def _is_currency_sign(subject: Subject, macro: Written) -> bool:
    """Tell `payout=${payout}` among macros in plain braces from a URL written in `${x}` throughout."""
    if macro.style is not Style.DOLLAR_BRACE or resolve(macro.name) is None:
        return False
    styles = [each.style for each in subject.parsed.macros]
    return Style.BRACE in styles and styles.count(Style.DOLLAR_BRACE) == 1 and _is_money(macro.name)


def _is_money(name: str) -> bool:
    return resolve(name) in {"payout", "amount", "revenue", "payout_minor"}


def _ours(subject: Subject, macro: Written) -> Iterator[Note]:
    """Judge a macro in single braces."""
    span = (macro.start, macro.end)
    if _options(macro):
        return
    name = canonical(macro)
    if name is not None:
        if name in MANAGER_ONLY and not subject.context.manager:
            yield Note("macro_not_visible", span, {"macro": macro.text})
        if macro.modifiers or "|" in macro.text:
            yield from _modifiers(macro, name)
        if macro.name not in MACROS and not macro.name.startswith("param."):
            details = {"macro": f"{{{macro.name}}}", "names": f"{{{name}}}"}
            yield Note("foreign_macro.alias", span, details, ((*_name_span(macro), name),), Severity.INFO)
        return
    squeezed = re.sub(r"(?:\s|%20|\+)+", "", macro.name)
    if squeezed != macro.name and (resolve(squeezed) or meanings(squeezed) or " " in macro.name.strip()):
        edits = ((*_name_span(macro), squeezed),) if resolve(squeezed) else None
        yield Note("space_in_macro", span, {"macro": macro.text}, edits)
    elif _GUID.fullmatch(macro.name) is None:
        yield _unknown(subject, macro, squeezed)


def _unknown(subject: Subject, macro: Written, name: str) -> Note:
    span = (macro.start, macro.end)
    several = meanings(name)
    shown = {"macro": f"{{{macro.name[:60]}}}"}
    edits = _returned(subject, macro) if several or _is_click_word(name) else None
    if edits:
        return Note("unknown_macro.link", span, {**shown, "names": edits[0][2]}, edits)
    if several:
        shown["names"] = " / ".join(f"{{{each}}}" for each in several)
        shown["readings"] = " or ".join(AMBIGUOUS[name])
        return Note("unknown_macro.ambiguous", span, shown)
    close = _near(latin(name))
    same = [
        each for each in close if each.lower() == name.lower() and (each in MACROS or name != name.lower())
    ]
    meant = None if same else spelt_otherwise(name)
    if meant is not None:
        shown["names"] = f"{{{meant}}}"
        return Note("unknown_macro.near", span, shown, ((*_name_span(macro), meant),))
    if not close:
        return Note("unknown_macro", span, shown)
    ours = [resolve(each) or each for each in close]
    shown["names"] = " / ".join(f"{{{each}}}" for each in dict.fromkeys(ours))
    if same and name.isascii():
        return Note("case_differs", span, shown, ((*_name_span(macro), ours[0]),))
    edits = ((*_name_span(macro), ours[0]),) if _is_slip(name, close, ours) else None
    return Note("unknown_macro.near", span, shown, edits)


def _is_slip(name: str, close: Sequence[str], ours: Sequence[str]) -> bool:
    """Tell a slip of the keyboard, which one macro alone explains, from a name that is merely similar."""
    most = 2 if len(name) >= _LONG else 1
    one = len(set(ours)) == 1 and ours[0] not in MANAGER_ONLY and not name[-1:].isdigit()
    return one and distance(latin(name).lower(), close[0].lower(), most) <= most


_LONG: Final = 8
"""Letters from which on two slips in one name are likelier than another name."""


@lru_cache(maxsize=4096)
def _near(name: str) -> tuple[str, ...]:
    """Return the macros of ours (or aliases) that may have been meant."""
    return tuple(near(name, MACROS)) if name.isascii() else ()


def _is_click_word(name: str) -> bool:
    return name.lower().replace("_", "") in {"clickid", "subid", "cid", "cnvid", "click"}


def _returned(subject: Subject, macro: Written) -> tuple[Edit, ...] | None:
    """Return the edit that puts the slot of the affiliate's link here, when there is one such slot."""
    slots = wanted_slots(subject)
    return ((macro.start, macro.end, f"{{{slots[0]}}}"),) if len(slots) == 1 else None


def _name_span(macro: Written) -> tuple[int, int]:
    return macro.start + 1, macro.start + 1 + len(macro.name)


def _modifiers(macro: Written, name: str) -> Iterator[Note]:
    kind = find(name).kind
    at = macro.start + 1 + len(macro.name)
    for text in macro.modifiers.split("|"):
        at += 1
        modifier = compile_modifier(text, kind)
        if isinstance(modifier, BadModifier):
            word = text.partition(":")[0]
            details = {"modifier": text[:40], "macro": macro.text[:80], "names": ", ".join(MODIFIERS)}
            close = nearest(word, MODIFIERS, 1) if modifier.code == "unknown_modifier" and word else []
            edits = ((at, at + len(word), close[0]),) if close else None
            yield Note(modifier.code, (at, at + len(text)), details, edits)
            return
        kind = modifier.kind
        at += len(text)


def _foreign(macro: Written) -> Iterator[Note]:
    span = (macro.start, macro.end)
    name = ours_for(macro)
    shown = f"{{{name}}}" if name else "{sub1}"
    yield Note(
        "foreign_macro",
        span,
        {"macro": macro.text[:80], "names": shown},
        ((*span, f"{{{name}}}"),) if name else None,
    )


def styles(subject: Subject) -> Iterator[Note]:
    """All macros are written in one style."""
    first: dict[Style, Written] = {}
    for macro in _beyond_host(subject):
        if macro.style is Style.ENCODED or _is_currency_sign(subject, macro):
            continue
        first.setdefault(macro.style, macro)
    if len(first) > 1:
        macro = list(first.values())[1]
        shown = ", ".join(each.text[:40] for each in first.values())
        yield Note("mixed_macro_styles", (macro.start, macro.end), {"styles": shown})


def _options(macro: Written) -> bool:
    """Tell whether braces hold a manual's list of values: `{approved|rejected}`."""
    words = re.split(r"[|/]", f"{macro.name}|{macro.modifiers}" if macro.modifiers else macro.name)
    return len(words) > 1 and all(word_to_status(word.strip(), {}) is not None for word in words)


def option_lists(subject: Subject) -> Iterator[Note]:
    """Braces with a list of values in them."""
    for macro in subject.parsed.macros:
        if macro.style is Style.BRACE and _options(macro):
            yield Note("literal_option_list", (macro.start, macro.end), {"value": macro.text})


_STRAY = re.compile(r"[{}]")
_OPEN_NAME = re.compile(r"\{+([A-Za-z_][\w.]{0,40})[\])>]?(?=$|[&?#/;\s])")
_CLOSE_NAME = re.compile(r"(?:(?<==)|(?<=/))[\[(<]?([A-Za-z_][\w.]{0,40})\}+")
_OPEN_BRACKET = re.compile(r"(?<==)\[{1,3}([A-Za-z_][\w.\-]{0,40})\]?(?=$|[&?#])")
_CLOSE_BRACKET = re.compile(r"(?<==)([A-Za-z_][\w.\-]{0,40})\]{1,3}(?=$|[&?#])")
_OPEN_PERCENT = re.compile(r"(?<==)%([g-zG-Z_][\w.\-]{0,40})(?=$|[&?#])")


def unbalanced(subject: Subject) -> Iterator[Note]:
    """Every brace has its other half."""
    parsed = subject.parsed
    masked = parsed.masked
    start, end = parsed.body
    at = start
    while (stray := _STRAY.search(masked, at, end)) is not None:
        note = _stray(masked, parsed.text, stray.start(), end)
        yield note
        at = max(note.span[1] if note.span else 0, stray.end())
    if "[" in masked or "]" in masked:
        for form in (_OPEN_BRACKET, _CLOSE_BRACKET):
            for found in form.finditer(masked, parsed.path[0], end):
                yield Note("unbalanced_macro", found.span(), {"mark": "[" if "[" in found[0] else "]"})


def _stray(masked: str, text: str, at: int, end: int) -> Note:
    """Judge one brace that belongs to no macro, and complete the macro where its name is clear."""
    mark = masked[at]
    details = {"mark": mark}
    if MASK in (masked[at + 1 : at + 2], masked[at - 1 : at] if at else ""):
        return Note("unbalanced_macro", (at, at + 1), details, ((at, at + 1, ""),))
    if mark == "{":
        found = _OPEN_NAME.match(masked, at, end)
    else:
        found = next((each for each in _CLOSE_NAME.finditer(masked, max(0, at - 42), at + 1)), None)
    if found is None:
        return Note("unbalanced_macro", (at, at + 1), details)
    name = text[found.start(1) : found.end(1)]
    edits = ((*found.span(), f"{{{name}}}"),) if resolve(name) else None
    return Note("unbalanced_macro", found.span(), details, edits)
