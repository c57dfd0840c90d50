"""A run of an import: batch by batch, each with its verdicts and the place to go on in one transaction."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from redound.console import named
from redound.console.catalogue import Catalogue
from redound.console.databases import SQLITE_BULK_COMMAND
from redound.console.errors import ConflictError
from redound.console.identity import fresh_id
from redound.console.imports import files
from redound.console.imports.applying import SETTLED, Row, Task, Told, apply, decide_ahead
from redound.console.imports.models import Import, ImportRow
from redound.console.imports.telling import tell as tell_managers
from redound.core.claims import ALIASES
from redound.core.csv_reading import Broken, Record
from redound.core.csv_rows import Columns, Finding, Kind, read_header, read_row
from redound.logs import log
from redound.store.plans.steps import Batch as Statements
from redound.store.plans.steps import LostRaceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from redound.console.imports.applying import Ahead

    Progress = Callable[[Import], None]

AT_ONCE = 500
"""Rows in one transaction."""
LOST_AFTER = timedelta(seconds=60)
"""A run that was not seen for so long died; another may go on."""
REST_SHARE, REST_SECONDS = 0.05, 0.002
"""How long a run rests after a batch, as a share of it, and at least: traffic waits for the same database."""
TRIES = 5


class StoppedError(Exception):
    """Another run took this import over."""


@dataclass(slots=True)
class Batch:
    """Rows to decide, and those that cannot be; `again` are the verdicts of rows that were refused before."""

    rows: list[Row] = field(default_factory=list)
    broken: list[Finding] = field(default_factory=list)
    last: int = 0
    again: dict[int, str] = field(default_factory=dict)


def header_of(
    table: files.Table, kind: Kind, mapping: Mapping[str, str], advertiser_id: str
) -> Columns | list[Finding]:
    """Return what the columns of a file mean, or all that is wrong with its header."""
    match table.header:
        case None:
            return [Finding(1, "", "empty", "The file is empty.")]
        case Broken(row, column, sentence):
            return [Finding(row, f"column {column}", "malformed", sentence)]
        case Record(_, cells):
            advertiser = Catalogue().advertiser(advertiser_id) if advertiser_id else None
            aliases = advertiser.profile.aliases if advertiser is not None else ALIASES
            return read_header(cells, kind, mapping, aliases, advertiser_known=bool(advertiser_id))


def run(import_id: str, tell: Progress | None = None) -> Import:
    """Run an import from where it stands; after the end, the rows that were refused once more.

    ConflictError while another process runs it. What goes wrong with the file as a whole ends in the state
    `failed` with the reason in `error`.
    """
    job = _claim(import_id)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(SQLITE_BULK_COMMAND)
    began = time.perf_counter()
    try:
        _work(job, tell)
    except (OSError, _ChangedFileError) as error:
        _end(job, "failed", str(error))
    except DatabaseError as error:
        connection.close()
        _end(job, "failed", f"The database: {error}".strip())
    else:
        _end(job, "done")
    tell_managers(job)
    seconds = time.perf_counter() - began
    log.info("import.ended", import_id=job.pk, state=job.state, counts=job.counts, seconds=round(seconds, 1))
    return job


class _ChangedFileError(Exception):
    """The file is not what it was; the message says so."""


def check_remembered(job: Import) -> None:
    """Raise ConflictError for an import so old that nobody knows which of its rows were applied."""
    if not job.path:
        detail = f"{job.pk} ended long ago; neither its file nor the verdicts of its rows are kept any more."
        raise ConflictError("import_forgotten", detail)


def _claim(import_id: str) -> Import:
    now = timezone.now()
    # Compare-and-set: of two runs at a time, one takes it; a holder that was not seen lately has died.
    free = ~Q(state="running") | Q(seen_at__lt=now - LOST_AFTER)
    holder = fresh_id("run")
    taken = (
        Import.objects.filter(free, pk=import_id)
        .exclude(path="")
        .update(state="running", holder=holder, seen_at=now, started_at=now, finished_at=None, error="")
    )
    job = Import.objects.get(pk=import_id)
    check_remembered(job)
    if not taken:
        raise ConflictError("import_running", f"{import_id} is being run at this moment.")
    return job


def _end(job: Import, state: str, error: str = "") -> None:
    finished = state == "done"
    now = timezone.now()
    changes = {"state": state, "error": error, "finished_at": now, "seen_at": now}
    if finished:
        changes |= {"next_row": 0, "read_bytes": job.size_bytes}
    Import.objects.filter(pk=job.pk, holder=job.holder).update(**changes)
    job.refresh_from_db()


def _work(job: Import, tell: Progress | None) -> None:
    kept = files.known(Path(job.path))
    if kept.digest != job.digest:
        raise _ChangedFileError(f"{job.path} was changed since this import began. Import it anew.")
    kind = Kind(job.kind)
    advertiser_id = job.advertiser_id or ""
    task = Task(job.pk, kind, advertiser_id, job.created_by, job.dry_run)
    with files.opened(job.path) as table:
        columns = header_of(table, kind, job.mapping, advertiser_id)
        if not isinstance(columns, Columns):
            raise _ChangedFileError(" ".join(each.sentence for each in columns))
        for batch in _batches(table.records, columns, job.next_row):
            began = time.perf_counter()
            _apply(job, task, columns, batch, table.read_bytes)
            if tell is not None:
                tell(job)
            time.sleep(max(REST_SECONDS, REST_SHARE * (time.perf_counter() - began)))


def _batches(records: Iterable[Record | Broken], columns: Columns, after: int) -> Iterator[Batch]:
    fresh = (each for each in records if each.row > after)
    while part := list(islice(fresh, AT_ONCE)):
        batch = Batch(last=part[-1].row)
        for each in part:
            if isinstance(each, Broken):
                batch.broken.append(Finding(each.row, columns.label(each.column), "malformed", each.sentence))
                continue
            read = read_row(each.row, each.cells, columns)
            if isinstance(read, Finding):
                batch.broken.append(read)
            elif read is not None:
                batch.rows.append(Row(each.row, read))
        yield batch


def _apply(job: Import, task: Task, columns: Columns, batch: Batch, read_bytes: int) -> None:
    left_over = _left_over(job, batch)
    ahead = decide_ahead(task, left_over.rows)
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                counts = _applied(job, task, columns, left_over, ahead, read_bytes)
        except (LostRaceError, IntegrityError, DataError):
            # Others came first, or a row cannot be stored: now each that cannot be falls out alone.
            if ahead is None or not left:
                raise
            ahead = None
        except OperationalError:  # the database is locked, or its connection broke
            if not left:
                raise
            connection.close()
            time.sleep(1)  # this is a process of its own; the database is given time
        else:
            job.counts, job.next_row, job.read_bytes = counts, batch.last, read_bytes
            return


def _left_over(job: Import, batch: Batch) -> Batch:
    """Return what of a batch is still to be done; rows that were refused before are tried again."""
    numbers = [*(each.number for each in batch.rows), *(each.row for each in batch.broken)]
    if not numbers or not sum(job.counts.values()):
        return batch
    before = _before(job, min(numbers), max(numbers))
    return Batch(
        [each for each in batch.rows if before.get(each.number, "") not in SETTLED],
        [each for each in batch.broken if before.get(each.row, "") not in SETTLED],
        batch.last,
        {row: verdict for row, verdict in before.items() if verdict not in SETTLED},
    )


def _applied(
    job: Import, task: Task, columns: Columns, batch: Batch, ahead: Ahead | None, read_bytes: int
) -> dict[str, int]:
    counts = Counter(job.counts)
    if batch.again:
        counts.subtract(Counter(batch.again.values()))
        ImportRow.objects.filter(import_of=job, row__in=list(batch.again)).delete()
    told = ahead.store() if ahead is not None else _decided(task, batch.rows)
    verdicts = [
        *(_row(job, each, columns) for each in told),
        *((job.pk, each.row, "malformed", each.column, each.sentence, "") for each in batch.broken),
    ]
    counts.update(each[2] for each in verdicts)
    named.perform_batches([Statements("add_import_row", rows=verdicts)])
    found = {verdict: count for verdict, count in sorted(counts.items()) if count > 0}
    # The fence: a run that was taken over stores nothing more.
    if not Import.objects.filter(pk=job.pk, holder=job.holder, state="running").update(
        counts=found, next_row=batch.last, read_bytes=read_bytes, seen_at=timezone.now()
    ):
        raise StoppedError
    return found


def _before(job: Import, first: int, last: int) -> dict[int, str]:
    rows = ImportRow.objects.filter(import_of=job, row__gte=first, row__lte=last)
    return dict(rows.values_list("row", "verdict"))


def _decided(task: Task, rows: Sequence[Row]) -> list[Told]:
    if not rows:
        return []
    if not task.dry:
        return apply(task, rows)
    with transaction.atomic():  # activity is decided by storing it, and taken back
        told = apply(task, rows)
        transaction.set_rollback(True)
    return told


def _row(job: Import, told: Told, columns: Columns) -> tuple[str, int, str, str, str, str]:
    """Return what `add_import_row` takes."""
    column = columns.name_of(told.field) if told.field else ""
    return (job.pk, told.row, told.verdict, column, told.detail[:1000], told.subject)
