"""What the columns of an imported CSV mean, and its cells as the fields of reports, changes and activity."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from redound.core.activity import FIELDS as ACTIVITY
from redound.core.claims import ALIASES, PARAMETERS
from redound.core.nearness import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_COLUMNS: Final = 500
SHOWN: Final = 60


class Kind(StrEnum):
    """What the rows of a file are."""

    CONVERSIONS = "conversions"
    STATUSES = "statuses"
    ACTIVITY = "activity"


FIELDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.CONVERSIONS: (*(name for name in PARAMETERS if name not in {"token", "return"}), "advertiser_id"),
    Kind.STATUSES: ("conversion_id", "txid", "click_id", "goal", "status", "reason"),
    Kind.ACTIVITY: ACTIVITY,
}
"""The fields that columns can be read as."""

_OF_ACTIVITY: Final[Mapping[str, str]] = {
    **dict.fromkeys(("date", "day", "time", "event_time"), "at"),
    **dict.fromkeys(("id", "txid", "tid", "transaction_id", "order_id"), "external_id"),
    **dict.fromkeys(("type", "event"), "kind"),
    **dict.fromkeys(("customer", "player", "player_id"), "customer_id"),
    **dict.fromkeys(("sum",), "amount"),
}

_FINDS: Final = {
    Kind.CONVERSIONS: ("click_id", "txid", "customer_id"),
    Kind.STATUSES: ("conversion_id", "txid", "click_id"),
    Kind.ACTIVITY: ("customer_id",),
}
"""One of these says what a row is about."""

_NEEDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.CONVERSIONS: (),
    Kind.STATUSES: ("status",),
    Kind.ACTIVITY: ("kind", "at", "amount", "currency", "external_id"),
}

_STRANGE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_FORMULA = re.compile(r"=|[+\-@].*[(|!]")
_ERRORS: Final = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"})
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+")
_MARKS: Final = tuple("=+-@#")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a row (the header is row 1) in the column of this name, "" for the whole row."""

    row: int
    column: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Columns:
    """A header that was understood: `read` pairs the index of each column that is read with its field."""

    names: tuple[str, ...]
    read: tuple[tuple[int, str], ...]

    @property
    def ignored(self) -> list[str]:
        """The names of the columns that are not read."""
        taken = {index for index, _ in self.read}
        return [name for index, name in enumerate(self.names) if index not in taken]

    def name_of(self, field: str) -> str:
        """Return the column that is read as this field, "" for none."""
        return next((self.names[index] for index, each in self.read if each == field), "")

    def label(self, number: int) -> str:
        """Return the name of the column with this number, from 1."""
        name = self.names[number - 1] if 0 < number <= len(self.names) else ""
        return name or f"column {number}"


def names_of(kind: Kind, aliases: Mapping[str, str] = ALIASES) -> dict[str, str]:
    """Return lower-case header name → field, for this kind of rows."""
    fields = FIELDS[kind]
    found = {name: field for name, field in aliases.items() if field in fields}
    if kind is Kind.ACTIVITY:
        found |= _OF_ACTIVITY
    return found | {field: field for field in fields if field not in aliases or kind is not Kind.CONVERSIONS}


def read_header(
    cells: Sequence[str],
    kind: Kind,
    mapping: Mapping[str, str],
    aliases: Mapping[str, str] = ALIASES,
    *,
    advertiser_known: bool = False,
) -> Columns | list[Finding]:
    """Return what each column means: as `mapping` says (column → field, "": not read), else by its name."""
    if len(cells) > MAX_COLUMNS:
        sentence = f"The header has {len(cells)} columns; {MAX_COLUMNS} are the most."
        return [Finding(1, "", "too_many_columns", sentence)]
    names = tuple(_clean(cell) for cell in cells)
    wanted = {name.strip().lower(): field.strip() for name, field in mapping.items()}
    problems = list(_mapping_problems(names, wanted, kind))
    known = names_of(kind, aliases)
    read: dict[str, int] = {}
    for index, name in enumerate(names):
        field = wanted.get(name.lower(), known.get(name.lower(), "")) if name else ""
        if not field:
            continue
        if field in read:
            sentence = (
                f"{names[read[field]]!r} and {name!r} are both read as {field}. Map one of them to nothing."
            )
            problems.append(Finding(1, name, "twice", sentence))
        read.setdefault(field, index)
    problems += _missing(read, kind, names, advertiser_known=advertiser_known)
    if problems:
        return problems
    return Columns(names, tuple((index, field) for field, index in read.items()))


