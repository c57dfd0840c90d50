"""Judging a claim: every check in its order, until one refuses.

Order (a rule of the product): parse, advertiser (path key, token, else the click's), click, token and IP,
window, goal, status, money. Pauses are checked with the token and IP, before the window.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from redound.core.bearings import is_called
from redound.core.catalog import ONCE
from redound.core.ids import NotOurs, read_click_id
from redound.core.money import BadAmount, parse_amount, read_currency
from redound.core.placeholders import is_click_placeholder, is_placeholder
from redound.core.repeats import makes_new, mode_of
from redound.core.reports import Refusal, Verdict
from redound.core.states import word_to_status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redound.core.bearings import Bearings
    from redound.core.catalog import Advertiser, Goal, Offer
    from redound.core.clicks import Click
    from redound.core.conversions import Conversion, Facts
    from redound.core.decisions import Catalog
    from redound.core.ids import ClickIdParts, ClickKeys
    from redound.core.money import Money
    from redound.core.reports import Claim, Incoming
    from redound.core.states import Status

DAY_MS: Final = 86_400_000
MAX_AMOUNT_MINOR: Final = 10**15
"""The largest amount believed, so that a percentage of it still fits the databases' 64 bits."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim that passed every check. `status` None: it names none. `existing`: what it addresses."""

    offer: Offer
    goal: Goal
    click: Click | None
    existing: Conversion | None
    status: Status | None
    amount: Money | None
    test: bool


def judge(
    incoming: Incoming, facts: Facts, where: Bearings, catalog: Catalog, keys: ClickKeys
) -> Judged | Refusal:
    """Run the checks in their order; return the first refusal, or all that applying needs to know."""
    claim = incoming.claim
    refusal = (
        _click_problem(claim, facts, where, catalog, keys, incoming.received_at)
        or _authority_problem(incoming, where)
        or _pause_problem(claim, where)
    )
    offer = where.offer
    if refusal is not None or offer is None:
        return refusal or Refusal(Verdict.OFFER_INACTIVE, "The offer of this click is not known any more.")
    test = claim.test or (where.click is not None and where.click.test)
    goal = _goal_of(claim, offer, where.led)
    existing = None if goal is None or test else _existing(claim, goal, facts, where)
    if existing is None:
        refusal = _window_problem(incoming, offer, where.click)
    status = _status_of(claim, where.advertiser)
    amount = _amount_of(claim, offer)
    if refusal is not None or goal is None:
        return refusal or _goal_refusal(claim, offer)
    if isinstance(status, Refusal):
        return status
    if isinstance(amount, Refusal):
        return amount
    return Judged(offer, goal, where.click, existing, status, amount, test)


def _click_problem(
    claim: Claim, facts: Facts, where: Bearings, catalog: Catalog, keys: ClickKeys, now_ms: int
) -> Refusal | None:
    if where.click is None and claim.click_id and is_click_placeholder(claim.click_id):
        return _unreplaced("click ID", claim.click_id)
    if where.click is None and where.led is None:
        return _no_click(claim, facts, where, catalog, keys, now_ms)
    if claim.txid and is_placeholder(claim.txid):
        return _unreplaced("txid", claim.txid)
    if claim.customer_id and is_placeholder(claim.customer_id):
        return _unreplaced("customer ID", claim.customer_id)
    return None


def _no_click(
    claim: Claim, facts: Facts, where: Bearings, catalog: Catalog, keys: ClickKeys, now_ms: int
) -> Refusal:
    value = claim.click_id
    if not value:
        if where.owner is not None and (claim.txid or claim.customer_id):
            return Refusal(
                Verdict.MISSING_CLICK_ID,
                "The report has no click ID, and neither its txid nor its customer ID leads to a click.",
            )
        return Refusal(Verdict.MISSING_CLICK_ID, "The report has no click ID.")
    parts = read_click_id(keys, value)
    if not isinstance(parts, NotOurs):
        return _gone(parts, now_ms, catalog)
    hint = facts.slot_hint or _configured_as(value, catalog)
    if hint:
        return Refusal(
            Verdict.WRONG_SLOT, f"{_shown(value)} is no click ID: we know it as {_article(hint)} {hint}."
        )
    if parts.reason == "forged":
        return Refusal(
            Verdict.MALFORMED_CLICK_ID,
            f"{_shown(value)} looks like a click ID of ours but fails its check: it was changed or made up.",
        )
    return Refusal(
        Verdict.MALFORMED_CLICK_ID,
        f"{_shown(value)} is no click ID of ours: they have 40 characters, this has {len(value)}.",
    )


