"""Where in an HTML template each macro stands, and what of HTML such a template may use.

Escaping is safe only where browser and escaper agree on what a character is. So a template is held to the
part of HTML that cannot be read in two ways: a few elements, quoted attributes, plain comments. A macro may
stand in text, in a quoted attribute of a closed list, and in the path, query or fragment of a `src` or `href`
whose origin is written out. It may stand nowhere else: scripts, styles, event handlers, names and comments
have no escaping that holds for every value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from redound.core.scan import MacroUse, Part, TemplateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    Pieces = list[str | MacroUse]

ELEMENTS: Final = frozenset(
    {"a", "b", "br", "div", "em", "i", "iframe", "img", "p", "script", "span", "strong"}
)
"""What a template may be made of. Elements that change how what follows is read (`noscript`, `svg`, `style`,
`select`, `template` …) are not among it."""
PLAIN_ATTRIBUTES: Final = frozenset({"alt", "class", "title"})
"""Attributes that may hold a macro besides `src`, `href` and `data-…`."""
URL_ATTRIBUTES: Final = frozenset({"src", "href"})

_HOLE: Final = "\ufdd0"
"""Stands for a macro while the template is read: a character that no text may hold."""
_RAW_TEXT: Final = ("script", "iframe")
_TAG = re.compile(
    r"<(?P<name>[A-Za-z]+)"
    r"(?P<attributes>(?:\s+[A-Za-z][A-Za-z0-9_.:-]*(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?)*)"
    r"\s*/?>",
    re.ASCII,
)
_ATTRIBUTE = re.compile(
    r"\s+(?P<name>[A-Za-z][A-Za-z0-9_.:-]*)(?:\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'=<>`]+)))?",
    re.ASCII,
)
_END_TAG = re.compile(r"</(?P<name>[A-Za-z]+)\s*>", re.ASCII)
_COMMENT = re.compile(r"<!--(?!-?>)(?P<text>(?:(?!<!--|-->|--!>).)*)-->", re.DOTALL)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+[/?#]", re.IGNORECASE | re.ASCII)
_REFERENCE = re.compile(r"&[#A-Za-z0-9]*\Z")


@dataclass(slots=True)
class _Reader:
    """One pass over a template in which every macro is a hole. `parts` gets the part of each macro."""

    probe: str
    places: Sequence[int]
    uses: Sequence[MacroUse]
    parts: list[Part]
    errors: list[TemplateError]

    def run(self) -> None:
        at, end = 0, len(self.probe)
        while at < end and not self.errors:
            at = self._text(at) if self.probe[at] != "<" else self._markup(at)

    def _text(self, at: int) -> int:
        end = self.probe.find("<", at)
        end = len(self.probe) if end < 0 else end
        self._take(at, end, Part.HTML_TEXT)
        return end

    def _markup(self, at: int) -> int:
        for pattern, read in ((_TAG, self._tag), (_END_TAG, self._end_tag), (_COMMENT, self._comment)):
            found = pattern.match(self.probe, at)
            if found is not None:
                return read(found)
        sentence = (
            "This is no tag that can be read in one way only. Quote attributes, put no macro into names or "
            "unquoted values, and write &lt; for a plain <."
        )
        self._error("bad_markup", sentence, at)
        return at

    def _tag(self, found: re.Match[str]) -> int:
        name = found["name"].lower()
        if name not in ELEMENTS:
            sentence = f"<{name[:40]}> cannot be used here: {_LISTED}."
            self._error("element_not_allowed", sentence, found.start())
        for attribute in _ATTRIBUTE.finditer(self.probe, found.start("attributes"), found.end("attributes")):
            self._attribute(attribute)
        return self._raw_text(name, found.end()) if name in _RAW_TEXT else found.end()

    def _raw_text(self, name: str, at: int) -> int:
        """Pass over what browsers take as it stands up to the end tag."""
        end = re.compile(rf"</{name}", re.IGNORECASE | re.ASCII).search(self.probe, at)
        if end is None:
            self._error("bad_markup", f"<{name}> is never closed.", at)
            return at
        inside = self.probe[at : end.start()]
        if "<!--" in inside or "<script" in inside.lower():
            self._error("bad_markup", f"<!-- and <script do not belong inside of <{name}>.", at)
        self._refuse(
            at,
            end.start(),
            "macro_in_script",
            "No macro may stand inside of a script or frame. Put it into an attribute of the script, "
            'data-value="{payout}", and read document.currentScript.dataset.value.',
        )
        return end.start()

    def _end_tag(self, found: re.Match[str]) -> int:
        if found["name"].lower() not in ELEMENTS:
            self._error("element_not_allowed", f"</{found['name'][:40]}> closes nothing here.", found.start())
        return found.end()

    def _comment(self, found: re.Match[str]) -> int:
        self._refuse(found.start(), found.end(), "macro_in_comment", "A macro in a comment is of no use.")
        return found.end()

    def _attribute(self, found: re.Match[str]) -> None:
        name = found["name"].lower()
        value = next((group for group in ("double", "single") if found[group] is not None), "")
        if not value:
            if found["bare"]:
                sentence = "A value with a macro has to stand in quotation marks."
                self._refuse(*found.span("bare"), "macro_unquoted", sentence)
            return
        start, end = found.span(value)
        if name in URL_ATTRIBUTES:
            self._url(start, end)
        elif name in PLAIN_ATTRIBUTES or name.startswith("data-"):
            self._take(start, end, Part.HTML_ATTRIBUTE)
        else:
            sentence = f"No macro may stand in {name[:40]}: only in src, href, alt, title, class and data-…."
            self._refuse(start, end, "macro_in_attribute", sentence)

    def _url(self, start: int, end: int) -> None:
        """Take the macros of a URL, none of which may stand before its path."""
        url = self.probe[start:end]
        if _HOLE in url and _ORIGIN.match(url) is None:
            sentence = "A URL with a macro begins with https:// and a host, written out, and a / behind it."
            self._refuse(start, end, "macro_in_host", sentence)
            return
        ends = [at for at in (url.find("?"), url.find("#")) if at >= 0]
        path_ends = start + min(ends, default=len(url))
        self._take(start, path_ends, Part.HTML_PATH)
        self._take(path_ends, end, Part.HTML_QUERY)

    def _take(self, start: int, end: int, part: Part) -> None:
        """Note the part of the macros at start:end."""
        for at in self._holes(start, end):
            if _REFERENCE.search(self.probe, max(start, at - 40), at):
                sentence = "Write &amp; for the & before this macro: it would begin a character reference."
                self._error("bare_ampersand", sentence, at)
            self.parts.append(part)

    def _refuse(self, start: int, end: int, code: str, sentence: str) -> None:
        for at in self._holes(start, end):
            self._error(code, sentence, at)
            return

    def _holes(self, start: int, end: int) -> list[int]:
        found, at = [], self.probe.find(_HOLE, start, end)
        while at >= 0:
            found.append(at)
            at = self.probe.find(_HOLE, at + 1, end)
        return found

    def _error(self, code: str, sentence: str, at: int) -> None:
        """Add an error at a place of the probe, told in places of the template."""
        shift = 0
        for hole, use in zip(self.places, self.uses, strict=True):
            if hole == at:
                self.errors.append(TemplateError(code, sentence, use.start, use.end))
                return
            if hole > at:
                break
            shift += use.end - use.start - 1
        self.errors.append(TemplateError(code, sentence, at + shift, at + shift + 1))


_LISTED: Final = "use " + ", ".join(sorted(ELEMENTS))


def place_macros(pieces: Pieces) -> tuple[Pieces, list[TemplateError]]:
    """Return the pieces of a scanned HTML template, each macro with its part, and what is wrong with it."""
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    forbidden = re.search(rf"[{_HOLE}\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)
    if forbidden is not None:
        return pieces, [TemplateError("control_char", "A character in it cannot stand in HTML.", 0, 1)]
    probe, places, uses = "", [], []
    for piece in pieces:
        if isinstance(piece, str):
            probe += piece
        else:
            places.append(len(probe))
            uses.append(piece)
            probe += _HOLE
    reader = _Reader(probe, places, uses, [], [])
    reader.run()
    if reader.errors:
        return pieces, reader.errors
    parts = iter(reader.parts)
    placed = [piece if isinstance(piece, str) else replace(piece, part=next(parts)) for piece in pieces]
    return placed, []
