"""Deliveries: what each postback owed, and how it stands; an affiliate reads those of their own postbacks."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from pydantic import Field, StringConstraints

from redound.console import named
from redound.console.accounts.callers import Caller
from redound.console.clock import now_ms
from redound.console.filters import Filters, Text, one_of
from redound.console.forms import Instant, Shape
from redound.console.records.record import Record, by_id_time
from redound.console.render import Values, maybe_moment_ms, moment_ms
from redound.console.traffic.models import (
    Attempt,
    Conversion,
    Delivery,
    Due,
    attempts_made,
    next_attempt_at,
    shown_state,
)
from redound.core.deliveries import DeliveryState, Queue
from redound.core.ids import read_id
from redound.core.tools.backfill import PREFIX

MOST_OF_CLICK = 1_000
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


def _by_text(rows: QuerySet[Delivery], text: str) -> QuerySet[Delivery]:
    """Narrow to a delivery, or to those of a conversion or click; each is an index's affair."""
    known = read_id(text)
    match known.prefix if known is not None else "":
        case "dlv":
            return rows.filter(pk=text)
        case "cnv":
            return rows.filter(conversion_id=text)
        case _:
            return _by_click(rows, text)


def _by_click(rows: QuerySet[Delivery], text: str) -> QuerySet[Delivery]:
    """Narrow to the deliveries of a click: their own column has no index, their conversions' has one."""
    click_id = text.lower()
    made = [str(row["id"]) for row in named.select("conversions_of_clicks", named.array([click_id]))]
    found = named.select("deliveries_of_click", named.array(made), click_id, MOST_OF_CLICK)
    return rows.filter(pk__in=[row["id"] for row in found])


def _by_answer(rows: QuerySet[Delivery], value: str) -> QuerySet[Delivery]:
    """Narrow to those with an attempt that was answered so: "404", "4xx", or "none" for no answer at all."""
    tried = Attempt.objects.filter(delivery_id=OuterRef("pk"))
    if value == "none":
        return rows.filter(Exists(tried.filter(status=None)))
    first = int(value[0]) * 100 if value.endswith("xx") else int(value)
    last = first + 99 if value.endswith("xx") else first
    return rows.filter(Exists(tried.filter(status__gte=first, status__lte=last)))


def _by_goal(rows: QuerySet[Delivery], value: str) -> QuerySet[Delivery]:
    return rows.filter(conversion_id__in=Conversion.objects.filter(goal_id=value).values("id"))


_FILTERS: dict[str, Any] = {
    **by_id_time("dlv"),
    "q": _by_text,
    "click_id": _by_click,
    "state": _by_state,
    "status": _by_answer,
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
    status: Annotated[
        str | None,
        StringConstraints(pattern=r"^([1-5]\d\d|[1-5]xx|none)$"),
        Field(description="an attempt was answered with this status: 404, or 4xx, or none for no answer"),
    ] = None
    test: bool | None = None
