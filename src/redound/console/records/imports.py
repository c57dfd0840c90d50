"""Files of conversions, status changes and activity: taken in, run by a process of their own, followed."""

from collections import Counter
from typing import Annotated, Literal

from django.db.models import QuerySet
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from redound.console.accounts.callers import Caller
from redound.console.errors import ConflictError, Fault, InvalidError
from redound.console.filters import CREATED, Filters, Text, column, one_of, search
from redound.console.forms import Flag, Form, Instant, Shape
from redound.console.imports import files, starting
from redound.console.imports.applying import SETTLED
from redound.console.imports.models import Import, ImportRow
from redound.console.paging import MAX_LIMIT, read_cursor, write_cursor
from redound.console.records.record import Record, each
from redound.console.render import Values, maybe_moment, moment
from redound.core.csv_rows import Kind

Pair = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00-\x1f]+=[^\x00-\x1f]*$")]


class ImportShape(Shape):
    """An import. `columns` maps each column to its field, null when it is not read; `progress` is 0 to 1."""

    id: str
    kind: Literal["conversions", "statuses", "activity"]
    advertiser_id: str | None
    file_name: str
    size_bytes: int
    state: Literal["waiting", "running", "done", "failed", "interrupted"]
    dry_run: bool
    progress: float
    rows: int
    refused: int
    counts: dict[str, int]
    columns: dict[str, str | None]
    error: str
    created_by: str
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None


class ImportRowShape(Shape):
    """What was made of a row; the header is row 1. `subject_id` is the conversion or fact it led to."""

    row: int
    verdict: str
    column: str
    detail: str
    subject_id: str | None


class ImportFilters(Filters):
    """Filters of imports."""

    kind: one_of(*Kind) | None = None  # type: ignore[valid-type]  # made at run time
    advertiser_id: Text | None = None


class RowFilters(BaseModel):
    """Which rows. `refused` are all whose verdict is a refusal."""

    model_config = ConfigDict(extra="forbid")

    verdict: Text | None = None
    refused: bool | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None


class Upload(BaseModel):
    """How to read the file. `map` is COLUMN=FIELD, repeatable."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    advertiser_id: Text = ""
    map: list[Pair] = []
    file_name: Text = "upload.csv"
    dry_run: bool = True


class RunForm(Form):
    """Whether to judge the rows again only."""

    dry_run: Flag = False


def visible(caller: Caller) -> QuerySet[Import]:
    """Managers see all, nobody else any."""
    return Import.objects.all() if caller.manages else Import.objects.none()


def shape(job: Import, caller: Caller) -> Values:
    """Return the ImportShape's values."""
    del caller
    counts: dict[str, int] = job.counts
    done = job.state == "done"
    return {
        "id": job.pk,
        "kind": job.kind,
        "advertiser_id": job.advertiser_id,
        "file_name": job.file_name,
        "size_bytes": job.size_bytes,
        "state": starting.state_of(job),
        "dry_run": job.dry_run,
        "progress": 1.0 if done else round(min(1.0, job.read_bytes / max(job.size_bytes, 1)), 3),
        "rows": sum(counts.values()),
        "refused": sum(count for verdict, count in counts.items() if verdict not in SETTLED),
        "counts": counts,
        "columns": job.columns,
        "error": job.error,
        "created_by": job.created_by,
        "created_at": moment(job.created_at),
        "started_at": maybe_moment(job.started_at),
        "finished_at": maybe_moment(job.finished_at),
    }


def begun(upload: Upload, kept: files.Kept, import_id: str, caller: Caller) -> Import:
    """Return the import of a file that was taken in; ConflictError when that was done before."""
    job, new = starting.begin(
        kept, upload.kind, _mapping(upload.map), upload.advertiser_id, upload.file_name, caller,
        dry_run=upload.dry_run, import_id=import_id,
    )  # fmt: skip
    if new:
        return job
    detail = f"This file was taken in before, read the same way: it is {job.pk}."
    raise ConflictError("already_imported", detail)


def _mapping(pairs: list[str]) -> dict[str, str]:
    found = [pair.rpartition("=") for pair in pairs]
    twice = [name for name, count in Counter(name for name, _, _ in found).items() if count > 1]
    if twice:
        raise InvalidError([Fault("?map", "twice", f"{name!r} is mapped twice.") for name in twice])
    return {name.strip(): field.strip() for name, _, field in found}


imports: Record[Import] = Record(
    visible,
    each(shape),
    {**CREATED, "q": search("file_name"), "advertiser_id": column("advertiser_id")},
)


def rows_page(job: Import, wanted: RowFilters) -> Values:
    """Return a page of what was made of each row, in the order of the file."""
    rows = ImportRow.objects.filter(import_of=job).order_by("row")
    if wanted.verdict is not None:
        rows = rows.filter(verdict__in=wanted.verdict.split(","))
    if wanted.refused is not None:
        rows = rows.exclude(verdict__in=SETTLED) if wanted.refused else rows.filter(verdict__in=SETTLED)
    if wanted.cursor is not None:
        rows = rows.filter(row__gt=_row_of(wanted.cursor))
    found = list(rows[: wanted.limit + 1])
    shown = found[: wanted.limit]
    more = len(found) > wanted.limit
    return {
        "data": [_row_shape(each) for each in shown],
        "next_cursor": write_cursor(f"row{shown[-1].row}") if more else None,
        "has_more": more,
    }


def _row_shape(row: ImportRow) -> Values:
    return {
        "row": row.row,
        "verdict": row.verdict,
        "column": row.column,
        "detail": row.detail,
        "subject_id": row.subject or None,
    }


def _row_of(cursor: str) -> int:
    text = read_cursor(cursor).removeprefix("row")
    if not text.isdecimal() or len(text) > len("9999999999"):
        raise InvalidError(
            [Fault("?cursor", "bad_cursor", "cursor is none that this list gave. Start without one.")]
        )
    return int(text)
