"""Checking what a postback listens to: event, goals, level and the rows it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console.catalog import visibility
from redound.console.catalog.models import Campaign, Link, Offer
from redound.console.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model, QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.postbacks.models import Postback

_MANAGERS_LEVELS = frozenset({"offer", "brand"})


def scope_faults(row: Postback, caller: Caller) -> Iterator[Fault]:
    """Yield what is wrong with the rule as it would stand, whichever fields were given."""
    if not row.statuses and row.event == "conversion":
        yield Fault("/statuses", "empty", "statuses: list at least one status that makes it fire.")
    if row.affiliate_id is None and row.level not in _MANAGERS_LEVELS:
        yield Fault(
            "/affiliate_id",
            "affiliate_required",
            f"A postback of level {row.level} needs an affiliate_id; others are of level offer or brand.",
        )
        return
    yield from _include_faults(row, caller)
    yield from _unknown(row.exclude_offers, visibility.offers(caller), "/exclude_offers", "an offer")
    if row.event == "click":
        yield from _click_faults(row)
    if not isinstance(row.goals, str):
        yield from _goal_faults(row, caller)


def _include_faults(row: Postback, caller: Caller) -> Iterator[Fault]:
    if row.level == "affiliate":
        if row.include:
            yield Fault(
                "/include", "not_for_level", "The level affiliate covers all offers: leave include empty."
            )
        return
    if not row.include:
        yield Fault("/include", "empty", f"include: list at least one {row.level} that it is for.")
        return
    among: dict[str, QuerySet[Model]] = {
        "brand": visibility.brands(caller),
        "offer": visibility.offers(caller),
        "campaign": Campaign.objects.filter(affiliate_id=row.affiliate_id),
        "link": Link.objects.filter(campaign__affiliate_id=row.affiliate_id),
    }
    yield from _unknown(
        row.include, among[row.level], "/include", f"a {row.level} of this postback's affiliate"
    )


def _click_faults(row: Postback) -> Iterator[Fault]:
    """Everflow: a click postback is of specific offers whose payout model is CPC, and sent S2S."""
    if row.delivery != "s2s":
        yield Fault("/delivery", "click_needs_s2s", "A click postback is sent from server to server: s2s.")
    offers = _offers_of(row)
    if offers is None:
        yield Fault(
            "/event",
            "click_needs_offers",
            "A click postback is for specific CPC offers: choose the level offer, campaign or link.",
        )
        return
    for name in offers.exclude(payout_model="cpc").values_list("name", flat=True)[:3]:
        yield Fault(
            "/event",
            "offer_not_cpc",
            f"The offer {name!r} does not pay for clicks (its payout_model is not cpc): choose conversion.",
        )


def _offers_of(row: Postback) -> QuerySet[Offer] | None:
    """Return the offers that the postback names, directly or through its links; None when it is for any."""
    match row.level:
        case "offer":
            return Offer.objects.filter(pk__in=row.include)
        case "link":
            return Offer.objects.filter(links__in=row.include).distinct()
        case "campaign":
            return Offer.objects.filter(links__campaign__in=row.include).distinct()
        case "brand":
            return Offer.objects.filter(brand__in=row.include)
        case _:
            return None


def _goal_faults(row: Postback, caller: Caller) -> Iterator[Fault]:
    if not row.goals:
        yield Fault("/goals", "empty", 'goals: list at least one, or write "any".')
    goals = visibility.goals(caller)
    yield from _unknown(row.goals, goals, "/goals", "a goal that you may use")
    offers = _offers_of(row)
    if offers is None or row.level == "campaign":
        return
    foreign = goals.filter(pk__in=row.goals).exclude(offer__in=offers)
    for goal in foreign[:3]:
        yield Fault(
            f"/goals/{row.goals.index(goal.pk)}",
            "goal_of_other_offer",
            f"The goal {goal.code!r} belongs to {goal.offer.name!r}, which this postback is not for.",
        )


def _unknown(ids: list[str], among: QuerySet[Model], pointer: str, what: str) -> Iterator[Fault]:
    """Yield a fault for each ID that is not among these rows; one query for all of them."""
    if not ids:
        return
    known = set(among.filter(pk__in=ids).values_list("pk", flat=True))
    for position, row_id in enumerate(ids):
        if row_id not in known:
            yield Fault(f"{pointer}/{position}", "unknown_reference", f"{row_id} is not {what}.")
