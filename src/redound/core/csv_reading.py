"""Records of a CSV file in bounded memory: what is broken is named with row and column, the rest unharmed.

Rows are counted as a spreadsheet shows them: the header is row 1, blank rows count too.
"""

from __future__ import annotations

import csv
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Readline = Callable[[int], str]
    """Returns at most so many characters of the next line, its end included; "" at the end of the file."""

MAX_ROW: Final = 65_536
"""The longest row, in characters."""
MAX_LINES: Final = 20
"""How many lines a row may have by line breaks between quotes. It bounds a quote that never closes."""
DELIMITERS: Final = (",", ";", "\t", "|")
_ENDS: Final = ("\n", "\r")
_UNCLOSED: Final = "unexpected end of data"


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one row, blanks around them kept."""

    row: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that is no record; `column` counts from 1 and is where it breaks."""

    row: int
    column: int
    sentence: str


def guess_delimiter(header: str) -> str:
    """Return what separates the names of a header: the most frequent candidate outside of quotes."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def read_records(readline: Readline, delimiter: str = ",") -> Iterator[Record | Broken]:
    """Yield each row that is not empty. Line ends may be mixed when `readline` ends lines at each kind."""
    lines = _Lines(readline)
    row = 0
    while line := lines.take():
        row += 1
        if len(line) > MAX_ROW:
            column = len(_loosely(line[:MAX_ROW], delimiter))
            yield Broken(row, column, f"The row is longer than {MAX_ROW} characters.")
        elif line[0] not in _ENDS:
            yield _record(row, line, lines, delimiter)


class _Lines:
    """Lines of a file, those that were given back first. Of one that is too long only the beginning."""

    def __init__(self, readline: Readline) -> None:
        self._readline = readline
        self._back: deque[str] = deque()

    def take(self) -> str:
        if self._back:
            return self._back.popleft()
        line = rest = self._readline(MAX_ROW + 1)
        while len(rest) > MAX_ROW and not rest.endswith(_ENDS):
            rest = self._readline(MAX_ROW + 1)
        return line

    def give_back(self, lines: list[str]) -> None:
        self._back.extendleft(reversed(lines))


def _record(row: int, line: str, lines: _Lines, delimiter: str) -> Record | Broken:
    found = _strictly(line, delimiter)
    if not isinstance(found, str):
        return Record(row, found)
    if found != _UNCLOSED:
        column = _breaks_at(line, delimiter)
        return Broken(row, column, "After a closing quote comes something else than the next column.")
    more: list[str] = []
    size = len(line)
    while found == _UNCLOSED and len(more) < MAX_LINES and (following := lines.take()):
        more.append(following)
        size += len(following)
        if size > MAX_ROW:
            break
        if '"' in following:
            found = _strictly(line + "".join(more), delimiter)
            if not isinstance(found, str):
                return Record(row, found)
    # What follows an unclosed quote may be perfectly good rows: they are read for themselves.
    lines.give_back(more)
    return Broken(row, len(_loosely(line, delimiter)), "A quote opens here and does not close.")


def _strictly(text: str, delimiter: str) -> list[str] | str:
    try:
        return next(csv.reader((text,), delimiter=delimiter, strict=True))
    except csv.Error as error:
        return str(error)


def _loosely(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader((text.rstrip("\r\n"),), delimiter=delimiter), [])
    except csv.Error:
        return text.split(delimiter)


def _breaks_at(line: str, delimiter: str) -> int:
    """Return the column in which a closing quote is followed by something else."""
    column, at, size = 1, 0, len(line)
    while at < size:
        if line[at] != '"':
            ends = line.find(delimiter, at)
            if ends < 0:
                return column
            at, column = ends + 1, column + 1
            continue
        at += 1
        while at < size and (line[at] != '"' or line[at + 1 : at + 2] == '"'):
            at += 1 + (line[at] == '"')
        if line[at + 1 : at + 2] != delimiter:
            return column
        at, column = at + 2, column + 1
    return column
