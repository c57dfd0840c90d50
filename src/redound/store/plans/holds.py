"""What the end of holds stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.core.conversions import Accepted
from redound.store.batches import place
from redound.store.plans.news import news_of
from redound.store.plans.reports import delivery_batches
from redound.store.plans.steps import Batch
from redound.store.rows import traffic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redound.core.conversions import Conversion
    from redound.core.decisions import Change
    from redound.core.deliveries import NewDelivery


def change_batches(changes: Iterable[Change]) -> list[Batch]:
    """Return what changes of stored conversions store, each conversion at most once among them.

    Each is compare-and-set: when somebody else changed one of them first, nothing of all this is stored.
    """
    changed, told = Batch("change_conversion", exact=True), Batch("add_transition")
    conversions: list[Conversion] = []
    deliveries: list[NewDelivery] = []
    for change in changes:
        outcome = change.outcome
        if not isinstance(outcome, Accepted):
            continue
        conversion = outcome.conversion
        conversions.append(conversion)
        changed.rows.append(traffic.conversion_change(conversion, conversion.version - 1))
        if outcome.transition is not None:
            told.rows.append(
                traffic.transition_values(outcome.transition, change.evaluations, change.deliveries)
            )
        deliveries += change.deliveries
    batches = (changed, news_of(conversions), told, *delivery_batches(place(deliveries)))
    return [batch for batch in batches if batch.rows]
