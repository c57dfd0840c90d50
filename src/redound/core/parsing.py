"""Taking any string apart that somebody may paste for a URL: scheme, host, path, rows, each with its place.

Macros are found first and then hidden, so that their marks are no part of the URL. What is broken is read
as it was meant: a `?` that is missing, `&amp;`, a `;` between parameters. Never raises; linear time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from html.entities import html5
from itertools import chain
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from redound.core.styles import STRONG, Style, Written, find_macros
from redound.core.targets import MAX_URL
from redound.core.wrapping import unwrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Span = tuple[int, int]
"""Where something stands in the string as it was given: first character, and the one after the last."""

MAX_ROWS: Final = 300
MASK: Final = "\ue000"
"""Stands for each character of a macro in `Parsed.masked`."""

EATEN: Final[Mapping[str, str]] = {
    character: name
    for name, character in sorted(html5.items())
    if not name.endswith(";") and character > "\xa0" and character != "\xad"
    if not character.isalpha() or name in {"micro", "ordf", "ordm", "eth"}
} | {"⊂": "sub", "∑": "sum", "∂": "part"}
"""What browsers make of `&curren…` and its like → the entity's name: `¤cy` was `&currency`."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]{0,19}):(?=//|\\\\|\\/\\/)(?://|\\\\|\\/\\/)")
_ODD_SCHEME = re.compile(
    r"(https?\(s\)|http\[s\])://"
    r"|(h[a-z]{2,5}s?)(?::/(?!/)|//|;//|: ?//|:(?=[A-Za-z0-9-]+\.))"
    r"|([^\W\d_][\w+.\-]{1,19})://",
    re.IGNORECASE,
)
_OTHER_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+\-]{0,19}):(?![0-9/])")
_AGAIN = re.compile(r"(?:https?(?:(?::|;)?//|:/)|https?:(?=[A-Za-z]))+", re.IGNORECASE)
_HASH = re.compile(r"(?<!&)#|#(?![0-9xX])")
_NO_HOST = re.compile(r"[\w.\-]{1,60}=")
_AUTHORITY_END = re.compile(r"[/?#\\&]")
_SEPARATOR = re.compile(
    r"(?P<entity>&(?:amp;|#0*38;|#[xX]0*26;)+)"
    r"|(?P<amp>&(?!(?:quot|apos|lt|gt|nbsp|#\d{1,6}|#[xX][0-9A-Fa-f]{1,6});))"
    r"|(?P<semicolon>;(?=[A-Za-z_][\w.\-]{0,40}=))"
    r"|(?P<question>\?+(?=[A-Za-z_][\w.\-]{0,40}=))"
    rf"|(?P<eaten>[{''.join(EATEN)}](?=[A-Za-z0-9_.]{{0,40}}=))"
    rf"|(?P<missing>(?<={MASK})(?=[A-Za-z_][\w.\-]{{1,40}}=))"
)
_MERGED = re.compile(r"([\w\-.]*?)([A-Za-z][\w\-]*)$")
_PAIR = re.compile(r"[&;]?(?:amp;)?([A-Za-z_][\w.\-]{0,40})=")


