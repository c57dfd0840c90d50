"""What is to be said about the URL: findings with their corrections, and the URL as a table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from redound.console.pages.editor.starting import blanks_of
from redound.console.tools import lint_context
from redound.core.lint.cells import canonical
from redound.core.lint.engine import Severity, lint
from redound.core.lint.shapes import sent
from redound.core.macros import resolve
from redound.core.styles import find_macros

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict

    from redound.console.accounts.callers import Caller
    from redound.console.pages.editor.fields import Fields
    from redound.core.gallery import Tracker
    from redound.core.lint.engine import Finding, LintContext
    from redound.core.parsing import Parsed

_ASKED_FOR: Final = frozenset({"host_placeholder", "placeholder_left"})
"""While a template's blanks are asked for beside it, nobody is told off for them."""
_MARKS: Final = {Severity.ERROR: "circle-x", Severity.WARNING: "triangle-alert", Severity.INFO: "info"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One correction: what its button says, "" for the usual words, and the corrected URL."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """A finding. `key` names it among those of this URL."""

    key: str
    severity: str
    icon: str
    text: str
    span: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of the URL's table. `macro` is the canonical name, "" for a constant or an unknown one."""

    number: int
    where: str
    name: str
    value: str
    span: tuple[int, int]
    macro: str
    constant: bool
    unknown: bool
    example: str | None
    worst: str


def context_of(fields: Fields, caller: Caller, tracker: Tracker | None) -> LintContext:
    """Return what the linter knows of a postback that is being written."""
    listed = fields.goals == "list"
    found = lint_context.context(
        caller,
        affiliate_id=fields.affiliate_id,
        statuses=fields.statuses if fields.event == "conversion" else (),
        goals=fields.goal_ids if listed else (),
        tracker=tracker,
    )
    texts = [fields.body, *(pair.value for pair in (*fields.params, *fields.headers))]
    named = (resolve(macro.name) for text in texts for macro in find_macros(text))
    several = fields.event == "conversion" and fields.goals in {"any", "events"}
    return replace(found, several_goals=several, elsewhere=tuple(name for name in named if name))


def findings(fields: Fields, context: LintContext) -> list[Finding]:
    """Return what the linter says; blanks that are asked for beside the URL are left out."""
    found = lint(fields.url, context)
    if fields.tracker and blanks_of(fields.url):
        return [each for each in found if each.code not in _ASKED_FOR]
    return found


def has_errors(fields: Fields, caller: Caller) -> bool:
    """Whether the URL, though it may be stored, would not do what it is for."""
    if fields.delivery == "html":
        return False
    found = lint(fields.url, context_of(fields, caller, None))
    return any(each.severity is Severity.ERROR for each in found)


def said(found: Sequence[Finding], url: str, language: str) -> list[Said]:
    """Return the findings as they are shown: errors first, notes last, a correction of a code once."""
    order = list(_MARKS)
    shown: list[Said] = []
    offered: set[str] = set()
    for finding in sorted(found, key=lambda each: order.index(each.severity)):
        choices = () if finding.fix and finding.code in offered else _choices(finding, url)
        offered.add(finding.code)
        span = "" if finding.span is None else f"{finding.span[0]}-{finding.span[1]}"
        text = finding.say(language)
        key = f"{finding.code}@{span}"
        icon = _MARKS[finding.severity]
        shown.append(Said(key, finding.severity.value, icon, text, span, choices))
    return shown


def _choices(finding: Finding, url: str) -> tuple[Choice, ...]:
    """One safe correction, or one for each thing that may be meant."""
    if finding.fix is not None:
        return (Choice("", finding.fix),)
    if finding.code != "unknown_macro" or finding.span is None:
        return ()
    start, end = finding.span
    names = [name for name in finding.details.get("names", "").split(" / ") if name]
    return tuple(Choice(name, url[:start] + name + url[end:]) for name in names)


def corrected(shown: Sequence[Said], wanted: str) -> str | None:
    """Return the URL with the correction `key#n` made, None when there is none of that name."""
    key, _hash, number = wanted.rpartition("#")
    for each in shown:
        if each.key == key and number.isdigit() and int(number) < len(each.choices):
            return each.choices[int(number)].url
    return None


def table(parsed: Parsed, found: Sequence[Finding], values: Mapping[str, str]) -> list[Cell]:
    """Return the URL as rows: each parameter, what it is, and what would be sent."""
    return [
        Cell(
            number=number,
            where=row.where.value,
            name=row.key or row.name,
            value=row.value,
            span=(row.value_start, row.end),
            macro=_names(row.macros),
            constant=row.constant,
            unknown=any(canonical(macro) is None for macro in row.macros),
            example=sent(row, values),
            worst=_worst([each for each in found if each.span and row.start <= each.span[0] < row.end]),
        )
        for number, row in enumerate(parsed.rows)
    ]


def _names(macros: Sequence[Any]) -> str:
    return ", ".join(dict.fromkeys(name for macro in macros if (name := canonical(macro))))


def _worst(found: Sequence[Finding]) -> str:
    return min((each.severity for each in found), key=list(_MARKS).index, default="")


def retyped(url: str, parsed: Parsed, data: QueryDict) -> str:
    """Return the URL with the values that were changed in its table."""
    for number, row in reversed(list(enumerate(parsed.rows))):
        value = data.get(f"row-{number}")
        if value is not None and value != row.value:
            url = url[: row.value_start] + value + url[row.end :]
    return url
