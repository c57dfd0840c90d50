"""Beginning, confirming and stopping jobs; each runs in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from redound.console import runtime
from redound.console.errors import ConflictError
from redound.console.jobs.models import Job
from redound.console.jobs.running import ENDED, LOST_AFTER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller


def visible(caller: Caller) -> QuerySet[Job]:
    """Managers': all; an affiliate's: those that were begun for them."""
    found = Job.objects.all()
    return found if caller.manages else found.filter(affiliate_id=caller.affiliate_id)


def begin(kind: str, wanted: Mapping[str, Any], caller: Caller) -> Job:
    """Store a job and let its rows be counted. Nothing is done before `confirm`."""
    job = Job.objects.create(
        kind=kind,
        wanted=dict(wanted),
        by=caller.by[:250],
        user_id=caller.user_id,
        affiliate_id=caller.affiliate_id,
    )
    start(job)
    return job


def begin_counted(kind: str, wanted: Mapping[str, Any], caller: Caller, total: int) -> Job:
    """Store a job whose rows were counted already, and let it be done."""
    job = Job.objects.create(
        kind=kind,
        wanted=dict(wanted),
        state="running",
        total=total,
        by=caller.by[:250],
        user_id=caller.user_id,
        affiliate_id=caller.affiliate_id,
        started_at=timezone.now(),
    )
    start(job)
    return job


def state_of(job: Job) -> str:
    """Return the state as people see it: a run that was not seen lately was interrupted."""
    begun = job.seen_at or job.started_at or job.created_at
    lost = job.state in {"counting", "running"} and begun < timezone.now() - LOST_AFTER
    return "interrupted" if lost else job.state


def confirm(job: Job) -> None:
    """Let a counted job be done, or an interrupted one go on. ConflictError when it is neither."""
    if state_of(job) == "interrupted":
        start(job)
        return
    # Compare-and-set: who confirms twice starts it once.
    changed = Job.objects.filter(pk=job.pk, state="counted").update(
        state="running", started_at=timezone.now(), seen_at=None, cursor=""
    )
    if not changed:
        raise ConflictError("not_counted", "This job is not waiting to be confirmed.")
    start(job)


def stop(job: Job) -> None:
    """Stop a job: at once when it is not running, else after the piece at hand. What is done stays done."""
    if job.state in ENDED:
        raise ConflictError("job_ended", "This job has ended already.")
    Job.objects.filter(pk=job.pk).update(stop_wanted=True)
    idle = Job.objects.filter(pk=job.pk, holder="").exclude(state__in=ENDED)
    lost = Job.objects.filter(pk=job.pk, seen_at__lt=timezone.now() - LOST_AFTER).exclude(state__in=ENDED)
    (idle | lost).update(state="cancelled", holder="", finished_at=timezone.now())


def start(job: Job) -> None:
    """Let a process of its own run the job, once what is stored of it is committed."""
    transaction.on_commit(lambda: _spawn(job.pk))


def _spawn(job_id: str) -> None:
    ours = runtime.settings()
    env = {
        **os.environ,
        "REDOUND_DATABASE_URL": ours.database_url,
        "REDOUND_DATA_DIR": str(ours.data_dir),
        "REDOUND_SECRET_KEY": ours.secret_key,
    }
    child = subprocess.Popen(  # noqa: S603 - our own command; it reports through the database
        [sys.executable, "-m", "redound", "run-job", job_id],
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    threading.Thread(target=child.wait, name=f"job {job_id}", daemon=True).start()
