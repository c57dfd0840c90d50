"""What an advertiser proves itself with: made here at random, shown once, taken away when it was replaced."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from redound.console.catalog.forms import AdvertiserEdit
from redound.console.catalog.parties import CREDENTIALS, fill_advertiser
from redound.console.errors import ConflictError, NotFoundError
from redound.console.writing import write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.console.accounts.callers import Caller
    from redound.console.catalog.models import Advertiser
    from redound.console.errors import Fault

MOST: Final = 2
"""How many of a kind may be valid at once: the old one and the one that takes its place."""
RANDOM_BYTES: Final = 24


def add_credential(row: Advertiser, kind: str, caller: Caller) -> str:
    """Store a new one of `kind` (a column's name) beside the one there is; return its text, to be shown once.

    Call it in a transaction. ConflictError when there are two already, NotFoundError for no kind.
    """
    kept = _stored(row, kind)
    if len(kept) >= MOST:
        noun = CREDENTIALS[kind]
        detail = f"There are two of this already. Take one {noun} away first."
        raise ConflictError("two_already", detail)
    text = secrets.token_urlsafe(RANDOM_BYTES)
    form = AdvertiserEdit.model_validate({kind: [*({"value": None} for _ in kept), text]})
    write(row, form, fill_advertiser, caller)
    return text


def drop_credential(row: Advertiser, kind: str, position: int, caller: Caller) -> None:
    """Take away the one at this place, the oldest is 0. Call it in a transaction.

    NotFoundError when there is none.
    """
    if position >= len(_stored(row, kind)):
        raise NotFoundError

    def fill(row: Advertiser, form: AdvertiserEdit, caller: Caller) -> Iterator[Fault]:
        del form, caller
        kept = _stored(row, kind)
        setattr(row, kind, kept[:position] + kept[position + 1 :])
        yield from ()

    write(row, AdvertiserEdit(), fill, caller)


def _stored(row: Advertiser, kind: str) -> list[dict[str, str]]:
    if kind not in CREDENTIALS:
        raise NotFoundError
    found: list[dict[str, str]] = getattr(row, kind)
    return found
