"""Backfill: what a postback would have fired for, but did not, judged by the rules that matching has today.

Only a conversion's latest change counts, the one into the status that it has now: a tracker that is told late
is told how things stand, not what has been overtaken since.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from redound.core.catalog import HealthState
from redound.core.matching import Fire, Reason, match_conversion
from redound.core.tools.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from redound.core.catalog import Postback
    from redound.core.clicks import Click
    from redound.core.conversions import Conversion, Transition
    from redound.core.decisions import Catalog
    from redound.core.trace.causes import Language
    from redound.core.trace.facts import Evaluated

PREFIX: Final = "resend:"
"""What the fire keys of deliveries that are sent late begin with."""


class Why(StrEnum):
    """Why a postback did not fire at the time."""

    NOT_THERE = "not_there_yet"
    OFF = "switched_off"
    NOT_ENABLED = "postbacks_not_enabled"
    CONDITION = "other_condition"
    NOT_ASKED = "not_considered"


_WORDS: Final[Mapping[Why, Words]] = {
    Why.NOT_THERE: Words("The postback did not exist yet.", "Постбэка ещё не было."),
    Why.OFF: Words("The postback was switched off.", "Постбэк был выключен."),
    Why.NOT_ENABLED: Words(
        "Postbacks were not enabled for the affiliate.", "Постбэки не были разрешены этому аффилиату."
    ),
    Why.CONDITION: Words("Its conditions were others: {detail}", "Условия были другими: {detail}"),
    Why.NOT_ASKED: Words(
        "It was not considered: it did not cover the offer then.",
        "Он не рассматривался: оффер не был охвачен.",
    ),
}


@dataclass(frozen=True, slots=True)
class History:
    """One conversion with its latest change. `told` is what was made of this postback then, if anything.

    `fired`: the postback owes or owed a delivery for this change or a later one, or one for all of the
    conversion in a mode that fires once.
    """

    conversion: Conversion
    transition: Transition
    click: Click | None
    told: Evaluated | None
    fired: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """A conversion that the postback would fire for today. `detail` is what was kept then, in English."""

    conversion: Conversion
    transition: Transition
    click: Click | None
    why: Why
    detail: str = ""

    @property
    def fire_key(self) -> str:
        """What makes sure that it is sent once, however often it is asked for."""
        return f"{PREFIX}{self.transition.id}"

    def text(self, language: Language = "en") -> str:
        """Return the reason for people."""
        return _WORDS[self.why].text(language, detail=self.detail)


def missed(history: History, postback: Postback, catalog: Catalog) -> Missed | None:
    """Return what is to be caught up on; None for what fired, is a test, or would not fire today either."""
    conversion, transition = history.conversion, history.transition
    if conversion.test or history.fired or transition.to_status is not conversion.status:
        return None
    told = history.told
    if told is not None and told.fired:
        return None
    if not _fires(history, postback, catalog):
        return None
    if told is None:
        born = round(postback.created_at.timestamp() * 1000)
        why = Why.NOT_THERE if transition.at < born else Why.NOT_ASKED
        return Missed(conversion, transition, history.click, why)
    why = {Reason.OFF: Why.OFF, Reason.NOT_ENABLED: Why.NOT_ENABLED}.get(told.reason, Why.CONDITION)  # type: ignore[call-overload]  # a reason is stored as its text
    return Missed(conversion, transition, history.click, why, told.detail or told.reason)


def _fires(history: History, postback: Postback, catalog: Catalog) -> bool:
    """Whether the postback, were it on, would fire; its rivals are those of today."""
    conversion = history.conversion
    offer, goal = catalog.offer(conversion.offer_id), catalog.goal(conversion.goal_id)
    if offer is None or goal is None:
        return False
    running = replace(postback, enabled=True, health=HealthState.OK)
    others = catalog.postbacks_for(conversion.affiliate_id, offer.id)
    if postback.id not in {each.id for each in others}:
        return False
    among = [running if each.id == postback.id else each for each in others]
    answers = match_conversion(
        conversion,
        history.transition,
        goal,
        offer,
        catalog.affiliate(conversion.affiliate_id),
        among,
        click_at=None if history.click is None else history.click.created_at,
    )
    return any(isinstance(each, Fire) for each in answers if each.postback_id == postback.id)


def count_by_reason(found: Sequence[Missed]) -> dict[str, int]:
    """Return how many there are of each reason, those that occur."""
    present: AbstractSet[Why] = {each.why for each in found}
    return {why.value: sum(each.why is why for each in found) for why in Why if why in present}
