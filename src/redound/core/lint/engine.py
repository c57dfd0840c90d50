"""The linter: every rule over one URL, and corrections that are tried before they are offered.

A correction mends all findings of its code at once. It is offered only when the mended URL no longer has
that code and no more errors than before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from redound.core.lint import (
    characters,
    contract,
    macros,
    pairs,
    roundtrip,
    scheme,
    trackers,
    values,
)
from redound.core.lint.codes import CODES, SENTENCES, Severity, sentence
from redound.core.lint.subject import LintContext, Note, look
from redound.core.targets import MAX_URL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from redound.core.lint.subject import Edit, Subject
    from redound.core.parsing import Span

    Rule = Callable[[Subject], Iterator[Note]]

__all__ = ["CODES", "Finding", "LintContext", "Severity", "lint"]

MAX_FINDINGS: Final = 50
"""Findings of one code; who has more sees the first ones."""

_RULES: Final[tuple[Rule, ...]] = (
    *(characters.length, characters.around, characters.within, characters.entities, characters.escapes),
    *(scheme.scheme, scheme.host),
    *(pairs.question_marks, pairs.empty_pairs, pairs.query, pairs.fragment, pairs.path, pairs.names),
    *(pairs.values, pairs.pasted_twice, characters.trailing),
    *(macros.macros, macros.styles, macros.option_lists, macros.unbalanced),
    *(values.placeholders, values.literals, values.option_lists, values.money),
    *(contract.click, contract.status, contract.payout, contract.txid, contract.secrets),
    *(contract.status_names, contract.offer_link, roundtrip.slots, trackers.click_param, trackers.endpoint),
    characters.unencoded,
)
_SAID_BETTER: Final = frozenset(
    {"html_entity_mangled", "currency_symbol", "literal_option_list", "lookalike_param", "smart_quote"}
    | {"placeholder_left", "unbalanced_macro", "trailing_punctuation", "html_entity", "html_wrapped"}
)
"""Codes beside which `unencoded_char` says nothing new about the same characters."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `span` are the characters concerned, None when something is missing altogether.

    `fix` is the whole corrected URL, where there is one safe correction. `variant` and `details` are what the
    sentence was made of.
    """

    code: str
    severity: Severity
    span: Span | None
    message: str
    fix: str | None = None
    variant: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def docs(self) -> str:
        """The page and heading that explain it."""
        return CODES[self.code].docs

    def say(self, language: str) -> str:
        """Return the sentence in another language, "en" or "ru"."""
        return sentence(self.variant or self.code, self.details, language)


def lint(url: str, context: LintContext | None = None) -> list[Finding]:
    """Return all that is to be said about a postback URL (a template), in the order of the text.

    Never raises, whatever the string; linear in its length, of which the first 8192 characters are read.
    """
    context = context or LintContext()
    notes = _notes(url, context)
    by_code: dict[str, list[Note]] = {}
    for note in notes:
        by_code.setdefault(note.code.partition(".")[0], []).append(note)
    fixes = {code: _fix(url, code, found, by_code, context) for code, found in by_code.items()}
    return [_finding(note, fixes) for note in notes]


def codes(url: str, context: LintContext | None = None) -> set[str]:
    """Return the codes alone, without trying corrections."""
    return {note.code.partition(".")[0] for note in _notes(url, context or LintContext())}


def _notes(url: str, context: LintContext) -> list[Note]:
    subject = look(url, context)
    found = [*characters.empty(subject)]
    if found:
        return [*found, *characters.around(subject)]
    counts: dict[str, int] = {}
    for rule in _RULES:
        for note in rule(subject):
            counts[note.code] = counts.get(note.code, 0) + 1
            if counts[note.code] > MAX_FINDINGS:
                break
            found.append(note)
    found = _without_echoes(found)
    end = len(url)
    return sorted(found, key=lambda note: note.span if note.span is not None else (end, end))


def _without_echoes(notes: list[Note]) -> list[Note]:
    """Leave out `unencoded_char` where another code names the same characters."""
    if not any(note.code == "unencoded_char" for note in notes):
        return notes
    better = [note.span for note in notes if note.code.partition(".")[0] in _SAID_BETTER and note.span]
    return [
        note
        for note in notes
        if note.code != "unencoded_char"
        or note.span is None
        or not any(start < note.span[1] and note.span[0] < end for start, end in better)
    ]


def _fix(
    url: str, code: str, notes: Sequence[Note], found: Mapping[str, Sequence[Note]], context: LintContext
) -> str | None:
    """Return the URL with all findings of a code mended, None when that is not possible or not safe."""
    if len(url) > MAX_URL:
        return None
    edits: set[Edit] = set()
    for note in notes:
        if note.edits is None:
            return None
        edits.update(note.edits)
    if not edits:
        return None
    mended = _apply(url, sorted(edits))
    if mended is None or mended == url:
        return None
    after = _notes(mended, context)
    if any(note.code.partition(".")[0] == code for note in after):
        return None
    return mended if _errors(after) <= sum(_is_error(each[0]) for each in found.values()) else None


def _apply(url: str, edits: Sequence[Edit]) -> str | None:
    pieces, at = [], 0
    for start, end, text in edits:
        if start < at:
            return None
        pieces += [url[at:start], text]
        at = end
    return "".join([*pieces, url[at:]])


def _errors(notes: Sequence[Note]) -> int:
    return len({note.code.partition(".")[0] for note in notes if _is_error(note)})


def _is_error(note: Note) -> bool:
    return (note.severity or SENTENCES[note.code].severity) is Severity.ERROR


def _finding(note: Note, fixes: Mapping[str, str | None]) -> Finding:
    code = note.code.partition(".")[0]
    return Finding(
        code,
        note.severity or SENTENCES[note.code].severity,
        note.span,
        sentence(note.code, note.details),
        fixes[code],
        note.code if note.code != code else "",
        note.details,
    )
