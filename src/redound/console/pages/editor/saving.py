"""Saving what was written, as the API does: filled, checked whole, audited, switched on or off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from redound.console import sealing
from redound.console.accounts.permissions import check
from redound.console.errors import ConflictError, Fault, InvalidError
from redound.console.pages.editor.reading import form_of
from redound.console.pages.editor.starting import blanks_of
from redound.console.postbacks import actions, visibility
from redound.console.postbacks.filling import fill_postback
from redound.console.postbacks.forms import EnableForm
from redound.console.postbacks.models import Postback
from redound.console.records.record import find
from redound.console.render import moment
from redound.console.traffic.models import PostbackHealth
from redound.console.writing import write

if TYPE_CHECKING:
    from redound.console.accounts.callers import Caller
    from redound.console.pages.editor.fields import Fields


@dataclass(frozen=True, slots=True)
class Saved:
    """A stored postback, and its signing secret if this made one: it is shown once."""

    row: Postback
    signing_secret: str


def save(fields: Fields, row_id: str, caller: Caller, *, enabled: bool | None) -> Saved:
    """Store a new postback ("" for its ID) or change one; `enabled` None leaves that as it is.

    InvalidError with a fault for each field that cannot be used, ConflictError for one that was deleted.
    """
    check(caller, "postbacks", "write")
    _expect_no_blanks(fields)
    form = form_of(fields, new=not row_id, manages=caller.manages, enabled=enabled)
    with transaction.atomic():
        row = _locked(row_id, caller) if row_id else Postback()
        if row_id and fields.version and fields.version != moment(row.updated_at):
            raise InvalidError([Fault("/version", "changed_meanwhile", _meanwhile())])
        was_enabled, was_secret = row.enabled, row.signing_secret
        write(row, form, fill_postback, caller)
        if row_id:
            _switch(row, caller, was_enabled=was_enabled, wanted=enabled)
    secret = ""
    if row.sign and row.signing_secret != was_secret:
        secret = sealing.unseal("postbacks", row.pk, "signing_secret", row.signing_secret)
    return Saved(row, secret)


def _meanwhile() -> str:
    return _(
        "It was changed by somebody else after you opened it. Open it again in another tab, compare, and "
        "repeat your change there."
    )


def _expect_no_blanks(fields: Fields) -> None:
    """A tracker would be called under an address that says KEY."""
    waiting = blanks_of(fields.url) if fields.tracker and fields.delivery == "s2s" else ()
    if waiting:
        raise InvalidError(
            [Fault(f"/blanks/{word}", "missing", _("This field is needed.")) for word in waiting]
        )


def _locked(row_id: str, caller: Caller) -> Postback:
    row = find(visibility.postbacks(caller).select_for_update(of=("self",)), row_id)
    if row.archived_at is not None:
        raise ConflictError("archived", _("This postback was deleted. Create a new one."))
    return row


def _switch(row: Postback, caller: Caller, *, was_enabled: bool, wanted: bool | None) -> None:
    """Park or resume what is owed; one that its failures disabled is enabled with a clean slate."""
    if row.enabled is not was_enabled:
        actions.switched(row, was_enabled=was_enabled)
    elif wanted and PostbackHealth.objects.filter(pk=row.pk, state="disabled").exists():
        actions.enable(row, EnableForm(), caller)
