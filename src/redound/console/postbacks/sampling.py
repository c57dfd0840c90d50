"""What a test or a preview sends: the values of a conversion, of a click, or samples of every macro."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redound.console.catalog.models import Goal
from redound.console.catalogue import Catalogue
from redound.console.errors import Fault, InvalidError
from redound.console.traffic.models import Click, Conversion
from redound.core.firing import frozen_values
from redound.core.macros import AT_SENDING, example_values
from redound.store.rows import traffic as rows

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller
    from redound.core.catalog import Offer
    from redound.core.clicks import Click as CoreClick

_OF_A_CONVERSION = frozenset(
    (
        *("conversion_id", "txid", "goal", "goal_id", "goal_name", "event_type", "operation", "status"),
        *("status_word", "payout", "payout_minor", "amount", "customer_id", "conversion_time", "event_time"),
    )
)
"""What a click that has not converted yet lacks; without its click the samples' own sub IDs would mislead."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Frozen macro values, marked as a test; the IDs are "" for samples."""

    values: dict[str, str]
    click_id: str = ""
    offer_id: str = ""


def sample(click_id: str, conversion_id: str, caller: Caller) -> Sample:
    """Return the values of a conversion, or of a click and its last conversion; without both, examples.

    InvalidError for what the caller may not use.
    """
    examples = {name: value for name, value in example_values().items() if name not in AT_SENDING}
    if not click_id and not conversion_id:
        return Sample({**examples, "test": "1"})
    found = _conversions(caller)
    if conversion_id:
        wanted = found.filter(pk=conversion_id)
        if click_id:
            wanted = wanted.filter(click_id=click_id.lower())
    else:
        wanted = found.filter(click_id=click_id.lower()).order_by("-pk")
    last = wanted.values_list(*rows.CONVERSION).first()
    conversion = rows.conversion(last) if last is not None else None
    if conversion_id and conversion is None:
        raise _unknown("conversion_id", "conversion", conversion_id)
    click = _click(conversion.click_id if conversion is not None else click_id, caller)
    subject = conversion or click
    catalogue = Catalogue()
    offer = catalogue.offer(subject.offer_id) if subject is not None else None
    if subject is None or offer is None:
        raise _unknown("click_id", "click", click_id)
    known = frozen_values(click, conversion, None, offer, catalogue)
    filled = {name: value for name, value in examples.items() if name in _OF_A_CONVERSION}
    if conversion is None:
        filled |= _base_goal(offer)
    about = conversion.click_id if conversion is not None else click_id.lower()
    return Sample({**filled, **known, "test": "1"}, about, offer.id)


def _conversions(caller: Caller) -> QuerySet[Conversion]:
    if caller.manages:
        return Conversion.objects.all()
    private = Goal.objects.filter(private=True).values("pk")
    return Conversion.objects.filter(affiliate_id=caller.affiliate_id).exclude(goal_id__in=private)


def _click(click_id: str, caller: Caller) -> CoreClick | None:
    found = Click.objects.filter(pk=click_id.lower())
    if not caller.manages:
        found = found.filter(affiliate_id=caller.affiliate_id)
    row = found.values_list(*rows.CLICK).first()
    return rows.click(row) if row is not None else None


def _base_goal(offer: Offer) -> dict[str, str]:
    goal = next((goal for goal in offer.goals if goal.base), None)
    if goal is None:
        return {}
    return {"goal": goal.code, "goal_id": goal.id, "goal_name": goal.name, "event_type": goal.kind}


def _unknown(field: str, noun: str, row_id: str) -> InvalidError:
    detail = f"{field}: there is no {noun} {row_id} that you may use. Leave it out for sample values."
    return InvalidError([Fault(f"/{field}", "unknown_reference", detail)])
