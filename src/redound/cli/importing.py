"""`redound import-csv`: conversions, status changes and activity from a file."""

from __future__ import annotations

import gc
import sys
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - Typer reads it when it runs
from typing import TYPE_CHECKING, Annotated, Any

import typer

from redound.cli.opening import installation, operator
from redound.cli.output import CommandError, Exit, command, data, data_json, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.console.imports.models import Import, ImportRow


GARBAGE_AFTER = 100_000


class KindName(StrEnum):
    """What the rows of the file are."""

    CONVERSIONS = "conversions"
    STATUSES = "statuses"
    ACTIVITY = "activity"


class Rows(StrEnum):
    """Which rows to print."""

    REFUSED = "refused"
    ALL = "all"
    NONE = "none"


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    command(
        app,
        "import-csv",
        "Import conversions, status changes or activity from a CSV file.",
        "import-csv sales.csv --kind conversions --dry-run",
        "import-csv sales.csv --kind conversions --map 'Order number=txid'",
        "import-csv decisions.csv --kind statuses --json",
        "import-csv day.csv --kind activity --advertiser adv_…",
    )(import_csv)


def import_csv(
    file: Annotated[Path | None, typer.Argument(help="A CSV file with a header.")] = None,
    kind: Annotated[KindName | None, typer.Option(help="What its rows are.")] = None,
    advertiser: Annotated[str, typer.Option(help="Whose rows they are: adv_….")] = "",
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="COLUMN=FIELD; with nothing after = the column is not read. Repeatable."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge every row, apply none.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an import that was cut off.")] = False,
    rows: Annotated[Rows, typer.Option(help="Which rows to print.")] = Rows.REFUSED,
    job: Annotated[str, typer.Option(help="Run an import that the API has taken in: imp_….")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row, the summary last.")] = False,
) -> None:
    """Apply the rows of a file, each with a verdict. The same file again applies nothing twice.

    Rows that were refused are tried again then. Exit code 3 when rows were refused.
    """
    if (file is None) == (not job):
        raise CommandError("Name a file, or an import with --job.", code=Exit.USAGE)
    if file is not None and kind is None:
        raise CommandError("Say with --kind what the rows are.", code=Exit.USAGE)
    columns = _mapping(mapping or [])
    with installation() as settings:
        from redound import logs
        from redound.console.imports.running import StoppedError, run

        logs.configure(settings.log_level if job else "WARNING")
        # A run makes few cycles of objects and very many objects: looking for the former less often pays.
        gc.freeze()
        gc.set_threshold(GARBAGE_AFTER, 20, 20)
        if file is not None and kind is not None:
            job = _begin(file, kind, columns, advertiser, dry_run=dry_run, resume=resume).pk
        try:
            # The child of a server (`--job`) has its terminal, where its own words stand.
            ended = run(job, _progress if file is not None else None)
        except StoppedError as error:
            raise CommandError(f"Another process took {job} over.") from error
        finally:
            if sys.stderr.isatty():
                say("")
        refused = _print(ended, rows, as_json=as_json)
    if ended.state != "done":
        raise CommandError(ended.error, f"`redound import-csv --job {ended.pk}` goes on where it stopped.")
    if refused:
        raise typer.Exit(Exit.CHECK_FAILED)


def _begin(
    file: Path, kind: KindName, mapping: dict[str, str], advertiser: str, *, dry_run: bool, resume: bool
) -> Import:
    from redound.console.imports import files, starting
    from redound.core.csv_rows import Kind

    try:
        kept = files.known(file)
        job, new = starting.begin(
            kept, Kind(kind), mapping, advertiser, file.name, operator("import-csv"), dry_run=dry_run
        )
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.", code=Exit.USAGE) from error
    if new:
        return job
    cut_off = not job.dry_run and starting.state_of(job) in {"interrupted", "failed"}
    if cut_off and not resume and not dry_run:
        raise CommandError(
            f"This file was begun as {job.pk} and cut off after row {job.next_row}.",
            "Add --resume to go on there.",
        )
    if job.path and job.path != str(kept.path):
        job.path = str(kept.path)
        job.save(update_fields=["path"])
    starting.prepare(job, dry_run=dry_run)
    return job


def _mapping(given: list[str]) -> dict[str, str]:
    found = {}
    for pair in given:
        column, separator, field = pair.rpartition("=")
        if not separator or not column.strip():
            raise CommandError(f"--map {pair}: write COLUMN=FIELD.", code=Exit.USAGE)
        found[column.strip()] = field.strip()
    return found


def _progress(job: Import) -> None:
    if sys.stderr.isatty():
        share = min(1.0, job.read_bytes / max(job.size_bytes, 1))
        sys.stderr.write(f"\r{share:>4.0%}  row {job.next_row}")
        sys.stderr.flush()


def _print(job: Import, which: Rows, *, as_json: bool) -> int:
    """Print rows and the summary; return how many were refused."""
    from redound.console.imports.applying import SETTLED

    refused: int = sum(count for verdict, count in job.counts.items() if verdict not in SETTLED)
    for row in _rows(job, which):
        told = {"row": row.row, "verdict": row.verdict, "column": row.column, "detail": row.detail}
        if as_json:
            data_json({**told, "subject": row.subject or None})
        else:
            data("\t".join(str(value) for value in told.values()))
    summary: dict[str, Any] = {
        "import_id": job.pk,
        "kind": job.kind,
        "state": job.state,
        "dry_run": job.dry_run,
        "rows": sum(job.counts.values()),
        "refused": refused,
        "counts": job.counts,
        "columns": job.columns,
    }
    if as_json:
        data_json(summary)
        return refused
    ignored = [name for name, field in job.columns.items() if field is None]
    if ignored:
        say(f"Not read: {', '.join(ignored)}.")
    counts = ", ".join(f"{count} {verdict}" for verdict, count in job.counts.items()) or "no rows"
    words = " (a dry run: nothing was applied)" if job.dry_run else ""
    say(f"{job.pk}: {counts}{words}.")
    return refused


def _rows(job: Import, which: Rows) -> Iterator[ImportRow]:
    from redound.console.imports.applying import SETTLED
    from redound.console.imports.models import ImportRow

    found = ImportRow.objects.filter(import_of=job).order_by("row")
    match which:
        case Rows.NONE:
            return
        case Rows.REFUSED:
            yield from found.exclude(verdict__in=SETTLED).iterator()
        case Rows.ALL:
            yield from found.iterator()
