"""Deliveries: what each postback owed, and how it stands; an affiliate reads those of their own postbacks."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from ninja import Path, Query, Router

from redound.console.accounts.callers import Caller
from redound.console.api.filters import Filters, Text, one_of
from redound.console.api.paging import Page
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Values
from redound.console.api.traffic import Record, by_id_time, exactly
from redound.console.clock import now_ms
from redound.console.forms import Instant, Shape
from redound.console.postbacks import actions
from redound.console.render import maybe_moment_ms, moment_ms
from redound.console.traffic.models import (
    Conversion,
    Delivery,
    Due,
    attempts_made,
    next_attempt_at,
    shown_state,
)
from redound.core.deliveries import DeliveryState, Queue
from redound.core.tools.backfill import PREFIX

router = Router(tags=["deliveries"])
_FINAL = frozenset({"delivered", "failed", "cancelled"})


class DeliveryShape(Shape):
    """One postback owed for one transition or click. `transition` is its ID; a click's delivery has none.

    `resent`: made late, by a backfill.
    """

    id: str
    postback_id: str
    affiliate_id: str | None
    conversion_id: str | None
    click_id: str | None
    transition: str | None
    state: str
    ended_because: str | None
    attempts: int
    next_attempt_at: Instant | None
    test: bool
    resent: bool
    created_at: Instant
    updated_at: Instant
    finished_at: Instant | None


def visible(caller: Caller) -> QuerySet[Delivery]:
    """Managers': all; an affiliate's: those of their own postbacks, not of a manager's on their traffic."""
    found = Delivery.objects.annotate(
        shown=shown_state(now_ms()), made=attempts_made(), next_at=next_attempt_at()
    ).defer("macro_values")
    return found if caller.manages else found.filter(affiliate_id=caller.affiliate_id)


def shapes(rows: Sequence[Delivery], caller: Caller) -> list[Values]:
    """Return the DeliveryShape's values of a page, annotated as `visible` does."""
    del caller
    return [_shape(row) for row in rows]


def _shape(row: Any) -> Values:
    return {
        "id": row.id,
        "postback_id": row.postback_id,
        "affiliate_id": row.affiliate_id or None,
        "conversion_id": row.conversion_id or None,
        "click_id": row.click_id or None,
        "transition": row.transition_id or None,
        "state": row.shown,
        "ended_because": row.ended_because or None,
        "attempts": row.made,
        "next_attempt_at": maybe_moment_ms(row.next_at),
        "test": row.test,
        "resent": row.fire_key.startswith(PREFIX),
        "created_at": moment_ms(row.created_at),
        "updated_at": moment_ms(row.finished_at or row.created_at),
        "finished_at": maybe_moment_ms(row.finished_at),
    }


def _by_state(rows: QuerySet[Delivery], value: str) -> QuerySet[Delivery]:
    """Narrow to states as the API names them; those of unfinished deliveries are read off the due rows."""
    leased = ~Q(lease="") & Q(at__gt=now_ms())
    running = ~Q(queue=Queue.PARKED)
    unfinished = {
        "parked": Q(queue=Queue.PARKED),
        "leased": running & leased,
        "retrying": running & ~leased & Q(attempts__gt=0),
        "pending": running & ~leased & Q(attempts=0),
    }
    wanted = Q()
    for state in value.split(","):
        if state in _FINAL:
            wanted |= Q(state=state)
        else:
            wanted |= Q(pk__in=Due.objects.filter(unfinished[state]).values("delivery_id"))
    return rows.filter(wanted)


def _by_goal(rows: QuerySet[Delivery], value: str) -> QuerySet[Delivery]:
    return rows.filter(conversion_id__in=Conversion.objects.filter(goal_id=value).values("id"))


_FILTERS: dict[str, Any] = {
    **by_id_time("dlv"),
    "q": exactly("conversion_id", "click_id"),
    "state": _by_state,
    "goal_id": _by_goal,
}
deliveries: Record[Delivery] = Record(visible, shapes, _FILTERS)


class DeliveryFilters(Filters):
    """Filters of deliveries."""

    state: one_of(*DeliveryState) | None = None  # type: ignore[valid-type]  # made at run time
    postback_id: Text | None = None
    conversion_id: Text | None = None
    click_id: Text | None = None
    affiliate_id: Text | None = None
    offer_id: Text | None = None
    goal_id: Text | None = None
    test: bool | None = None


@router.get("/deliveries", response=Page[DeliveryShape])
def list_deliveries(request: ApiRequest, filters: Query[DeliveryFilters]) -> Values:
    """List deliveries, newest first."""
    return deliveries.list(request, filters)


@router.get("/deliveries/{row_id}", response=DeliveryShape)
def get_delivery(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a delivery."""
    return deliveries.get(request, row_id, response)


@router.post("/deliveries/{row_id}/retry", response=DeliveryShape)
def retry_delivery(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Try a delivery again now: one that waits, or one that failed or was cancelled."""
    actions.retry(deliveries.find(request, row_id), request.caller)
    return deliveries.get(request, row_id, response)
