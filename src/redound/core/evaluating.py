"""Condition by condition: what a postback wanted, what was found, and whether that is enough.

Matching stops at the first condition that is not met, because that decides. People who ask "why not?" or
"what if?" want all of them. Every condition is judged by the very function that matching runs, so the two
cannot disagree: a postback fires when, and only when, each of its conditions is met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from redound.core import matching
from redound.core.catalog import Level, StatusMode
from redound.core.matching import Fire, Reason, match_click, match_conversion, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from redound.core.catalog import Affiliate, Goal, Offer, Postback
    from redound.core.clicks import Click
    from redound.core.conversions import Conversion, Transition
    from redound.core.decisions import Catalog
    from redound.core.matching import Place, Skip

NEARNESS = (
    *(Reason.EVENT, Reason.BROWSER, Reason.LEVEL, Reason.EXCLUDED, Reason.GOAL, Reason.STATUS),
    *(Reason.NOT_ENABLED, Reason.LESS_SPECIFIC, Reason.CLICK_INVALID, Reason.ALREADY_FIRED),
    *(Reason.NOT_ALL_STATUSES, Reason.PAYOUT_ZERO, Reason.TOO_OLD, Reason.OFF),
)
"""The reasons of skips in the order in which they are found: a later one means that more was met."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a postback. `name` is that of the field which sets it; texts are IDs and words."""

    name: str
    met: bool
    wanted: str
    found: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a postback makes of a transition or click: matching's answer, and all conditions behind it."""

    postback_id: str
    fires: bool
    reason: Reason
    detail: str
    conditions: tuple[Condition, ...]

    @property
    def unmet(self) -> tuple[Condition, ...]:
        """The conditions that would have to change."""
        return tuple(condition for condition in self.conditions if not condition.met)


def examine_transition(
    conversion: Conversion,
    transition: Transition,
    click: Click | None,
    fired: AbstractSet[tuple[str, str]],
    catalog: Catalog,
) -> list[Evaluation]:
    """Evaluate all postbacks for a transition, made or imagined; none when offer or goal are gone."""
    offer, goal = catalog.offer(conversion.offer_id), catalog.goal(conversion.goal_id)
    if offer is None or goal is None:
        return []
    return examine_conversion(
        conversion,
        transition,
        goal,
        offer,
        catalog.affiliate(conversion.affiliate_id),
        catalog.postbacks_for(conversion.affiliate_id, offer.id),
        click_at=None if click is None else click.created_at,
        fired=fired,
    )


def examine_conversion(
    conversion: Conversion,
    transition: Transition,
    goal: Goal,
    offer: Offer,
    affiliate: Affiliate | None,
    postbacks: Sequence[Postback],
    *,
    click_at: int | None = None,
    fired: AbstractSet[tuple[str, str]] = frozenset(),
) -> list[Evaluation]:
    """Evaluate each of the postbacks, in their order; the arguments are those of `match_conversion`."""
    place = place_of(conversion)

    def meant(postback: Postback) -> Iterator[tuple[Condition, Skip | None]]:
        yield _event(postback, "conversion", matching.not_for_conversions(postback))
        yield from _scope(postback, place)
        skip = matching.other_goal(postback, goal, offer)
        rests = "" if offer.goals_enabled else " (goals are off)"
        yield _condition("goals", skip, _listed(postback.goals), f"{goal.id} ({goal.code}){rests}")
        skip = matching.other_status(postback, transition)
        yield _condition("statuses", skip, _listed(postback.statuses), transition.to_status.value)

    def held(postback: Postback) -> Iterator[tuple[Condition, Skip | None]]:
        if postback.status_mode is not StatusMode.EACH:
            skip = matching.already_fired(postback, conversion, fired)
            yield _condition("status_mode", skip, "not fired yet", "fired" if skip else "not fired yet")
        if postback.status_mode is StatusMode.ALL:
            skip = matching.statuses_missing(postback, conversion)
            been = [status for status in sorted(postback.statuses) if conversion.seen & status.bit]
            yield _condition("status_mode", skip, f"all of {_listed(postback.statuses)}", _listed(been))
        if postback.payout_above_zero:
            paid = conversion.payout
            found = "none" if paid is None else f"{paid.amount} {paid.currency}"
            yield _condition("payout_above_zero", matching.no_payout(postback, conversion), "> 0", found)
        if postback.max_age_seconds is not None:
            found = "" if click_at is None else f"{max(0, conversion.created_at - click_at) // 1000} s"
            skip = matching.too_late(postback, conversion, click_at)
            yield _condition("max_age_seconds", skip, f"<= {postback.max_age_seconds} s", found)

    answers = match_conversion(
        conversion, transition, goal, offer, affiliate, postbacks, click_at=click_at, fired=fired
    )
    wanted = [(list(meant(postback)), list(held(postback))) for postback in postbacks]
    return _evaluations(postbacks, affiliate, answers, wanted)


