"""Backfill: finding what a postback missed, and sending it late: marked, once each, at a capped rate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from redound.console import named, runtime
from redound.console.catalogue import Catalogue
from redound.console.clock import now_ms
from redound.console.errors import ConflictError
from redound.console.identity import fresh_id
from redound.console.tracing import rows as tracing
from redound.console.traffic.models import Click, Delivery, Due, PostbackHealth, Transition
from redound.core.catalog import Event, StatusMode
from redound.core.firing import frozen_values, new_delivery
from redound.core.ids import id_floor
from redound.core.tools.backfill import PREFIX, History, Missed, missed
from redound.store.batches import place
from redound.store.plans.reports import delivery_batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from redound.console.postbacks.models import Postback
    from redound.console.traffic.models import Conversion
    from redound.core.catalog import Postback as CorePostback
    from redound.core.deliveries import NewDelivery

CHUNK = 500
MOST_LOOKED_AT = 10_000
"""Conversions that one request looks at; who has more goes on from the cursor."""
USUAL_DAYS = 30
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Search:
    """What was missed, oldest first. `looked_at` conversions were examined, the last of them `last_id`.

    `complete`: no conversion was left out.
    """

    found: tuple[Missed, ...]
    looked_at: int
    last_id: str
    complete: bool


def search(row: Postback, among: QuerySet[Conversion], *, most: int | None = None) -> Search:
    """Examine conversions, oldest first, until `most` are found or enough were looked at.

    ConflictError for a postback to which nothing can be caught up: of clicks, or shown in browsers.
    """
    postback = _core(row)
    candidates = _concerned(row, among).order_by("pk")
    catalogue = Catalogue()
    found: list[Missed] = []
    looked_at, last_id = 0, ""
    while looked_at < MOST_LOOKED_AT:
        chunk = list(candidates.filter(pk__gt=last_id)[:CHUNK])
        for history in _histories(chunk, postback):
            looked_at, last_id = looked_at + 1, history.conversion.id
            answer = missed(history, postback, catalogue)
            if answer is not None:
                found.append(answer)
                if len(found) == most:
                    return Search(tuple(found), looked_at, last_id, complete=False)
        if len(chunk) < CHUNK:
            return Search(tuple(found), looked_at, last_id, complete=True)
    return Search(tuple(found), looked_at, last_id, complete=False)


def usual_since() -> str:
    """Return the ID from which on conversions are looked at when nobody says since when."""
    return id_floor("cnv", now_ms() - USUAL_DAYS * DAY_MS)


def per_second() -> float:
    """Return the rate at which what was missed is sent."""
    return runtime.settings().resume_per_second


def send(row: Postback, found: Sequence[Missed]) -> list[str]:
    """Send what was missed, one after the other at the installation's capped rate; return the delivery IDs.

    What others sent at the same moment is left out: a fire key is used once. ConflictError when the postback
    is deleted or off.
    """
    if row.archived_at is not None:
        raise ConflictError("archived", "This postback was deleted. Create a new one.")
    if not row.enabled:
        raise ConflictError(
            "postback_off", "This postback is switched off. Enable it first, then send what it missed."
        )
    postback, catalogue = _core(row), Catalogue()
    with transaction.atomic():
        starts = _starts(row)
        gap = 1000 / per_second()
        made = [
            replace(each, due_at=round(starts + place * gap))
            for place, each in enumerate(_deliveries(found, postback, catalogue))
        ]
        named.perform_batches(delivery_batches(place(made)))
        kept = Delivery.objects.filter(pk__in=[each.id for each in made]).order_by("pk")
        return list(kept.values_list("pk", flat=True))


def _core(row: Postback) -> CorePostback:
    postback = tracing.owner(row, PostbackHealth.objects.filter(pk=row.pk).first()).postback
    if postback.event is Event.CLICK or postback.delivery != "s2s":
        raise ConflictError(
            "nothing_to_backfill", "Only postbacks that we send for conversions can be caught up."
        )
    return postback


def _concerned(row: Postback, among: QuerySet[Conversion]) -> QuerySet[Conversion]:
    """Narrow to what the postback's scope can cover at all, as far as columns tell."""
    found = among.filter(test=False)
    if row.affiliate_id is not None:
        found = found.filter(affiliate_id=row.affiliate_id)
    if row.level != "affiliate":
        found = found.filter(**{f"{row.level}_id__in": list(row.include)})
    return found


def _histories(chunk: Sequence[Conversion], postback: CorePostback) -> Iterator[History]:
    """Yield conversions with what is known about each, with three queries for all."""
    ids = [each.id for each in chunk]
    latest = {each.conversion_id: each for each in _transitions(ids)}
    sent: dict[str, str] = {}
    deliveries = Delivery.objects.filter(conversion_id__in=ids, postback_id=postback.id, test=False)
    for conversion_id, transition_id in deliveries.values_list("conversion_id", "transition_id"):
        sent[conversion_id] = max(sent.get(conversion_id, ""), transition_id)
    clicks = {row.id: row for row in Click.objects.filter(pk__in={each.click_id for each in chunk})}
    for each in chunk:
        last = latest.get(each.id)
        if last is None:
            continue
        told = [one for one in tracing.evaluated([last]) if one.postback_id == postback.id]
        click = clicks.get(each.click_id)
        fired = each.id in sent and (postback.status_mode is not StatusMode.EACH or sent[each.id] >= last.id)
        yield History(
            tracing.conversion(each),
            tracing.transition(last),
            tracing.click(click) if click is not None else None,
            told[-1] if told else None,
            fired,
        )


def _transitions(conversion_ids: Sequence[str]) -> list[Transition]:
    """Return the latest change of each conversion."""
    found = Transition.objects.filter(conversion_id__in=conversion_ids)
    last = found.values("conversion_id").annotate(last=Max("id")).values_list("last", flat=True)
    return list(Transition.objects.filter(pk__in=list(last)))


def _deliveries(
    found: Sequence[Missed], postback: CorePostback, catalogue: Catalogue
) -> Iterator[NewDelivery]:
    now = now_ms()
    for each in found:
        offer = catalogue.offer(each.conversion.offer_id)
        if offer is None:
            continue
        values = frozen_values(each.click, each.conversion, each.transition, offer, catalogue)
        yield new_delivery(
            fresh_id("dlv"), postback, each.conversion, each.transition, each.fire_key, values, now
        )


def _starts(row: Postback) -> int:
    """Return when the first may go: after what an earlier request still has waiting."""
    waiting = Due.objects.filter(postback_id=row.pk, delivery__fire_key__startswith=PREFIX)
    last = waiting.aggregate(last=Max("at"))["last"]
    gap = 1000 / per_second()
    return max(now_ms(), round(last + gap) if last is not None else 0)
