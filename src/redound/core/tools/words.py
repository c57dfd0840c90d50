"""A text for people in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redound.core.trace.causes import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The same in English and Russian; names in braces are filled in."""

    en: str
    ru: str

    def text(self, language: Language = "en", /, **details: object) -> str:
        """Return it in a language, with its names filled in."""
        return (self.ru if language == "ru" else self.en).format(**details)
