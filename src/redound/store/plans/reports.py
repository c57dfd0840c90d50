"""What reports and changes of conversions store, deliveries included."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from redound.core.conversions import Accepted
from redound.core.deliveries import DeliveryState
from redound.core.ids import new_id
from redound.store.batches import Placed, place
from redound.store.plans.news import news_of
from redound.store.plans.steps import Batch, Step
from redound.store.rows import sending, traffic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from redound.core.conversions import Conversion, Transition
    from redound.core.decisions import Decision
    from redound.core.deliveries import NewDelivery
    from redound.core.matching import Fire, Skip


def report_batches(decisions: Iterable[Decision], placed: Sequence[Placed]) -> list[Batch]:
    """Return what a batch of reports stores; `placed` holds the decisions' deliveries.

    Several changes of one conversion are stored as one, from its version before the batch to its last.
    """
    reports, transitions = Batch("add_report"), Batch("add_transition")
    counts: dict[str, tuple[int, int]] = {}
    conversions: dict[str, tuple[int, Conversion]] = {}
    for decision in decisions:
        reports.rows.append(traffic.report_values(decision))
        outcome = decision.outcome
        if not isinstance(outcome, Accepted):
            continue
        for key, count in outcome.counted:
            counts[key] = (counts[key][0] if key in counts else count - 1, count)
        conversion = outcome.conversion
        first = conversions.get(conversion.id)
        if first is not None:
            conversions[conversion.id] = (first[0], conversion)
        else:
            conversions[conversion.id] = (0 if outcome.created else conversion.version - 1, conversion)
        if outcome.transition is not None:
            transitions.rows.append(
                traffic.transition_values(outcome.transition, decision.evaluations, decision.deliveries)
            )
    added, changed = Batch("add_conversion", exact=True), Batch("change_conversion", exact=True)
    for was_version, conversion in conversions.values():
        if was_version == 0:
            added.rows.append(traffic.conversion_values(conversion))
        else:
            changed.rows.append(traffic.conversion_change(conversion, was_version))
    news = news_of(conversion for _, conversion in conversions.values())
    planned = (*_count_batches(counts), added, changed, news, transitions, *delivery_batches(placed), reports)
    return [each for each in planned if each.rows]


def _count_batches(counts: Mapping[str, tuple[int, int]]) -> list[Batch]:
    """Return what takes places under caps: key → how many were taken before the batch, and after it."""
    if not counts:
        return []
    first, further = Batch("add_cap_count", exact=True), Batch("change_cap_count", exact=True)
    for key, (was, count) in sorted(counts.items()):
        if was:
            further.rows.append((key, was, count))
        else:
            first.rows.append((key, count))
    return [first, further]


def delivery_batches(placed: Sequence[Placed]) -> list[Batch]:
    """Return what new deliveries store: their history row, and their place in the line if they were new."""
    if not placed:
        return []
    rows = []
    values: Any = None
    text = ""
    for each in placed:
        new = each.delivery
        if new.values is not values:
            # Deliveries of one transition share their frozen values.
            values = new.values
            text = traffic.text_of(dict(values))
        rows.append(sending.delivery_values(new, text))
    return [
        Batch("add_delivery", rows=rows),
        Batch("add_due", rows=sending.due_rows(placed)),
        *_shown([each.delivery for each in placed if each.delivery.shown]),
    ]


def _shown(deliveries: Sequence[NewDelivery]) -> list[Batch]:
    """Return what ends deliveries that a browser is shown with the answer: one attempt each, delivered."""
    if not deliveries:
        return []
    attempts, finished = Batch("add_attempt"), Batch("finish_delivery")
    for new in deliveries:
        attempt_id = new_id("att", new.created_at, secrets.token_bytes(8))
        attempts.rows.append(sending.shown_values(new, attempt_id))
        finished.rows.append((new.id, DeliveryState.DELIVERED.value, "", 1, new.created_at))
    return [attempts, finished]


def _steps(batches: Iterable[Batch]) -> list[Step]:
    return [step for batch in batches for step in batch.steps()]


def report_steps(decision: Decision) -> list[Step]:
    """Return what one decided report stores, for Django's connection (test conversions, imports)."""
    return _steps(report_batches([decision], place(decision.deliveries)))


def delivery_steps(deliveries: Iterable[NewDelivery]) -> list[Step]:
    """Return what new deliveries store on their own: tests, resends, backfills."""
    return _steps(delivery_batches(place(deliveries)))


def change_steps(
    conversion: Conversion,
    transition: Transition | None,
    evaluations: Sequence[Fire | Skip] = (),
    deliveries: Sequence[NewDelivery] = (),
) -> list[Step]:
    """Return what a change of a stored conversion stores; `conversion` is as it stands after the change.

    Its version is one above the stored one. The first step misses when somebody changed it meanwhile.
    """
    changed = Step("change_conversion", traffic.conversion_change(conversion, conversion.version - 1), 1)
    news = news_of([conversion]).steps()
    if transition is None:
        return [changed, *news]
    told = Step("add_transition", traffic.transition_values(transition, evaluations, deliveries))
    return [changed, *news, told, *delivery_steps(deliveries)]