def _gone(parts: ClickIdParts, now_ms: int, catalog: Catalog) -> Refusal:
    """Say what a click ID of ours tells by itself: its click is not stored, or not any more."""
    made = _EPOCH + timedelta(milliseconds=parts.time_ms)
    link = catalog.link_by_number(parts.link_number)
    offer = catalog.offer(link.offer_id) if link is not None else None
    on = f" on the link {_shown(link.name)}" if link is not None else ""
    told = f"The click ID is ours, made on {made:%Y-%m-%d %H:%M} UTC{on}"
    days = offer.conversion_window_days if offer is not None else None
    if days and now_ms - parts.time_ms > days * DAY_MS:
        return Refusal(
            Verdict.CLICK_EXPIRED,
            f"{told}. The click is not stored any more, and the offer's conversion window is {days} days.",
        )
    return Refusal(Verdict.CLICK_NOT_FOUND, f"{told}, but the click is not stored any more.")


def _configured_as(value: str, catalog: Catalog) -> str:
    """Return what a prefixed ID stands for in the configuration, "" for nothing."""
    if value[3:4] != "_":
        return ""
    look_ups = (
        ("offer", catalog.offer),
        ("goal", catalog.goal),
        ("link", catalog.link),
        ("affiliate", catalog.affiliate),
        ("campaign", catalog.campaign),
        ("brand", catalog.brand),
    )
    return next((noun for noun, look_up in look_ups if look_up(value) is not None), "")


def _authority_problem(incoming: Incoming, where: Bearings) -> Refusal | None:
    advertiser = where.advertiser
    if where.trusted or advertiser is None:
        return None
    if advertiser.token_digests:
        if not where.digest:
            return Refusal(Verdict.BAD_TOKEN, "The advertiser's reports need a token, and this has none.")
        if where.digest not in advertiser.token_digests:
            return Refusal(Verdict.BAD_TOKEN, "The token is not one of the advertiser's.")
    elif where.owner is not None and where.owner.id != advertiser.id:
        return Refusal(Verdict.BAD_TOKEN, "The token belongs to another advertiser than the click.")
    if advertiser.allowed_ips and not _is_allowed(incoming.ip, advertiser.allowed_ips):
        return Refusal(
            Verdict.IP_NOT_ALLOWED, f"{_shown(incoming.ip)} is not on the advertiser's list of addresses."
        )
    return None


def _pause_problem(claim: Claim, where: Bearings) -> Refusal | None:
    """A pause refuses clicks made after it only: what was earned before is paid."""
    click = where.click
    if click is None or claim.test:
        return None
    for noun, verdict, paused in (
        ("offer", Verdict.OFFER_INACTIVE, where.offer),
        ("affiliate", Verdict.AFFILIATE_INACTIVE, where.affiliate),
    ):
        paused_at = paused.paused_at if paused is not None else None
        if paused_at is not None and click.created_at >= _ms(paused_at):
            return Refusal(
                verdict,
                f"The {noun} has been paused since {paused_at:%Y-%m-%d %H:%M} UTC and the click is later.",
            )
    return None


def _window_problem(incoming: Incoming, offer: Offer, click: Click | None) -> Refusal | None:
    if click is None:
        return Refusal(
            Verdict.CLICK_NOT_FOUND, "The click is not stored any more, so nothing new can be added."
        )
    days = offer.conversion_window_days
    if not days or incoming.claim.test:
        return None
    age_ms = incoming.received_at - click.created_at
    if age_ms <= days * DAY_MS:
        return None
    return Refusal(
        Verdict.CLICK_EXPIRED,
        f"The click is {age_ms // DAY_MS} days old; the offer's conversion window is {days} days.",
    )


