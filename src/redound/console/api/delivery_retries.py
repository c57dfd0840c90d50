"""Sending many deliveries again: counted first, then a job that is followed and stopped. For managers."""

from django.http import HttpResponse
from ninja import Path, Router
from ninja.responses import Status
from pydantic import Field, model_validator

from redound.console import runtime
from redound.console.accounts.callers import Caller
from redound.console.api.requests import ApiRequest
from redound.console.errors import ForbiddenError, NotFoundError
from redound.console.forms import Flag, Form, Instant, Shape
from redound.console.jobs import starting
from redound.console.jobs.deliveries import meant
from redound.console.jobs.models import Job
from redound.console.records.deliveries import DeliveryFilters
from redound.console.render import Values, maybe_moment, moment

router = Router(tags=["deliveries"])
KIND = "delivery_retry"


class RetryFilter(DeliveryFilters):
    """Which deliveries: the filters of the list, without its paging. Without `state` those that failed."""

    @model_validator(mode="after")
    def _no_paging(self) -> "RetryFilter":
        if self.model_fields_set & {"limit", "cursor"}:
            msg = "limit and cursor are no filters"
            raise ValueError(msg)
        return self


class RetryForm(Form):
    """What to send again. With `dry_run`, which is the default, it is only counted."""

    filter: RetryFilter = Field(default_factory=RetryFilter)
    dry_run: Flag = True


class RetryJobShape(Shape):
    """How far a job is. `state`: running, done, cancelled, failed or interrupted.

    `refused` could not be sent again: they got through or were taken back meanwhile, or have no postback.
    """

    id: str
    state: str
    total: int
    done: int
    retried: int
    refused: int
    error: str
    created_at: Instant
    finished_at: Instant | None


class RetriesShape(Shape):
    """How many deliveries are meant, and the job that sends them, `per_second` at most."""

    dry_run: bool
    count: int
    per_second: float
    job: RetryJobShape | None


@router.post("/deliveries/retry", response={200: RetriesShape, 202: RetriesShape})
def retry_deliveries(
    request: ApiRequest, response: HttpResponse, form: RetryForm | None = None
) -> Status[Values]:
    """Send again what a filter finds, or count it first (`dry_run`, the default)."""
    _only_managers(request.caller)
    given = form or RetryForm()
    found = meant(given.filter, request.caller)
    count = found.count()
    newest = found.order_by("-pk").values_list("pk", flat=True).first()
    told = {"dry_run": given.dry_run, "count": count, "per_second": runtime.settings().resume_per_second}
    if given.dry_run or newest is None:
        return Status(200, {**told, "job": None})
    wanted = given.filter.model_dump(mode="json", exclude_none=True, exclude={"limit", "cursor"})
    job = starting.begin_counted(KIND, {"filter": wanted, "until_id": newest}, request.caller, count)
    response["Location"] = f"{request.path}/{job.pk}"
    return Status(202, {**told, "job": _shape(job)})


@router.get("/deliveries/retry/{row_id}", response=RetryJobShape)
def get_retry(request: ApiRequest, row_id: Path[str]) -> Values:
    """Get how far it is."""
    return _shape(_find(request, row_id))


@router.post("/deliveries/retry/{row_id}/stop", response=RetryJobShape)
def stop_retry(request: ApiRequest, row_id: Path[str]) -> Values:
    """Stop it after the few that are sent at this moment; those are not taken back."""
    job = _find(request, row_id)
    starting.stop(job)
    job.refresh_from_db()
    return _shape(job)


def _only_managers(caller: Caller) -> None:
    if not caller.manages:
        raise ForbiddenError("managers_only", "Only managers may send many deliveries again.")


def _find(request: ApiRequest, row_id: str) -> Job:
    _only_managers(request.caller)
    job = starting.visible(request.caller).filter(pk=row_id, kind=KIND).first()
    if job is None:
        raise NotFoundError
    return job


def _shape(job: Job) -> Values:
    return {
        "id": job.pk,
        "state": starting.state_of(job),
        "total": job.total,
        "done": job.done,
        "retried": job.counts.get("retried", 0),
        "refused": job.counts.get("refused", 0),
        "error": job.error,
        "created_at": moment(job.created_at),
        "finished_at": maybe_moment(job.finished_at),
    }
