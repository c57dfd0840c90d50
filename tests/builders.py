"""Builders: one valid object of each noun with sensible defaults, any field of which a test may change.

The default world: the advertiser Acme has the brand Acme Play with one CPA offer in EUR and its base goal
"sale" (payout 10.00, revenue 15.00, approved). Alice is an affiliate with one campaign and one link for it.
IDs are short and readable ("aff_alice"); tests that need real prefixed IDs make them with `core.ids`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from redound.core.catalog import (
    Advertiser,
    Affiliate,
    Auth,
    Brand,
    Campaign,
    Event,
    Goal,
    HealthState,
    Level,
    Link,
    Method,
    Offer,
    Postback,
    StatusMode,
    Success,
)
from redound.core.clicks import Click, Visit
from redound.core.conversions import Claim, Conversion, Facts, Incoming, Transition
from redound.core.ids import ClickKeys, link_code, mint_click_id
from redound.core.money import Money
from redound.core.states import Actor, Status

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
SECOND_MS = 1_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

KEYS = ClickKeys(current=1, keys={1: b"0123456789abcdef0123456789abcdef"})
"""The click keys of the test world; `OTHER_KEYS` is somebody else's."""
OTHER_KEYS = ClickKeys(current=1, keys={1: b"fedcba9876543210fedcba9876543210"})

LINK_NUMBER = 1_000_001

_ADVERTISER = Advertiser(id="adv_acme", name="Acme")
_BRAND = Brand(id="brd_play", name="Acme Play", advertiser_id=_ADVERTISER.id)
_GOAL = Goal(
    id="gol_sale",
    offer_id="ofr_shoes",
    code="sale",
    name="Sale",
    kind="sale",
    base=True,
    payout_minor=1000,
    payout_percent=None,
    revenue_minor=1500,
    revenue_percent=None,
    default_status=Status.APPROVED,
)
_OFFER = Offer(
    id="ofr_shoes",
    name="Shoes",
    brand_id=_BRAND.id,
    advertiser_id=_ADVERTISER.id,
    landing_url="https://shop.example.com/landing?cid={click_id}",
    currency="EUR",
    goals=(_GOAL,),
)
_AFFILIATE = Affiliate(id="aff_alice", name="Alice")
_CAMPAIGN = Campaign(id="cmp_autumn", name="Autumn", affiliate_id=_AFFILIATE.id)
_LINK = Link(
    id="lnk_banner",
    number=LINK_NUMBER,
    code=link_code(LINK_NUMBER),
    name="Banner",
    campaign_id=_CAMPAIGN.id,
    affiliate_id=_AFFILIATE.id,
    offer_id=_OFFER.id,
)
_POSTBACK = Postback(
    id="pbk_tracker",
    name="Tracker",
    affiliate_id=_AFFILIATE.id,
    enabled=True,
    event=Event.CONVERSION,
    goals="any",
    statuses=frozenset({Status.APPROVED}),
    status_mode=StatusMode.EACH,
    level=Level.AFFILIATE,
    include=frozenset(),
    exclude_offers=frozenset(),
    payout_above_zero=False,
    max_age_seconds=None,
    delay_seconds=0,
    method=Method.GET,
    url="https://tracker.example.com/postback?cid={sub1}&payout={payout}&status={status}",
    params=(),
    headers=(),
    body="",
    auth=Auth(),
    success=Success(),
    max_attempts=None,
    retry_schedule=None,
    strict_disable=False,
    sign=False,
    signing_secret="",
    health=HealthState.OK,
    created_at=NOW - timedelta(days=30),
)
_VISIT = Visit(
    method="GET",
    params={"sub1": "tracker-click-1"},
    ip="203.0.113.7",
    user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    referrer="https://blog.example.com/",
    now_ms=NOW_MS,
)


def make_advertiser(**changes: Any) -> Advertiser:
    """Acme, without tokens: it reports on the click ID alone."""
    return replace(_ADVERTISER, **changes)


def make_brand(**changes: Any) -> Brand:
    """Acme Play."""
    return replace(_BRAND, **changes)


