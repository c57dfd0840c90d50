"""What became of the advertiser's reports: refused, sent with another ID, or never sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redound.core.reports import Verdict
from redound.core.trace.causes import reports as causes
from redound.core.trace.facts import ACCEPTING
from redound.core.trace.likeness import How

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redound.core.trace.causes import Cause, Diagnosis
    from redound.core.trace.facts import Facts
    from redound.core.trace.rules import Rule


VERDICTS: Final[Mapping[Verdict, Cause]] = {
    Verdict.MISSING_CLICK_ID: causes.MISSING_CLICK_ID,
    Verdict.UNREPLACED_MACRO: causes.UNREPLACED,
    Verdict.MALFORMED_CLICK_ID: causes.MALFORMED_ID,
    Verdict.WRONG_SLOT: causes.WRONG_SLOT,
    Verdict.CLICK_NOT_FOUND: causes.CLICK_NOT_FOUND,
    Verdict.CLICK_EXPIRED: causes.CLICK_EXPIRED,
    Verdict.BAD_TOKEN: causes.BAD_TOKEN,
    Verdict.IP_NOT_ALLOWED: causes.IP_NOT_ALLOWED,
    Verdict.UNKNOWN_GOAL: causes.UNKNOWN_GOAL,
    Verdict.UNKNOWN_STATUS: causes.UNKNOWN_STATUS,
    Verdict.BAD_AMOUNT: causes.BAD_AMOUNT,
    Verdict.BAD_CURRENCY: causes.BAD_CURRENCY,
    Verdict.MALFORMED: causes.MALFORMED,
    Verdict.OFFER_INACTIVE: causes.OFFER_PAUSED,
    Verdict.AFFILIATE_INACTIVE: causes.AFFILIATE_PAUSED,
    Verdict.INTERNAL_ERROR: causes.OUR_FAULT,
    Verdict.DUPLICATE: causes.DUPLICATE,
    Verdict.IGNORED_STATUS: causes.IGNORED_STATUS,
}
"""What each verdict that creates nothing means to somebody who misses a conversion."""


_REPEATS = frozenset({Verdict.DUPLICATE, Verdict.IGNORED_STATUS})


def refused(facts: Facts) -> Diagnosis | None:
    """The latest report that created nothing; where conversions exist, a repeat of theirs is no trouble."""
    for report in sorted(facts.reports, key=lambda each: (each.at, each.id), reverse=True):
        if report.verdict in ACCEPTING:
            return None
        if report.verdict in _REPEATS and facts.conversions:
            continue
        cause = VERDICTS.get(report.verdict)
        if cause is not None:
            return cause.because(
                report_id=report.id,
                report_at=report.at,
                verdict=report.verdict.value,
                claimed=report.click_id,
                txid=report.txid,
                detail=report.detail,
                conversion_id=report.conversion_id,
                window_days=facts.offer.conversion_window_days if facts.offer is not None else None,
            )
    return None


def came_with_another_id(facts: Facts) -> Diagnosis | None:
    """A report that leads nowhere looks like this click's, or like its tracker's."""
    if facts.conversions or not facts.near:
        return None
    near = min(facts.near, key=lambda each: (_LIKELY.index(each.likeness.how), each.report.id))
    likeness = near.likeness
    if likeness.slot:
        cause = {How.SAME: causes.TRACKER_ID_SENT, How.CASE: causes.TRACKER_ID_CASE}.get(
            likeness.how, causes.TRACKER_ID_CUT
        )
    else:
        cause = causes.OUR_ID_CUT
    return cause.because(
        report_id=near.report.id,
        report_at=near.report.at,
        verdict=near.report.verdict.value,
        claimed=near.report.click_id,
        original=likeness.original,
        slot=likeness.slot,
        length=len(near.report.click_id),
    )


_LIKELY: Final = (How.SAME, How.CASE, How.CUT, How.LENGTHENED, How.MISREAD, How.ALTERED)


def _silent(facts: Facts) -> bool:
    return facts.click is not None and not (facts.reports or facts.conversions or facts.deliveries)


def strays(facts: Facts) -> Diagnosis | None:
    """Nothing for the click, but reports that lead to no click at all."""
    if not _silent(facts) or not facts.strays:
        return None
    told = ", ".join(f"{verdict}: {count}" for verdict, count in sorted(facts.strays.items()))
    return causes.STRAYS.because(count=sum(facts.strays.values()), verdicts=told)


def converted_elsewhere(facts: Facts) -> Diagnosis | None:
    """Another click with the same sub value has the conversion."""
    if not _silent(facts) or not facts.elsewhere:
        return None
    other = facts.elsewhere[0]
    return causes.CONVERTED_ELSEWHERE.because(
        click_id=other.click_id, conversion_id=other.id, value=facts.asked.text, slot=facts.asked.slot
    )


def nothing_reported(facts: Facts) -> Diagnosis | None:
    """Nothing for the click: does the advertiser report at all?"""
    click, last = facts.click, facts.offer_reported_at
    if click is None or not _silent(facts):
        return None
    offer = facts.offer.name if facts.offer is not None else click.offer_id
    if last is None:
        return causes.NEVER_REPORTED.because(click_id=click.id, offer=offer, offer_id=click.offer_id)
    cause = causes.WENT_SILENT if last < click.created_at else causes.NOT_REPORTED
    return cause.because(click_id=click.id, offer=offer, offer_id=click.offer_id, last_at=last)


RULES: Final[tuple[Rule, ...]] = (refused, came_with_another_id, converted_elsewhere)
NONE_CAME: Final[tuple[Rule, ...]] = (strays, nothing_reported)
