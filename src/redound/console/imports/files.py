"""Files to import: kept in the data directory, told from each other by what is in them, read as text."""

from __future__ import annotations

import hashlib
import io
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol

from redound.console import runtime
from redound.console.errors import Fault, InvalidError
from redound.core.csv_reading import MAX_ROW, Broken, Record, guess_delimiter, read_records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 512 * 1024 * 1024
COMING_IN_SECONDS = 6 * 3600
"""A copy without an import may still be coming in for so long."""
_PIECE = 256 * 1024
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Source(Protocol):
    """A file or a request's body."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that stays until its import has ended."""

    path: Path
    digest: str
    size_bytes: int


def keep(source: Source, import_id: str) -> Kept:
    """Copy an upload into the data directory, a piece at a time. InvalidError when it is too large."""
    folder = runtime.settings().data_dir / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{import_id}.csv"
    try:
        with path.open("xb") as file:
            digest, size = _digest(source, file)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Kept(path.resolve(), digest, size)


def old_copies() -> dict[str, Path]:
    """Return import ID → copy, without what may be coming in just now."""
    latest = time.time() - COMING_IN_SECONDS
    copies = (runtime.settings().data_dir / "imports").glob("imp_*.csv")
    return {path.stem: path for path in copies if path.stat().st_mtime < latest}


def known(path: Path) -> Kept:
    """Return what a file of somebody's own is; it stays where it is. InvalidError when it is too large."""
    with path.open("rb") as file:
        digest, size = _digest(file, None)
    return Kept(path.resolve(), digest, size)


def _digest(source: Source, copy: IO[bytes] | None) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while piece := source.read(_PIECE):
        size += len(piece)
        if size > MAX_BYTES:
            detail = f"The file has more than {MAX_BYTES // 2**20} MiB. Import it in parts."
            raise InvalidError([Fault("", "file_too_large", detail)])
        digest.update(piece)
        if copy is not None:
            copy.write(piece)
    return digest.hexdigest(), size


class Table:
    """An open file: its header, then its records. A byte that is not UTF-8 spoils its own row alone."""

    def __init__(self, raw: io.BufferedReader) -> None:
        self._raw = raw
        encoding = "utf-16" if raw.peek(2)[:2] in _UTF_16 else "utf-8-sig"
        errors = "replace" if encoding == "utf-16" else "surrogateescape"
        self._text = io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline="")
        first = self._text.readline(MAX_ROW + 1)
        self._text.seek(0)
        self.records: Iterator[Record | Broken] = read_records(self._text.readline, guess_delimiter(first))
        self.header = next(self.records, None)

    @property
    def read_bytes(self) -> int:
        """How many bytes were read, a little ahead of the records."""
        return self._raw.tell()


@contextmanager
def opened(path: str | Path) -> Iterator[Table]:
    """Open a file for reading; OSError when that cannot be done."""
    with io.BufferedReader(io.FileIO(path), _PIECE) as raw:
        yield Table(raw)  # type: ignore[arg-type]  # the stubs know it by its stream