def make_goal(code: str = "sale", **changes: Any) -> Goal:
    """The base goal "sale"; any other code makes an ordinary goal of that name with the same money."""
    if code != "sale":
        changes = {"id": f"gol_{code}", "name": code.capitalize(), "kind": "custom", "base": False, **changes}
    return replace(_GOAL, code=code, **changes)


def make_offer(*goals: Goal, **changes: Any) -> Offer:
    """Shoes: CPA in EUR; its goals are those given, else the base goal "sale" alone."""
    offer = replace(_OFFER, **changes)
    return replace(offer, goals=tuple(replace(goal, offer_id=offer.id) for goal in goals or offer.goals))


def make_affiliate(**changes: Any) -> Affiliate:
    """Alice, with postbacks enabled."""
    return replace(_AFFILIATE, **changes)


def make_campaign(**changes: Any) -> Campaign:
    """Alice's campaign."""
    return replace(_CAMPAIGN, **changes)


def make_link(**changes: Any) -> Link:
    """Alice's link for Shoes; its code follows its number."""
    if "number" in changes:
        changes.setdefault("code", link_code(changes["number"]))
    return replace(_LINK, **changes)


def make_postback(**changes: Any) -> Postback:
    """Alice's postback for every approved conversion of hers."""
    return replace(_POSTBACK, **changes)


def make_visit(**changes: Any) -> Visit:
    """A visitor with an ordinary browser and `sub1` in the link."""
    return replace(_VISIT, **changes)


def make_click_id(
    at_ms: int = NOW_MS - HOUR_MS, number: int = LINK_NUMBER, random: bytes = b"random-8"
) -> str:
    """A genuine click ID of the test keys."""
    return mint_click_id(KEYS, at_ms, number, random)


def make_click(**changes: Any) -> Click:
    """Alice's click on her link an hour before now; its ID is genuine and carries `created_at`."""
    created_at = changes.setdefault("created_at", NOW_MS - HOUR_MS)
    changes.setdefault("id", make_click_id(created_at))
    defaults: dict[str, Any] = {
        "link_id": _LINK.id,
        "affiliate_id": _AFFILIATE.id,
        "campaign_id": _CAMPAIGN.id,
        "offer_id": _OFFER.id,
        "brand_id": _BRAND.id,
        "ip": _VISIT.ip,
        "user_agent": _VISIT.user_agent,
        "referrer": _VISIT.referrer,
        "params": {"sub1": "tracker-click-1"},
    }
    return Click(**(defaults | changes))


def make_claim(**changes: Any) -> Claim:
    """A claim that names nothing but the default click."""
    return Claim(**({"click_id": make_click().id} | changes))


def make_incoming(claim: Claim | None = None, **changes: Any) -> Incoming:
    """A GET report with this claim, from the advertiser's server."""
    defaults: dict[str, Any] = {
        "report_id": "rpt_1",
        "received_at": NOW_MS,
        "method": "GET",
        "raw_query": "",
        "raw_body": "",
        "content_type": "",
        "ip": "198.51.100.9",
        "claim": make_claim() if claim is None else claim,
    }
    return Incoming(**(defaults | changes))


def make_facts(**changes: Any) -> Facts:
    """The database knows the default click and nothing else of it."""
    return Facts(**({"click": make_click()} | changes))


def make_conversion(**changes: Any) -> Conversion:
    """An approved sale of the default click, made now: payout 10.00 EUR, revenue 15.00 EUR."""
    click_id = changes.setdefault("click_id", make_click().id)
    status = changes.setdefault("status", Status.APPROVED)
    at = changes.setdefault("created_at", NOW_MS)
    defaults: dict[str, Any] = {
        "id": "cnv_1",
        "link_id": _LINK.id,
        "affiliate_id": _AFFILIATE.id,
        "campaign_id": _CAMPAIGN.id,
        "offer_id": _OFFER.id,
        "brand_id": _BRAND.id,
        "advertiser_id": _ADVERTISER.id,
        "goal_id": _GOAL.id,
        "status_word": "",
        "txid": "",
        "slot": f"{click_id}/{changes.get('goal_id', _GOAL.id)}",
        "customer_id": "",
        "amount": None,
        "payout": Money(1000, "EUR"),
        "revenue": Money(1500, "EUR"),
        "adv_subs": {},
        "test": False,
        "seen": status.bit,
        "hold_until": None,
        "updated_at": at,
    }
    return Conversion(**(defaults | changes))