class Where(StrEnum):
    """The part of a URL that a row stands in."""

    PATH = "path"
    QUERY = "query"
    FRAGMENT = "fragment"


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter, or one segment of the path that holds a macro (then `name` is empty).

    `key` is the name as a receiver reads it; `assigned` says whether there is an `=`.
    """

    where: Where
    name: str
    value: str
    start: int
    value_start: int
    end: int
    assigned: bool
    macros: tuple[Written, ...] = ()
    key: str = ""

    @property
    def name_end(self) -> int:
        """The place after the name."""
        return self.start + len(self.name)

    @property
    def constant(self) -> bool:
        """Whether no macro stands in the value."""
        return not self.macros


@dataclass(frozen=True, slots=True)
class Separator:
    """What stands between two parameters: `amp`, or `entity semicolon question eaten missing` by mistake."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A string taken apart. All places count from the beginning of `text`.

    `masked` is the text with every character of a macro replaced. `body` is the URL without what surrounds
    it; `wrapper` names that: "html", "markdown", "link", "quotes", "smart" or "". `merged` is where a `?` is
    missing. `read_to`: what stands after it was not read, since no URL is that long.
    """

    text: str
    masked: str
    body: Span
    wrapper: str
    scheme: str
    scheme_span: Span
    again: Span
    authority: Span
    path: Span
    query: Span | None
    fragment: Span | None
    merged: int | None
    macros: tuple[Written, ...]
    rows: tuple[Row, ...]
    separators: tuple[Separator, ...]
    read_to: int

    def of(self, span: Span) -> str:
        """Return the characters at a place."""
        return self.text[span[0] : span[1]]

    def macros_in(self, start: int, end: int) -> tuple[Written, ...]:
        """Return the macros that begin at start:end."""
        return tuple(macro for macro in self.macros if start <= macro.start < end)

    @property
    def host(self) -> str:
        """The host as written, without user info and port."""
        host = self.of(self.authority).rpartition("@")[2]
        name, bracket, _ = host.partition("]") if host.startswith("[") else host.partition(":")
        return name + bracket if bracket == "]" else name

    @property
    def port(self) -> str:
        """The port as written, "" for none."""
        host = self.of(self.authority).rpartition("@")[2]
        return (host.partition("]")[2] if host.startswith("[") else host).partition(":")[2]


def parse(text: str) -> Parsed:
    """Take any string apart."""
    read_to = len(text)
    if read_to > MAX_URL:
        read_to = max(text.rfind("&", 0, MAX_URL), MAX_URL // 2)
    start, end, wrapper = unwrap(text, read_to)
    macros = _macros(text, start, end)
    masked = _mask(text[:read_to], macros)
    scheme, scheme_span = _scheme(masked, start, end)
    again = _again(masked, scheme_span, end)
    authority = _authority(masked, scheme, again[1], end)
    path_end = _first(_HASH, masked, authority[1], end)
    fragment = (path_end, end) if path_end < end else None
    question = masked.find("?", authority[1], path_end)
    merged = _merged(text, masked, authority[1], question if question >= 0 else path_end)
    query: Span | None = None
    if not scheme and authority[0] == authority[1] and _NO_HOST.match(masked, start, path_end):
        merged, query = None, (start, path_end)
    elif merged is not None:
        query = (merged, path_end)
    elif question >= 0:
        query = (question + 1, path_end)
    path = (authority[1], path_end if query is None else max(query[0] - (merged is None), authority[1]))
    separators: list[Separator] = []
    rows = [*_path_rows(text, masked, path, macros)]
    if query is not None:
        rows += _query_rows(text, masked, query, macros, separators, Where.QUERY)
    if fragment is not None:
        within = masked.find("?", path_end, end)
        inner = (within + 1 if within >= 0 else path_end + 1, end)
        found = _query_rows(text, masked, inner, macros, [], Where.FRAGMENT)
        rows += [row for row in found if row.assigned or row.macros]
    return Parsed(
        *(text, masked, (start, end), wrapper, scheme, scheme_span, again, authority, path, query),
        *(fragment, merged, tuple(macros), tuple(rows), tuple(separators), read_to),
    )


def _macros(text: str, start: int, end: int) -> list[Written]:
    macros = find_macros(text, start, end)
    if not macros or "[" not in text:
        return macros
    found = text.find("://", start, end)
    authority = _first(re.compile(r"[/?#]"), text, found + 3, end) if found >= 0 else start
    return [
        macro
        for macro in macros
        if not (macro.style is Style.BRACKET and ":" in macro.name and macro.end <= authority)
    ]


def _mask(text: str, macros: list[Written]) -> str:
    text = text.replace(MASK, "\ue001")
    pieces, at = [], 0
    for macro in macros:
        pieces += [text[at : macro.start], MASK * (macro.end - macro.start)]
        at = macro.end
    return "".join([*pieces, text[at:]])


def _first(form: re.Pattern[str], text: str, start: int, end: int) -> int:
    found = form.search(text, start, end)
    return found.start() if found else end


def _scheme(masked: str, start: int, end: int) -> tuple[str, Span]:
    """Return the scheme in lower case, and the place of all up to the host; a mistyped one as it is."""
    found = _SCHEME.match(masked, start, end)
    if found is not None:
        return found[1].lower(), (start, found.end())
    found = _ODD_SCHEME.match(masked, start, end)
    if found is not None:
        return next(name for name in found.groups() if name).lower(), (start, found.end())
    for mark in ("://", "//"):
        if masked.startswith(mark, start) and end - start > len(mark):
            return "", (start, start + len(mark))
    found = _OTHER_SCHEME.match(masked, start, end)
    if found is not None and "." not in found[1]:
        return found[1].lower(), (start, found.end())
    return "", (start, _after_macro_scheme(masked, start, end))


def _after_macro_scheme(masked: str, start: int, end: int) -> int:
    """Return where the host begins in `{x}://host`; the start itself for anything else."""
    if not masked.startswith(MASK, start):
        return start
    at = masked.find("://", start, end)
    return at + 3 if at >= 0 and not masked[start:at].strip(MASK) else start


def _again(masked: str, scheme_span: Span, end: int) -> Span:
    """Return the place of schemes that are written once more."""
    at = scheme_span[1]
    if scheme_span[0] == at:
        return at, at
    found = _AGAIN.match(masked, at, end)
    return (at, found.end()) if found else (at, at)


def _authority(masked: str, scheme: str, start: int, end: int) -> Span:
    """Return where the host stands; nowhere in `mailto:x` and in parameters without a URL."""
    if scheme and masked[start - 1 : start] == ":" and scheme not in {"http", "https"}:
        return start, start
    if not scheme and _NO_HOST.match(masked, start, end):
        return start, start
    return start, _first(_AUTHORITY_END, masked, start, end)


def _merged(text: str, masked: str, start: int, end: int) -> int | None:
    """Return where the query begins that lacks its `?`: at the `&` or `=` of its first parameter.

    `/pb&cid=…`, `/pb/cid=…&…` and `/pbcid=…&…` are such; `/a=1/b=2/` is a path.
    """
    amp = masked.find("&", start, end)
    equals = masked.find("=", start, end)
    if equals < 0 or (amp < 0 and MASK not in masked[equals + 1 : equals + 2]):
        return None
    if 0 <= amp < equals:
        return amp if _PAIR.match(masked, amp, end) else None
    segment = masked.rfind("/", start, equals) + 1 or start
    following = masked.find("/", equals, end)
    if following >= 0 and (amp < 0 or following < amp) and "=" in masked[following:end]:
        return None
    if masked.startswith(";", segment) or MASK in masked[segment:equals]:
        return None
    return segment + _name_offset(text[segment:equals])


def _name_offset(segment: str) -> int:
    """Return where in `postbackcid` the parameter's name begins; 0 when that cannot be told."""
    lower = segment.lower()
    for name in _ENDPOINT_ENDS:
        at = lower.find(name)
        if at >= 0 and len(lower) > at + len(name):
            rest = at + len(name)
            if lower[rest:] in _FIRST_NAMES:
                return rest
    return 0


