"""What the memory store knows about a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.store.facts import FactBook, wanted
from redound.store.memory_tables import hint_of

if TYPE_CHECKING:
    from redound.core.reports import Incoming
    from redound.store.memory import MemoryStore


def book_for(store: MemoryStore, incoming: Incoming) -> FactBook:
    """Return what is known about one report."""
    keys = wanted([incoming])
    owners = {
        digest: advertiser.id
        for digest in keys.digests
        if (advertiser := store.configuration.advertiser_by_token(digest)) is not None
    }
    customers: dict[tuple[str, str], str] = {}
    for customer_id, digest in keys.customers:
        for each in store.conversions.values():
            if each.customer_id == customer_id and each.advertiser_id == owners.get(digest) and not each.test:
                customers.setdefault((customer_id, digest), each.click_id)
    fired = (
        (kept.new.conversion_id, kept.new.postback_id)
        for kept in store.deliveries.values()
        if kept.new.fire_key == kept.new.conversion_id
    )
    hints = {
        value: hint_of(value, store.clicks.values(), store.conversions.values(), store.configuration)
        for value in keys.hints
    }
    return FactBook(
        store.clicks.values(),
        store.conversions.values(),
        fired,
        owners,
        customers,
        hints,
        store.cap_counts,
    )
