"""What IDs are called: one query a kind for all rows of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redound.console.catalog.models import Advertiser, Affiliate, Brand, Campaign, Goal, Link, Offer
from redound.console.postbacks.models import Postback

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Model

NAMED: Mapping[str, type[Model]] = {
    "advertiser_id": Advertiser,
    "affiliate_id": Affiliate,
    "brand_id": Brand,
    "campaign_id": Campaign,
    "goal_id": Goal,
    "link_id": Link,
    "offer_id": Offer,
    "postback_id": Postback,
}
"""The models whose rows have names, by the field that refers to them."""


def with_names(shapes: Iterable[dict[str, Any]], *fields: str) -> list[dict[str, Any]]:
    """Return the shapes, each with `names`: field → what the row it refers to is called, else its ID."""
    rows = list(shapes)
    found = {name: _names(NAMED[name], {row.get(name) for row in rows}) for name in fields}
    return [
        {**row, "names": {name: found[name].get(row.get(name) or "", row.get(name)) for name in fields}}
        for row in rows
    ]


def _names(model: type[Model], ids: set[Any]) -> dict[str, str]:
    wanted = {each for each in ids if each}
    if not wanted:
        return {}
    return {row.pk: str(row) for row in model._default_manager.filter(pk__in=wanted)}