_ENDPOINT_ENDS: Final = ("postback", "conversion", "track", ".php", "/pb", "pb", "cv", "s2s", "callback")
_FIRST_NAMES: Final = frozenset(
    {"cid", "clickid", "click_id", "click-id", "subid", "sub_id", "cnv_id", "hit", "tid", "amount", "uid"}
    | {"payout", "status", "sub1", "transaction_id", "txid"}
)


def _path_rows(text: str, masked: str, path: Span, macros: list[Written]) -> Iterator[Row]:
    for macro in macros:
        if path[0] <= macro.start < path[1]:
            start = masked.rfind("/", path[0], macro.start) + 1 or path[0]
            after = masked.find("/", macro.end, path[1])
            end = after if after >= 0 else path[1]
            inside = tuple(each for each in macros if start <= each.start < end)
            if inside[0] is macro:
                yield Row(Where.PATH, "", text[start:end], start, start, end, assigned=False, macros=inside)


def _query_rows(
    text: str,
    masked: str,
    span: Span,
    macros: list[Written],
    separators: list[Separator],
    where: Where,
) -> Iterator[Row]:
    start, end = span
    inside = [macro for macro in macros if start <= macro.start < end]
    taken = 0
    end_of_all = Separator("end", end, end)
    for count, separator in enumerate(chain(_separators(masked, span), (end_of_all,))):
        if count >= MAX_ROWS:
            return
        if separator.kind != "end":
            separators.append(separator)
        if separator.start == start:
            start = separator.end
            continue
        last = taken
        while last < len(inside) and inside[last].start < separator.start:
            last += 1
        yield _row(text, masked, (start, separator.start), tuple(inside[taken:last]), where)
        taken, start = last, separator.end


def _separators(masked: str, span: Span) -> Iterator[Separator]:
    row_start = span[0]
    for found in _SEPARATOR.finditer(masked, *span):
        kind = found.lastgroup or ""
        if kind in {"question", "semicolon", "missing", "eaten"}:
            value = masked[row_start : found.start()]
            if "://" in value or (kind == "eaten" and "=" not in value):
                continue
        row_start = found.end() if kind != "eaten" else found.start()
        yield Separator(kind, found.start(), found.start() if kind == "eaten" else found.end())


def _row(text: str, masked: str, span: Span, macros: tuple[Written, ...], where: Where) -> Row:
    start, end = span
    equals = masked.find("=", start, end)
    if equals < 0:
        value = text[start:end] if macros else ""
        name = "" if macros else text[start:end]
        at = start if macros else end
        return Row(where, name, value, start, at, end, assigned=False, macros=macros, key=_key(name))
    name = text[start:equals]
    named = tuple(macro for macro in macros if macro.start >= equals)
    value = text[equals + 1 : end]
    return Row(where, name, value, start, equals + 1, end, assigned=True, macros=named, key=_key(name))


def _key(name: str) -> str:
    """Return a parameter's name as its receiver reads it, without blanks, a mangled entity spelt out."""
    if name[:1] in EATEN:
        name = EATEN[name[0]] + name[1:]
    key = unquote_plus(name) if "%" in name or "+" in name else name
    return key.strip()


def is_strong(macro: Written) -> bool:
    """Return whether its marks are braces, which nobody writes for anything but a macro."""
    return macro.style in STRONG
