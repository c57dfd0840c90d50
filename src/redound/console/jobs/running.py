"""A run of a job: piece by piece, with the place to go on from stored after each."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection
from django.db.models import Q
from django.utils import timezone

from redound.console.accounts.callers import Caller
from redound.console.errors import ConsoleError
from redound.console.identity import fresh_id
from redound.console.jobs.kinds import KINDS
from redound.console.jobs.models import Job
from redound.logs import log

if TYPE_CHECKING:
    from collections.abc import Callable

LOST_AFTER = timedelta(seconds=60)
"""A run that was not seen for so long died; another may go on."""
REST_SHARE, REST_SECONDS = 0.1, 0.002
"""How long a run rests after a piece, as a share of it, and at least: traffic waits for the same database."""
ENDED = frozenset({"done", "cancelled", "failed"})


def run(job_id: str, *, rest: Callable[[float], None] = time.sleep) -> Job:
    """Count a job's rows or work on them, from where it stands; return it as it then is.

    What goes wrong ends in the state `failed` with the reason in `error`.
    """
    job = _claimed(job_id)
    if job is None:
        return Job.objects.get(pk=job_id)
    counting = job.state == "counting"
    try:
        stopped = not _work(job, rest, dry_run=counting)
    except ConsoleError as error:
        _end(job, "failed", error.detail)
    except DatabaseError as error:
        connection.close()
        _end(job, "failed", f"The database: {error}".strip())
    else:
        if not stopped:
            _end(job, "counted" if counting else "done")
    log.info("job.ended", job_id=job.pk, kind=job.kind, state=job.state, counts=job.counts or job.counted)
    return job


def _claimed(job_id: str) -> Job | None:
    """Take a job that waits to be counted or done; None when there is nothing to do or somebody does it."""
    now = timezone.now()
    # Compare-and-set: of two runs at a time, one takes it; a holder that was not seen lately has died.
    free = Q(holder="") | Q(seen_at__lt=now - LOST_AFTER)
    holder = fresh_id("run")
    taken = Job.objects.filter(free, pk=job_id, state__in=["counting", "running"]).update(
        holder=holder, seen_at=now
    )
    return Job.objects.get(pk=job_id) if taken else None


def _work(job: Job, rest: Callable[[float], None], *, dry_run: bool) -> bool:
    """Do all pieces; return False when the job was stopped or taken over meanwhile."""
    work = KINDS[job.kind]
    caller = Caller(by=job.by, user_id=job.user_id, affiliate_id=job.affiliate_id)
    counts = Counter(job.counted if dry_run else job.counts)
    rows = job.total if dry_run else job.done
    cursor = job.cursor
    while True:
        began = time.perf_counter()
        piece = work.piece(job.wanted, caller, cursor, dry_run=dry_run)
        if not piece.rows:
            return True
        rows, cursor = rows + piece.rows, piece.last_id
        counts.update(piece.counts)
        told = {"total": rows, "counted": dict(counts)} if dry_run else {"done": rows, "counts": dict(counts)}
        ours = Job.objects.filter(pk=job.pk, holder=job.holder, stop_wanted=False)
        if not ours.update(cursor=cursor, seen_at=timezone.now(), **told):
            return _stopped(job, told, cursor)
        rest(max(REST_SECONDS, REST_SHARE * (time.perf_counter() - began)))


def _stopped(job: Job, told: dict[str, object], cursor: str) -> bool:
    """Note the last piece of a run that somebody stopped: it was done."""
    Job.objects.filter(pk=job.pk, holder=job.holder).update(
        state="cancelled", holder="", cursor=cursor, finished_at=timezone.now(), **told
    )
    job.refresh_from_db()
    return False


def _end(job: Job, state: str, error: str = "") -> None:
    finished = timezone.now() if state in ENDED else None
    cursor = {"cursor": ""} if state == "counted" else {}
    Job.objects.filter(pk=job.pk, holder=job.holder).update(
        state=state, error=error, holder="", finished_at=finished, seen_at=timezone.now(), **cursor
    )
    job.refresh_from_db()
