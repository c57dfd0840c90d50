"""Finding macros in any string, in whatever style they are written, before anything is taken for a URL.

`#s2#`, `%x%`, `<x>` and `{a b}` break URL parsers, so they have to be found first. Strong styles (braces of
all kinds, `##x##`) count everywhere; weak ones, whose marks are common in URLs, only where a value begins.
Linear time: every pattern is tried at its first character alone and looks at a bounded number of others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping


class Style(StrEnum):
    """How a macro is written. The value is what a macro `x` looks like."""

    BRACE = "{x}"
    DOUBLE_BRACE = "{{x}}"
    TRIPLE_BRACE = "{{{x}}}"
    BANG_BRACE = "{!x!}"
    DOLLAR_BRACE = "${x}"
    FREEMARKER = "${(x)!}"
    HASH_BRACE = "#{x}"
    HASH = "#x#"
    DOUBLE_HASH = "##x##"
    BRACKET = "[x]"
    DOUBLE_BRACKET = "[[x]]"
    TRIPLE_BRACKET = "[[[x]]]"
    EQUALS_BRACKET = "[=x=]"
    PERCENT = "%x%"
    DOUBLE_PERCENT = "%%x%%"
    ANGLE = "<x>"
    PAREN = "(x)"
    AT = "@x@"
    XX = "xxXxx"
    UNDERSCORES = "__X__"
    ENCODED = "%7Bx%7D"


@dataclass(frozen=True, slots=True)
class Written:
    """A macro as it stands at start:end. `name` is what the marks enclose, without ours' modifiers.

    `modifiers` is the text after the first `|` of a `{x}`, "" for none. For an encoded macro `decoded` is
    the text it would be.
    """

    style: Style
    text: str
    name: str
    start: int
    end: int
    modifiers: str = ""
    decoded: str = ""


_NAME = r"[A-Za-z_][\w.:\- ]{0,63}"
_DOTTED = r"[A-Za-z_(][\w.:\-()\[\]!? ]{0,99}"
_BEFORE_WEAK: Final = frozenset("=/,|:;~._-+ \"'&?")
_BEFORE_VALUE: Final = frozenset("=/")
_AFTER_VALUE: Final = frozenset("&#?/,;|:_-+. \"'%")
_OPEN = r"(?:%(?:25)?7[Bb])"
_CLOSE = r"(?:%(?:25)?7[Dd])"
_INNER = r"(?:%20|\+| )?[A-Za-z_!][\w.:\-!]{0,63}(?:%20|\+| )?(?:(?:\||%7[Cc])[\w:.,=\-]{1,100})?"

_CANDIDATE = re.compile(r"[{$#\[%<(@]|(?<![A-Za-z0-9])xx(?=[A-Z])|(?<!\w)__(?=[A-Z])")
_ENCODED_WEAK = re.compile(r"%(?:25)?(?:5[Bb]|23|3[Cc])")
_HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")

_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "{": re.compile(
        rf"(?:\{{)(?P<ENCODED>{_INNER}){_CLOSE}"
        r"|\{!(?P<BANG_BRACE>[^{}!]{1,64})!\}"
        r"|\{\{\{(?P<TRIPLE_BRACE>[^{}]{0,64})\}\}\}"
        r"|\{\{(?P<DOUBLE_BRACE>[^{}&?=]{0,64})\}\}"
        r"|\{(?P<BRACE>[^{}|&?#=<>\"]{0,100})(?:\|(?P<BRACE_modifiers>[^{}]{0,300}))?\}"
    ),
    "$": re.compile(
        r"\$\{\((?P<FREEMARKER>[^(){}]{1,64})\)!?\}"
        r"|\$\{(?P<DOLLAR_BRACE>[^{}&?=]{0,64})\}"
    ),
    "#": re.compile(rf"#\{{(?P<HASH_BRACE>{_DOTTED})\}}|##(?P<DOUBLE_HASH>{_NAME})##|#(?P<HASH>{_NAME})#"),
    "[": re.compile(
        rf"\[\[\[(?P<TRIPLE_BRACKET>{_NAME})\]\]\]"
        rf"|\[=(?P<EQUALS_BRACKET>{_NAME})=\]"
        rf"|\[\[(?P<DOUBLE_BRACKET>{_NAME})\]\]"
        rf"|\[(?P<BRACKET>{_NAME})\]"
    ),
    "%": re.compile(
        rf"(?:{_OPEN}){{1,3}}(?P<ENCODED>{_INNER})(?:{_CLOSE}|\}}){{1,3}}"
        rf"|%(?:25)?5[Bb](?P<ENCODED_bracket>{_NAME})%(?:25)?5[Dd]"
        rf"|%(?:25)?23(?P<ENCODED_hash>{_NAME})%(?:25)?23"
        rf"|%(?:25)?3[Cc](?P<ENCODED_angle>{_NAME})%(?:25)?3[Ee]"
        rf"|%%(?P<DOUBLE_PERCENT>{_NAME})%%"
        rf"|%(?P<PERCENT>{_NAME})%"
    ),
    "<": re.compile(rf"<(?P<ANGLE>{_NAME})>"),
    "(": re.compile(rf"\((?P<PAREN>{_NAME})\)"),
    "@": re.compile(rf"@(?P<AT>{_NAME})@"),
    "x": re.compile(r"xx(?P<XX>[A-Z][A-Z0-9_]{1,40})xx(?![A-Za-z0-9])"),
    "_": re.compile(r"__(?P<UNDERSCORES>[A-Z][A-Z0-9_]{0,40}?)__(?!\w)"),
}
"""By first character. A group has the style's name; what follows in lower case tells groups apart."""
_WEAK: Final = frozenset({Style.BRACKET, Style.DOUBLE_BRACKET})
_WHOLE: Final = frozenset({Style.PAREN, Style.AT})
STRONG: Final = frozenset(
    {Style.BRACE, Style.DOUBLE_BRACE, Style.TRIPLE_BRACE, Style.BANG_BRACE, Style.DOLLAR_BRACE}
    | {Style.FREEMARKER, Style.HASH_BRACE, Style.ENCODED}
)
"""Styles that use braces: what they enclose is a macro wherever it stands."""


