"""Taking bearings: whom and what a report concerns, found before anything is judged.

The advertiser comes from the path key or token, else from the click; the click from its ID, else (of an
authenticated report) from the txid, then from the customer ID.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.core.catalog import Advertiser, Affiliate, Goal, Offer
    from redound.core.clicks import Click
    from redound.core.conversions import Conversion, Facts
    from redound.core.decisions import Catalog
    from redound.core.reports import Claim, Incoming


@dataclass(frozen=True, slots=True)
class Bearings:
    """Whom and what a report concerns, as far as that can be told before it is judged.

    `advertiser` is the offer's, else the token's owner. `led` is the conversion that the txid led to when
    there is no click ID, or when the click itself is no longer stored. `trusted`: token and IP were checked
    before or do not matter (a manager judges again, a tester tests).
    """

    advertiser: Advertiser | None = None
    offer: Offer | None = None
    affiliate: Affiliate | None = None
    click: Click | None = None
    led: Conversion | None = None
    digest: str = ""
    owner: Advertiser | None = None
    trusted: bool = False

    @property
    def click_id(self) -> str:
        """The click that is concerned, stored or not; "" for none."""
        if self.click is not None:
            return self.click.id
        return "" if self.led is None else self.led.click_id


def token_digest(token: str) -> str:
    """Return the SHA-256 hex digest under which an advertiser keeps a reporting token."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def find_bearings(
    incoming: Incoming, facts: Facts, catalog: Catalog, trusted_advertiser: str = ""
) -> Bearings:
    """Return whom and what a report concerns; nothing is refused here.

    `trusted_advertiser` names the advertiser when somebody of ours vouches for the report.
    """
    claim = incoming.claim
    digest, owner = "", None
    if trusted_advertiser:
        owner = catalog.advertiser(trusted_advertiser)
    elif claim.token:
        digest = token_digest(claim.token)
        owner = catalog.advertiser_by_token(digest)
    click, led = facts.click, None
    if not claim.click_id:
        click, led = _without_click_id(claim, facts, owner, catalog) if owner else (None, None)
    elif click is None and (facts.by_txid or facts.by_click):
        known = [each for each in (*facts.by_txid, *facts.by_click) if each.click_id == claim.click_id]
        led = _best(known, claim.goal, catalog)
    subject = click or led
    if subject is None:
        return Bearings(advertiser=owner, digest=digest, owner=owner, trusted=bool(trusted_advertiser))
    offer = catalog.offer(subject.offer_id)
    return Bearings(
        catalog.advertiser(offer.advertiser_id) if offer else owner,
        offer,
        catalog.affiliate(subject.affiliate_id),
        click,
        led,
        digest,
        owner,
        bool(trusted_advertiser) or claim.test,
    )


def _without_click_id(
    claim: Claim, facts: Facts, owner: Advertiser, catalog: Catalog
) -> tuple[Click | None, Conversion | None]:
    """Resolve an authenticated report by its txid, else by its customer's registered click."""
    if claim.txid:
        own = [each for each in facts.by_txid if each.advertiser_id == owner.id and not each.test]
        led = _best(own, claim.goal, catalog)
        if led is not None:
            clicks = (facts.click, facts.by_customer)
            return next((click for click in clicks if click and click.id == led.click_id), None), led
    click = facts.by_customer if claim.customer_id else None
    offer = catalog.offer(click.offer_id) if click else None
    return (click, None) if offer and offer.advertiser_id == owner.id else (None, None)


def _best(known: Sequence[Conversion], code: str, catalog: Catalog) -> Conversion | None:
    """Return the conversion of the wanted goal, else of a base goal, else the oldest."""

    def rank(conversion: Conversion) -> tuple[bool, bool, int, str]:
        goal = catalog.goal(conversion.goal_id)
        wanted = goal is not None and is_called(goal, code)
        return not wanted, not (goal and goal.base), conversion.created_at, conversion.id

    return min(known, key=rank) if len(known) > 1 else next(iter(known), None)


def is_called(goal: Goal, name: str) -> bool:
    """Return whether a report means this goal by a name: its code in any case, or its ID."""
    return name in {goal.code, goal.id} or goal.code.casefold() == name.casefold()
