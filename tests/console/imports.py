"""CSV files for tests of the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def begin(file: Path, text: str | bytes, kind: str, *, dry_run: bool = False, **more: Any) -> Any:
    """Write a file and begin its import; return it."""
    from redound.console.accounts.callers import Caller
    from redound.console.imports import files, starting
    from redound.core.csv_rows import Kind

    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    mapping, advertiser = more.get("mapping", {}), more.get("advertiser", "")
    job, _ = starting.begin(
        files.known(file), Kind(kind), mapping, advertiser, file.name, Caller(by="Bob"), dry_run=dry_run
    )
    return job


def run(file: Path, text: str | bytes, kind: str = "conversions", **more: Any) -> Any:
    """Begin an import and run it to its end; return it."""
    from redound.console.imports import running, starting

    job = begin(file, text, kind, **more)
    starting.prepare(job, dry_run=more.get("dry_run", False))
    return running.run(job.pk)


def running_import() -> str:
    """Store an import that a process is running; return its ID."""
    from django.utils import timezone

    from redound.console.imports.models import Import

    job = Import.objects.create(
        kind="conversions", path="/nowhere", size_bytes=1, state="running", seen_at=timezone.now()
    )
    return job.pk


def verdicts(job: Any) -> list[tuple[int, str, str]]:
    """Return row, verdict and column of each row."""
    return list(job.verdicts.order_by("row").values_list("row", "verdict", "column"))
