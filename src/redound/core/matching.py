"""Which postbacks fire for a transition or a click, and for every other one the reason why not.

Every postback that is considered gets exactly one answer. Postbacks of an affiliate whose policy is
`most_specific` compete on event, goal, listed status and scope; what holds a winner back afterwards (statuses
missing, fired already, payout, age) never lets a broader one in. Postbacks switched off do not compete.
A manager's postback (without an affiliate) stands outside of the competition and of `postbacks_enabled`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, assert_never

from redound.core.catalog import Event, HealthState, Level, PayoutModel, Precedence, StatusMode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from redound.core.catalog import Affiliate, Goal, Offer, Postback
    from redound.core.clicks import Click
    from redound.core.conversions import Conversion, Transition


class Reason(StrEnum):
    """Why a postback did not fire; FIRES and PARKED are the reasons of those that did."""

    FIRES = "fires"
    PARKED = "parked_disabled"
    OFF = "postback_off"
    NOT_ENABLED = "postbacks_not_enabled"
    EVENT = "event_differs"
    BROWSER = "shown_in_browser"
    GOAL = "goal_not_listed"
    STATUS = "status_not_listed"
    NOT_ALL_STATUSES = "statuses_missing"
    ALREADY_FIRED = "already_fired"
    LEVEL = "out_of_scope"
    EXCLUDED = "offer_excluded"
    LESS_SPECIFIC = "more_specific_won"
    PAYOUT_ZERO = "payout_zero"
    TOO_OLD = "too_old"
    CLICK_INVALID = "click_not_valid"


@dataclass(frozen=True, slots=True)
class Fire:
    """A delivery is owed after its delay. `parked`: it waits, because the postback is auto-disabled."""

    postback_id: str
    fire_key: str
    parked: bool
    due_in_seconds: int

    @property
    def reason(self) -> Reason:
        """FIRES, or PARKED when it waits for the postback to be enabled."""
        return Reason.PARKED if self.parked else Reason.FIRES


@dataclass(frozen=True, slots=True)
class Skip:
    """No delivery, because of `reason`; `detail` is the sentence with what was wanted and what was found."""

    postback_id: str
    reason: Reason
    detail: str


RANKS: Final[Mapping[Level, int]] = {level: rank for rank, level in enumerate(Level)}
"""How narrow a level is: link 0, campaign 1, offer 2, brand 3, affiliate 4."""


def match_conversion(
    conversion: Conversion,
    transition: Transition,
    goal: Goal,
    offer: Offer,
    affiliate: Affiliate | None,
    postbacks: Sequence[Postback],
    *,
    click_at: int | None = None,
    fired: AbstractSet[tuple[str, str]] = frozenset(),
    browser: bool = False,
) -> list[Fire | Skip]:
    """Answer for each of the postbacks, in their order, whether it fires for this transition.

    `conversion` stands as it is after the transition. `click_at` (ms) is None when the click is gone, which
    no age filter holds against it. `fired` pairs conversion and postback IDs that fired for the conversion.
    `browser`: the visitor's browser waits to be shown approved HTML.
    """
    place = place_of(conversion)
    first = [
        not_for_conversions(postback)
        or _out_of_scope(postback, place, browser=browser)
        or other_goal(postback, goal, offer)
        or other_status(postback, transition)
        for postback in postbacks
    ]

    def held_back(postback: Postback) -> Skip | None:
        return (
            already_fired(postback, conversion, fired)
            or statuses_missing(postback, conversion)
            or no_payout(postback, conversion)
            or too_late(postback, conversion, click_at)
        )

    return _answers(postbacks, affiliate, first, held_back, transition.id, conversion.id)


def match_click(
    click: Click, offer: Offer, affiliate: Affiliate | None, postbacks: Sequence[Postback]
) -> list[Fire | Skip]:
    """Answer for each of the postbacks whether it fires for this click (Everflow: CPC).

    Only postbacks for clicks do, only for offers that pay for clicks, and only for valid clicks.
    """
    place = place_of(click)
    first = [not_for_clicks(postback, offer) or _out_of_scope(postback, place) for postback in postbacks]

    def held_back(postback: Postback) -> Skip | None:
        return click_invalid(postback, click) or no_click_payout(postback, offer)

    return _answers(postbacks, affiliate, first, held_back, click.id, click.id)


class Place(NamedTuple):
    """Where something happened, one ID a level."""

    affiliate: str
    link: str
    campaign: str
    offer: str
    brand: str


def place_of(subject: Conversion | Click) -> Place:
    """Return where a conversion or click happened."""
    return Place(
        subject.affiliate_id, subject.link_id, subject.campaign_id, subject.offer_id, subject.brand_id
    )


def _answers(
    postbacks: Sequence[Postback],
    affiliate: Affiliate | None,
    first: Sequence[Skip | None],
    held_back: Callable[[Postback], Skip | None],
    each_key: str,
    once_key: str,
) -> list[Fire | Skip]:
    """First who is meant at all, then who is the narrowest of them, then what holds the rest back.

    `each_key` and `once_key` are the fire keys of postbacks that fire for each status, and once.
    """
    narrowest = narrowest_level(postbacks, first, affiliate)
    free = narrowest is None and (affiliate is None or affiliate.postbacks_enabled)
    answers: list[Fire | Skip] = []
    for postback, skip in zip(postbacks, first, strict=True):
        answers.append(
            skip
            or (None if free else withheld(postback, affiliate, narrowest))
            or held_back(postback)
            or (None if postback.enabled else Skip(postback.id, Reason.OFF, "It is switched off."))
            or Fire(
                postback.id,
                each_key if postback.status_mode is StatusMode.EACH else once_key,
                postback.health is HealthState.DISABLED and postback.delivery == "s2s",
                postback.delay_seconds,
            )
        )
    return answers


def narrowest_level(
    postbacks: Sequence[Postback], first: Sequence[Skip | None], affiliate: Affiliate | None
) -> Level | None:
    """Return the narrowest level among the affiliate's competing postbacks; None when nobody competes."""
    if affiliate is None or affiliate.precedence is not Precedence.MOST_SPECIFIC:
        return None
    levels = [
        postback.level
        for postback, skip in zip(postbacks, first, strict=True)
        if skip is None and postback.enabled and postback.affiliate_id is not None
    ]
    return min(levels, key=RANKS.__getitem__, default=None)


