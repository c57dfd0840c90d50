"""What was asked for is no ID that leads anywhere, or only nearly one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redound.core.placeholders import is_click_placeholder
from redound.core.trace.causes import asked as causes
from redound.core.trace.likeness import How

if TYPE_CHECKING:
    from redound.core.trace.causes import Diagnosis
    from redound.core.trace.facts import Facts
    from redound.core.trace.rules import Rule


_CHANGED = {
    How.CUT: causes.ID_CUT,
    How.LENGTHENED: causes.ID_LENGTHENED,
    How.MISREAD: causes.ID_MISREAD,
    How.ALTERED: causes.ID_ALTERED,
}


def _led_nowhere(facts: Facts) -> bool:
    return not (facts.click or facts.reports or facts.conversions or facts.deliveries)


def asked_macro(facts: Facts) -> Diagnosis | None:
    """The text asked for is a macro."""
    asked = facts.asked.text
    if _led_nowhere(facts) and is_click_placeholder(asked):
        return causes.ASKED_MACRO.because(asked=asked)
    return None


def changed_id(facts: Facts) -> Diagnosis | None:
    """The text asked for is a changed form of one of our click IDs."""
    likeness = facts.asked.likeness
    cause = _CHANGED.get(likeness.how) if likeness is not None else None
    if likeness is None or cause is None:
        return None
    text = facts.asked.text
    return cause.because(asked=text, click_id=likeness.original, length=len(text))


def not_stored(facts: Facts) -> Diagnosis | None:
    """A genuine click ID whose click is gone; its conversions may still be there."""
    asked = facts.asked
    if asked.made_at is None or facts.click is not None or facts.conversions:
        return None
    link = asked.link
    shown = f"{link.name} ({link.code})" if link is not None and link.name else link.code if link else ""
    return causes.ID_NOT_STORED.because(
        click_id=asked.id, made_at=asked.made_at, link=shown, link_id=link.id if link else ""
    )


def forged(facts: Facts) -> Diagnosis | None:
    """Of our form, but not ours."""
    asked = facts.asked
    return causes.ID_FORGED.because(asked=asked.text) if asked.forged and _led_nowhere(facts) else None


def nothing_known(facts: Facts) -> Diagnosis | None:
    """There is nothing at all, and nothing to be said about the text itself."""
    if not _led_nowhere(facts) or any(rule(facts) for rule in RULES):
        return None
    return causes.NOTHING_KNOWN.because(asked=facts.asked.text)


RULES: Final[tuple[Rule, ...]] = (asked_macro, changed_id, not_stored, forged)
LAST: Final[tuple[Rule, ...]] = (nothing_known,)
