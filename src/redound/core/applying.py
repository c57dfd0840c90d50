"""Applying a report: a claim becomes a verdict and, when accepted, a conversion and its transition."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from redound.core.caps import OVER_CAP
from redound.core.catalog import ONCE, UNLIMITED
from redound.core.conversions import Accepted, Conversion, hold_until, moved_to, slot_of, transition_of
from redound.core.judging import first_of, judge, of_click
from redound.core.money import Money, percent_of
from redound.core.profiles import RepeatMode
from redound.core.repeats import amount_after, makes_new, mode_of
from redound.core.reports import Refusal, Verdict
from redound.core.states import Actor, Status, allowed

if TYPE_CHECKING:
    from decimal import Decimal

    from redound.core.bearings import Bearings
    from redound.core.catalog import Goal, Offer
    from redound.core.clicks import Click
    from redound.core.conversions import Facts
    from redound.core.decisions import Catalog, Mint
    from redound.core.ids import ClickKeys
    from redound.core.judging import Judged
    from redound.core.reports import Claim, Incoming


def apply(
    incoming: Incoming, facts: Facts, where: Bearings, catalog: Catalog, keys: ClickKeys, mint: Mint
) -> Accepted | Refusal:
    """Return what a report leads to. `where` comes from `bearings.find_bearings`.

    A conversion is new, changed (its version one higher), or left alone (a Refusal). Nothing is ever taken
    back: a duplicate, an unknown word or a change that the table does not allow changes nothing.
    """
    if incoming.refusal is not None:
        return incoming.refusal
    judged = judge(incoming, facts, where, catalog, keys)
    if isinstance(judged, Refusal):
        return judged
    existing = judged.existing
    if existing is not None:
        return _update(incoming, judged, existing, mint, mode_of(where.advertiser))
    if judged.click is None:
        return Refusal(Verdict.CLICK_NOT_FOUND, "The click is not stored any more.")
    known = of_click(facts.by_click, judged.click.id, judged.goal.id) if facts.by_click else []
    if known and not judged.test and UNLIMITED < judged.goal.repeats <= len(known):
        if not makes_new(mode_of(where.advertiser), judged.goal, incoming.claim):
            return _one_too_many(judged.goal, known)
        slot = ""
    else:
        slot = slot_of(judged.goal, judged.click.id, len(known))
    usual = where.advertiser.profile.default_status if where.advertiser is not None else None
    return _create(incoming, judged, judged.click, slot, usual or judged.goal.default_status, mint)


def _create(
    incoming: Incoming, judged: Judged, click: Click, slot: str, usual: Status, mint: Mint
) -> Accepted:
    """Make a conversion; `usual` is its status when the report names none."""
    claim, offer, goal, test = incoming.claim, judged.offer, judged.goal, judged.test
    status = judged.status or usual
    at = incoming.received_at
    conversion = Conversion(
        mint("cnv"),
        click.id,
        click.link_id,
        click.affiliate_id,
        click.campaign_id,
        offer.id,
        click.brand_id,
        offer.advertiser_id,
        goal.id,
        status,
        claim.status,
        "" if test else claim.txid,
        "" if test else slot,
        claim.customer_id,
        judged.amount,
        _share(goal.payout_minor, goal.payout_percent, offer, judged.amount),
        _share(goal.revenue_minor, goal.revenue_percent, offer, judged.amount),
        claim.adv_subs,
        test,
        status.bit,
        hold_until(goal, status, at),
        at,
        at,
    )
    transition = transition_of(
        conversion, None, mint, at, Actor.REPORT, offer.advertiser_id, report_id=incoming.report_id
    )
    return Accepted(Verdict.TEST if test else Verdict.ACCEPTED, conversion, True, transition)  # noqa: FBT003 - created


def _update(
    incoming: Incoming, judged: Judged, existing: Conversion, mint: Mint, mode: RepeatMode
) -> Accepted | Refusal:
    claim, to = incoming.claim, judged.status
    if claim.click_id and judged.click is not None and existing.click_id != judged.click.id:
        return Refusal(Verdict.DUPLICATE, "The same txid was reported for another click.", existing.id)
    if mode is RepeatMode.IGNORE:
        return Refusal(Verdict.DUPLICATE, "The advertiser's repeats are ignored.", existing.id)
    amount = amount_after(mode, existing, judged.amount, claim)
    if isinstance(amount, Refusal):
        return amount
    judged = replace(judged, amount=amount)
    if to is None or to is existing.status:
        return _fill_in(incoming, judged, existing, grows=mode is RepeatMode.ADD_AMOUNT)
    if not allowed(existing.status, to, Actor.REPORT) or _waits_for_manager(existing, to):
        held = " over a cap" if existing.status is Status.HOLD else ""
        return Refusal(
            Verdict.IGNORED_STATUS,
            f"The conversion is {existing.status}{held}; a report cannot make it {to}.",
            existing.id,
        )
    at = incoming.received_at
    moved = moved_to(existing, to, at, judged.goal, claim.status)
    moved = replace(
        moved,
        txid=existing.txid or _blank_txid(claim, judged.goal),
        customer_id=existing.customer_id or claim.customer_id,
        adv_subs={**existing.adv_subs, **claim.adv_subs} if claim.adv_subs else existing.adv_subs,
    )
    moved = _priced(moved, judged)
    transition = transition_of(
        moved, existing.status, mint, at, Actor.REPORT, existing.advertiser_id, report_id=incoming.report_id
    )
    return Accepted(Verdict.UPDATED, moved, created=False, transition=transition, before=existing)


def _waits_for_manager(existing: Conversion, to: Status) -> bool:
    """Whether it is held over a cap: whoever repeats a report with its status would else pass the cap."""
    over = existing.status is Status.HOLD and existing.seen & OVER_CAP != 0
    return over and to in {Status.PENDING, Status.APPROVED}


def _priced(conversion: Conversion, judged: Judged) -> Conversion:
    """Return the conversion with the amount that a report gives it, if any, and what follows from it."""
    goal, offer, amount = judged.goal, judged.offer, judged.amount
    if amount is None:
        return conversion
    return replace(
        conversion,
        amount=amount,
        payout=_share(goal.payout_minor, goal.payout_percent, offer, amount),
        revenue=_share(goal.revenue_minor, goal.revenue_percent, offer, amount),
    )


def _fill_in(incoming: Incoming, judged: Judged, existing: Conversion, *, grows: bool) -> Accepted | Refusal:
    """Handle a report that changes no status: it fills in a blank txid or customer, or is a duplicate.

    `grows`: its amount was added to the conversion's.
    """
    claim = incoming.claim
    txid = existing.txid or _blank_txid(claim, judged.goal)
    customer_id = existing.customer_id or claim.customer_id
    grown = _priced(existing, judged) if grows else existing
    if txid == existing.txid and customer_id == existing.customer_id and grown.amount == existing.amount:
        return Refusal(Verdict.DUPLICATE, f"The conversion is {existing.status} already.", existing.id)
    filled = replace(
        grown,
        txid=txid,
        customer_id=customer_id,
        updated_at=incoming.received_at,
        version=existing.version + 1,
    )
    names = [
        name
        for name, new, old in (
            ("txid", txid, existing.txid),
            ("customer ID", customer_id, existing.customer_id),
        )
        if new != old
    ]
    if not names:
        detail = f"The amount was added; the status stays {existing.status}."
        return Accepted(Verdict.UPDATED, filled, created=False, transition=None, detail=detail)
    return Accepted(
        Verdict.UPDATED,
        filled,
        False,  # noqa: FBT003 - not created
        None,
        f"The {' and '.join(names)} came later and was filled in; the status stays {existing.status}.",
    )


def _blank_txid(claim: Claim, goal: Goal) -> str:
    """Return the txid that may fill a blank one: only where a click and goal have but one conversion."""
    return claim.txid if goal.repeats == ONCE else ""


def _one_too_many(goal: Goal, known: list[Conversion]) -> Refusal:
    first = first_of(known)
    return Refusal(
        Verdict.DUPLICATE,
        f"The goal {goal.code} counts {goal.repeats} times for a click, and that many there are.",
        first.id if first is not None else "",
    )


def _share(
    fixed_minor: int | None, percent: Decimal | None, offer: Offer, amount: Money | None
) -> Money | None:
    """Return a fixed sum in the offer's currency, or a percentage of what was reported in its own.

    None when the goal names neither, or a percentage of nothing is wanted.
    """
    if fixed_minor is not None:
        return Money(fixed_minor, offer.currency)
    if percent is None or amount is None:
        return None
    return percent_of(amount, percent)