def make_transition(conversion: Conversion | None = None, **changes: Any) -> Transition:
    """The creation of the conversion (the default one when not given) by a report."""
    conversion = conversion or make_conversion()
    defaults: dict[str, Any] = {
        "id": "trn_1",
        "conversion_id": conversion.id,
        "from_status": None,
        "to_status": conversion.status,
        "at": conversion.updated_at,
        "by": "",
        "reason": "",
        "report_id": "rpt_1",
        "actor": Actor.REPORT,
    }
    return Transition(**(defaults | changes))


def make_mint() -> Callable[[str], str]:
    """A source of IDs that count up: cnv_1, trn_2, dlv_3."""
    numbers = itertools.count(1)
    return lambda prefix: f"{prefix}_{next(numbers)}"


@dataclass
class World:
    """A small configuration that answers like the store's snapshot (it is a `core.decisions.Catalog`)."""

    advertisers: dict[str, Advertiser] = field(default_factory=dict)
    brands: dict[str, Brand] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    affiliates: dict[str, Affiliate] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    postbacks: dict[str, Postback] = field(default_factory=dict)

    def add(self, *things: Any) -> World:
        """Put things in, each where it belongs, replacing one of the same ID."""
        shelves: dict[type, dict[str, Any]] = {
            Advertiser: self.advertisers,
            Brand: self.brands,
            Offer: self.offers,
            Affiliate: self.affiliates,
            Campaign: self.campaigns,
            Link: self.links,
            Postback: self.postbacks,
        }
        for thing in things:
            shelves[type(thing)][thing.id] = thing
        return self

    def advertiser(self, advertiser_id: str) -> Advertiser | None:
        """See Catalog."""
        return self.advertisers.get(advertiser_id)

    def advertiser_by_token(self, digest: str) -> Advertiser | None:
        """See Catalog."""
        return next((adv for adv in self.advertisers.values() if digest in adv.token_digests), None)

    def brand(self, brand_id: str) -> Brand | None:
        """See Catalog."""
        return self.brands.get(brand_id)

    def offer(self, offer_id: str) -> Offer | None:
        """See Catalog."""
        return self.offers.get(offer_id)

    def goal(self, goal_id: str) -> Goal | None:
        """See Catalog."""
        goals = (goal for offer in self.offers.values() for goal in offer.goals)
        return next((goal for goal in goals if goal.id == goal_id), None)

    def affiliate(self, affiliate_id: str) -> Affiliate | None:
        """See Catalog."""
        return self.affiliates.get(affiliate_id)

    def campaign(self, campaign_id: str) -> Campaign | None:
        """See Catalog."""
        return self.campaigns.get(campaign_id)

    def link(self, link_id: str) -> Link | None:
        """See Catalog."""
        return self.links.get(link_id)

    def link_by_number(self, number: int) -> Link | None:
        """See Catalog."""
        return next((link for link in self.links.values() if link.number == number), None)

    def postbacks_for(self, affiliate_id: str, offer_id: str) -> list[Postback]:
        """See Catalog."""
        offer = self.offers.get(offer_id)
        named = {offer_id, offer.brand_id if offer else ""}
        return [
            postback
            for postback in self.postbacks.values()
            if postback.affiliate_id == affiliate_id
            or (postback.affiliate_id is None and postback.include & named)
        ]


def make_world(*things: Any) -> World:
    """The default world; each of `things` is added, or replaces the one of the same ID."""
    world = World().add(_ADVERTISER, _BRAND, _OFFER, _AFFILIATE, _CAMPAIGN, _LINK)
    return world.add(*things)
