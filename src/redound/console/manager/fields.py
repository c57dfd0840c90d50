"""Fields of the forms on managers' pages: what each is called, how it is typed, and what was meant.

A page says which fields a noun has; the console's forms, which the API uses too, say what may be in them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.http import QueryDict
    from django.utils.functional import _StrPromise

Kind = Literal["text", "url", "number", "mixed", "check", "select", "area", "lines", "pairs", "moment"]
_SEPARATOR = "="
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_INPUTS = {"lines": "area", "pairs": "area", "moment": "datetime-local", "url": "text", "mixed": "text"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `blank` is what an empty one means; `fixed` ones can be given only to a new row.

    `lines` is a list, one item a line; `pairs` an object, one `name = value` a line; `moment` a time in the
    reader's zone; `mixed` a number or a word. `parse` and `show` are for what has a shape of its own. `group`
    is the heading above the first field of a group.
    """

    name: str
    label: str | _StrPromise
    kind: Kind = "text"
    hint: str | _StrPromise = ""
    options: Sequence[tuple[str, str | _StrPromise]] = ()
    blank: Any = None
    placeholder: str = ""
    group: str | _StrPromise = ""
    required: bool = False
    fixed: bool = False
    mono: bool = False
    parse: Callable[[str], Any] | None = None
    show: Callable[[Any], str] | None = None

    @property
    def input(self) -> str:
        """The kind of `{% field %}` that shows it."""
        return _INPUTS.get(self.kind, self.kind)

    @property
    def inputmode(self) -> str:
        """What a phone's keyboard should offer."""
        return {"number": "numeric", "url": "url"}.get(self.kind, "")


def typed(fields: Sequence[Field], data: QueryDict) -> dict[str, Any]:
    """Return what was typed, as the fields show it again."""
    return {each.name: _typed(each, data) for each in fields}


def _typed(field: Field, data: QueryDict) -> str | bool:
    if field.kind == "check":
        return field.name in data
    return data.get(field.name, "").replace("\r\n", "\n")


def meant(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return typed values as the console's forms take them."""
    return {each.name: _meant(each, values[each.name]) for each in fields}


def _meant(field: Field, value: Any) -> Any:
    if field.kind == "check":
        return value
    text = value.strip()
    if field.parse is not None:
        return field.parse(text)
    if not text and field.kind not in {"lines", "pairs"}:
        return field.blank
    read = _READ.get(field.kind)
    return read(text) if read is not None else text


def _number(text: str) -> int | str:
    """Return a whole number; what is none, or far too long for one, is left for the form to refuse."""
    return int(text) if _NUMBER.fullmatch(text) is not None else text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _pairs(text: str) -> dict[str, str | None]:
    return dict(_pair(line) for line in _lines(text))


def _pair(line: str) -> tuple[str, str | None]:
    name, _, value = line.rpartition(_SEPARATOR) if _SEPARATOR in line else (line, "", "")
    return name.strip(), value.strip() or None


def _moment(text: str) -> str:
    """Return RFC 3339 of a time in the reader's zone; what is none is left for the form to refuse."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (at if at.tzinfo else timezone.make_aware(at)).isoformat()


_READ: Mapping[str, Callable[[str], Any]] = {
    "number": _number,
    "mixed": _number,
    "lines": _lines,
    "pairs": _pairs,
    "moment": _moment,
}


def shown(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored values (as the API shows them) as the fields show them."""
    return {each.name: _shown(each, values.get(each.name)) for each in fields}


def _shown(field: Field, value: Any) -> str | bool:
    if field.show is not None:
        return field.show(value)
    match field.kind:
        case "check":
            return bool(value)
        case "lines":
            return "\n".join(value or ())
        case "pairs":
            return "\n".join(
                f"{name} {_SEPARATOR} {each or ''}".rstrip() for name, each in (value or {}).items()
            )
        case "moment":
            at = timezone.localtime(datetime.fromisoformat(value)) if value else None
            return f"{at:%Y-%m-%dT%H:%M}" if at else ""
        case _:
            return "" if value is None else str(value)
