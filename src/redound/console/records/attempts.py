"""Attempts: each HTTP try of a delivery, with what was really sent and what came back."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from redound.console.accounts.callers import Caller
from redound.console.columns import milliseconds, read_json
from redound.console.filters import Filters, Text
from redound.console.forms import Instant, Shape
from redound.console.postbacks.models import Postback
from redound.console.records.record import Record, by_id_time, exactly
from redound.console.render import Values, moment_ms
from redound.console.traffic.models import Attempt, Delivery


class RequestShape(Shape):
    """What went out, secrets masked."""

    method: str
    url: str
    headers: dict[str, str]
    body: str


class ResponseShape(Shape):
    """What came back: at most 64 KiB of it."""

    status: int
    headers: dict[str, str]
    body: str
    truncated: bool


class ErrorShape(Shape):
    """Why it failed: a category and a sentence."""

    kind: str
    detail: str


class AttemptShape(Shape):
    """One HTTP try. `outcome` is delivered, retry, failed or cancelled."""

    id: str
    delivery_id: str
    postback_id: str
    number: int
    outcome: str
    started_at: Instant
    duration_ms: int
    request: RequestShape
    response: ResponseShape | None
    error: ErrorShape | None
    created_at: Instant
    updated_at: Instant


def visible(caller: Caller) -> QuerySet[Attempt]:
    """Managers': all; an affiliate's: those of their own postbacks."""
    if caller.manages:
        return Attempt.objects.all()
    own = Postback.objects.filter(affiliate_id=caller.affiliate_id).values("pk")
    return Attempt.objects.filter(postback_id__in=own)


def shapes(rows: Sequence[Attempt], caller: Caller) -> list[Values]:
    """Return the AttemptShape's values of a page."""
    del caller
    return [shape(row) for row in rows]


def shape(row: Attempt) -> Values:
    """Return the AttemptShape's values."""
    request, response = read_json(row.request), read_json(row.response)
    at = moment_ms(row.started_at)
    return {
        "id": row.id,
        "delivery_id": row.delivery_id,
        "postback_id": row.postback_id,
        "number": row.number,
        "outcome": row.outcome,
        "started_at": at,
        "duration_ms": row.duration_ms,
        "request": {
            "method": request["method"],
            "url": request["url"],
            "headers": _headers(request["headers"]),
            "body": request["body"],
        },
        "response": _response(response) if response else None,
        "error": {"kind": row.error_kind, "detail": row.error_detail} if row.error_kind else None,
        "created_at": at,
        "updated_at": at,
    }


def _response(response: dict[str, Any]) -> Values:
    return {
        "status": response["status"],
        "headers": _headers(response["headers"]),
        "body": response["body"],
        "truncated": response.get("truncated", False),
    }


def _headers(pairs: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return headers by name; a name that came several times has its values joined."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _since(rows: QuerySet[Attempt], at: Any) -> QuerySet[Attempt]:
    return _TIMES["since"](rows, at).filter(started_at__gte=milliseconds(at))


def _until(rows: QuerySet[Attempt], at: Any) -> QuerySet[Attempt]:
    return rows.filter(started_at__lt=milliseconds(at))


def _of_deliveries(column: str) -> Any:
    def apply(rows: QuerySet[Attempt], value: str) -> QuerySet[Attempt]:
        return rows.filter(delivery_id__in=Delivery.objects.filter(**{column: value}).values("id"))

    return apply


_TIMES = by_id_time("att")


_FILTERS: dict[str, Any] = {
    "since": _since,
    "until": _until,
    "q": exactly("delivery_id"),
    "conversion_id": _of_deliveries("conversion_id"),
    "click_id": _of_deliveries("click_id"),
    "affiliate_id": _of_deliveries("affiliate_id"),
    "test": _of_deliveries("test"),
}


attempts: Record[Attempt] = Record(visible, shapes, _FILTERS)


class AttemptFilters(Filters):
    """Filters of attempts. `status` is that of the HTTP answer."""

    delivery_id: Text | None = None
    postback_id: Text | None = None
    conversion_id: Text | None = None
    click_id: Text | None = None
    affiliate_id: Text | None = None
    outcome: Text | None = None
    status: int | None = None
    error_kind: Text | None = None
    test: bool | None = None
