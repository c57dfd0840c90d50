"""The closed list of modifiers, `{name|modifier:argument}`: each turns a text into another and never fails.

They apply from left to right, before the encoding of the position. An empty value stays empty through all of
them but `default`. Nothing here is a language.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import md5, sha256
from typing import TYPE_CHECKING, Final

from redound.core.macros import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RAW: Final = "raw"
MAX_TRUNCATE: Final = 10_000

_WHOLE = re.compile(r"(-?[0-9]+)(?:\.[0-9]*)?")
_DIGITS = re.compile(r"[0-9]{1,14}")
_DIRECTIVE = re.compile(r"%(.?)")
_DIRECTIVES: Final = frozenset("YmdHMSyjf%")
_MS_DIGITS = 12
_FIRST_YEAR = 1000


@dataclass(frozen=True, slots=True)
class Modifier:
    """One compiled modifier. `kind` is what it makes of a value of the kind it was compiled for."""

    text: str
    apply: Callable[[str], str]
    kind: Kind


@dataclass(frozen=True, slots=True)
class BadModifier:
    """Not in the list (`unknown_modifier`), or used in a wrong way (`bad_modifier`)."""

    code: str
    sentence: str


def compile_modifier(text: str, kind: Kind) -> Modifier | BadModifier:
    """Compile `name` or `name:argument` for a value of this kind."""
    name, colon, argument = text.partition(":")
    if name in _PLAIN:
        if colon:
            return _bad(f"{name} takes no argument.")
        apply, makes = _PLAIN[name]
        if name in _FOR_TIMES and kind is not Kind.TIME:
            return _bad(f"{name} applies to times only, such as click_time.")
        return Modifier(text, apply, makes or kind)
    build = _WITH_ARGUMENT.get(name)
    if build is None:
        return BadModifier("unknown_modifier", _unknown(name))
    if not colon:
        return _bad(f"{name} needs an argument, as in {_EXAMPLES[name]}.")
    return build(text, argument, kind)


def _default(text: str, argument: str, kind: Kind) -> Modifier | BadModifier:
    return Modifier(text, lambda value: value or argument, kind)


def _map(text: str, argument: str, kind: Kind) -> Modifier | BadModifier:
    table: dict[str, str] = {}
    for entry in argument.split(","):
        key, equals, value = entry.partition("=")
        if not equals or not key or key in table:
            return _bad(f"map needs different names with a value each, as in {_EXAMPLES['map']}.")
        table[key] = value
    return Modifier(text, lambda value: table.get(value, value), kind)


def _date(text: str, argument: str, kind: Kind) -> Modifier | BadModifier:
    if kind is not Kind.TIME:
        return _bad("date applies to times only, such as click_time.")
    unknown = [letter for letter in _DIRECTIVE.findall(argument) if letter not in _DIRECTIVES or not letter]
    if unknown or not argument.isascii() or not argument.isprintable() or not argument:
        return _bad("date takes %Y %m %d %H %M %S %y %j %f and %%, as in date:%Y-%m-%d.")
    return Modifier(text, partial(_formatted, argument), Kind.TEXT)


def _truncate(text: str, argument: str, _kind: Kind) -> Modifier | BadModifier:
    if not re.fullmatch(r"[0-9]{1,5}", argument) or not 1 <= int(argument) <= MAX_TRUNCATE:
        return _bad(f"truncate takes a number of characters from 1 to {MAX_TRUNCATE}, as in truncate:50.")
    length = int(argument)
    return Modifier(text, lambda value: value[:length], Kind.TEXT)


def _int(value: str) -> str:
    """Return the whole part of a plain decimal (12.99 is 12), and nothing for any other text."""
    found = _WHOLE.fullmatch(value)
    return found[1] if found else ""


def _md5(value: str) -> str:
    return value and md5(value.encode(errors="replace"), usedforsecurity=False).hexdigest()


def _sha256(value: str) -> str:
    return value and sha256(value.encode(errors="replace")).hexdigest()


def _base64(value: str) -> str:
    return base64.b64encode(value.encode(errors="replace")).decode()


def _unix(value: str) -> str:
    moment = read_time_ms(value)
    return "" if moment is None else str(moment // 1000)


def _ms(value: str) -> str:
    moment = read_time_ms(value)
    return "" if moment is None else str(moment)


def _formatted(pattern: str, value: str) -> str:
    moment = read_time_ms(value)
    if moment is None:
        return ""
    seconds, rest = divmod(moment, 1000)
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000).strftime(pattern)
    except (ValueError, OverflowError, OSError):
        return ""


def read_time_ms(value: str) -> int | None:
    """Return ms since the epoch for RFC 3339, Unix seconds or Unix milliseconds; None for any other text."""
    if _DIGITS.fullmatch(value):
        return int(value) * (1 if len(value) > _MS_DIGITS else 1000)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None or moment.year < _FIRST_YEAR:
        return None
    return round(moment.timestamp() * 1000)


def _identity(value: str) -> str:
    return value


def _bad(sentence: str) -> BadModifier:
    return BadModifier("bad_modifier", sentence)


def _unknown(name: str) -> str:
    return f"There is no modifier {name[:40]!r}; there are {', '.join(MODIFIERS)}."


_PLAIN: Final[Mapping[str, tuple[Callable[[str], str], Kind | None]]] = {
    "upper": (str.upper, None),
    "lower": (str.lower, None),
    RAW: (_identity, None),
    "unix": (_unix, Kind.NUMBER),
    "ms": (_ms, Kind.NUMBER),
    "md5": (_md5, Kind.TEXT),
    "sha256": (_sha256, Kind.TEXT),
    "base64": (_base64, Kind.TEXT),
    "int": (_int, Kind.NUMBER),
}
_FOR_TIMES: Final = frozenset(("unix", "ms"))
_WITH_ARGUMENT: Final[Mapping[str, Callable[[str, str, Kind], Modifier | BadModifier]]] = {
    "default": _default,
    "map": _map,
    "date": _date,
    "truncate": _truncate,
}
_EXAMPLES: Final = {
    "default": "default:none",
    "map": "map:approved=1,rejected=2",
    "date": "date:%Y-%m-%d",
    "truncate": "truncate:50",
}
MODIFIERS: Final = (*_PLAIN, *_WITH_ARGUMENT)
"""Every modifier that there is."""
