"""Causes: what may keep a conversion from showing up, each with its words; and a diagnosis, one found.

A cause's sentences exist in English and Russian; names in braces are filled in from the evidence that its
rule gives. `code` is also its heading in docs/troubleshooting.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["en", "ru"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ru")

PAGE: Final = "docs/troubleshooting.md"
MAX_SHOWN: Final = 200
"""Characters of a foreign text that a sentence and the evidence show."""


_AGAIN: Final[Mapping[Language, str]] = {
    "en": "It is tried again by itself, next at {next_at}.",
    "ru": "Попытки повторяются сами, следующая — {next_at}.",
}


class Tone(StrEnum):
    """Whether something is wrong, has not come yet, or is as it should be."""

    PROBLEM = "problem"
    WAITING = "waiting"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. `known_by` tells the reader of the documentation how it is found, and what it may mean."""

    code: str
    en: str
    ru: str
    remedy_en: str
    remedy_ru: str
    known_by: str
    tone: Tone = Tone.PROBLEM

    def because(self, **evidence: str | int | None) -> Diagnosis:
        """Return the diagnosis that this cause applies. Names that end in `_at` are times in ms."""
        shown = {name: _shortened(value) for name, value in evidence.items() if value not in {None, ""}}
        return Diagnosis(self, shown)

    @property
    def anchor(self) -> str:
        """Where the documentation explains it."""
        return f"{PAGE}#{self.code}"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A cause that was found, with what shows it: names → texts, numbers, times in ms (`…_at`)."""

    cause: Cause
    evidence: Mapping[str, str | int]

    @property
    def code(self) -> str:
        """The cause's code."""
        return self.cause.code

    def text(self, language: Language = "en") -> str:
        """Return the sentence for people."""
        return self._filled(self.cause.ru if language == "ru" else self.cause.en)

    def remedy(self, language: Language = "en") -> str:
        """Return what to do about it; and, when a failed attempt will be repeated, that it will."""
        remedy = self.cause.remedy_ru if language == "ru" else self.cause.remedy_en
        again = self.cause.tone is Tone.PROBLEM and "next_at" in self.evidence and "attempts" in self.evidence
        return self._filled(f"{remedy} {_AGAIN[language]}" if again else remedy)

    def _filled(self, template: str) -> str:
        return template.format_map(_Shown({name: _shown(name, each) for name, each in self.evidence.items()}))


class _Shown(dict[str, str]):
    """Evidence by name; what is not known is shown as a dash."""

    def __missing__(self, name: str) -> str:
        return "—"


def _shown(name: str, value: str | int) -> str:
    if name.endswith("_at") and isinstance(value, int):
        return f"{datetime.fromtimestamp(value / 1000, UTC):%Y-%m-%d %H:%M} UTC"
    return str(value)


def _shortened(value: str | int | None) -> str | int:
    if isinstance(value, str) and len(value) > MAX_SHOWN:
        return value[:MAX_SHOWN] + "…"
    return value if value is not None else ""
