"""Catch-all bins: a URL that keeps what is sent to it, so that a postback is seen without any tracker."""

from typing import Annotated

from django.db import transaction
from django.db.models import QuerySet
from pydantic import Field, StringConstraints

from redound.console import named, runtime
from redound.console.accounts.callers import Caller
from redound.console.bins.models import Bin, BinRequest
from redound.console.catalog.models import Affiliate
from redound.console.clock import now_ms
from redound.console.columns import read_json
from redound.console.errors import ConflictError, Fault, InvalidError
from redound.console.forms import Edit, Form, Instant, Name, Shape
from redound.console.records.record import Record, each
from redound.console.render import Values, moment, moment_ms
from redound.store.plans.steps import Step

MOST_BINS = 20
"""Bins that an affiliate, or all managers together, may have at a time."""
HOUR_MS = 3_600_000
Answer = Annotated[str, StringConstraints(max_length=4096, pattern=r"^[^\x00]*$")]


class BinNew(Form):
    """How the bin answers, and for how long it is there. `delay_ms` is 30 seconds at most."""

    name: Name = "Bin"
    affiliate_id: Annotated[str, StringConstraints(max_length=100)] | None = None
    status: Annotated[int, Field(ge=200, le=599, strict=True)] = 200
    delay_ms: Annotated[int, Field(ge=0, le=30_000, strict=True)] = 0
    body: Answer = "OK"
    expires_in_hours: Annotated[int, Field(ge=1, le=720, strict=True)] = 168


class BinEdit(Edit, BinNew):
    """Changes of a bin; it stays with its owner. `expires_in_hours` counts from now."""


class BinShape(Shape):
    """A bin. What is sent to `url`, or to any path below it, is kept: the latest 200 requests."""

    id: str
    name: str
    affiliate_id: str | None
    url: str
    status: int
    delay_ms: int
    body: str
    expires_at: Instant
    created_at: Instant
    updated_at: Instant


class BinRequestShape(Shape):
    """A request as it came. Passwords and cookies in headers are masked. `path` is what followed the URL.

    `truncated`: the body was longer than 64 KiB.
    """

    id: str
    at: Instant
    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: str
    truncated: bool
    ip: str


def visible(caller: Caller) -> QuerySet[Bin]:
    """Managers': all; an affiliate's: their own. What has expired is gone."""
    alive = Bin.objects.filter(expires_at__gt=now_ms())
    return alive if caller.manages else alive.filter(affiliate_id=caller.affiliate_id)


def create(form: BinNew, caller: Caller) -> Bin:
    """Store a bin; it is there at once. ConflictError when its owner has all they may have."""
    owner = form.affiliate_id if caller.manages else caller.affiliate_id
    foreign = not caller.manages and form.affiliate_id not in {None, owner}
    if foreign or (owner is not None and not Affiliate.objects.filter(pk=owner).exists()):
        detail = f"affiliate_id: there is no {form.affiliate_id} that you may use."
        raise InvalidError([Fault("/affiliate_id", "unknown_reference", detail)])
    now = now_ms()
    with transaction.atomic():
        named.perform([Step("empty_expired_bins", (now,)), Step("forget_expired_bins", (now,))])
        if Bin.objects.filter(affiliate_id=owner).count() >= MOST_BINS:
            raise ConflictError("too_many_bins", f"There are {MOST_BINS} bins already. Delete one first.")
        row = Bin(affiliate_id=owner)
        _fill(row, form)
        row.save(force_insert=True)
    return row


def edit(row: Bin, form: BinEdit) -> None:
    """Change how a bin answers, from the next request on."""
    if "affiliate_id" in form.given and form.affiliate_id != row.affiliate_id:
        detail = "affiliate_id cannot be changed. Create a new one instead."
        raise InvalidError([Fault("/affiliate_id", "fixed", detail)])
    _fill(row, form)
    row.save()


def delete(row: Bin) -> None:
    """Delete a bin and what it caught."""
    with transaction.atomic():
        named.perform([Step("empty_bin", (row.pk,))])
        row.delete()


def caught(row: Bin) -> QuerySet[BinRequest]:
    """Return what was sent to a bin."""
    return BinRequest.objects.filter(bin_id=row.pk)


def _fill(row: Bin, form: BinNew) -> None:
    for name in ("name", "status", "delay_ms", "body"):
        if name in form.given:
            setattr(row, name, getattr(form, name))
    if "expires_in_hours" in form.given:
        row.expires_at = now_ms() + form.expires_in_hours * HOUR_MS


def shape(row: Bin, caller: Caller) -> Values:
    """Return the BinShape's values."""
    del caller
    return {
        "id": row.pk,
        "name": row.name,
        "affiliate_id": row.affiliate_id,
        "url": f"{runtime.settings().tracking_url}/bin/{row.token}",
        "status": row.status,
        "delay_ms": row.delay_ms,
        "body": row.body,
        "expires_at": moment_ms(row.expires_at),
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


def request_shape(row: BinRequest) -> Values:
    """Return the BinRequestShape's values."""
    return {
        "id": row.pk,
        "at": moment_ms(row.at),
        "method": row.method,
        "path": row.path,
        "query": row.query,
        "headers": [(name, value) for name, value in read_json(row.headers)],
        "body": row.body,
        "truncated": row.truncated,
        "ip": row.ip,
    }


bins: Record[Bin] = Record(visible, each(shape))