def find_macros(text: str, start: int = 0, end: int | None = None) -> list[Written]:
    """Return every macro of text[start:end], in order, none overlapping another."""
    end = len(text) if end is None else end
    found: list[Written] = []
    at = start
    while (candidate := _CANDIDATE.search(text, at, end)) is not None:
        at = candidate.start()
        macro = _macro_at(text, at, end, found[-1].end if found else -1)
        if macro is None:
            at += 1
        else:
            found.append(macro)
            at = macro.end
    return found


def _macro_at(text: str, at: int, end: int, last_end: int) -> Written | None:
    match = _FORMS[text[at]].match(text, at, end)
    if match is None or match.lastgroup is None:
        return None
    group = match.lastgroup.removesuffix("_modifiers")
    style = Style[group.rstrip("abcdefghijklmnopqrstuvwxyz").rstrip("_")]
    if not _stands_alone(style, match, last_end):
        return None
    name, modifiers, decoded = match[group], "", ""
    if style is Style.ENCODED:
        decoded = _decoded(match[0])
        name, _, modifiers = decoded.strip("{}[]<>#!").partition("|")
    elif style is Style.BRACE:
        modifiers = match["BRACE_modifiers"] or ""
    return Written(style, match[0], name, at, match.end(), modifiers, decoded)


def _stands_alone(style: Style, match: re.Match[str], last_end: int) -> bool:
    """Tell whether a weak style stands where a value begins (and ends), and is no escape or array index."""
    text, at, end = match.string, match.start(), match.end()
    before, after = text[at - 1 : at], text[end : end + 1]
    if style is Style.PERCENT:
        return not _HEX_PAIR.match(text, at + 1) or not _HEX_PAIR.match(text, end)
    if style in _WEAK:
        follows = not after or after in _AFTER_VALUE or after == "["
        return follows and (not before or before in _BEFORE_WEAK or at == last_end)
    if style in _WHOLE:
        return before == "=" and (not after or after in "&# ")
    if style is Style.ENCODED and _ENCODED_WEAK.match(text, at):
        return before in _BEFORE_VALUE and (not after or after in _AFTER_VALUE)
    return True


def _decoded(text: str) -> str:
    once = unquote(text)
    return unquote(once) if "%" in once else once
