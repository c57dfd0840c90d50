"""The configuration for one decision, read as it is asked for: the console's `core.decisions.Catalog`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Q

from redound.console import named
from redound.console.catalog import models
from redound.console.postbacks.models import Postback as PostbackRow
from redound.store.rows import catalog as rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from redound.core.catalog import Advertiser, Affiliate, Brand, Campaign, Goal, Link, Offer, Postback

T = TypeVar("T")

MOST_KEPT = 20_000
"""How many rows a lasting catalogue keeps at most, so that it needs no more than some 20 MB."""


class Catalogue:
    """Reads each row once, by the planes' own queries, so that both decide with the same values."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], object] = {}
        self._postbacks: dict[tuple[str, str], Sequence[Postback]] = {}

    @property
    def size(self) -> int:
        """How many rows and lists of postbacks were read so far."""
        return len(self._read) + len(self._postbacks)

    def _one(self, query: str, row_id: str, read: Callable[[Mapping[str, object]], T]) -> T | None:
        key = (query, row_id)
        if key not in self._read:
            found = named.select(query, named.array([row_id])) if row_id else []
            self._read[key] = read(found[0]) if found else None
        return self._read[key]  # type: ignore[return-value]  # what `read` of this query made

    def advertiser(self, advertiser_id: str) -> Advertiser | None:
        """Return the advertiser of this ID."""
        return self._one("some_advertisers", advertiser_id, rows.advertiser)

    def advertiser_by_token(self, digest: str) -> Advertiser | None:
        """Return the advertiser one of whose reporting tokens has this SHA-256 hex digest."""
        found = named.select("owner_of_token", digest)
        return self.advertiser(found[0]["id"]) if found else None

    def brand(self, brand_id: str) -> Brand | None:
        """Return the brand of this ID."""
        return self._one("some_brands", brand_id, rows.brand)

    def offer(self, offer_id: str) -> Offer | None:
        """Return the offer of this ID, with its goals."""
        return self._one("some_offers", offer_id, self._with_goals)

    def _with_goals(self, row: Mapping[str, object]) -> Offer:
        offer = rows.offer(row)
        ids = list(models.Goal.objects.filter(offer_id=offer.id).order_by("pk").values_list("pk", flat=True))
        found = map(rows.goal, named.select("some_goals", named.array(ids)))
        return replace(offer, goals=tuple(sorted(found, key=lambda goal: goal.id)))

    def goal(self, goal_id: str) -> Goal | None:
        """Return the goal of this ID."""
        return self._one("some_goals", goal_id, rows.goal)

    def affiliate(self, affiliate_id: str) -> Affiliate | None:
        """Return the affiliate of this ID."""
        return self._one("some_affiliates", affiliate_id, rows.affiliate)

    def campaign(self, campaign_id: str) -> Campaign | None:
        """Return the campaign of this ID."""
        return self._one("some_campaigns", campaign_id, rows.campaign)

    def link(self, link_id: str) -> Link | None:
        """Return the link of this ID."""
        return self._one("some_links", link_id, rows.link)

    def link_by_number(self, number: int) -> Link | None:
        """Return the link of this number, by which click IDs name it."""
        return self.link(models.Link.objects.filter(number=number).values_list("pk", flat=True).first() or "")

    def postbacks_for(self, affiliate_id: str, offer_id: str) -> Sequence[Postback]:
        """Return the postbacks to consider: the affiliate's, and managers' for the offer or its brand."""
        key = (affiliate_id, offer_id)
        if key not in self._postbacks:
            self._postbacks[key] = self._postbacks_for(affiliate_id, offer_id)
        return self._postbacks[key]

    def _postbacks_for(self, affiliate_id: str, offer_id: str) -> Sequence[Postback]:
        offer = self.offer(offer_id)
        named_ids = {offer_id} | ({offer.brand_id} if offer is not None else set())
        concerned = Q(affiliate_id=affiliate_id) | Q(affiliate=None, level__in=["offer", "brand"])
        ids = [
            row_id
            for row_id, owner_id, include in PostbackRow.objects.filter(concerned, archived_at=None)
            .order_by("pk")
            .values_list("pk", "affiliate_id", "include")
            if owner_id is not None or not named_ids.isdisjoint(include)
        ]
        found = map(rows.postback, named.select("some_postbacks", named.array(ids)))
        return tuple(sorted(found, key=lambda postback: postback.id))


class Lasting:
    """The catalogue for one decision after the other: read anew when the configuration has changed."""

    def __init__(self) -> None:
        self._version = -1
        self._catalogue = Catalogue()

    def now(self) -> Catalogue:
        """Return the catalogue of this moment; it never grows beyond a bound."""
        version = int(named.select("config_version")[0]["version"])
        if version != self._version or self._catalogue.size > MOST_KEPT:
            self._version, self._catalogue = version, Catalogue()
        return self._catalogue
