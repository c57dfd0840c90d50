"""Backfill: what a postback would have fired for but did not; listed with the reason, counted, sent late."""

from collections.abc import Sequence
from typing import Annotated

from django.db.models import QuerySet
from pydantic import Field, StringConstraints, model_validator

from redound.console.accounts.callers import Caller
from redound.console.errors import Fault, InvalidError
from redound.console.filters import Filters, Text, one_of
from redound.console.forms import Flag, Form, Instant, Shape
from redound.console.paging import read_cursor, write_cursor
from redound.console.postbacks.models import Postback
from redound.console.records.conversions import conversions
from redound.console.render import Values, moment_ms
from redound.console.tools import backfill
from redound.console.traffic.models import Conversion
from redound.core.states import Status
from redound.core.tools.backfill import Missed, count_by_reason
from redound.core.trace.causes import Language

MOST = 1000
"""How many one request sends at most."""
ConversionId = Annotated[str, StringConstraints(pattern=r"^cnv_[0-9a-f]{28}$")]


class BackfillFilters(Filters):
    """Which conversions to look at; without `since` those of the last 30 days."""

    status: one_of(*Status) | None = None  # type: ignore[valid-type]  # made at run time
    affiliate_id: Text | None = None
    offer_id: Text | None = None
    goal_id: Text | None = None
    campaign_id: Text | None = None
    link_id: Text | None = None


class BackfillFilter(BackfillFilters):
    """The same in a body, without paging."""

    @model_validator(mode="after")
    def _no_paging(self) -> "BackfillFilter":
        if self.model_fields_set & {"limit", "cursor"}:
            msg = "limit and cursor are no filters; cursor stands beside filter"
            raise ValueError(msg)
        return self


class MissedShape(Shape):
    """A conversion that the postback would fire for today. `detail` was noted when it did not."""

    conversion_id: str
    click_id: str
    transition_id: str
    goal_id: str
    status: str
    reason: str
    text: str
    detail: str | None
    at: Instant


class MissedPage(Shape):
    """What was missed, oldest first. `count` and `reasons` are of all that this request found.

    A request looks at ten thousand conversions at most (`looked_at`); `complete` says whether those were all.
    """

    data: list[MissedShape]
    count: int
    reasons: dict[str, int]
    looked_at: int
    complete: bool
    next_cursor: str | None
    has_more: bool


class BackfillForm(Form):
    """What to send: `conversion_ids`, or what `filter` finds (`{}` is all that the list has).

    With `dry_run` nothing is sent, and the answer says what would be. When `has_more` is true send the same
    again with `cursor`.
    """

    conversion_ids: Annotated[list[ConversionId], Field(min_length=1, max_length=MOST)] | None = None
    filter: BackfillFilter | None = None
    dry_run: Flag = False
    cursor: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "BackfillForm":
        if (self.conversion_ids is None) == (self.filter is None):
            msg = "give either conversion_ids or filter"
            raise ValueError(msg)
        return self


class SkippedShape(Shape):
    """A conversion that was named but not sent: the postback fired for it, or would not today either."""

    conversion_id: str
    detail: str


class BackfilledShape(Shape):
    """What is sent, or with `dry_run` would be: one delivery a conversion, `per_second` of them at most."""

    dry_run: bool
    count: int
    reasons: dict[str, int]
    per_second: float
    delivery_ids: list[str]
    skipped: list[SkippedShape]
    next_cursor: str | None
    has_more: bool


def missed(row: Postback, wanted: BackfillFilters, caller: Caller, language: Language) -> Values:
    """Return the MissedPage of what a postback, as it is today, would have fired for and did not."""
    found = backfill.search(row, _among(caller, wanted, wanted.cursor))
    shown = found.found[: wanted.limit]
    more = len(found.found) > len(shown)
    cursor = shown[-1].conversion.id if more else "" if found.complete else found.last_id
    return {
        "data": [_shape(each, language) for each in shown],
        "count": len(found.found),
        "reasons": count_by_reason(found.found),
        "looked_at": found.looked_at,
        "complete": found.complete,
        "next_cursor": write_cursor(cursor) if cursor else None,
        "has_more": bool(cursor),
    }


def send(row: Postback, form: BackfillForm, caller: Caller) -> Values:
    """Send what the postback missed, or count it; return the BackfilledShape's values."""
    found, skipped, cursor = _wanted(row, form, caller)
    made = [] if form.dry_run or not found else backfill.send(row, found)
    return {
        "dry_run": form.dry_run,
        "count": len(found) if form.dry_run else len(made),
        "reasons": count_by_reason(found),
        "per_second": backfill.per_second(),
        "delivery_ids": made,
        "skipped": [{"conversion_id": each, "detail": _SKIPPED} for each in skipped],
        "next_cursor": write_cursor(cursor) if cursor else None,
        "has_more": bool(cursor),
    }


_SKIPPED = "The postback fired for it already, or would not fire for it today."


def _wanted(row: Postback, form: BackfillForm, caller: Caller) -> tuple[Sequence[Missed], list[str], str]:
    """Return what this request means, which of the named it leaves out, and where to go on."""
    if form.conversion_ids is None:
        among = _among(caller, form.filter or BackfillFilter(), form.cursor)
        found = backfill.search(row, among, most=MOST)
        return found.found, [], "" if found.complete else found.last_id
    ids = list(dict.fromkeys(form.conversion_ids))
    seen = conversions.visible(caller).filter(pk__in=ids)
    known = set(seen.values_list("pk", flat=True))
    faults = [
        Fault(
            f"/conversion_ids/{form.conversion_ids.index(each)}",
            "unknown_reference",
            f"conversion_ids: there is no conversion {each}.",
        )
        for each in ids
        if each not in known
    ]
    if faults:
        raise InvalidError(faults)
    found = backfill.search(row, seen)
    sent = {each.conversion.id for each in found.found}
    return found.found, [each for each in ids if each not in sent], ""


def _among(caller: Caller, filters: BackfillFilters, cursor: str | None) -> QuerySet[Conversion]:
    found = conversions.rows(caller, filters)
    if filters.since is None:
        found = found.filter(pk__gte=backfill.usual_since())
    return found.filter(pk__gt=read_cursor(cursor)) if cursor else found


def _shape(each: Missed, language: Language) -> Values:
    return {
        "conversion_id": each.conversion.id,
        "click_id": each.conversion.click_id,
        "transition_id": each.transition.id,
        "goal_id": each.conversion.goal_id,
        "status": each.conversion.status.value,
        "reason": each.why.value,
        "text": each.text(language),
        "detail": each.detail or None,
        "at": moment_ms(each.transition.at),
    }
