"""Rules about how parameters are put together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from redound.core.lint.lookalikes import foreign_letters, latin
from redound.core.lint.subject import Note
from redound.core.parsing import MASK, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.core.lint.subject import Subject
    from redound.core.parsing import Row

_AMPS = re.compile(r"&+")
_EMPTY = re.compile(r"&+(?=&)|&+$")
_URL_INSIDE = re.compile(r"https?://", re.IGNORECASE)
_INNER_NAME = re.compile(rf"[A-Za-z_][\w.\-]{{0,40}}=(?={MASK}+$)")


def question_marks(subject: Subject) -> Iterator[Note]:
    """One ? before the first parameter, & between the others."""
    parsed = subject.parsed
    if parsed.merged is not None:
        at = parsed.merged
        mark = parsed.masked[at : at + 1]
        before = parsed.masked[at - 1 : at]
        if mark == "&":
            edits, place = ((at, at + 1, "?"),), (at, at + 1)
        elif before == "/":
            edits, place = ((at - 1, at, "?"),), (at - 1, at)
        else:
            edits, place = ((at, at, "?"),), (at, at + 1)
        yield Note("missing_query_separator", place, {}, edits)
    for separator in parsed.separators:
        place = (separator.start, separator.end)
        match separator.kind:
            case "question" if parsed.query and separator.start == parsed.query[0]:
                yield Note("double_question_mark", place, {}, ((*place, ""),))
            case "question":
                yield Note("double_question_mark", place, {}, ((*place, "&"),))
            case "semicolon":
                yield Note("semicolon_separator", place, {}, ((*place, "&"),))
            case "missing":
                row = next(row for row in parsed.rows if row.start == separator.start)
                span = (row.start, row.name_end)
                details = {"name": row.key}
                yield Note("missing_query_separator.amp", span, details, ((*place, "&"),))
            case _:
                pass
    if parsed.query is None or parsed.merged is not None:
        return
    start = parsed.query[0]
    more = re.compile(r"\?+").match(parsed.masked, start, parsed.query[1])
    if more and not any(separator.start == start for separator in parsed.separators):
        yield Note("double_question_mark", more.span(), {}, ((*more.span(), ""),))


def empty_pairs(subject: Subject) -> Iterator[Note]:
    """No && and no & at the end."""
    parsed = subject.parsed
    if parsed.query is None:
        return
    start, end = parsed.query
    start += parsed.merged is not None
    first = _AMPS.match(parsed.masked, start, end)
    found = [first.span()] if first else []
    begins = first.end() if first else start
    found += [match.span() for match in _EMPTY.finditer(parsed.masked, begins, end)]
    edits = tuple((*place, "") for place in found)
    for place in found:
        yield Note("empty_pair", place, {}, edits)


def query(subject: Subject) -> Iterator[Note]:
    """There are parameters."""
    parsed = subject.parsed
    if parsed.fragment is not None and any(row.where is Where.FRAGMENT and row.macros for row in parsed.rows):
        return
    if any(row.where is not Where.FRAGMENT for row in parsed.rows) or subject.context.elsewhere:
        return
    if parsed.authority[0] < parsed.authority[1] and (parsed.scheme or "." in parsed.host):
        yield Note("no_query", None)


def fragment(subject: Subject) -> Iterator[Note]:
    """Nothing stands after #."""
    parsed = subject.parsed
    if parsed.fragment is None:
        return
    inside = parsed.macros_in(*parsed.fragment)
    if not inside:
        yield Note("fragment", parsed.fragment, {}, ((*parsed.fragment, ""),))
    for macro in inside:
        yield Note("macro_in_fragment", (macro.start, macro.end), {"macro": macro.text})


def path(subject: Subject) -> Iterator[Note]:
    """Macros in the path are told of once."""
    for row in subject.parsed.rows:
        if row.where is Where.PATH:
            macro = row.macros[0]
            yield Note("macro_in_path", (macro.start, macro.end), {"macro": macro.text})
            return


def names(subject: Subject) -> Iterator[Note]:
    """Names are given once, in Latin letters, with a value."""
    seen: dict[str, Row] = {}
    for cell in subject.query:
        row = cell.row
        letters = foreign_letters(row.name)
        if letters:
            mended = latin(row.name)
            edits = ((row.start, row.name_end, mended),) if mended.isascii() else None
            details = {"name": row.name, "letters": " ".join(letters)}
            yield Note("lookalike_param", (row.start, row.name_end), details, edits)
        if not row.key:
            if row.assigned:
                edits = None if row.value else ((row.start - 1, row.end, ""),)
                yield Note("empty_pair.nameless", (row.start, row.end), {}, edits)
            continue
        if not row.value.strip() and not row.macros:
            yield Note("valueless_param", (row.start, row.end), {"name": row.key})
        first = seen.setdefault(row.key, row)
        if first is not row and not row.key.endswith("[]"):
            edits = None if row.value != first.value else ((row.start - 1, row.end, ""),)
            yield Note("duplicate_param", (row.start, row.name_end), {"name": row.key}, edits)


def values(subject: Subject) -> Iterator[Note]:
    """A value is one value: no second = sign, no whole URL."""
    masked = subject.parsed.masked
    for cell in subject.query:
        row = cell.row
        if not row.assigned:
            continue
        at = row.value_start
        if masked[at : at + 1] == "=" and masked[at : row.end].strip("="):
            signs = len(masked[at : row.end]) - len(masked[at : row.end].lstrip("="))
            yield Note("double_equals", (at - 1, at + signs), {}, ((at, at + signs, ""),))
        else:
            inner = _INNER_NAME.match(masked, at, row.end)
            if inner:
                details = {"name": row.key}
                yield Note("double_equals.nested", inner.span(), details, ((*inner.span(), ""),))
        found = _URL_INSIDE.search(masked, at, row.end)
        if found is not None:
            yield _nested(subject, row, found.start())


_REDIRECTS: Final = frozenset({"url", "redirect", "redirect_url", "return", "return_url", "ref", "referrer"})


def _nested(subject: Subject, row: Row, at: int) -> Note:
    parsed = subject.parsed
    inner = parsed.masked[at : row.end]
    if at > row.value_start and row.key.lower() not in _REDIRECTS:
        return Note("nested_url.twice", (at, parsed.body[1]))
    plain = "?" not in inner and MASK not in inner and "#" not in parsed.masked
    edits = ((at, row.end, quote(parsed.text[at : row.end], safe="%")),) if plain else None
    return Note("nested_url", (at, row.end), {}, edits)


def pasted_twice(subject: Subject) -> Iterator[Note]:
    """No second URL in the path."""
    parsed = subject.parsed
    found = _URL_INSIDE.search(parsed.masked, parsed.path[0] + 1, parsed.path[1])
    if found is not None and parsed.path[0] + 1 < parsed.path[1]:
        yield Note("nested_url.twice", (found.start(), parsed.body[1]))
