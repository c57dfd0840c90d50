"""What is wrong with the click: no tracker's click ID in it, or not where the postback looks for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from redound.core.macros import PARAM, SUBS, resolve
from redound.core.placeholders import is_placeholder
from redound.core.trace.causes import clicks as causes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.core.catalog import Postback
    from redound.core.clicks import Click
    from redound.core.trace.causes import Diagnosis
    from redound.core.trace.facts import Facts
    from redound.core.trace.rules import Rule

_MACRO = re.compile(r"\{([\w.\-]{1,100})")
_SUBS: Final = frozenset(SUBS)
_FEWEST_OTHERS: Final = 5


def slots_of(postback: Postback) -> tuple[str, ...]:
    """Return the parameters of the click that a postback's template returns, in order, each once."""
    return tuple(dict.fromkeys(_slots(postback)))


def _slots(postback: Postback) -> Iterator[str]:
    for text in (postback.url, *(pair.value for pair in postback.params), postback.body):
        for written in _MACRO.findall(text):
            name = resolve(written) or ""
            if name in _SUBS or name == "source":
                yield name
            elif name.startswith(PARAM):
                yield name.removeprefix(PARAM)


def _returning(facts: Facts) -> Iterator[tuple[Postback, tuple[str, ...]]]:
    """The postbacks that the diagnosis is about, with their slots: those that fired, else all that are on."""
    fired = {delivery.postback_id for delivery in facts.deliveries}
    for owner in facts.postbacks.values():
        postback = owner.postback
        if postback.id in fired or (not fired and postback.enabled and not owner.archived):
            yield postback, slots_of(postback)


def no_id_returned(facts: Facts) -> Diagnosis | None:
    """A postback that was sent returns nothing of the click."""
    if facts.click is None or not facts.deliveries:
        return None
    for postback, slots in _returning(facts):
        if not slots:
            return causes.NO_ID_RETURNED.because(postback=postback.name, postback_id=postback.id)
    return None


def sub_unreplaced(facts: Facts) -> Diagnosis | None:
    """A slot that a postback returns holds a macro."""
    click = facts.click
    if click is None:
        return None
    for postback, slots in _returning(facts):
        for slot in slots:
            value = click.params.get(slot, "")
            if value and is_placeholder(value):
                return causes.SUB_UNREPLACED.because(
                    slot=slot, value=value, postback=postback.name, postback_id=postback.id
                )
    return None


def sub_elsewhere(facts: Facts) -> Diagnosis | None:
    """Every slot that a postback returns is empty: something came in another one, or nothing at all."""
    click = facts.click
    if click is None:
        return None
    for postback, slots in _returning(facts):
        if slots and not any(click.params.get(slot) for slot in slots):
            return _elsewhere(postback, slots, click)
    return None


def _elsewhere(postback: Postback, slots: tuple[str, ...], click: Click) -> Diagnosis:
    about = {"postback": postback.name, "postback_id": postback.id, "returns": ", ".join(slots)}
    came = next((name for name, value in click.params.items() if value and name != "url"), "")
    if not came:
        return causes.SUB_MISSING.because(**about)
    macro = came if came in _SUBS or came == "source" else f"{PARAM}{came}"
    return causes.SUB_IN_OTHER_SLOT.because(
        **about, slot=came, value=click.params[came], macro=f"{{{macro}}}"
    )


def sub_cut(facts: Facts) -> Diagnosis | None:
    """A returned slot is shorter than on all other clicks."""
    click = facts.click
    if click is None:
        return None
    for _, slots in _returning(facts):
        for slot in slots:
            length, usual = len(click.params.get(slot, "")), facts.usual_lengths.get(slot, 0)
            if 0 < length < usual:
                return causes.SUB_CUT.because(slot=slot, value=click.params[slot], length=length, usual=usual)
    return None


def click_not_valid(facts: Facts) -> Diagnosis | None:
    """Nobody made the click, or it does not count; said only where nothing came of it."""
    click = facts.click
    if click is None or click.valid or facts.conversions or facts.deliveries:
        return None
    cause = {"prefetch": causes.CLICK_PREFETCH, "duplicate": causes.CLICK_REPEATED}.get(
        click.invalid_reason, causes.CLICK_BOT
    )
    return cause.because(click_id=click.id, agent=click.user_agent, reason=click.invalid_reason)


RULES: Final[tuple[Rule, ...]] = (sub_unreplaced, sub_elsewhere, sub_cut, no_id_returned)
VALIDITY: Final[tuple[Rule, ...]] = (click_not_valid,)
