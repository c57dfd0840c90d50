"""Beginning an import: the header is read at once, the rows by a process of their own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import orjson
from django.db import IntegrityError, transaction
from django.utils import timezone

from redound.console import runtime
from redound.console.catalog.models import Advertiser
from redound.console.errors import ConflictError, Fault, InvalidError
from redound.console.imports import files
from redound.console.imports.models import Import, ImportRow
from redound.console.imports.running import LOST_AFTER, check_remembered, header_of
from redound.core.csv_rows import Columns, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.console.accounts.callers import Caller
    from redound.console.imports.files import Kept

PARTLY = 10_000
"""Verdicts of a dry run that are deleted in one transaction."""


def begin(
    kept: Kept,
    kind: Kind,
    mapping: Mapping[str, str],
    advertiser_id: str,
    file_name: str,
    caller: Caller,
    *,
    dry_run: bool,
    import_id: str = "",
) -> tuple[Import, bool]:
    """Return the import of this file and whether it is new: the same file read the same way is the same one.

    InvalidError with what is wrong with the header, or when there is no such advertiser.
    """
    if advertiser_id and not Advertiser.objects.filter(pk=advertiser_id).exists():
        raise InvalidError([Fault("?advertiser_id", "unknown_reference", f"There is no {advertiser_id}.")])
    with files.opened(kept.path) as table:
        columns = header_of(table, kind, mapping, advertiser_id)
    if not isinstance(columns, Columns):
        raise InvalidError([Fault(each.column, each.code, f"Row 1: {each.sentence}") for each in columns])
    job = Import(
        identity=_identity(kept.digest, kind, mapping, advertiser_id),
        kind=kind.value,
        advertiser_id=advertiser_id or None,
        mapping=dict(mapping),
        columns={columns.names[index]: field for index, field in columns.read}
        | dict.fromkeys(filter(None, columns.ignored)),
        file_name=file_name[:200],
        path=str(kept.path),
        digest=kept.digest,
        size_bytes=kept.size_bytes,
        dry_run=dry_run,
        created_by=caller.by,
    )
    if import_id:
        job.id = import_id
        _sweep()
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        return Import.objects.get(identity=job.identity), False
    return job, True


def _sweep() -> None:
    """Delete the copies of forgotten imports; where nothing delivers on this machine, nobody else does."""
    old = files.old_copies()
    needed = set(Import.objects.filter(pk__in=old).exclude(path="").values_list("pk", flat=True))
    for name, path in old.items():
        if name not in needed:
            path.unlink(missing_ok=True)


def _identity(digest: str, kind: Kind, mapping: Mapping[str, str], advertiser_id: str) -> str:
    told = orjson.dumps([digest, kind, sorted(mapping.items()), advertiser_id])
    return hashlib.sha256(told).hexdigest()


def state_of(job: Import) -> str:
    """Return the state as people see it: a run that was not seen lately was interrupted."""
    lost = job.state == "running" and (job.seen_at is None or job.seen_at < timezone.now() - LOST_AFTER)
    return "interrupted" if lost else job.state


def prepare(job: Import, *, dry_run: bool) -> None:
    """Make an import ready for a run. What a dry run found is forgotten; what was applied stays applied.

    ConflictError while it runs, for a dry run of rows that were applied, and when it was forgotten.
    """
    if state_of(job) == "running":
        raise ConflictError("import_running", f"{job.pk} is being run at this moment.")
    check_remembered(job)
    if dry_run and not job.dry_run:
        raise ConflictError("import_applied", f"{job.pk} was applied: a dry run would not be one any more.")
    if not job.dry_run:
        return
    while numbers := list(ImportRow.objects.filter(import_of=job).values_list("row", flat=True)[:PARTLY]):
        ImportRow.objects.filter(import_of=job, row__lte=numbers[-1]).delete()
    Import.objects.filter(pk=job.pk).exclude(
        state="running", seen_at__gte=timezone.now() - LOST_AFTER
    ).update(dry_run=dry_run, counts={}, next_row=0, read_bytes=0, state="waiting", error="")
    job.refresh_from_db()


def start(job: Import) -> None:
    """Let a process of its own run the import, once what is stored of it is committed."""
    transaction.on_commit(lambda: _spawn(job.pk))


def _spawn(import_id: str) -> None:
    ours = runtime.settings()
    env = {
        **os.environ,
        "REDOUND_DATABASE_URL": ours.database_url,
        "REDOUND_DATA_DIR": str(ours.data_dir),
        "REDOUND_SECRET_KEY": ours.secret_key,
    }
    child = subprocess.Popen(  # noqa: S603 - our own command; it reports through the database
        [sys.executable, "-m", "redound", "import-csv", "--job", import_id],
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    threading.Thread(target=child.wait, name=f"import {import_id}", daemon=True).start()
