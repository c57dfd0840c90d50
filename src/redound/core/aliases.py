"""Foreign macro names: those that mean one thing, which work as aliases, and those that mean several.

An alias is a name that every platform which has it uses in one meaning; slots keep their number. A name
that stands for different things on different platforms is no macro: whoever writes it is shown both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redound.core.nearness import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ALIASES: Final[Mapping[str, str]] = {
    **{f"affS{number}": f"sub{number}" for number in range(1, 6)},  # trackdesk
    "externalId": "txid",
    "source_id": "source",  # Everflow
    "event_id": "goal_id",
    "event_name": "goal_name",
    "order_id": "txid",
    "aff_sub": "sub1",  # TUNE, Katalys
    **{f"aff_sub{number}": f"sub{number}" for number in range(1, 6)},
    "goal_ref": "goal",
    "conversion_status": "status",
    "action_type": "goal",
    "sum": "payout",  # Affise
    **{f"p{number}": f"sub{number}" for number in range(1, 11)},  # Trackier
    "goal_value": "goal",
    "txn_id": "txid",
    **{f"SubId{number}": f"sub{number}" for number in range(1, 4)},  # impact.com
    "Payout": "payout",
    "Status": "status",
    "ActionTrackerName": "goal_name",
    "OrderId": "txid",
}
"""Name on another platform → ours."""

_TRACKERS_CLICK = "{sub1} for the tracker's click ID (or the slot of your link that carries it)"
_OUR_CLICK = "{click_id} for our own"
_THEIR_TRANSACTION = "{txid} for the advertiser's transaction ID"
AMBIGUOUS: Final[Mapping[str, tuple[str, ...]]] = {
    "clickid": (_TRACKERS_CLICK, _OUR_CLICK),
    "clickId": (_TRACKERS_CLICK, _OUR_CLICK),
    "click": (_TRACKERS_CLICK, _OUR_CLICK),
    "cid": (_TRACKERS_CLICK, _OUR_CLICK),
    "subid": (_TRACKERS_CLICK, _OUR_CLICK),
    "sub_id": (_TRACKERS_CLICK, _OUR_CLICK),
    "transaction_id": ("{click_id} for our click ID", _THEIR_TRANSACTION),
    "transactionid": ("{click_id} for our click ID", _THEIR_TRANSACTION),
    "tid": (_THEIR_TRANSACTION, _TRACKERS_CLICK),
    "adv_sub": ("{txid} for the advertiser's transaction ID", "{adv_sub1} for its first sub ID"),
    "fluid": (_OUR_CLICK, _TRACKERS_CLICK),
}
"""Names with several meanings → each reading, with the macro to write for it."""


def suggest(written: str, known: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Say what an unknown macro may have meant: a sentence and the names in it, best first.

    By the readings of an ambiguous name, else another case, else the smallest edits; at the end always the
    link parameter of that name, since ReferOn's macros are those.
    """
    readings = AMBIGUOUS.get(written)
    if readings is not None:
        return f"It has several meanings: write {' or '.join(readings)}.", meanings(written)
    close = near(written, known)
    parameter = f"param.{written}"
    if close:
        shown = " or ".join(f"{{{name}}}" for name in close)
        return f"Did you mean {shown}? A parameter of your link is {{{parameter}}}.", (*close, parameter)
    return f"A parameter of your link by that name is {{{parameter}}}.", (parameter,)


def meanings(written: str) -> tuple[str, ...]:
    """Return the macros that an ambiguous name may stand for, () for any other name."""
    return tuple(reading[1 : reading.index("}")] for reading in AMBIGUOUS.get(written, ()))


def near(written: str, known: Iterable[str]) -> list[str]:
    """Return the macro of that name in another case, else those a few typing mistakes away, nearest first."""
    names_by_case = {name.lower(): name for name in (*ALIASES, *known)}
    same = names_by_case.get(written.strip().lower())
    return [same] if same else nearest(written, names_by_case.values())
