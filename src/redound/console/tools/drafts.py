"""A postback that is being written: what it would send, though it is not stored and may not be complete."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils import timezone

from redound.console.errors import NotFoundError
from redound.console.postbacks import visibility
from redound.console.postbacks.filling import fill_postback
from redound.console.postbacks.forms import PostbackEdit
from redound.console.postbacks.models import Postback
from redound.console.postbacks.sampling import sample
from redound.console.tools.tester import shown_values
from redound.console.tracing import rows as tracing
from redound.console.tracing.previewing import rendered
from redound.core.macros import without_manager_only

if TYPE_CHECKING:
    from redound.console.accounts.callers import Caller
    from redound.console.errors import Fault
    from redound.console.postbacks.forms import PostbackNew
    from redound.core.deliveries import SentRequest


@dataclass(frozen=True, slots=True)
class Draft:
    """What a draft would send, secrets masked. `request` is None while that cannot be put together.

    `values` are those of the macros in its templates, "" for one without a value. `faults` say what saving it
    would be refused for; `postback` is the row that would be stored.
    """

    postback: Postback
    request: SentRequest | None
    values: dict[str, str]
    faults: tuple[Fault, ...]


def preview(
    caller: Caller,
    form: PostbackNew,
    conversion_id: str | None = None,
    *,
    click_id: str = "",
    postback_id: str = "",
) -> Draft:
    """Return what a postback filled from `form` would send for a conversion, a click or sample values.

    With `postback_id` the form changes that postback, and what it leaves out, secrets too, is the stored
    one's. Nothing is stored or sent. InvalidError for a click or conversion that the caller may not use,
    NotFoundError for a postback that they do not see.
    """
    wanted = sample(click_id, conversion_id or "", caller)
    row = _stored(postback_id, caller) if postback_id else Postback(created_at=timezone.now())
    if postback_id and not form.edits:
        form = PostbackEdit.model_validate(form.model_dump(exclude_unset=True))
    faults = tuple(fill_postback(row, form, caller))
    if not caller.manages:
        wanted = replace(wanted, values=without_manager_only(wanted.values))
    request = rendered(tracing.owner(row, None).postback, wanted.values)
    return Draft(row, request, shown_values(row, wanted), faults)


def _stored(postback_id: str, caller: Caller) -> Postback:
    row = visibility.postbacks(caller).filter(pk=postback_id).first()
    if row is None:
        raise NotFoundError
    return row
