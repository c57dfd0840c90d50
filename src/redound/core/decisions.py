"""From a claim or a change to everything that one transaction has to store.

The one place where conversions, matching and macros meet. Reports from an advertiser, a manager's change,
a test and (later) a CSV row or a hold that ran out all pass through here, in the data plane and in the
console alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from redound.core.applying import apply
from redound.core.bearings import find_bearings
from redound.core.caps import within_caps
from redound.core.catalog import ONCE, PayoutModel
from redound.core.conversions import Accepted, Facts, Incoming, slot_of
from redound.core.firing import evaluate_transition, fire_click, fire_transition
from redound.core.reports import Refusal, Verdict
from redound.core.states import Actor
from redound.core.status_changes import change_status, qualify

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from redound.core.catalog import Advertiser, Affiliate, Brand, Campaign, Goal, Link, Offer, Postback
    from redound.core.clicks import Click
    from redound.core.conversions import Conversion
    from redound.core.deliveries import NewDelivery
    from redound.core.ids import ClickKeys
    from redound.core.matching import Fire, Skip
    from redound.core.reports import Claim
    from redound.core.rewards import RewardPlan
    from redound.core.states import Status


class Catalog(Protocol):
    """The configuration that decisions need; the store's snapshot is one, the console makes one per request.

    Unknown IDs give None.
    """

    def advertiser(self, advertiser_id: str) -> Advertiser | None:
        """Return the advertiser of this ID."""

    def advertiser_by_token(self, digest: str) -> Advertiser | None:
        """Return the advertiser one of whose reporting tokens has this SHA-256 hex digest."""

    def brand(self, brand_id: str) -> Brand | None:
        """Return the brand of this ID."""

    def offer(self, offer_id: str) -> Offer | None:
        """Return the offer of this ID, with its goals."""

    def goal(self, goal_id: str) -> Goal | None:
        """Return the goal of this ID."""

    def affiliate(self, affiliate_id: str) -> Affiliate | None:
        """Return the affiliate of this ID."""

    def campaign(self, campaign_id: str) -> Campaign | None:
        """Return the campaign of this ID."""

    def link(self, link_id: str) -> Link | None:
        """Return the link of this ID."""

    def link_by_number(self, number: int) -> Link | None:
        """Return the link of this number, by which click IDs name it."""

    def postbacks_for(self, affiliate_id: str, offer_id: str) -> Sequence[Postback]:
        """Return what to consider: the affiliate's postbacks, and managers' naming the offer or its brand."""


class Mint(Protocol):
    """Makes a fresh prefixed ID; the impure part that core is handed."""

    def __call__(self, prefix: str) -> str:
        """Return a new ID with this prefix."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one report led to: stored whole, in one transaction."""

    incoming: Incoming
    outcome: Accepted | Refusal
    advertiser_id: str = ""
    affiliate_id: str = ""
    offer_id: str = ""
    click_id: str = ""
    evaluations: Sequence[Fire | Skip] = ()
    deliveries: Sequence[NewDelivery] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What a manager, the end of a hold or a reward plan led to: stored whole, in one transaction."""

    outcome: Accepted | Refusal
    evaluations: Sequence[Fire | Skip] = ()
    deliveries: Sequence[NewDelivery] = ()


def decide_report(
    incoming: Incoming,
    facts: Facts,
    catalog: Catalog,
    keys: ClickKeys,
    mint: Mint,
    *,
    trusted_advertiser: str = "",
    now_ms: int | None = None,
) -> Decision:
    """Judge a report and, when it is accepted, match the postbacks and freeze what they are to send.

    A report that is judged again has lost its token to masking: its advertiser, who proved itself then, is
    named as `trusted_advertiser`, and `now_ms` says when the deliveries are made (else on arrival).
    """
    where = find_bearings(incoming, facts, catalog, trusted_advertiser)
    outcome = apply(incoming, facts, where, catalog, keys, mint)
    evaluations: Sequence[Fire | Skip] = ()
    deliveries: Sequence[NewDelivery] = ()
    if isinstance(outcome, Accepted):
        outcome = within_caps(outcome, where.offer, where.affiliate, facts.counts)
        evaluations, deliveries = _follow(
            outcome,
            where.click,
            facts.fired,
            incoming.received_at if now_ms is None else now_ms,
            catalog,
            mint,
            incoming.claim.txid,
            browser=incoming.shows,
        )
    subject = where.click or where.led
    return Decision(
        incoming,
        outcome,
        where.advertiser.id if where.advertiser is not None else "",
        subject.affiliate_id if subject is not None else "",
        subject.offer_id if subject is not None else "",
        where.click_id or incoming.claim.click_id,
        evaluations,
        deliveries,
    )


def decide_change(
    conversion: Conversion,
    click: Click | None,
    facts: Facts,
    to: Status,
    actor: Actor,
    by: str,
    reason: str,
    now_ms: int,
    catalog: Catalog,
    mint: Mint,
) -> Change:
    """Change a conversion's status and match the postbacks. Of the facts only `fired` is used.

    `click` is None when its retention has ended; the values that came from it are then missing.
    """
    outcome = change_status(
        conversion,
        to,
        actor,
        by=by,
        reason=reason,
        now_ms=now_ms,
        goal=catalog.goal(conversion.goal_id),
        mint=mint,
    )
    if not isinstance(outcome, Accepted):
        return Change(outcome)
    return Change(outcome, *_follow(outcome, click, facts.fired, now_ms, catalog, mint))


def decide_hold_end(
    conversion: Conversion, click: Click | None, facts: Facts, now_ms: int, catalog: Catalog, mint: Mint
) -> Change | None:
    """End a hold that ran out by its goal's `hold_then`; None when it has not, or nothing is configured."""
    goal = catalog.goal(conversion.goal_id)
    until = conversion.hold_until
    if goal is None or goal.hold_then is None or until is None or now_ms < until:
        return None
    reason = "The hold ran out."
    return decide_change(
        conversion, click, facts, goal.hold_then, Actor.HOLD, "", reason, now_ms, catalog, mint
    )