def _goal_of(claim: Claim, offer: Offer, led: Conversion | None) -> Goal | None:
    """Return the goal that is meant: the named one; with goals off, or unnamed, the base goal.

    A report that was led to a conversion by its txid and names no goal means that conversion's.
    """
    base = None
    for goal in offer.goals:
        if claim.goal:
            if is_called(goal, claim.goal):
                return goal
        elif led is not None and goal.id == led.goal_id:
            return goal
        if goal.base:
            base = goal
    return base if not claim.goal or not offer.goals_enabled else None


def _goal_refusal(claim: Claim, offer: Offer) -> Refusal:
    if claim.goal and is_placeholder(claim.goal):
        return _unreplaced("goal", claim.goal)
    codes = ", ".join(goal.code for goal in offer.goals) or "none"
    if not claim.goal:
        return Refusal(
            Verdict.UNKNOWN_GOAL,
            f"The report names no goal and the offer has no base goal (its goals: {codes}).",
        )
    return Refusal(Verdict.UNKNOWN_GOAL, f"The offer has no goal {_shown(claim.goal)} (its goals: {codes}).")


def _existing(claim: Claim, goal: Goal, facts: Facts, where: Bearings) -> Conversion | None:
    """Return the conversion that the claim addresses: by txid, else (repeats once) the click's one."""
    if where.led is not None and where.led.goal_id == goal.id:
        return where.led
    if claim.txid:
        for known in facts.by_txid:
            if known.goal_id == goal.id and known.txid == claim.txid and not known.test:
                return known
    if goal.repeats == ONCE and facts.by_click and not makes_new(mode_of(where.advertiser), goal, claim):
        return first_of(of_click(facts.by_click, where.click_id, goal.id))
    return None


def of_click(conversions: Iterable[Conversion], click_id: str, goal_id: str) -> list[Conversion]:
    """Return those that count for a click and goal; tests do not."""
    return [
        each
        for each in conversions
        if each.goal_id == goal_id and each.click_id == click_id and not each.test
    ]


def first_of(conversions: Sequence[Conversion]) -> Conversion | None:
    """Return the oldest."""
    return min(conversions, key=lambda each: (each.created_at, each.id), default=None)


def _status_of(claim: Claim, advertiser: Advertiser | None) -> Status | Refusal | None:
    if not claim.status:
        return None
    status = word_to_status(claim.status, advertiser.status_words if advertiser is not None else {})
    if status is not None:
        return status
    if is_placeholder(claim.status):
        return _unreplaced("status", claim.status)
    return Refusal(
        Verdict.UNKNOWN_STATUS,
        f"{_shown(claim.status)} is no status word, neither built in nor one of the advertiser's own.",
    )


def _currency_of(claim: Claim, offer: Offer) -> str | Refusal:
    if not claim.currency:
        return offer.currency
    known = read_currency(claim.currency)
    if known is not None:
        return known
    if is_placeholder(claim.currency):
        return _unreplaced("currency", claim.currency)
    return Refusal(Verdict.BAD_CURRENCY, f"{_shown(claim.currency)} is not a currency code of ISO 4217.")


def _amount_of(claim: Claim, offer: Offer) -> Money | Refusal | None:
    currency = _currency_of(claim, offer)
    if isinstance(currency, Refusal):
        return currency
    if not claim.amount:
        return None
    amount = parse_amount(claim.amount, currency)
    if not isinstance(amount, BadAmount):
        if amount.minor <= MAX_AMOUNT_MINOR:
            return amount
        return Refusal(Verdict.BAD_AMOUNT, f"{_shown(claim.amount)} is too large an amount.")
    if is_placeholder(claim.amount):
        return _unreplaced("amount", claim.amount)
    return Refusal(Verdict.BAD_AMOUNT, amount.sentence)


def _is_allowed(ip: str, allowed: tuple[str, ...]) -> bool:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in _networks(allowed))


@lru_cache(maxsize=1024)
def _networks(allowed: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in allowed)


def _unreplaced(noun: str, value: str) -> Refusal:
    return Refusal(
        Verdict.UNREPLACED_MACRO,
        f"The {noun} is {_shown(value)}: a macro or placeholder that the sender has not replaced.",
    )


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _article(noun: str) -> str:
    return "an" if noun[:1] in "aeiou" else "a"


def _shown(value: str) -> str:
    """Quote a foreign text for a sentence, cut to a readable length."""
    limit = 60
    return repr(value if len(value) <= limit else value[:limit] + "…")
