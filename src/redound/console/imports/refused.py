"""The rows of an import that were refused, as they came and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console.errors import NotFoundError
from redound.console.imports import files
from redound.console.imports.applying import SETTLED
from redound.console.imports.models import ImportRow
from redound.core.csv_reading import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redound.console.imports.models import Import

AT_ONCE = 500
ADDED = ("row", "verdict", "column", "reason")
"""What stands before the columns of the file; an import does not read them."""


def refused_rows(job: Import) -> Iterator[list[str]]:
    """Yield the header, then each refused row that can still be read; NotFoundError when the file is gone."""
    try:
        with files.opened(job.path) as table:
            if not isinstance(table.header, Record):
                return
            yield [*ADDED, *table.header.cells]
            for found in _batches(job):
                yield from _joined(found, table)
    except FileNotFoundError:
        raise NotFoundError("The file of this import is no longer kept.") from None


def _batches(job: Import) -> Iterator[Mapping[int, ImportRow]]:
    """Yield the verdicts of refused rows, in the order of the file, as many as are good at a time."""
    after = 0
    rows = ImportRow.objects.filter(import_of=job).exclude(verdict__in=SETTLED).order_by("row")
    while part := list(rows.filter(row__gt=after)[:AT_ONCE]):
        after = part[-1].row
        yield {each.row: each for each in part}


def _joined(found: Mapping[int, ImportRow], table: files.Table) -> Iterator[list[str]]:
    """Yield these rows with their cells, as far as the file has to be read for it."""
    last = max(found)
    for record in table.records:
        verdict = found.get(record.row)
        if verdict is not None:
            cells = record.cells if isinstance(record, Record) else []
            yield [str(verdict.row), verdict.verdict, verdict.column, verdict.detail, *cells]
        if record.row >= last:
            return
