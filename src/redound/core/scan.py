"""Reading a template: its literal pieces, its macros and everything that is wrong with it, in linear time.

A brace that belongs to JSON is told from one that opens a macro by what follows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from redound.core.aliases import suggest
from redound.core.macros import MACROS, find, resolve
from redound.core.modifiers import RAW, BadModifier, Modifier, compile_modifier

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_MACROS: Final = 200
"""Macros in one template: long values must not make a request of any size."""
MAX_ERRORS: Final = 20
"""Errors after which a template is not read on."""

_BRACE = re.compile(r"[{}]")
_START = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#{}]*")
_QUOTE = re.compile(r"\\.|\"", re.DOTALL)
_QUOTED_NEXT = re.compile(r"\{\s*[\"'\\]")
_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script", re.IGNORECASE | re.DOTALL)
_NAMED = re.compile(r"\{([A-Za-z_][\w.]*)(?:\|[^{}\n]*)?\}")
_MACRO_NEXT = re.compile(r"\{(?:[A-Za-z_{]|\s+[\w.]+\s*[|}])")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Position(StrEnum):
    """Where a template stands. The `…_VALUE` ones take their literal text as what the receiver is to read."""

    URL = "url"
    JSON_BODY = "json_body"
    HEADER = "header"
    QUERY_VALUE = "query_value"
    FORM_VALUE = "form_value"
    JSON_VALUE = "json_value"
    HTML = "html"


class Part(StrEnum):
    """The part of a URL, JSON body or HTML text that a macro stands in; `whole` for positions without parts.

    A template with a macro in its authority (or scheme) is refused, so none that parsed has one.
    """

    AUTHORITY = "authority"
    PATH = "path"
    QUERY = "query"
    FRAGMENT = "fragment"
    JSON_TEXT = "json_text"
    JSON_WHOLE = "json_whole"
    HTML_TEXT = "html_text"
    HTML_ATTRIBUTE = "html_attribute"
    HTML_PATH = "html_path"
    HTML_QUERY = "html_query"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class TemplateError:
    """Why a template is refused: lint code, sentence, the characters concerned, macros to use instead."""

    code: str
    message: str
    start: int
    end: int
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MacroUse:
    """A macro in a template: `written` between the braces at start:end, `name` its canonical name."""

    name: str
    written: str
    modifiers: tuple[Modifier, ...]
    part: Part
    start: int
    end: int

    @property
    def raw(self) -> bool:
        """Whether the value is to be left as it is, as far as the position allows."""
        return any(modifier.text == RAW for modifier in self.modifiers)


class Scan:
    """One pass over a template: literal pieces and macros, and what is wrong."""

    def __init__(self, text: str, position: Position) -> None:
        self.text = text
        self.position = position
        self.pieces: list[str | MacroUse] = []
        self.errors: list[TemplateError] = []
        self._literal_from = 0
        self._passed = 0
        self._part = _FIRST_PART[position]
        self._doubled = False
        self._scripts: list[tuple[int, int]] | None = None

    def run(self) -> None:
        """Read the whole text, or until too much is wrong with it."""
        self._check_start()
        opened = -1
        for found in _BRACE.finditer(self.text):
            if len(self.errors) >= MAX_ERRORS:
                return
            at = found.start()
            if found[0] == "{":
                opened = self._brace(opened, at)
            elif opened >= 0:
                self._macro(opened, at + 1)
                opened = -1
            elif self.position is Position.URL and not self._doubled:
                self._error("unbalanced_macro", "This } closes nothing.", at, at + 1)
            else:
                self._doubled = False
        if opened >= 0:
            self._error("unbalanced_macro", "This { is never closed.", opened, opened + 1)
        self.pieces.append(self.text[self._literal_from :])
        if sum(isinstance(piece, MacroUse) for piece in self.pieces) > MAX_MACROS:
            self._error("too_long", f"It has more than {MAX_MACROS} macros.", 0, len(self.text))

    def _check_start(self) -> None:
        """Refuse macros before the end of a URL's authority, and characters that no encoding has."""
        surrogate = _SURROGATE.search(self.text)
        if surrogate is not None:
            self._error("control_char", "This character cannot be sent.", surrogate.start(), surrogate.end())
        if self.position is not Position.URL:
            return
        start = _START.match(self.text)
        brace = self.text.find("{")
        if start is None:
            before, found, _ = self.text.partition("://")
            if 0 <= brace < len(before) and (found or brace == 0):
                sentence = "Scheme and host have to be written out: no macro may stand in them."
                self._error("macro_in_host", sentence, brace, brace + 1)
            else:
                self._error("missing_scheme", "It has to begin with https:// or http://.", 0, len(before))
        elif start.end() == brace:
            sentence = "Host and port have to be written out: no macro may stand in them."
            self._error("macro_in_host", sentence, brace, brace + 1)

    def _brace(self, opened: int, at: int) -> int:
        """Take a `{`: return where the macro that is now open begins, or -1 when the brace is literal."""
        if opened < 0:
            self._pass(at)
            return -1 if self._is_literal(at) else at
        if at == opened + 1:
            self._doubled = True
            self._error(
                "foreign_macro", "Write macros in single braces: {sub1}, not {{sub1}}.", opened, at + 1
            )
        else:
            self._error("unbalanced_macro", "This { is never closed.", opened, opened + 1)
        return at

    def _is_literal(self, at: int) -> bool:
        """Tell whether this brace belongs to JSON: it does when what follows cannot be a macro's name."""
        if self.position is Position.URL:
            return False
        if self.position is Position.HTML:
            return self._is_literal_html(at)
        if self._part is Part.JSON_WHOLE:
            following = self.text[at + 1 : at + 2]
            return not (following.isalpha() or following == "_")
        return _QUOTED_NEXT.match(self.text, at) is not None

    def _is_literal_html(self, at: int) -> bool:
        """Tell whether this brace of an HTML text is one of its own: in a script all but known macros are."""
        if self._scripts is None:
            self._scripts = [found.span(1) for found in _SCRIPT.finditer(self.text)]
        if any(start <= at < end for start, end in self._scripts):
            named = _NAMED.match(self.text, at)
            return named is None or resolve(named[1]) is None
        return _MACRO_NEXT.match(self.text, at) is None

    def _pass(self, to: int) -> None:
        """Move on over literal text, minding in which part of the URL or JSON it ends."""
        passed = self.text[self._passed : to]
        self._passed = to
        if self.position is Position.URL:
            if "#" in passed or self._part is Part.FRAGMENT:
                self._part = Part.FRAGMENT
            elif "?" in passed:
                self._part = Part.QUERY
        elif self.position is Position.JSON_BODY:
            quotes = sum(found[0] == '"' for found in _QUOTE.finditer(passed))
            if quotes % 2:
                self._part = Part.JSON_WHOLE if self._part is Part.JSON_TEXT else Part.JSON_TEXT

    def _macro(self, start: int, end: int) -> None:
        """Take the macro at start:end."""
        self.pieces.append(self.text[self._literal_from : start])
        self._literal_from = self._passed = end
        written = self.text[start + 1 : end - 1]
        name, *modifiers = written.split("|")
        canonical = resolve(name)
        if canonical is None:
            self._unknown(name, start, end)
            return
        kind, compiled = find(canonical).kind, []
        for text in modifiers:
            modifier = compile_modifier(text, kind)
            if isinstance(modifier, BadModifier):
                self._error(modifier.code, modifier.sentence, start, end)
                return
            compiled.append(modifier)
            kind = modifier.kind
        self.pieces.append(MacroUse(canonical, written, tuple(compiled), self._part, start, end))

    def _unknown(self, name: str, start: int, end: int) -> None:
        stripped = name.strip()
        if not stripped:
            self._error("empty_macro", "There is no name between these braces.", start, end)
        elif resolve(stripped) is not None:
            sentence = f"Write {{{stripped}}} without blanks."
            self._error("space_in_macro", sentence, start, end, (stripped,))
        else:
            sentence, names = suggest(name, MACROS)
            shown = name if len(name) <= _SHOWN else name[:_SHOWN] + "…"
            self._error("unknown_macro", f"There is no macro {{{shown}}}. {sentence}", start, end, names)

    def _error(self, code: str, message: str, start: int, end: int, names: tuple[str, ...] = ()) -> None:
        self.errors.append(TemplateError(code, message, start, end, names))


_SHOWN = 60
_FIRST_PART: Final[Mapping[Position, Part]] = {
    Position.URL: Part.PATH,
    Position.JSON_BODY: Part.JSON_WHOLE,
    Position.HEADER: Part.WHOLE,
    Position.QUERY_VALUE: Part.WHOLE,
    Position.FORM_VALUE: Part.WHOLE,
    Position.JSON_VALUE: Part.WHOLE,
    Position.HTML: Part.WHOLE,
}
