"""Writing configuration: fill a row from a form, check it whole, store it, and note who changed what."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from redound.console.accounts import audit
from redound.console.errors import Fault, InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import Model, QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.forms import Form

M = TypeVar("M", bound="Model")
F = TypeVar("F", bound="Form")


def is_new(row: Model) -> bool:
    """Whether the row is not stored yet."""
    return row._state.adding


def write(row: M, form: F, fill: Callable[[M, F, Caller], Iterator[Fault]], caller: Caller) -> M:
    """Fill, check, store and audit one row, inside the transaction of the caller of this.

    InvalidError with every fault that `fill` yields; then nothing was stored.
    """
    new = is_new(row)
    before = {} if new else audit.picture(row)
    faults = list(fill(row, form, caller))
    if faults:
        raise InvalidError(faults)
    after = audit.picture(row)
    if new or before != after:
        row.save(force_insert=new)
        audit.record(caller, "create" if new else "edit", row, before, after)
    return row


def copy(row: Model, form: Form, *names: str) -> None:
    """Take over the given ones of these fields as they are."""
    for name in names:
        if name in form.given:
            setattr(row, name, getattr(form, name))


def refer(
    row: Model, form: Form, name: str, among: QuerySet[Model], *, fixed: bool = False
) -> Iterator[Fault]:
    """Take over a reference to one of `among`; a `fixed` one only while the row is new."""
    if name not in form.given:
        return
    wanted = getattr(form, name)
    if fixed and not is_new(row):
        if wanted != getattr(row, name):
            yield Fault(f"/{name}", "fixed", f"{name} cannot be changed. Create a new one instead.")
        return
    if wanted is not None and not among.filter(pk=wanted).exists():
        yield Fault(f"/{name}", "unknown_reference", f"{name}: there is no {wanted} that you may use.")
        return
    setattr(row, name, wanted)


def pause(row: Model, form: Form, now: object) -> None:
    """Take over `status` and keep the time of the pause: only later clicks are refused."""
    if "status" not in form.given:
        return
    status = getattr(form, "status")  # noqa: B009 - only some forms have it
    paused_at = None if status == "active" else getattr(row, "paused_at", None) or now
    setattr(row, "status", status)  # noqa: B010 - only some rows have it
    setattr(row, "paused_at", paused_at)  # noqa: B010 - only some rows have it
