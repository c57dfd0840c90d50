"""Opening a click: what is kept of it, whether it is valid, and where the visitor goes next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redound.core.agents import is_bot
from redound.core.catalog import PayoutModel
from redound.core.ids import mint_click_id
from redound.core.landing import BadLanding, location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.core.catalog import Affiliate, Brand, Campaign, Link, Offer
    from redound.core.ids import ClickKeys

MAX_HEADER = 1024
"""Characters kept of a user agent and of a referrer."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a tracking link, as it came. `params` keeps every query parameter, first value wins.

    `prefetch`: the browser says that nobody has clicked yet (`Sec-Purpose: prefetch` and the like).
    """

    method: str
    params: Mapping[str, str]
    ip: str
    user_agent: str
    referrer: str
    now_ms: int
    prefetch: bool = False


@dataclass(frozen=True, slots=True)
class Click:
    """A stored click. `params` holds every query parameter as given, `sub1`-`sub20` and `source` included.

    `invalid_reason` is "head", "prefetch", "bot" or "duplicate" when the click is not `valid`.
    """

    id: str
    link_id: str
    affiliate_id: str
    campaign_id: str
    offer_id: str
    brand_id: str
    created_at: int
    ip: str = ""
    user_agent: str = ""
    referrer: str = ""
    country: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    valid: bool = True
    invalid_reason: str = ""
    test: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The click to store and the location to redirect to once it is durable."""

    click: Click
    location: str


@dataclass(frozen=True, slots=True)
class NotOpened:
    """No redirect off-site: `status` is the HTTP status, `code` and `sentence` say why."""

    status: int
    code: str
    sentence: str


UNKNOWN_LINK = NotOpened(404, "unknown_link", "This link does not exist.")
LINK_INACTIVE = NotOpened(410, "link_inactive", "This link is no longer in use.")
OFFER_INACTIVE = NotOpened(403, "offer_inactive", "This offer is not available at the moment.")
AFFILIATE_INACTIVE = NotOpened(403, "affiliate_inactive", "This link is not available at the moment.")
LANDING_BROKEN = NotOpened(
    503, "landing_broken", "The page behind this link cannot be reached at the moment."
)


def is_prefetch(purpose: str) -> bool:
    """Return whether the value of `Sec-Purpose`, `Purpose`, `X-Purpose` or `X-Moz` tells of a prefetch."""
    purpose = purpose.lower()
    return "prefetch" in purpose or "prerender" in purpose or "preview" in purpose


def why_invalid(visit: Visit) -> str:
    """Return why a visit makes no valid click ("head", "prefetch" or "bot"); "" when a person made it.

    Known before the duplicate rule, so that a bot's visit need not be remembered as somebody's click.
    """
    if visit.method == "HEAD":
        return "head"
    if visit.prefetch:
        return "prefetch"
    return "bot" if is_bot(visit.user_agent) else ""


def open_click(
    visit: Visit,
    link: Link | None,
    offer: Offer | None,
    affiliate: Affiliate | None,
    keys: ClickKeys,
    random8: bytes,
    *,
    brand: Brand | None = None,
    campaign: Campaign | None = None,
    country: str = "",
    repeat: bool = False,
    test: bool = False,
) -> Opened | NotOpened:
    """Return the click with its new ID and the landing page, or why the visitor goes nowhere.

    `repeat` says that the same visitor (link, IP, agent) clicked within the window: at a CPC offer such a
    click is not valid. `brand` and `campaign` only give their names to landing URLs that ask for them.
    """
    if link is None or offer is None or affiliate is None:
        return UNKNOWN_LINK
    if not link.active:
        return LINK_INACTIVE
    if offer.paused_at is not None:
        return OFFER_INACTIVE
    if affiliate.paused_at is not None:
        return AFFILIATE_INACTIVE
    reason = why_invalid(visit)
    if not reason and repeat and offer.payout_model is PayoutModel.CPC:
        reason = "duplicate"
    click = Click(
        mint_click_id(keys, visit.now_ms, link.number, random8),
        link.id,
        link.affiliate_id,
        link.campaign_id,
        offer.id,
        offer.brand_id,
        visit.now_ms,
        visit.ip,
        visit.user_agent[:MAX_HEADER],
        visit.referrer[:MAX_HEADER],
        country,
        visit.params,
        not reason,
        reason,
        test,
    )
    target = location(click, offer, link, affiliate, brand, campaign)
    return LANDING_BROKEN if isinstance(target, BadLanding) else Opened(click, target)
