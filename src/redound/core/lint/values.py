"""Rules about constants that were meant to be something else, and about money."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from redound.core.aliases import AMBIGUOUS
from redound.core.lint.subject import Note
from redound.core.macros import MACROS, resolve
from redound.core.parsing import MASK, Where
from redound.core.placeholders import WORDS
from redound.core.roles import MACRO_ROLES, Role
from redound.core.states import word_to_status
from redound.core.styles import Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.core.lint.cells import Cell
    from redound.core.lint.subject import Subject

_PLACEHOLDER = re.compile(
    r"(?:YOUR|INSERT|ENTER|REPLACE|PASTE|PUT)[_\- ][\w\- ]{2,40}|[\w\-]{2,30}[_\-]HERE"
    r"|OPTIONAL|REQUIRED|CHANGE[_\-]?ME|PLACEHOLDER|TODO|TBD|XXX+|\.{3}|\u2026",
    re.IGNORECASE,
)
_CAPS_ONLY: Final = frozenset({"OPTIONAL", "REQUIRED", "VALUE", "XXX", "KEY", "TOKEN", "REPLACE"})
_PATH_WORDS = re.compile(r"/(KEY|TOKEN|YOUR[_-]?[A-Z_-]*|REPLACE|POSTBACK_KEY|SECRET)(?=[/?#]|$)")
_SYMBOL = re.compile(
    r"[$\u20ac\u00a3\u00a5\u20bd\u20b9\u20b4\u20a9\u20bf]|%24|%E2%82%AC|%C2%A3", re.IGNORECASE
)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_TRAILING_CODE = re.compile(rf"{MASK}+(?:%20|\+| |-|_)?[A-Za-z]{{3}}")
_CAPITALS = re.compile(r"[A-Z][A-Z_]{3,40}")
_WORD = re.compile(r"[A-Za-z_][\w .\-]{0,40}")
_OPTION_SEPARATORS = re.compile(r"\||/|%7[Cc]|%2[Ff]")
_MONEY_WORDS: Final = frozenset(
    {"payout", "amount", "revenue", "sum", "price", "commission", "payout_amount"}
)
_CLICK_WORDS: Final = frozenset({"clickid", "click_id", "subid", "sub_id", "cid", "aff_sub", "affs1"})
_EVENT_WORDS: Final = frozenset({"goal", "goal_id", "goal_name", "event_type", "event_id", "event_name"})


def placeholders(subject: Subject) -> Iterator[Note]:
    """Nothing that a manual left to be filled in."""
    parsed = subject.parsed
    for cell in subject.query:
        if cell.row.constant and (is_placeholder(_value(cell)) or _is_capital_word(cell)):
            yield Note("placeholder_left", cell.value_span, {"value": cell.row.value[:60]})
    for found in _PATH_WORDS.finditer(parsed.masked, parsed.path[0], parsed.path[1]):
        yield Note("placeholder_left", found.span(1), {"value": found[1]})


def _is_capital_word(cell: Cell) -> bool:
    """Tell `payout=PAYOUT_VALUE`: an amount is no word in capitals, unless that is a macro's name."""
    value = cell.row.value
    wordy = cell.role is Role.PAYOUT and value == value.upper() and _CAPITALS.fullmatch(value)
    return bool(wordy) and not literal_name(cell)


def is_placeholder(value: str) -> bool:
    """Return whether a constant is a manual's filler."""
    if value.upper() in _CAPS_ONLY:
        return value == value.upper() or value.casefold() in WORDS
    return bool(value) and (_PLACEHOLDER.fullmatch(value) is not None or value.casefold() in WORDS)


def _value(cell: Cell) -> str:
    value = cell.row.value
    return (unquote_plus(value) if "%" in value or "+" in value else value).strip()


def literals(subject: Subject) -> Iterator[Note]:
    """No macro's name without its braces."""
    for cell in subject.query:
        if not cell.row.constant:
            continue
        name = literal_name(cell)
        if not name:
            continue
        known = resolve(name)
        exact = known is not None and cell.row.value == name and _fits(known, cell.role)
        edits = ((*cell.value_span, f"{{{name}}}"),) if exact else None
        yield Note("literal_for_macro", cell.value_span, {"value": cell.row.value[:60]}, edits)