def end_hold(
    conversion: Conversion, click: Click | None, facts: Facts, now_ms: int, catalog: Catalog, mint: Mint
) -> Change:
    """End a hold that ran out; when the goal says nothing about it any more, it goes on without an end."""
    change = decide_hold_end(conversion, click, facts, now_ms, catalog, mint)
    if change is not None and isinstance(change.outcome, Accepted):
        return change
    endless = replace(conversion, hold_until=None, version=conversion.version + 1)
    return Change(Accepted(Verdict.UPDATED, endless, False, None))  # noqa: FBT003 - not created


def decide_qualified(
    plan: RewardPlan,
    player_id: str,
    registration: Conversion,
    click: Click | None,
    known: Sequence[Conversion],
    planned: AbstractSet[str],
    now_ms: int,
    catalog: Catalog,
    mint: Mint,
) -> Change:
    """Make the qualified CPA of a player who met a plan, and match the postbacks.

    `known` are the conversions of the registration's click and the plan's goal; `planned` names those of them
    that plans made. One that the advertiser has reported, at a goal that counts once, stands for it: the
    outcome is then a DUPLICATE with its ID. OFFER_INACTIVE when offer or goal are not known (any more).
    """
    goal, offer = catalog.goal(plan.goal_id), catalog.offer(plan.offer_id)
    if goal is None or offer is None:
        return Change(Refusal(Verdict.OFFER_INACTIVE, "The plan's offer or goal is not known any more."))
    own = f"{registration.click_id}/{goal.id}/{plan.id}/{player_id}"
    slot = own
    if goal.repeats == ONCE:
        reported = next((each for each in known if each.id not in planned), None)
        if reported is not None:
            return Change(Refusal(Verdict.DUPLICATE, "The advertiser has reported it already.", reported.id))
        # The ordinary place while it is free: a report of the same at this very moment then collides with it.
        slot = own if known else slot_of(goal, registration.click_id, 0)
    outcome = qualify(
        registration,
        goal,
        plan.amount,
        slot,
        by=plan.id,
        reason=f"The player met the reward plan {plan.name!r}.",
        now_ms=now_ms,
        mint=mint,
    )
    return Change(outcome, *_follow(outcome, click, frozenset(), now_ms, catalog, mint))


def decide_test(
    click: Click, claim: Claim, by: str, now_ms: int, catalog: Catalog, keys: ClickKeys, mint: Mint
) -> Decision:
    """Make a test conversion for a click: marked, matched and delivered like a real one, never counted.

    Token, addresses, window and pauses do not matter; goal, status and money are checked as in a report.
    `by` is kept as the report's query, so that the list of what was received says who tested.
    """
    incoming = Incoming(
        report_id=mint("rpt"),
        received_at=now_ms,
        method="TEST",
        raw_query=f"by={by}",
        raw_body="",
        content_type="",
        ip="",
        claim=replace(claim, click_id=click.id, token="", test=True),
    )
    return decide_report(incoming, Facts(click=click), catalog, keys, mint)


def decide_click(click: Click, catalog: Catalog, mint: Mint) -> list[NewDelivery]:
    """Return the deliveries that a click's postbacks owe: none but for a valid click at a CPC offer."""
    offer = catalog.offer(click.offer_id)
    if offer is None or offer.payout_model is not PayoutModel.CPC or not click.valid:
        return []
    return fire_click(click, offer, catalog, mint)


def _follow(
    accepted: Accepted,
    click: Click | None,
    fired: AbstractSet[tuple[str, str]],
    now_ms: int,
    catalog: Catalog,
    mint: Mint,
    txid: str = "",
    *,
    browser: bool = False,
) -> tuple[Sequence[Fire | Skip], Sequence[NewDelivery]]:
    """Match what was accepted.

    A test is stored without a txid, lest it stand in a real one's way, but it is sent with it.
    """
    conversion, transition = accepted.conversion, accepted.transition
    if transition is None:
        return (), ()
    evaluations = evaluate_transition(conversion, transition, click, fired, catalog, browser=browser)
    told = replace(conversion, txid=txid) if conversion.test and txid else conversion
    deliveries = fire_transition(evaluations, told, transition, click, now_ms, catalog, mint, accepted.before)
    return evaluations, deliveries
