"""Reads the corpus: URLs labelled by hand with the codes that a person would want to be told.

A line is `codes [context] ::: url`, `ok` for none. A line that begins with `!` is written with Python's
escapes. What a URL merely lacks (`missing_status` and the like, as info) is not labelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from redound import gallery
from redound.core.lint.engine import Finding, LintContext, Severity, lint

FOLDER = Path(__file__).parent / "corpus"
ABSENCES = {"missing_status", "missing_payout", "missing_currency", "missing_txid"}


@dataclass(frozen=True)
class Labelled:
    """One URL of the corpus."""

    file: str
    url: str
    wanted: frozenset[str]
    context: LintContext

    def findings(self) -> list[Finding]:
        """What the linter says, less what is merely absent."""
        found = lint(self.url, self.context)
        return [each for each in found if each.code not in ABSENCES or each.severity is not Severity.INFO]

    @property
    def found(self) -> frozenset[str]:
        """The codes of the findings."""
        return frozenset(each.code for each in self.findings())


def context(text: str = "") -> LintContext:
    """The context that `link=… tracker=… statuses=a,b goals=a,b seen=sub2 affiliate` describes."""
    given = dict(part.partition("=")[::2] for part in text.split())
    return LintContext(
        statuses=tuple(filter(None, given.get("statuses", "").split(","))),
        goals=tuple(filter(None, given.get("goals", "").split(","))),
        links=tuple(filter(None, [given.get("link", "")])),
        seen_slots=tuple(filter(None, given.get("seen", "").split(","))),
        tracker=gallery.find(given["tracker"]) if "tracker" in given else None,
        trackers=gallery.index(),
        manager="affiliate" not in given,
    )


@cache
def corpus() -> tuple[Labelled, ...]:
    """Every labelled URL."""
    return tuple(
        _read(file.stem, line)
        for file in sorted(FOLDER.glob("*.txt"))
        for line in file.read_text(encoding="utf-8").split("\n")
        if line and not line.startswith("#")
    )


def _read(file: str, line: str) -> Labelled:
    label, _, url = line.partition(" :::")
    url = url.removeprefix(" ")
    if label.startswith("! "):
        label, url = label[2:], url.encode("latin-1", "backslashreplace").decode("unicode_escape")
    codes, bracket, described = label.partition(" [")
    wanted = frozenset() if codes == "ok" else frozenset(codes.split())
    return Labelled(file, url, wanted, context(described.removesuffix("]") if bracket else ""))