def literal_name(cell: Cell) -> str:
    """Return the macro's name that a constant is, "" when it is none for a parameter of this role."""
    value = _value(cell)
    if not _WORD.fullmatch(value):
        return ""
    lower = value.lower().replace("-", "_")
    own = lower == cell.row.key.lower().replace("-", "_")
    match cell.role:
        case Role.CLICK:
            found = lower in _CLICK_WORDS or lower in AMBIGUOUS or _is_slot(lower) or lower == "click_id"
        case Role.PAYOUT:
            found = lower in _MONEY_WORDS or lower in MACROS
        case Role.STATUS | Role.CURRENCY:
            found = lower in {cell.role.value, "status_word", "conversion_status", "currency_code"}
        case Role.TXID:
            found = lower in {"txid", "tid", "transaction_id", "transactionid", "order_id", "conversion_id"}
            found = found or lower in {"click_id", "clickid", "external_id", "orderid"}
        case Role.EVENT:
            found = lower in _EVENT_WORDS
        case Role.SLOT:
            found = _is_slot(lower) or (own and lower in MACROS)
        case _:
            found = own and (lower in MACROS or lower in _CLICK_WORDS)
    return (lower if resolve(value) is None else value) if found else ""


def _is_slot(lower: str) -> bool:
    return re.fullmatch(r"(?:aff_?)?sub_?(?:id_?)?\d{1,2}|affs\d|aff_sub", lower) is not None


def _fits(name: str, role: Role) -> bool:
    if role is Role.CLICK:
        return name.startswith("sub")
    if role is Role.PAYOUT:
        return name == "payout"
    if role is Role.TXID:
        return name in {"txid", "conversion_id"}
    return role in {Role.SLOT, Role.OTHER} or MACRO_ROLES.get(name) is role


def option_lists(subject: Subject) -> Iterator[Note]:
    """No list of the values that there could be."""
    for cell in subject.query:
        value = cell.row.value
        if not cell.row.constant or cell.role not in {Role.STATUS, Role.EVENT}:
            continue
        words = [word.strip(" []()") for word in _OPTION_SEPARATORS.split(value)]
        listed = len(words) > 1 and all(re.fullmatch(r"[\w\- ]{1,30}", word) for word in words)
        if not listed and cell.role is Role.STATUS:
            words = [word.strip() for word in re.split(r",|%2[Cc]", value)]
            listed = len(words) > 1 and all(word_to_status(word, {}) for word in words)
        if listed:
            yield Note("literal_option_list", cell.value_span, {"value": value[:60]})


def money(subject: Subject) -> Iterator[Note]:
    """An amount is one number, without a currency sign."""
    for cell in subject.of_role(Role.PAYOUT):
        if cell.row.where is not Where.QUERY:
            continue
        masked = subject.parsed.masked[cell.row.value_start : cell.row.end]
        yield from _symbols(subject, cell, masked)
        if _is_composite(cell, masked):
            details = {"name": cell.row.key, "value": cell.row.value[:60]}
            yield Note("composite_number", cell.value_span, details)


def _symbols(subject: Subject, cell: Cell, masked: str) -> Iterator[Note]:
    at = cell.row.value_start
    plain = [macro.style for macro in subject.parsed.macros].count(Style.DOLLAR_BRACE) == 1
    for macro in cell.row.macros:
        if macro.style is Style.DOLLAR_BRACE and plain and _among_braces(subject):
            edits = ((macro.start, macro.start + 1, ""),)
            yield Note("currency_symbol", (macro.start, macro.start + 1), {"name": cell.row.key}, edits)
    for found in _SYMBOL.finditer(masked):
        rest = masked.replace(found[0], "").strip()
        if rest.strip(MASK) and not _NUMBER.fullmatch(rest):
            continue
        span = (at + found.start(), at + found.end())
        yield Note("currency_symbol", span, {"name": cell.row.key}, ((*span, ""),) if rest else None)


def _among_braces(subject: Subject) -> bool:
    return any(macro.style is Style.BRACE for macro in subject.parsed.macros)


def _is_composite(cell: Cell, masked: str) -> bool:
    if len(cell.row.macros) > 1:
        return True
    if not cell.row.macros:
        return False
    if _TRAILING_CODE.fullmatch(masked):
        return True
    rest = _SYMBOL.sub("", masked.rstrip(".,;:!?)]'\"")).replace(MASK, "")
    return any(letter.isdigit() for letter in rest)
