"""Files of conversions, status changes and activity: taken in, run by a process of their own, followed."""

from collections import Counter
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from redound.console.accounts.callers import Caller
from redound.console.api.filters import CREATED, Filters, Text, column, narrow, one_of, refuse_unknown, search
from redound.console.api.paging import MAX_LIMIT, Page, page, read_cursor, write_cursor
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Values, known_id
from redound.console.errors import ConflictError, Fault, InvalidError, NotFoundError
from redound.console.forms import Flag, Form, Instant, Shape
from redound.console.identity import fresh_id
from redound.console.imports import files, starting
from redound.console.imports.applying import SETTLED
from redound.console.imports.models import Import, ImportRow
from redound.console.render import maybe_moment, moment
from redound.core.csv_rows import Kind

CREATED_STATUS = 201
router = Router(tags=["imports"])
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


def shape(job: Import) -> Values:
    """Return an import as the API shows it."""
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


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/imports", response=Page[ImportShape])
def list_imports(request: ApiRequest, filters: Query[ImportFilters]) -> Values:
    """List imports, newest first."""
    refuse_unknown(request, filters)
    special = {**CREATED, "q": search("file_name"), "advertiser_id": column("advertiser_id")}
    return page(narrow(visible(request.caller), filters, special), filters, lambda rows: [*map(shape, rows)])


@router.post("/imports", response={201: ImportShape}, openapi_extra=_BODY)
def create_import(request: ApiRequest, upload: Query[Upload], response: HttpResponse) -> Status[Values]:
    """Take in a CSV file, the body of the request, and judge its rows; with `dry_run=false` apply them.

    The header is read at once: 422 names its columns at fault. 409 when the same file was taken in before,
    with the ID of that import: run that one.
    """
    import_id = fresh_id("imp")
    kept = files.keep(request, import_id)
    try:
        job = _begun(request, upload, kept, import_id)
    except BaseException:
        kept.path.unlink(missing_ok=True)
        raise
    starting.start(job)
    response["Location"] = f"{request.path}/{job.pk}"
    return Status(CREATED_STATUS, shape(job))


def _begun(request: ApiRequest, upload: Upload, kept: files.Kept, import_id: str) -> Import:
    job, new = starting.begin(
        kept, upload.kind, _mapping(upload.map), upload.advertiser_id, upload.file_name, request.caller,
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


def _find(request: ApiRequest, row_id: str) -> Import:
    job = visible(request.caller).filter(pk=known_id(row_id)).first()
    if job is None:
        raise NotFoundError
    return job


@router.get("/imports/{row_id}", response=ImportShape)
def get_import(request: ApiRequest, row_id: Path[str]) -> Values:
    """Get an import with its progress and the count of each verdict."""
    return shape(_find(request, row_id))


@router.post("/imports/{row_id}/run", response=ImportShape)
def run_import(request: ApiRequest, row_id: Path[str], form: RunForm) -> Values:
    """Apply an import: after a dry run all, after a cut where it stopped, after its end what was refused.

    Rows that were applied are never applied again. 409 while it runs.
    """
    job = _find(request, row_id)
    starting.prepare(job, dry_run=form.dry_run)
    starting.start(job)
    return shape(job)


@router.get("/imports/{row_id}/rows", response=Page[ImportRowShape])
def list_import_rows(request: ApiRequest, row_id: Path[str], filters: Query[RowFilters]) -> Values:
    """List what was made of each row, in the order of the file."""
    refuse_unknown(request, filters)  # type: ignore[arg-type]  # any model of parameters
    rows = ImportRow.objects.filter(import_of=_find(request, row_id)).order_by("row")
    if filters.verdict is not None:
        rows = rows.filter(verdict__in=filters.verdict.split(","))
    if filters.refused is not None:
        rows = rows.exclude(verdict__in=SETTLED) if filters.refused else rows.filter(verdict__in=SETTLED)
    if filters.cursor is not None:
        rows = rows.filter(row__gt=_row_of(filters.cursor))
    found = list(rows[: filters.limit + 1])
    shown = found[: filters.limit]
    more = len(found) > filters.limit
    return {
        "data": [
            {
                "row": each.row,
                "verdict": each.verdict,
                "column": each.column,
                "detail": each.detail,
                "subject_id": each.subject or None,
            }
            for each in shown
        ],
        "next_cursor": write_cursor(f"row{shown[-1].row}") if more else None,
        "has_more": more,
    }


def _row_of(cursor: str) -> int:
    text = read_cursor(cursor).removeprefix("row")
    if not text.isdecimal() or len(text) > len("9999999999"):
        raise InvalidError(
            [Fault("?cursor", "bad_cursor", "cursor is none that this list gave. Start without one.")]
        )
    return int(text)
