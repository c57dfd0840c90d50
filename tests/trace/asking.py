"""Asking for a trace over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from tests.console.people import Person


def trace(person: Person, text: str, language: str = "en") -> dict[str, Any]:
    """Return what a person is told; it must be answered."""
    answer = person.get(f"trace?q={quote(text)}", Accept_Language=language)
    assert answer.status == 200, answer.json
    assert answer.headers["Content-Language"] == language[:2]
    return answer.json


def code(seen: dict[str, Any]) -> str:
    """Return the code of the likeliest cause."""
    return seen["diagnosis"]["code"]