def _mapping_problems(names: Sequence[str], wanted: Mapping[str, str], kind: Kind) -> Iterator[Finding]:
    lower = [name.lower() for name in names]
    for name, field in wanted.items():
        if name not in lower:
            yield Finding(1, _shown(name), "no_such_column", f"The file has no column {_shown(name)!r}.")
        elif lower.count(name) > 1:
            yield Finding(1, _shown(name), "twice", f"Two columns are called {_shown(name)!r}.")
        if field and field not in FIELDS[kind]:
            close = nearest(field, FIELDS[kind])
            hint = f" Did you mean {' or '.join(close)}?" if close else ""
            sentence = f"{_shown(field)!r} is no field of {kind}: {', '.join(FIELDS[kind])}.{hint}"
            yield Finding(1, _shown(name), "no_such_field", sentence)


def _missing(
    read: Mapping[str, int], kind: Kind, names: Sequence[str], *, advertiser_known: bool
) -> list[Finding]:
    needs = list(_NEEDS[kind])
    if kind is Kind.ACTIVITY and not advertiser_known:
        needs.append("advertiser_id")
    there = ", ".join(repr(_shown(name)) for name in names[:12]) or "none"
    found = [
        Finding(1, "", "missing_column", f"No column is read as {field}. The header has {there}.")
        for field in needs
        if field not in read
    ]
    if not any(field in read for field in _FINDS[kind]):
        which = " or ".join(_FINDS[kind])
        sentence = f"No column is read as {which}. The header has {there}."
        found.append(Finding(1, "", "missing_column", sentence))
    return found


def read_row(row: int, cells: Sequence[str], columns: Columns) -> dict[str, str] | Finding | None:
    """Return the row's fields that are not empty, what is wrong with it, or None when all of it is blank."""
    if len(cells) != len(columns.names):
        if not any(cell.strip() for cell in cells):
            return None
        if len(cells) < len(columns.names) or any(cell.strip() for cell in cells[len(columns.names) :]):
            return _misshapen(row, cells, columns)
    values: dict[str, str] = {}
    for index, field in columns.read:
        value = cells[index].strip()
        if not value:
            continue
        if _STRANGE.search(value) is not None or value[0] in _MARKS or "E+" in value:
            code, sentence = _unfit(value)
            if code:
                return Finding(row, columns.label(index + 1), code, sentence)
        values[field] = value
    return values if values or any(cell.strip() for cell in cells) else None


def _misshapen(row: int, cells: Sequence[str], columns: Columns) -> Finding:
    count = min(len(cells), len(columns.names)) + 1
    sentence = f"The row has {len(cells)} columns, the header {len(columns.names)}."
    return Finding(row, columns.label(count), "wrong_length", sentence)


def _unfit(value: str) -> tuple[str, str]:
    """Say why a cell cannot be taken for what it shows; ("", "") when it can."""
    strange = _STRANGE.search(value)
    if strange is not None:
        if "\ud800" <= strange[0] <= "\udfff":
            return "not_utf8", "The cell is not UTF-8. Save the file as UTF-8."
        what = "a NUL character" if strange[0] == "\0" else "a line break or another control character"
        return "control_character", f"The cell has {what}."
    if _FORMULA.match(value):
        return "formula", "The cell holds a formula. Save the values instead."
    if value in _ERRORS:
        return "formula", f"The cell holds the error {value} of a spreadsheet."
    if _ROUNDED.fullmatch(value):
        return "rounded", f"A spreadsheet has rounded this number to {value}. Format the column as text."
    return "", ""


def _clean(name: str) -> str:
    return _STRANGE.sub("?", name.removeprefix("\ufeff").strip())[:SHOWN]


def _shown(text: str) -> str:
    return _STRANGE.sub("?", text)[:SHOWN]