def withheld(postback: Postback, affiliate: Affiliate | None, narrowest: Level | None) -> Skip | None:
    """Skip for what an affiliate's settings say; a manager's postback is beyond them."""
    if postback.affiliate_id is None:
        return None
    if affiliate is not None and not affiliate.postbacks_enabled:
        return Skip(
            postback.id, Reason.NOT_ENABLED, f"Postbacks are not enabled for the affiliate {affiliate.name}."
        )
    if narrowest is not None and RANKS[postback.level] > RANKS[narrowest]:
        return Skip(
            postback.id,
            Reason.LESS_SPECIFIC,
            f"The affiliate's most specific postback fires; this is for the {postback.level}, "
            f"and one for the {narrowest} matches.",
        )
    return None


def not_for_conversions(postback: Postback) -> Skip | None:
    """Skip what listens to clicks."""
    if postback.event is Event.CONVERSION:
        return None
    return Skip(postback.id, Reason.EVENT, "It listens to clicks, and this is a conversion.")


def not_for_clicks(postback: Postback, offer: Offer) -> Skip | None:
    """Skip what listens to conversions, and everything at an offer that does not pay for clicks."""
    if postback.event is not Event.CLICK:
        return Skip(postback.id, Reason.EVENT, "It listens to conversions, and this is a click.")
    if offer.payout_model is PayoutModel.CPC:
        return None
    return Skip(
        postback.id,
        Reason.EVENT,
        f"Clicks fire at offers that pay for clicks, and {offer.name} pays for conversions.",
    )


def _out_of_scope(postback: Postback, place: Place, *, browser: bool = False) -> Skip | None:
    """Skip what the postback does not cover."""
    return (
        shown_in_browser(postback, browser=browser)
        or other_level(postback, place)
        or (excluded(postback, place) if postback.exclude_offers else None)
    )


def shown_in_browser(postback: Postback, *, browser: bool = False) -> Skip | None:
    """Skip `html` postbacks unless a browser waits: they are shown to the visitor and never sent by us."""
    if postback.delivery == "s2s" or (browser and postback.html_approved):
        return None
    sentence = "It is shown in the visitor's browser, not sent from here."
    if browser:
        sentence = "It is shown in the visitor's browser once a manager has approved its HTML."
    return Skip(postback.id, Reason.BROWSER, sentence)


