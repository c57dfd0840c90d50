"""Managers are told that an import has finished or failed; a dry run is watched by whoever started it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from redound.console import named
from redound.console.clock import now_ms
from redound.console.imports.applying import SETTLED
from redound.store.plans.notices import notice_step

if TYPE_CHECKING:
    from redound.console.imports.models import Import


def tell(job: Import) -> None:
    """Store the notification of a run that has ended."""
    if job.dry_run:
        return
    rows = sum(job.counts.values())
    refused = sum(count for verdict, count in job.counts.items() if verdict not in SETTLED)
    ended = f"has failed: {job.error}" if job.error else "has finished."
    facts = {
        "import_id": job.pk,
        "file": job.file_name,
        "rows": rows,
        "refused": refused,
        "error": job.error,
    }
    text = f"The import {job.file_name} {ended} Rows read: {rows}, refused: {refused}."
    with transaction.atomic():
        named.perform([notice_step("import_finished", "manager", text, facts, now_ms())])
