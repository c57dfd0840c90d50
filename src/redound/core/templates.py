"""Templates: text with macros, parsed and checked once, then rendered fast with any values.

A template knows the position it is for, and so how each value is encoded. Literal text goes out as written
(in a parameter: as the receiver reads it). A value is put in once, encoded once, and never looked at again.
Parsing takes linear time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from redound.core import encoding
from redound.core.macros import Kind, find
from redound.core.markup import place_macros
from redound.core.modifiers import RAW
from redound.core.scan import MacroUse, Part, Position, Scan, TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Text = Callable[[str], str]
    Slot = tuple[int, str, tuple[Text, ...], Text, str]

__all__ = ["MacroUse", "Part", "Position", "Template", "TemplateError", "join", "literal", "parse_template"]

MAX_TEMPLATE: Final = 65_536
"""Characters of the longest template."""


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template. `skeleton` is its text in pieces, with an empty piece for each of the slots.

    A slot is: index of its piece, macro, modifiers, encoding of its position, text for an empty value.
    """

    skeleton: tuple[str, ...]
    slots: tuple[Slot, ...]
    uses: tuple[MacroUse, ...]

    @property
    def names(self) -> frozenset[str]:
        """The canonical names of all macros in it."""
        return frozenset(use.name for use in self.uses)

    def render(self, values: Mapping[str, str]) -> str:
        """Put the values in; a missing one is empty. The result is never read for macros again."""
        if not self.slots:
            return self.skeleton[0] if self.skeleton else ""
        pieces = list(self.skeleton)
        get = values.get
        for index, name, modifiers, encode, empty in self.slots:
            value = get(name, "")
            for modify in modifiers:
                value = modify(value)
            pieces[index] = encode(value) if value else empty
        return "".join(pieces)


def literal(text: str) -> Template:
    """Return a template of this text alone, braces and all."""
    return Template((text,), (), ())


def join(templates: Iterable[Template]) -> Template:
    """Return one template that renders like these one after another, each with its own encodings."""
    skeleton: list[str] = []
    slots: list[Slot] = []
    uses: list[MacroUse] = []
    text = ""
    for template in templates:
        taken = {slot[0]: slot for slot in template.slots}
        for index, piece in enumerate(template.skeleton):
            if index not in taken:
                text += piece
                continue
            skeleton += [text, ""] if text else [""]
            text = ""
            slots.append((len(skeleton) - 1, *taken[index][1:]))
        uses += template.uses
    return Template((*skeleton, text) if text else tuple(skeleton), tuple(slots), tuple(uses))


def parse_template(text: str, position: Position) -> Template | list[TemplateError]:
    """Compile a template for a position, or say all that is wrong with it, in the order of the text."""
    if len(text) > MAX_TEMPLATE:
        sentence = f"It is longer than {MAX_TEMPLATE} characters."
        return [TemplateError("too_long", sentence, MAX_TEMPLATE, len(text))]
    scan = Scan(text, position)
    scan.run()
    if scan.errors:
        return sorted(scan.errors, key=lambda error: error.start)
    if position is Position.JSON_BODY:
        broken = _json_error(text, scan.pieces)
        if broken is not None:
            return [broken]
    if position is Position.HTML:
        pieces, errors = place_macros(scan.pieces)
        return errors or _compile(pieces, position)
    return _compile(scan.pieces, position)


def _compile(pieces: list[str | MacroUse], position: Position) -> Template:
    write = _LITERALS.get(position)
    skeleton: list[str] = []
    slots: list[Slot] = []
    uses: list[MacroUse] = []
    for piece in pieces:
        if isinstance(piece, str):
            if piece:
                skeleton.append(write(piece) if write else piece)
            continue
        modifiers = tuple(modifier.apply for modifier in piece.modifiers if modifier.text != RAW)
        encode, empty = _encoding(piece, position)
        slots.append((len(skeleton), piece.name, modifiers, encode, empty))
        skeleton.append("")
        uses.append(piece)
    return Template(tuple(skeleton), tuple(slots), tuple(uses))


_LITERALS: Final[Mapping[Position, Callable[[str], str]]] = {
    Position.QUERY_VALUE: encoding.query,
    Position.FORM_VALUE: encoding.form,
    Position.JSON_VALUE: encoding.json_text,
}


def _encoding(use: MacroUse, position: Position) -> tuple[Text, str]:
    """Return the encoding for a macro, and what stands there for an empty value."""
    match position:
        case Position.URL if use.part is Part.PATH:
            return (encoding.raw_path if use.raw else encoding.path), ""
        case Position.URL | Position.QUERY_VALUE:
            return (encoding.raw_query if use.raw else encoding.query), ""
        case Position.FORM_VALUE:
            return (encoding.raw_query if use.raw else encoding.form), ""
        case Position.JSON_BODY if use.part is Part.JSON_WHOLE:
            kind = use.modifiers[-1].kind if use.modifiers else find(use.name).kind
            return (encoding.json_string, '""') if kind is Kind.TEXT else (encoding.json_number, "null")
        case Position.JSON_BODY | Position.JSON_VALUE:
            encode = encoding.json_text
        case Position.HEADER:
            encode = encoding.header
        case Position.HTML if use.part is Part.HTML_PATH:
            encode = encoding.html_raw_path if use.raw else encoding.path
        case Position.HTML if use.part is Part.HTML_QUERY:
            encode = encoding.html_raw_query if use.raw else encoding.query
        case Position.HTML:
            encode = encoding.html
        case _:
            assert_never(position)
    return encode, ""


def _json_error(text: str, pieces: list[str | MacroUse]) -> TemplateError | None:
    """Tell why a body is not JSON for every value, or None when it is.

    Inside a string each macro is tried as "x", which no escape may precede; elsewhere as `null`, which must
    stand alone and cannot be a name: whatever goes there later is a value as well.
    """
    probe, shifts = "", []
    for piece in pieces:
        if isinstance(piece, str):
            probe += piece
        else:
            probe += "x" if piece.part is Part.JSON_TEXT else "null"
            shifts.append((len(probe), piece.end))
    try:
        json.loads(probe, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        at = error.pos
        for in_probe, in_text in shifts:
            if in_probe <= error.pos:
                at = in_text + error.pos - in_probe
        return TemplateError("bad_json", f"The body is not valid JSON here: {error.msg}.", at, at + 1)
    except (ValueError, RecursionError):
        return TemplateError("bad_json", "The body is not valid JSON.", 0, len(text))
    return None


def _no_constant(name: str) -> None:
    raise ValueError(name)
