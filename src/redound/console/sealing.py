"""Stored credentials: sealed on the way in, opened only where a request is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.console import runtime

if TYPE_CHECKING:
    from collections.abc import Callable


def seal(table: str, row_id: str, field: str, text: str) -> str:
    """Return the sealed text, bound to its place: moved elsewhere it does not open."""
    return runtime.vault().seal(text, f"{table}/{row_id}/{field}")


def unseal(table: str, row_id: str, field: str, sealed: str) -> str:
    """Return the text that `seal` was given."""
    return runtime.vault().unseal(sealed, f"{table}/{row_id}/{field}")


def opener(table: str, row_id: str) -> Callable[[str, str], str]:
    """Return `unseal` for one row, as requests want it: (field, sealed) → text."""

    def open_field(field: str, sealed: str) -> str:
        return unseal(table, row_id, field, sealed)

    return open_field
