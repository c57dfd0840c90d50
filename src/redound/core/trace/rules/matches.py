"""Why no postback answered to a conversion that was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redound.core.evaluating import nearest
from redound.core.matching import Reason
from redound.core.states import Status
from redound.core.trace.causes import matches as causes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.core.conversions import Conversion
    from redound.core.trace.causes import Cause, Diagnosis
    from redound.core.trace.facts import Evaluated, Facts
    from redound.core.trace.rules import Rule


_BY_REASON: Final[Mapping[str, Cause]] = {
    Reason.STATUS: causes.STATUS,
    Reason.NOT_ALL_STATUSES: causes.STATUSES_MISSING,
    Reason.GOAL: causes.GOAL,
    Reason.LEVEL: causes.LEVEL,
    Reason.EXCLUDED: causes.EXCLUDED,
    Reason.PAYOUT_ZERO: causes.PAYOUT,
    Reason.TOO_OLD: causes.TOO_OLD,
    Reason.EVENT: causes.EVENT,
    Reason.BROWSER: causes.BROWSER,
    Reason.OFF: causes.OFF,
    Reason.NOT_ENABLED: causes.NOT_ENABLED,
}


def _unanswered(facts: Facts) -> tuple[Conversion, Evaluated | None] | None:
    """The first conversion for which nothing ever fired, with its closest skip (None: nothing was asked)."""
    for conversion in facts.conversions:
        asked = [each for each in facts.evaluated if each.conversion_id == conversion.id]
        fired = any(each.fired for each in asked)
        if fired or any(each.conversion_id == conversion.id for each in facts.deliveries):
            continue
        latest = list({each.postback_id: each for each in asked}.values())
        return conversion, latest[nearest([each.reason for each in latest])] if latest else None
    return None


def made_later(facts: Facts) -> Diagnosis | None:
    """A postback that was not considered, is younger than the conversion, and would fire for it now."""
    found = _unanswered(facts)
    if found is None:
        return None
    conversion, _ = found
    considered = {each.postback_id for each in facts.evaluated if each.conversion_id == conversion.id}
    for today in facts.now:
        owner = facts.postbacks.get(today.postback_id)
        if owner is None or today.postback_id in considered or not today.fires:
            continue
        made_at = int(owner.postback.created_at.timestamp() * 1000)
        if made_at >= conversion.created_at:
            return causes.MADE_LATER.because(
                postback=owner.postback.name,
                postback_id=today.postback_id,
                made_at=made_at,
                conversion_id=conversion.id,
                converted_at=conversion.created_at,
            )
    return None


def not_enabled(facts: Facts) -> Diagnosis | None:
    """The affiliate's postbacks are switched off as a whole; an affiliate is not told of each of them."""
    found = _unanswered(facts)
    if found is None or facts.affiliate is None or facts.affiliate.postbacks_enabled:
        return None
    conversion, closest = found
    if closest is not None and closest.reason != Reason.NOT_ENABLED:
        return None
    return causes.NOT_ENABLED.because(conversion_id=conversion.id, affiliate_id=conversion.affiliate_id)


def no_postback(facts: Facts) -> Diagnosis | None:
    """Nobody was asked."""
    found = _unanswered(facts)
    if found is None or found[1] is not None:
        return None
    return causes.NO_POSTBACK.because(conversion_id=found[0].id, affiliate_id=found[0].affiliate_id)


def skipped(facts: Facts) -> Diagnosis | None:
    """Nothing fired: the postback that came closest says why."""
    conversion, closest = _unanswered(facts) or (None, None)
    if conversion is None or closest is None:
        return None
    cause = _cause_of(closest, conversion, facts)
    if cause is None:
        return None
    owner = facts.postbacks.get(closest.postback_id)
    click = facts.click
    return cause.because(
        postback=facts.name_of(closest.postback_id),
        postback_id=closest.postback_id,
        conversion_id=conversion.id,
        converted_at=conversion.created_at,
        reason=closest.reason,
        detail=closest.detail,
        goal=facts.goal_of(conversion),
        status=conversion.status.value,
        until_at=conversion.hold_until,
        wanted=_wanted(closest, facts),
        longest=owner.postback.max_age_seconds if owner is not None else None,
        age_seconds=(conversion.created_at - click.created_at) // 1000 if click is not None else None,
    )


def _cause_of(closest: Evaluated, conversion: Conversion, facts: Facts) -> Cause | None:
    owner = facts.postbacks.get(closest.postback_id)
    if closest.reason == Reason.OFF and owner is not None and owner.postback.enabled and not owner.archived:
        return causes.OFF_THEN
    if closest.reason == Reason.STATUS and conversion.status is Status.PENDING:
        return causes.PENDING
    if closest.reason == Reason.STATUS and conversion.status is Status.HOLD:
        return causes.ON_HOLD
    return _BY_REASON.get(closest.reason)


def _wanted(closest: Evaluated, facts: Facts) -> str:
    owner = facts.postbacks.get(closest.postback_id)
    if owner is None:
        return ""
    if closest.reason == Reason.GOAL:
        wanted = owner.postback.goals
        if isinstance(wanted, str):
            return wanted
        return ", ".join(sorted(facts.goals[each].code if each in facts.goals else each for each in wanted))
    return ", ".join(status for status in Status if status in owner.postback.statuses)


def fired_before(facts: Facts) -> Diagnosis | None:
    """The latest change of a conversion fired nothing, because its postback had fired already."""
    for conversion in facts.conversions:
        asked = [each for each in facts.evaluated if each.conversion_id == conversion.id]
        latest = [each for each in asked if each.transition_id == asked[-1].transition_id]
        spent = [each for each in latest if each.reason == Reason.ALREADY_FIRED]
        if spent and not any(each.fired for each in latest):
            return _told(causes.ALREADY, spent[0], conversion, facts)
    return None


def passed_over(facts: Facts) -> Diagnosis | None:
    """A narrower postback was chosen."""
    for conversion in facts.conversions:
        for each in facts.evaluated:
            if each.conversion_id == conversion.id and each.reason == Reason.LESS_SPECIFIC:
                return _told(causes.LESS_SPECIFIC, each, conversion, facts)
    return None


def _told(cause: Cause, told: Evaluated, conversion: Conversion, facts: Facts) -> Diagnosis:
    return cause.because(
        postback=facts.name_of(told.postback_id),
        postback_id=told.postback_id,
        conversion_id=conversion.id,
        status=conversion.status.value,
        detail=told.detail,
    )


def click_not_counted(facts: Facts) -> Diagnosis | None:
    """A postback for clicks did not fire, because the click is not valid."""
    click = facts.click
    if click is None or click.valid or facts.conversions or facts.deliveries:
        return None
    for today in facts.now:
        if today.reason is Reason.CLICK_INVALID:
            return causes.CLICK_NOT_COUNTED.because(
                postback=facts.name_of(today.postback_id),
                postback_id=today.postback_id,
                click_id=click.id,
                reason=click.invalid_reason,
            )
    return None


RULES: Final[tuple[Rule, ...]] = (made_later, not_enabled, no_postback, skipped, click_not_counted)
ANSWERED: Final[tuple[Rule, ...]] = (fired_before,)
LAST: Final[tuple[Rule, ...]] = (passed_over,)
