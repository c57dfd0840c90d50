"""Named SQL from `sql/*.sql`, shaped for each driver.

A file is a list of blocks:

    -- name: finish_delivery (id text, state text, at bigint)
    -- What it is for.
    UPDATE deliveries SET state = :state, finished_at = :at
    /*rows*/
    WHERE id = :id AND state = 'open'

The header declares the parameters with their types, in the order in which values are given. Two names may
share a block (`-- name: all_links | some_links (…)`). A line that ends in a mark such as `-- sqlite`,
`-- postgres`, `-- some_links` or `-- sqlite, some_links` belongs to that dialect or name alone; a header that
ends in `only postgres` belongs to that dialect as a whole.

One text serves one row and many. For a single row the parameters become `?1`, `$1::text` or `%(id)s`. For
many rows at once (asyncpg) they become columns of `unnest($1::text[], …) AS r`: a `VALUES` list turns into a
`SELECT … FROM` it, and elsewhere the comment `/*rows*/` says where it joins: after `UPDATE … SET …` as
`FROM`, after `DELETE FROM …` as `USING`, after `SELECT …` as `FROM`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Driver = Literal["sqlite", "asyncpg", "django_sqlite", "django_postgresql"]
DRIVERS: Final[tuple[Driver, ...]] = ("sqlite", "asyncpg", "django_sqlite", "django_postgresql")
_DIALECTS: Final = {
    "sqlite": "sqlite",
    "django_sqlite": "sqlite",
    "asyncpg": "postgres",
    "django_postgresql": "postgres",
}
_HEADER = re.compile(
    r"-- name: (?P<names>\w+(?: \| \w+)*)(?: \((?P<params>[^)]*)\))?(?: only (?P<only>sqlite|postgres))?\s*"
)
_MARK = re.compile(r"\s+-- (\w+(?:, \w+)*)\s*$")
_PARAM = re.compile(r"(?<![:\w]):([a-z_]\w*)")
_VALUES = re.compile(r"VALUES \(([^()]*)\)")
_ROWS: Final = "/*rows*/"


class QueryError(Exception):
    """A named query is missing, written twice or does not fit its declaration: a fault in our SQL files."""


@dataclass(frozen=True, slots=True)
class Query:
    """One named query as written: parameter names with their types, and its lines with their marks."""

    name: str
    params: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, frozenset[str]], ...]
    dialects: tuple[str, ...] = ("sqlite", "postgres")

    def text(self, dialect: str) -> str:
        """Return the SQL for "sqlite" or "postgres", parameters as written."""
        if dialect not in self.dialects:
            raise QueryError(f"{self.name} is for {' and '.join(self.dialects)} alone")
        kept = (line for line, marks in self.lines if _keeps(marks, self.name, dialect))
        return "\n".join(kept).strip().rstrip(";")


def _keeps(marks: frozenset[str], name: str, dialect: str) -> bool:
    names = marks - {"sqlite", "postgres"}
    dialects = marks - names
    return (not dialects or dialect in dialects) and (not names or name in names)


@functools.cache
def queries() -> Mapping[str, Query]:
    """Return every named query."""
    found: dict[str, Query] = {}
    for file in sorted(
        resources.files("redound.store").joinpath("sql").iterdir(), key=lambda each: each.name
    ):
        if not file.name.endswith(".sql"):
            continue
        for query in _read(file.read_text(encoding="utf-8")):
            if query.name in found:
                raise QueryError(f"{query.name} is written twice, the second time in {file.name}")
            found[query.name] = query
    return found


def _read(source: str) -> Iterator[Query]:
    header: re.Match[str] | None = None
    lines: list[tuple[str, frozenset[str]]] = []
    for line in source.splitlines():
        start = _HEADER.fullmatch(line)
        if start is not None:
            if header is not None:
                yield from _blocks(header, lines)
            header, lines = start, []
        elif line.strip() and not line.lstrip().startswith("--"):
            mark = _MARK.search(line)
            marks = frozenset(mark[1].split(", ")) if mark else frozenset()
            lines.append((_MARK.sub("", line), marks))
    if header is not None:
        yield from _blocks(header, lines)


def _blocks(header: re.Match[str], lines: Sequence[tuple[str, frozenset[str]]]) -> Iterator[Query]:
    declared = [each.split() for each in (header["params"] or "").split(",") if each.strip()]
    params = tuple((name, kind) for name, kind in declared)
    known = {"sqlite", "postgres", *header["names"].split(" | ")}
    strange = set().union(*(marks for _, marks in lines)) - known
    if strange:
        raise QueryError(f"{header['names']} has lines marked for {', '.join(sorted(strange))}")
    for name in header["names"].split(" | "):
        used = {param for line, marks in lines for param in _PARAM.findall(line) if _names(marks, name)}
        own = tuple((param, kind) for param, kind in params if param in used)
        unknown = used - {param for param, _ in params}
        if unknown:
            raise QueryError(f"{name} uses undeclared parameters: {', '.join(sorted(unknown))}")
        only = (header["only"],) if header["only"] else ("sqlite", "postgres")
        yield Query(name, own, tuple(lines), only)


def _names(marks: frozenset[str], name: str) -> bool:
    names = marks - {"sqlite", "postgres"}
    return not names or name in names


def _query(name: str) -> Query:
    try:
        return queries()[name]
    except KeyError:
        raise QueryError(f"there is no query named {name}") from None


@functools.cache
def statement(name: str, driver: Driver) -> str:
    """Return a named query for one row of values, given in the order of its declaration.

    "sqlite" gives `?1`, "asyncpg" `$1::type`, the two of Django `%(name)s` (bind them with `django`).
    """
    query = _query(name)
    kinds = dict(query.params)
    order = {param: number for number, (param, _) in enumerate(query.params, 1)}
    text = query.text(_DIALECTS[driver]).replace(_ROWS, "")
    if driver == "sqlite":
        return _PARAM.sub(lambda found: f"?{order[found[1]]}", text)
    if driver == "asyncpg":
        return _PARAM.sub(lambda found: f"${order[found[1]]}::{kinds[found[1]]}", text)
    text = text.replace("%", "%%")
    if driver == "django_sqlite":
        return _PARAM.sub(r"%(\1)s", text)
    return _PARAM.sub(lambda found: f"%({found[1]})s::{kinds[found[1]]}", text)


@functools.cache
def batch(name: str) -> str:
    """Return a named query for many rows at once (asyncpg): each parameter is the array of a column."""
    query = _query(name)
    text = query.text("postgres")
    arrays = ", ".join(f"${number}::{kind}[]" for number, (_, kind) in enumerate(query.params, 1))
    source = f"unnest({arrays}) AS r ({', '.join(f'p_{param}' for param, _ in query.params)})"
    if _ROWS in text:
        joined, count = text.replace(_ROWS, f"{_keyword(text)} {source}"), 1
    else:
        joined, count = _VALUES.subn(lambda found: f"SELECT {found[1]} FROM {source}", text, count=1)  # noqa: S608 - names of our own statements
    if not count:
        raise QueryError(f"{name} has neither VALUES nor {_ROWS}, so it cannot take many rows")
    return _PARAM.sub(r"r.p_\1", joined)


def _keyword(text: str) -> str:
    return "USING" if text.startswith("DELETE") else "FROM"


@functools.cache
def parameters(name: str) -> tuple[str, ...]:
    """Return the names of a query's parameters in the order of its declaration."""
    return tuple(param for param, _ in _query(name).params)


def django(name: str, vendor: str, values: Sequence[object] = ()) -> tuple[str, dict[str, object]]:
    """Return SQL and parameters for a Django cursor; `vendor` is that of its connection."""
    driver: Driver = "django_sqlite" if vendor == "sqlite" else "django_postgresql"
    return statement(name, driver), dict(zip(parameters(name), values, strict=True))
