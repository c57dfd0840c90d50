"""`redound run-job`: goes on with a job that was begun on a page."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from redound.cli.opening import installation
from redound.cli.output import CommandError, command, data_json, say


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    command(
        app,
        "run-job",
        "Go on with a job that was begun on a page: count its rows, or work on them.",
        "run-job job_…",
        "run-job job_… --json",
    )(run_job)


def run_job(
    job_id: Annotated[str, typer.Argument(help="job_…, as its page names it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the job as one JSON object.")] = False,
) -> None:
    """Count the rows of a job, or work on them once it was confirmed. The server does this by itself."""
    with installation() as settings:
        from redound import logs
        from redound.console.jobs.models import Job
        from redound.console.jobs.running import run

        logs.configure(settings.log_level)
        try:
            job = run(job_id)
        except Job.DoesNotExist as error:
            raise CommandError(f"There is no job {job_id}.") from error
        told: dict[str, Any] = {
            "id": job.pk, "state": job.state, "total": job.total, "done": job.done,
            "counts": job.counts or job.counted, "error": job.error,
        }  # fmt: skip
    if as_json:
        data_json(told)
    say(f"{job.pk} is {job.state}: {job.done} of {job.total}.")
    if job.state == "failed":
        raise CommandError(
            job.error, f"`redound run-job {job.pk}` cannot go on; begin a new one on its page."
        )
