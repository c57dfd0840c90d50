"""Filling a tracker of one's own from a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console.catalog import visibility
from redound.console.errors import Fault
from redound.console.writing import copy, is_new, refer
from redound.core.gallery import read_tracker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.console.accounts.callers import Caller
    from redound.console.trackers.forms import TrackerNew
    from redound.console.trackers.models import TrackerEntry


def fill_tracker(row: TrackerEntry, form: TrackerNew, caller: Caller) -> Iterator[Fault]:
    """Fill the given fields, then check the whole. A manager's without an affiliate is for everybody."""
    if caller.manages or form.affiliate_id is not None:
        yield from refer(row, form, "affiliate_id", visibility.affiliates(caller), fixed=True)
    elif is_new(row):
        row.affiliate_id = caller.affiliate_id
    copy(row, form, "name")
    given = form.model_dump(include=set(form.given) - {"affiliate_id"})
    if given.get("click_macro", "") is None:
        given["click_macro"] = ""
    content = {**(row.content or {}), **given}
    try:
        read_tracker(row.pk, content)
    except ValueError as error:
        yield Fault("/parameters", "bad_tracker", str(error).removeprefix(f"{row.pk}: "))
        return
    row.content = content
