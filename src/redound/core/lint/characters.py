"""Rules about single characters: blanks, quotes, escapes, and what surrounds the URL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from redound.core.lint.subject import Note
from redound.core.parsing import EATEN, MASK
from redound.core.targets import MAX_URL
from redound.core.wrapping import INVISIBLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.core.lint.subject import Edit, Subject
    from redound.core.parsing import Parsed, Span

MANY_SERVERS: Final = 2048
"""Longer URLs are cut or refused by many servers."""

_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_CONTROLS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\ud800-\udfff]+")
_INVISIBLES = re.compile(rf"[{INVISIBLE}]+")
_QUOTES = re.compile("[\u2018-\u201f\u00ab\u00bb\u2039\u203a\u2032\u2033\uff02\uff07]+")
_BACKSLASHES = re.compile(r"\\+")
_ENTITY = re.compile(r"&(?:amp;)*(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#[xX][0-9A-Fa-f]{1,6});")
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNSAFE = re.compile(rf"[\"<>^`|]|[^\x00-\x7f{MASK}]+")
_TRAILING = re.compile(rf"[.,;:!?\u2026)\]'\"]+$|(?<={MASK})/+$")
_DOTS = re.compile(r"\.{2,}|\u2026")
_SEPARATING: Final = frozenset("=&?/;:#")


def empty(subject: Subject) -> Iterator[Note]:
    """There is something at all."""
    start, end = subject.parsed.body
    if start >= end:
        yield Note("empty", None)


def length(subject: Subject) -> Iterator[Note]:
    """Not longer than is called, or than receivers take."""
    count = len(subject.parsed.text)
    if count > MAX_URL:
        yield Note("too_long", (MAX_URL, count), {"length": str(count), "most": str(MAX_URL)})
    elif count > MANY_SERVERS:
        details = {"length": str(count), "most": str(MANY_SERVERS)}
        yield Note("too_long.receiver", (MANY_SERVERS, count), details)


def around(subject: Subject) -> Iterator[Note]:
    """Nothing stands before or after the URL."""
    parsed = subject.parsed
    text, (start, end) = parsed.text, parsed.body
    if parsed.wrapper in {"html", "markdown", "link"}:
        whole = (_first_solid(text), len(text.rstrip()))
        kept = parsed.of(parsed.body)
        yield Note("html_wrapped", whole, {}, ((0, len(text), kept),))
        return
    if parsed.wrapper == "quotes":
        marks = ((start - 1, start, ""), (end, end + 1, ""))
        yield Note("unencoded_char", (start - 1, start), {"character": text[start - 1]}, marks)
    if parsed.wrapper:
        start, end = start - 1, end + 1
    edges = [(0, start)] + ([(end, len(text))] if parsed.read_to == len(text) else [])
    places = [found.span() for edge in edges for found in _BLANKS.finditer(text, *edge)]
    if places:
        cut = tuple((*place, "") for place in places)
        for place in places:
            yield Note("surrounding_space", place, {}, cut)
    for edge in edges:
        yield from _unseen(text, edge)


def _first_solid(text: str) -> int:
    return len(text) - len(text.lstrip())


def _unseen(text: str, span: Span) -> Iterator[Note]:
    if text.isascii():
        return
    for found in _INVISIBLES.finditer(text, *span):
        details = {"character": f"U+{ord(found[0][0]):04X}"}
        yield Note("invisible_char", found.span(), details, ((*found.span(), ""),))


def within(subject: Subject) -> Iterator[Note]:
    """No blanks, control or invisible characters, typographic quotes or backslashes in the URL."""
    parsed = subject.parsed
    masked, body = parsed.masked, parsed.body
    if " " in masked:
        for found in re.compile(" +").finditer(masked, *body):
            yield Note("stray_space", found.span(), {}, (_without_blank(masked, found.span()),))
    for found in _CONTROLS.finditer(masked, *body):
        yield Note("control_char", found.span(), {}, ((*found.span(), ""),))
    if "\\" in masked:
        for found in _BACKSLASHES.finditer(masked, *body):
            yield Note("backslash", found.span(), {}, _without_backslash(parsed, found.span()))
    if masked.isascii():
        return
    yield from _unseen(masked, body)
    for found in _QUOTES.finditer(parsed.text, 0, parsed.read_to):
        if body[0] - 1 <= found.start() <= body[1]:
            yield Note("smart_quote", found.span(), {}, ((*found.span(), ""),))


def _without_blank(masked: str, span: Span) -> Edit:
    """Take blanks beside a separator away; others were meant for a value, where they are %20."""
    start, end = span
    beside = {masked[start - 1 : start], masked[end : end + 1]}
    meant = not (beside & _SEPARATING) and "=" in masked[:start]
    return (start, end, "%20" * (end - start) if meant else "")


def _without_backslash(parsed: Parsed, span: Span) -> tuple[Edit, ...]:
    """Backslashes of a path were meant as slashes; before `&` and the like they are somebody's escaping."""
    start, end = span
    after = parsed.masked[end : end + 1]
    escaping = after in {"/", "&", "?", "=", "_", "{", "}", "#", "%", "", MASK}
    before_query = parsed.query is None or start < parsed.query[0]
    if start < parsed.authority[0]:
        return ((start, end, "" if after == "/" else "//" if end - start > 1 else "/"),)
    return ((start, end, "/" if before_query and not escaping else ""),)


