"""Reads the documentation: pages, headings, links and code blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_HEADING = re.compile(r"^(#{1,6}) +(.+?)\s*#*$", re.MULTILINE)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]\[]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


@dataclass(frozen=True)
class Page:
    """One Markdown file. Headings and links inside code do not count."""

    path: Path

    @property
    def name(self) -> str:
        """The path as a person would write it."""
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        """The whole file."""
        return self.path.read_text(encoding="utf-8")

    @property
    def headings(self) -> list[str]:
        """The headings' texts, without back-ticks, in order."""
        prose = _FENCE.sub("", self.text)
        return [found[2].replace("`", "") for found in _HEADING.finditer(prose)]

    @property
    def anchors(self) -> set[str]:
        """What a link may name after `#`, made as code forges make it."""
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in self.headings}

    @property
    def links(self) -> list[str]:
        """The targets of all links."""
        return _LINK.findall(_CODE.sub("", self.text))

    def blocks(self, language: str) -> list[str]:
        """The code blocks of a language."""
        return [body for found, body in _FENCE.findall(self.text) if found == language]


@cache
def pages() -> tuple[Page, ...]:
    """Every page of the project."""
    top = sorted(ROOT.glob("*.md"))
    return tuple(Page(path) for path in [*top, *sorted((ROOT / "docs").rglob("*.md"))])


def page(name: str) -> Page:
    """The page at this path below the project."""
    return Page(ROOT / name)
