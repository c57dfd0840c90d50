"""The evaluation of players hears of a conversion from whoever stores it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.store.plans.steps import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redound.core.conversions import Conversion


def news_of(conversions: Iterable[Conversion]) -> Batch:
    """Return a line for each customer among conversions that are stored or changed; tests tell nothing."""
    customers = {
        (each.advertiser_id, each.customer_id): None
        for each in conversions
        if each.customer_id and not each.test
    }
    return Batch("add_player_news", rows=list(customers))
