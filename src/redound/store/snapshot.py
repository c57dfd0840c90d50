"""The whole configuration in memory, by version: what clicks, reports and deliveries are decided with."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from redound.core.catalog import Level
from redound.core.claims import ALIASES
from redound.core.ids import link_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from redound.core.catalog import (
        Advertiser,
        Affiliate,
        Brand,
        Campaign,
        Goal,
        Link,
        Offer,
        Postback,
    )

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Changes:
    """Changed rows by noun and ID; None means that the row is gone (or the postback archived).

    Offers come without their goals and goals on their own: the snapshot joins them.
    """

    advertisers: Mapping[str, Advertiser | None] = field(default_factory=dict)
    brands: Mapping[str, Brand | None] = field(default_factory=dict)
    offers: Mapping[str, Offer | None] = field(default_factory=dict)
    goals: Mapping[str, Goal | None] = field(default_factory=dict)
    affiliates: Mapping[str, Affiliate | None] = field(default_factory=dict)
    campaigns: Mapping[str, Campaign | None] = field(default_factory=dict)
    links: Mapping[str, Link | None] = field(default_factory=dict)
    postbacks: Mapping[str, Postback | None] = field(default_factory=dict)


class Snapshot:
    """The configuration at `version`. Reading is plain dictionary look-ups; `apply` is for one thread alone.

    `links_by_code` has lower-case codes. `postbacks` leaves archived ones out. `own_names`: some advertiser
    has parameter names of its own. Another thread may read while
    `apply` runs: values are frozen and replaced one by one, so it sees each row either as it was or as it is.
    """

    def __init__(
        self,
        version: int = 0,
        *,
        advertisers: Iterable[Advertiser] = (),
        brands: Iterable[Brand] = (),
        offers: Iterable[Offer] = (),
        goals: Iterable[Goal] = (),
        affiliates: Iterable[Affiliate] = (),
        campaigns: Iterable[Campaign] = (),
        links: Iterable[Link] = (),
        postbacks: Iterable[Postback] = (),
    ) -> None:
        offers = list(offers)
        self.version = -1
        self.advertisers: dict[str, Advertiser] = {}
        self.brands: dict[str, Brand] = {}
        self.offers: dict[str, Offer] = {}
        self.goals: dict[str, Goal] = {}
        self.affiliates: dict[str, Affiliate] = {}
        self.campaigns: dict[str, Campaign] = {}
        self.links: dict[str, Link] = {}
        self.postbacks: dict[str, Postback] = {}
        self.links_by_code: dict[str, Link] = {}
        self.links_by_number: dict[int, Link] = {}
        self._advertisers_by_digest: dict[str, Advertiser] = {}
        self.own_names = False
        self._own: dict[str, tuple[Postback, ...]] = {}
        self._managers: dict[str, tuple[Postback, ...]] = {}
        every_goal = [goal for offer in offers for goal in offer.goals] + list(goals)
        self.apply(
            version,
            Changes(
                advertisers={each.id: each for each in advertisers},
                brands={each.id: each for each in brands},
                offers={each.id: each for each in offers},
                goals={each.id: each for each in every_goal},
                affiliates={each.id: each for each in affiliates},
                campaigns={each.id: each for each in campaigns},
                links={each.id: each for each in links},
                postbacks={each.id: each for each in postbacks},
            ),
        )

    # The catalogue that decisions are made with (core.decisions.Catalog)

    def advertiser(self, advertiser_id: str) -> Advertiser | None:
        """Return the advertiser of this ID."""
        return self.advertisers.get(advertiser_id)

    def advertiser_by_token(self, digest: str) -> Advertiser | None:
        """Return the advertiser one of whose reporting tokens has this SHA-256 hex digest."""
        return self._advertisers_by_digest.get(digest)

    def brand(self, brand_id: str) -> Brand | None:
        """Return the brand of this ID."""
        return self.brands.get(brand_id)

    def offer(self, offer_id: str) -> Offer | None:
        """Return the offer of this ID, with its goals."""
        return self.offers.get(offer_id)

    def goal(self, goal_id: str) -> Goal | None:
        """Return the goal of this ID."""
        return self.goals.get(goal_id)

    def affiliate(self, affiliate_id: str) -> Affiliate | None:
        """Return the affiliate of this ID."""
        return self.affiliates.get(affiliate_id)

    def campaign(self, campaign_id: str) -> Campaign | None:
        """Return the campaign of this ID."""
        return self.campaigns.get(campaign_id)

    def link(self, link_id: str) -> Link | None:
        """Return the link of this ID."""
        return self.links.get(link_id)

    def link_by_number(self, number: int) -> Link | None:
        """Return the link of this number, by which click IDs name it."""
        return self.links_by_code.get(link_code(number))

    def postbacks_for(self, affiliate_id: str, offer_id: str) -> Sequence[Postback]:
        """Return the postbacks to consider: the affiliate's, and managers' for the offer or its brand."""
        found = self._own.get(affiliate_id, ())
        if self._managers:
            offer = self.offers.get(offer_id)
            found += self._managers.get(offer_id, ())
            if offer is not None:
                found += self._managers.get(offer.brand_id, ())
        return found

    # Keeping up with the database

    def replace(self, other: Snapshot) -> None:
        """Become what another snapshot is; it must not be used any more."""
        for name, value in vars(other).items():
            setattr(self, name, value)

    def apply(self, version: int, changes: Changes) -> None:
        """Take in changed rows; from then on this is the configuration at `version`."""
        _put(self.advertisers, changes.advertisers)
        _put(self.brands, changes.brands)
        _put(self.affiliates, changes.affiliates)
        _put(self.campaigns, changes.campaigns)
        if changes.advertisers:
            self.own_names = any(each.profile.aliases is not ALIASES for each in self.advertisers.values())
            self._advertisers_by_digest = {
                digest: each for each in self.advertisers.values() for digest in each.token_digests
            }
        self._apply_offers(changes)
        self._apply_links(changes)
        if changes.postbacks:
            _put(self.postbacks, changes.postbacks)
            self._index_postbacks()
        self.version = version

    def _apply_offers(self, changes: Changes) -> None:
        stale = {offer_id for offer_id, offer in changes.offers.items() if offer is not None}
        for goal_id, goal in changes.goals.items():
            stale.update(each.offer_id for each in (goal, self.goals.get(goal_id)) if each is not None)
        if changes.brands:
            stale.update(each.id for each in self.offers.values() if each.brand_id in changes.brands)
        if not stale and not changes.offers:
            return
        _put(self.goals, changes.goals)
        goals: dict[str, list[Goal]] = {}
        for goal in self.goals.values():
            if goal.offer_id in stale:
                goals.setdefault(goal.offer_id, []).append(goal)
        for offer_id in stale:
            offer = changes.offers.get(offer_id) or self.offers.get(offer_id)
            if offer is None:
                continue
            brand = self.brands.get(offer.brand_id)
            self.offers[offer_id] = dataclasses.replace(
                offer,
                advertiser_id=offer.advertiser_id if brand is None else brand.advertiser_id,
                goals=tuple(sorted(goals.get(offer_id, ()), key=lambda goal: goal.id)),
            )
        for offer_id, offer in changes.offers.items():
            if offer is None:
                self.offers.pop(offer_id, None)

    def _apply_links(self, changes: Changes) -> None:
        changed = dict(changes.links)
        if changes.campaigns:
            for each in self.links.values():
                if each.campaign_id in changes.campaigns:
                    changed.setdefault(each.id, each)
        for link_id, link in changed.items():
            old = self.links.pop(link_id, None)
            if old is not None:
                self.links_by_code.pop(old.code, None)
                self.links_by_number.pop(old.number, None)
            if link is None:
                continue
            campaign = self.campaigns.get(link.campaign_id)
            joined = (
                link if campaign is None else dataclasses.replace(link, affiliate_id=campaign.affiliate_id)
            )
            self.links[link_id] = joined
            self.links_by_code[joined.code] = joined
            self.links_by_number[joined.number] = joined

    def _index_postbacks(self) -> None:
        own: dict[str, list[Postback]] = {}
        managers: dict[str, list[Postback]] = {}
        for postback in sorted(self.postbacks.values(), key=lambda each: each.id):
            if postback.affiliate_id is not None:
                own.setdefault(postback.affiliate_id, []).append(postback)
            elif postback.level in {Level.OFFER, Level.BRAND}:
                for scope_id in postback.include:
                    managers.setdefault(scope_id, []).append(postback)
        self._own = {key: tuple(each) for key, each in own.items()}
        self._managers = {key: tuple(each) for key, each in managers.items()}


def _put(rows: dict[str, T], changed: Mapping[str, T | None]) -> None:
    for row_id, row in changed.items():
        if row is None:
            rows.pop(row_id, None)
        else:
            rows[row_id] = row