def other_level(postback: Postback, place: Place) -> Skip | None:
    """Skip what lies outside the postback's level and the things it names."""
    if postback.affiliate_id is not None and postback.affiliate_id != place.affiliate:
        return Skip(postback.id, Reason.LEVEL, "It belongs to another affiliate.")
    match postback.level:
        case Level.AFFILIATE:
            covered, found = postback.affiliate_id is not None, place.affiliate
        case Level.BRAND:
            covered, found = place.brand in postback.include, place.brand
        case Level.OFFER:
            covered, found = place.offer in postback.include, place.offer
        case Level.CAMPAIGN:
            covered, found = place.campaign in postback.include, place.campaign
        case Level.LINK:
            covered, found = place.link in postback.include, place.link
        case unknown:
            assert_never(unknown)
    if covered:
        return None
    return Skip(
        postback.id,
        Reason.LEVEL,
        f"It covers the {postback.level} {_listed(postback.include)}, and this is {found}.",
    )


def excluded(postback: Postback, place: Place) -> Skip | None:
    """Skip an offer that the postback leaves out."""
    if place.offer not in postback.exclude_offers:
        return None
    return Skip(postback.id, Reason.EXCLUDED, f"It leaves out the offer {place.offer}.")


def other_goal(postback: Postback, goal: Goal, offer: Offer) -> Skip | None:
    """Skip for the goal; while an offer's goals are off the condition rests (Phonexa)."""
    wanted = postback.goals
    if wanted == "any" or not offer.goals_enabled:
        return None
    if wanted == "base":
        if goal.base:
            return None
        sentence = f"It wants the base goal, and {goal.code} is not it."
    elif wanted == "events":
        if not goal.base:
            return None
        sentence = f"It wants every goal but the base, and {goal.code} is the base."
    elif goal.id in wanted:
        return None
    else:
        sentence = f"It wants the goals {_listed(wanted)}, and this is {goal.id} ({goal.code})."
    return Skip(postback.id, Reason.GOAL, sentence)


def other_status(postback: Postback, transition: Transition) -> Skip | None:
    """Skip a change into a status that is not listed."""
    if transition.to_status in postback.statuses:
        return None
    return Skip(
        postback.id,
        Reason.STATUS,
        f"It wants the status {_listed(postback.statuses)}, and this became {transition.to_status}.",
    )


def already_fired(
    postback: Postback, conversion: Conversion, fired: AbstractSet[tuple[str, str]]
) -> Skip | None:
    """Skip, in the modes that fire once for a conversion, one that has."""
    if postback.status_mode is StatusMode.EACH or (conversion.id, postback.id) not in fired:
        return None
    return Skip(postback.id, Reason.ALREADY_FIRED, "It fires once for a conversion, and for this one it has.")


def statuses_missing(postback: Postback, conversion: Conversion) -> Skip | None:
    """Skip, in the mode that wants them all, a conversion that was not in every listed status."""
    if postback.status_mode is not StatusMode.ALL:
        return None
    missing = [status for status in postback.statuses if not conversion.seen & status.bit]
    if not missing:
        return None
    return Skip(
        postback.id,
        Reason.NOT_ALL_STATUSES,
        f"It wants all of {_listed(postback.statuses)}, and {_listed(missing)} has not come yet.",
    )


def no_payout(postback: Postback, conversion: Conversion) -> Skip | None:
    """Skip what pays nothing, if the postback minds."""
    if not postback.payout_above_zero or (conversion.payout is not None and conversion.payout.minor > 0):
        return None
    found = "there is none" if conversion.payout is None else f"it is {conversion.payout.amount}"
    return Skip(postback.id, Reason.PAYOUT_ZERO, f"It wants a payout above zero, and {found}.")


def too_late(postback: Postback, conversion: Conversion, click_at: int | None) -> Skip | None:
    """Skip what came too long after the click, if the postback minds."""
    longest = postback.max_age_seconds
    if longest is None or click_at is None or conversion.created_at - click_at <= longest * 1000:
        return None
    age = (conversion.created_at - click_at) // 1000
    return Skip(
        postback.id,
        Reason.TOO_OLD,
        f"It wants conversions within {longest} s of the click, and this came after {age} s.",
    )


def click_invalid(postback: Postback, click: Click) -> Skip | None:
    """Skip a click that nobody made."""
    if click.valid:
        return None
    return Skip(
        postback.id, Reason.CLICK_INVALID, f"Valid clicks fire, and this is not ({click.invalid_reason})."
    )


def no_click_payout(postback: Postback, offer: Offer) -> Skip | None:
    """Skip clicks at an offer that pays nothing for them, if the postback minds."""
    if not postback.payout_above_zero or (offer.cpc_payout_minor or 0) > 0:
        return None
    return Skip(
        postback.id, Reason.PAYOUT_ZERO, "It wants a payout above zero, and the offer pays none for a click."
    )


def _listed(things: AbstractSet[str] | Sequence[str] | str) -> str:
    """Name things in a stable order."""
    return ", ".join(sorted(things)) or "nothing"
