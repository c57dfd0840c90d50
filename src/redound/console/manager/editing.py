"""Forms on managers' pages: shown, read, checked and stored by the same functions as the API's bodies.

A form carries the version of the row that it was made from. When somebody else changed the row meanwhile
nothing is stored: what was typed is shown again beside what is stored now, and sending it once more keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from redound.console.errors import Fault, InvalidError
from redound.console.etags import etag_of
from redound.console.manager import fields as kinds
from redound.console.records.record import find
from redound.console.shell.forms import NONE, Faults, faults_of, read
from redound.console.writing import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from django.db.models import Model, QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.forms import Form
    from redound.console.manager.fields import Field
    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

M = TypeVar("M", bound="Model")
F = TypeVar("F", bound="Form")


@dataclass(frozen=True, slots=True)
class Sheet(Generic[M]):
    """The form of a noun: `fill` makes a row of `new` or `edit`, `shape` gives a row's values back."""

    model: type[M]
    fields: Sequence[Field]
    fill: Callable[[M, Any, Caller], Iterator[Fault]]
    new: type[Form]
    edit: type[Form]
    shape: Callable[[M, Caller], Values]
    visible: Callable[[Caller], QuerySet[M]]


@dataclass(frozen=True, slots=True)
class Bound:
    """A field with what is in it, what is wrong with that, and what is stored when that is something else."""

    field: Field
    value: Any
    sentences: Sequence[str] = ()
    stored: Any = None
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """A form to show. `changed`: the row was changed by somebody else after the form was made."""

    bound: Sequence[Bound]
    version: str = ""
    faults: Faults = NONE
    changed: bool = False
    elsewhere: Sequence[str] = field(default_factory=tuple)

    def __iter__(self) -> Iterator[Bound]:
        """Yield the fields."""
        return iter(self.bound)


def blank(sheet: Sheet[M], **given: Any) -> Filled:
    """Return the form of a new row, with what its fields begin with."""
    defaults = {
        name: each.get_default(call_default_factory=True)
        for name, each in sheet.new.model_fields.items()
        if not each.is_required()
    }
    values = defaults | given
    begun = kinds.shown(sheet.fields, values)
    return Filled([Bound(each, begun[each.name]) for each in sheet.fields])


def of_row(sheet: Sheet[M], row: M, caller: Caller) -> Filled:
    """Return the form of a row as it is stored."""
    values = kinds.shown(sheet.fields, sheet.shape(row, caller))
    return Filled([Bound(each, values[each.name]) for each in sheet.fields if not each.fixed], etag_of(row))


def create(request: PageRequest, sheet: Sheet[M], **given: Any) -> M | Filled:
    """Store a new row of what was sent and return it, or the form with what is wrong."""
    typed = kinds.typed(sheet.fields, request.POST)
    try:
        form = read(sheet.new, given | _given(sheet.fields, typed))
        with transaction.atomic():
            return write(sheet.model(), form, sheet.fill, request.caller)
    except InvalidError as error:
        return _refused(sheet.fields, typed, faults_of(error), "")


def change(request: PageRequest, sheet: Sheet[M], row_id: str, **given: Any) -> M | Filled:
    """Change a row to what was sent and return it, or the form with what is wrong."""
    fields = [each for each in sheet.fields if not each.fixed]
    typed = kinds.typed(fields, request.POST)
    sent = request.POST.get("version", "")
    with transaction.atomic():
        row = find(sheet.visible(request.caller).select_for_update(of=("self",)), row_id)
        if sent and sent != etag_of(row):
            return _overtaken(sheet, fields, typed, row, request.caller)
        version = etag_of(row)
        try:
            form = read(sheet.edit, given | _needed(fields, typed))
            # A fault leaves a half-filled row in memory only; nothing was written yet.
            return write(row, form, sheet.fill, request.caller)
        except InvalidError as error:
            return _refused(fields, typed, faults_of(error), version)


def _given(fields: Sequence[Field], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a new row is given: fields left empty count as not given."""
    return {name: value for name, value in _needed(fields, typed).items() if value is not None}


def _needed(fields: Sequence[Field], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was meant; InvalidError when a field is empty that must not be."""
    meant = kinds.meant(fields, typed)
    missing = [each.name for each in fields if each.required and not meant[each.name]]
    if missing:
        raise InvalidError([Fault(f"/{name}", "missing", _("This field is needed.")) for name in missing])
    return meant


def _refused(fields: Sequence[Field], typed: Mapping[str, Any], faults: Faults, version: str) -> Filled:
    bound = [Bound(each, typed[each.name], faults.of(each.name)) for each in fields]
    return Filled(bound, version, faults, elsewhere=faults.elsewhere(each.name for each in fields))


def _overtaken(
    sheet: Sheet[M], fields: Sequence[Field], typed: Mapping[str, Any], row: M, caller: Caller
) -> Filled:
    stored = kinds.shown(fields, sheet.shape(row, caller))
    bound = [
        Bound(
            each,
            typed[each.name],
            (),
            _said(stored[each.name]),
            differs=stored[each.name] != typed[each.name],
        )
        for each in fields
    ]
    return Filled(bound, etag_of(row), changed=True)


def _said(value: Any) -> str:
    match value:
        case True:
            return _("yes")
        case False:
            return _("no")
        case _:
            return value or "–"


def checked(form: type[F], values: Mapping[str, Any]) -> F:
    """Return a form of a few values; blank ones count as not given. InvalidError says what is wrong."""
    return read(form, {name: value for name, value in values.items() if value not in ("", None)})


def store(row: M, form: F, fill: Callable[[M, F, Caller], Iterator[Fault]], caller: Caller) -> M:
    """Write a row in a transaction of its own, with its entry in the audit log."""
    with transaction.atomic():
        return write(row, form, fill, caller)
