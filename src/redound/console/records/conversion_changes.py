"""Changing conversions as a manager: many at once, and taking the last change of one back."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from redound.console import bulk
from redound.console.accounts.callers import Caller
from redound.console.catalog.forms import StatusWord
from redound.console.errors import Fault, InvalidError
from redound.console.forms import Flag, Form, Shape
from redound.console.paging import read_cursor, write_cursor
from redound.console.records.conversions import ConversionFilters, conversions
from redound.console.render import Values
from redound.core.states import Status

MOST = 1000
"""How many conversions one request changes at most."""
MOST_EXPLAINED = 100
"""How many refusals are explained one by one."""
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
ConversionId = Annotated[str, StringConstraints(pattern=r"^cnv_[0-9a-f]{28}$")]


class BulkFilter(ConversionFilters):
    """Which conversions: the filters of the list, without its paging."""

    @model_validator(mode="after")
    def _no_paging(self) -> "BulkFilter":
        if self.model_fields_set & {"limit", "cursor"}:
            msg = "limit and cursor are no filters; cursor stands beside filter"
            raise ValueError(msg)
        return self


class BulkStatusForm(Form):
    """A status for many conversions: those of `ids`, or those that `filter` finds (`{}` is all).

    With `dry_run` nothing is changed, and the answer says what would be. When `has_more` is true send the
    same again with `cursor`.
    """

    ids: Annotated[list[ConversionId], Field(min_length=1, max_length=MOST)] | None = None
    filter: BulkFilter | None = None
    status: StatusWord
    reason: Reason | None = None
    dry_run: Flag = False
    cursor: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "BulkStatusForm":
        if (self.ids is None) == (self.filter is None):
            msg = "give either ids or filter"
            raise ValueError(msg)
        return self


class RefusedShape(Shape):
    """A conversion that stayed as it was, and why."""

    id: str
    detail: str


class BulkShape(Shape):
    """What was changed, or with `dry_run` what would be.

    `postbacks` counts the deliveries that fire, `parked` those of them that wait for a disabled postback.
    `unchanged` had the status already. `refused` explains the first hundred of `refused_count`.
    """

    dry_run: bool
    matched: int
    changed: int
    unchanged: int
    postbacks: int
    parked: int
    refused_count: int
    refused: list[RefusedShape]
    next_cursor: str | None
    has_more: bool


class UndoForm(Form):
    """Why, for the history."""

    reason: Reason | None = None


def change_many(form: BulkStatusForm, caller: Caller) -> Values:
    """Change many, or count what that would do; return the BulkShape's values."""
    ids, cursor = _wanted(form, caller)
    tally = bulk.change_many(
        conversions.visible(caller), ids, Status(form.status), form.reason or "", caller, dry_run=form.dry_run
    )
    refused = [{"id": each, "detail": detail} for each, detail in tally.refused.items()]
    return {
        "dry_run": form.dry_run,
        "matched": tally.matched,
        "changed": tally.changed,
        "unchanged": tally.unchanged,
        "postbacks": tally.postbacks,
        "parked": tally.parked,
        "refused_count": len(refused),
        "refused": refused[:MOST_EXPLAINED],
        "next_cursor": cursor,
        "has_more": cursor is not None,
    }


def _wanted(form: BulkStatusForm, caller: Caller) -> tuple[list[str], str | None]:
    """Return the IDs that this request means, and the cursor of those after them."""
    seen: Any = conversions.visible(caller)
    if form.ids is not None:
        ids = list(dict.fromkeys(form.ids))
        known = set(seen.filter(pk__in=ids).values_list("pk", flat=True))
        faults = [
            Fault(f"/ids/{form.ids.index(each)}", "unknown_reference", f"ids: there is no conversion {each}.")
            for each in ids
            if each not in known
        ]
        if faults:
            raise InvalidError(faults)
        return ids, None
    found = conversions.rows(caller, form.filter or BulkFilter()).order_by("pk")
    if form.cursor is not None:
        found = found.filter(pk__gt=read_cursor(form.cursor))
    ids = list(found.values_list("pk", flat=True)[: MOST + 1])
    more = len(ids) > MOST
    return ids[:MOST], write_cursor(ids[MOST - 1]) if more else None
