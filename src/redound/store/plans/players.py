"""What an evaluation of players stores, and what new activity stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.core.conversions import Accepted
from redound.store.batches import place
from redound.store.plans.news import news_of
from redound.store.plans.reports import delivery_batches
from redound.store.plans.steps import Batch
from redound.store.rows import players as rows
from redound.store.rows import traffic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redound.core.activity import Activity
    from redound.core.conversions import Conversion
    from redound.core.decisions import Change
    from redound.core.deliveries import NewDelivery
    from redound.core.players import Progress
    from redound.core.settling import Settlement
    from redound.store.plans.steps import Step


def settlement_batches(
    settlements: Iterable[Settlement], progress: Iterable[Progress], changes: Iterable[Change]
) -> list[Batch]:
    """Return what an evaluation stores in one transaction.

    `progress` are the rows to write, those of plans that were met as `conclude` left them, and `changes` the
    conversions that go with them. Each row is compare-and-set: what another evaluation wrote first makes all
    of it fail, and nothing is paid twice.
    """
    players, dropped = Batch("put_player", exact=True), Batch("drop_progress")
    for each in settlements:
        if each.player_changed:
            players.rows.append(rows.player_values(each.player))
        dropped.rows += [(left.plan_id, left.player_id, left.version) for left in each.left]
    moved = Batch("put_progress", exact=True, rows=[rows.progress_values(each) for each in progress])
    added, told = Batch("add_conversion", exact=True), Batch("add_transition")
    conversions: list[Conversion] = []
    deliveries: list[NewDelivery] = []
    for change in changes:
        outcome = change.outcome
        if isinstance(outcome, Accepted) and outcome.transition is not None:
            conversions.append(outcome.conversion)
            added.rows.append(traffic.conversion_values(outcome.conversion))
            told.rows.append(
                traffic.transition_values(outcome.transition, change.evaluations, change.deliveries)
            )
            deliveries += change.deliveries
    batches = (
        players,
        dropped,
        moved,
        added,
        news_of(conversions),
        told,
        *delivery_batches(place(deliveries)),
    )
    return [batch for batch in batches if batch.rows]


def activity_batches(facts: Iterable[Activity]) -> list[Batch]:
    """Return what new or restated facts store; the evaluation hears of them by itself."""
    batch = Batch("put_activity", rows=[activity_values(each) for each in facts])
    return [batch] if batch.rows else []


def activity_steps(facts: Iterable[Activity]) -> list[Step]:
    """Return the same for Django's connection."""
    return [step for batch in activity_batches(facts) for step in batch.steps()]


def activity_values(given: Activity) -> tuple[object, ...]:
    """Return what `put_activity` takes."""
    return (
        given.id,
        given.advertiser_id,
        given.customer_id,
        given.kind.value,
        given.at,
        given.amount.minor,
        given.amount.currency,
        given.external_id,
        given.source,
        given.by,
        given.received_at,
    )