def entities(subject: Subject) -> Iterator[Note]:
    """No `&amp;`, and nothing that a browser made of one."""
    parsed = subject.parsed
    if "&" in parsed.text:
        for found in _ENTITY.finditer(parsed.text, *parsed.body):
            edits = ((*found.span(), _character(found[0])),)
            yield Note("html_entity", found.span(), {"entity": found[0]}, edits)
    for separator in parsed.separators:
        if separator.kind == "eaten":
            at = separator.start
            name = EATEN[parsed.text[at]]
            row = next((row for row in parsed.rows if row.start == at), None)
            details = {"entity": name, "character": parsed.text[at], "name": row.key if row else name}
            yield Note("html_entity_mangled", (at, at + 1), details, ((at, at + 1, f"&{name}"),))


def _character(entity: str) -> str:
    """Return the character that an entity stands for; a nameless blank is none."""
    name = re.sub(r"^&(?:amp;)*", "", entity).rstrip(";")
    if name.startswith("#"):
        digits = name[1:]
        code = int(digits[1:], 16) if digits[:1] in "xX" else int(digits)
        return chr(code) if ord(" ") < code < ord("\x7f") else ""
    known = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": ""}
    return known.get(name, "&")


def escapes(subject: Subject) -> Iterator[Note]:
    """Every % begins an escape."""
    parsed = subject.parsed
    if "%" not in parsed.masked:
        return
    for found in _BROKEN_PERCENT.finditer(parsed.masked, parsed.path[0], parsed.body[1]):
        yield Note("invalid_percent_escape", found.span(), {}, ((*found.span(), "%25"),))


def unencoded(subject: Subject) -> Iterator[Note]:
    """What may not stand in a URL as it is."""
    parsed = subject.parsed
    for found in _UNSAFE.finditer(parsed.masked, parsed.path[0], parsed.body[1]):
        character = found[0]
        if _CONTROLS.match(character) or _INVISIBLES.match(character) or _QUOTES.match(character):
            continue
        edits = ((*found.span(), quote(character, safe="", errors="replace")),)
        yield Note("unencoded_char", found.span(), {"character": character[:20]}, edits)


def trailing(subject: Subject) -> Iterator[Note]:
    """The URL does not end with what belongs to a sentence."""
    parsed = subject.parsed
    start, end = parsed.body
    found = _TRAILING.search(parsed.masked, max(start, end - 8), end)
    if found is None or found.start() <= parsed.path[0]:
        return
    mark = found[0]
    before = parsed.masked[start : found.start()]
    if mark.startswith("/") and parsed.query is None:
        return
    if _closes(mark, before) or before.endswith(("=", "&")) or _is_entity_end(parsed.text, end):
        return
    if mark == "?" and "?" not in before:
        return
    if parsed.query is None and not _DOTS.fullmatch(mark) and before.endswith("/"):
        return
    yield Note("trailing_punctuation", found.span(), {"mark": mark}, ((*found.span(), ""),))


def _closes(mark: str, before: str) -> bool:
    """Tell whether a closing bracket or quote belongs to one that was opened."""
    return (
        (mark == ")" and before.count("(") > before.count(")"))
        or (mark == "]" and before.count("[") > before.count("]"))
        or (mark in {"'", '"'} and mark in before)
    )


def _is_entity_end(text: str, end: int) -> bool:
    return bool(re.search(r"&[#\w]{1,10};$", text[max(0, end - 12) : end]))