def examine_click(
    click: Click, offer: Offer, affiliate: Affiliate | None, postbacks: Sequence[Postback]
) -> list[Evaluation]:
    """Evaluate each of the postbacks for a click; the arguments are those of `match_click`."""
    place = place_of(click)

    def meant(postback: Postback) -> Iterator[tuple[Condition, Skip | None]]:
        found = f"click ({offer.payout_model.value} offer)"
        yield _event(postback, found, matching.not_for_clicks(postback, offer))
        yield from _scope(postback, place)

    def held(postback: Postback) -> Iterator[tuple[Condition, Skip | None]]:
        skip = matching.click_invalid(postback, click)
        yield _condition("valid", skip, "valid", "valid" if click.valid else click.invalid_reason)
        if postback.payout_above_zero:
            skip = matching.no_click_payout(postback, offer)
            yield _condition("payout_above_zero", skip, "> 0", str(offer.cpc_payout_minor or 0))

    answers = match_click(click, offer, affiliate, postbacks)
    wanted = [(list(meant(postback)), list(held(postback))) for postback in postbacks]
    return _evaluations(postbacks, affiliate, answers, wanted)


def nearest(reasons: Sequence[str]) -> int:
    """Return which of several skips came closest to firing (the first of equals); an unknown word is far."""
    ranks = {reason.value: rank for rank, reason in enumerate(NEARNESS)}
    return max(range(len(reasons)), key=lambda index: (ranks.get(reasons[index], -1), -index))


def _evaluations(
    postbacks: Sequence[Postback],
    affiliate: Affiliate | None,
    answers: Sequence[Fire | Skip],
    wanted: Sequence[tuple[list[tuple[Condition, Skip | None]], list[tuple[Condition, Skip | None]]]],
) -> list[Evaluation]:
    first = [next((skip for _, skip in meant if skip is not None), None) for meant, _ in wanted]
    narrowest = matching.narrowest_level(postbacks, first, affiliate)
    found = []
    for postback, answer, (meant, held) in zip(postbacks, answers, wanted, strict=True):
        fires = isinstance(answer, Fire)
        conditions = (
            *(condition for condition, _ in meant),
            *_affiliates(postback, affiliate, narrowest),
            *(condition for condition, _ in held),
            Condition("enabled", postback.enabled, "on", "on" if postback.enabled else "off"),
        )
        detail = "" if isinstance(answer, Fire) else answer.detail
        found.append(Evaluation(postback.id, fires, answer.reason, detail, conditions))
    return found


def _affiliates(
    postback: Postback, affiliate: Affiliate | None, narrowest: Level | None
) -> Iterator[Condition]:
    """What the affiliate's settings say; a manager's postback is beyond them."""
    if postback.affiliate_id is None or affiliate is None:
        return
    enabled = affiliate.postbacks_enabled
    yield Condition("postbacks_enabled", enabled, "on", "on" if enabled else "off")
    if narrowest is not None:
        met = matching.RANKS[postback.level] <= matching.RANKS[narrowest]
        yield Condition("precedence", met, f"most specific: {narrowest}", postback.level.value)


def _event(postback: Postback, found: str, skip: Skip | None) -> tuple[Condition, Skip | None]:
    return _condition("event", skip, postback.event.value, found)


def _scope(postback: Postback, place: Place) -> Iterator[tuple[Condition, Skip | None]]:
    skip = matching.shown_in_browser(postback)
    yield _condition("delivery", skip, "s2s", postback.delivery)
    covered = f"{postback.level} {_listed(postback.include)}" if postback.include else postback.level.value
    yield _condition(
        "level", matching.other_level(postback, place), covered, _found_at(postback.level, place)
    )
    if postback.exclude_offers:
        skip = matching.excluded(postback, place)
        yield _condition("exclude_offers", skip, f"not {_listed(postback.exclude_offers)}", place.offer)


def _found_at(level: Level, place: Place) -> str:
    match level:
        case Level.LINK:
            return place.link
        case Level.CAMPAIGN:
            return place.campaign
        case Level.OFFER:
            return place.offer
        case Level.BRAND:
            return place.brand
        case Level.AFFILIATE:
            return place.affiliate
        case unknown:
            assert_never(unknown)


def _condition(name: str, skip: Skip | None, wanted: str, found: str) -> tuple[Condition, Skip | None]:
    return Condition(name, skip is None, wanted, found), skip


def _listed(things: AbstractSet[str] | Sequence[str] | str) -> str:
    return things if isinstance(things, str) else ", ".join(sorted(things)) or "none"
