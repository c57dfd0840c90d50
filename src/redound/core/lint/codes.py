"""Every lint code with its severity and the sentences that say it, in English and Russian.

A sentence is filled with the details of the finding: `%(macro)s` and the like. A code may have variants,
`code.variant`; the plain code is the one that is meant without a variant.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from redound.core.lint import sentences_macros, sentences_structure

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCS_PAGE: Final = "lint.md"


class Severity(StrEnum):
    """ERROR would not work, WARNING is probably not what is wanted, INFO is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Code:
    """One lint code. `severity` is the usual one; some rules know better from the context."""

    name: str
    severity: Severity
    english: str
    russian: str

    @property
    def docs(self) -> str:
        """The page and heading that explain it."""
        return f"{DOCS_PAGE}#{self.name}"


def _codes() -> dict[str, Code]:
    found: dict[str, Code] = {}
    for table in (sentences_structure.SENTENCES, sentences_macros.SENTENCES):
        for name, (severity, english, russian) in table.items():
            found[name] = Code(name, Severity(severity), english, russian)
    return found


SENTENCES: Final[Mapping[str, Code]] = MappingProxyType(_codes())
"""Codes and their variants by name."""

CODES: Final[Mapping[str, Code]] = MappingProxyType(
    {name: code for name, code in SENTENCES.items() if "." not in name}
)
"""Every lint code that there is, in the order of the documentation."""


def sentence(name: str, details: Mapping[str, str], language: str = "en") -> str:
    """Return the sentence of a code or variant, filled; in English for a language that there is not."""
    code = SENTENCES[name]
    return (code.russian if language.startswith("ru") else code.english) % details
