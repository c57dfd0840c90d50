"""Lint, parse and translate a URL: nothing here is stored or sent."""

from typing import Annotated

from pydantic import Field, StringConstraints

from redound import gallery
from redound.console.accounts.callers import Caller
from redound.console.errors import Fault, InvalidError
from redound.console.forms import Form, Shape
from redound.console.postbacks.models import Postback
from redound.console.render import Values
from redound.console.tools import lint_context
from redound.console.trackers import entries
from redound.core.dialects import DIALECTS
from redound.core.gallery import Tracker
from redound.core.lint.engine import lint
from redound.core.lint.shapes import lint_values, parse_values, translation_values
from redound.core.parsing import parse
from redound.core.translate import is_platform, translate

Url = Annotated[str, StringConstraints(max_length=65_536)]
Short = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Few = Annotated[list[Short], Field(max_length=100)]


class LintForm(Form):
    """A URL, and what is known besides. With `postback_id` the stored postback says what it fires for.

    `links` are links with the tracker's macros; without them an affiliate's latest clicks tell in which slot
    the tracker's click ID arrives. `affiliate_id`: whose clicks, for a manager.
    """

    url: Url
    postback_id: Short | None = None
    affiliate_id: Short | None = None
    statuses: Few = Field(default_factory=list)
    goals: Few = Field(default_factory=list)
    links: Annotated[list[Url], Field(max_length=20)] = Field(default_factory=list)
    tracker: Short | None = None
    lang: Short = "en"


class FixShape(Shape):
    """The whole corrected URL."""

    url: str


class FindingShape(Shape):
    """One thing that is to be said. `span` are the first character and the one after the last, or null."""

    code: str
    severity: str
    span: list[int] | None
    message: str
    fix: FixShape | None
    docs: str


class LintShape(Shape):
    """All that is to be said about a URL, in the order of its text."""

    url: str
    findings: list[FindingShape]


def linted(form: LintForm, caller: Caller) -> Values:
    """Say what is wrong with a postback URL."""
    context = lint_context.context(
        caller,
        postback_id=form.postback_id or "",
        affiliate_id=form.affiliate_id or "",
        statuses=tuple(form.statuses),
        goals=tuple(form.goals),
        links=tuple(form.links),
        tracker=_tracker(form.tracker, caller) if form.tracker else None,
    )
    return lint_values(form.url, lint(form.url, context), form.lang)


def findings_of(row: Postback, caller: Caller, language: str = "en") -> list[Values]:
    """Return the FindingShapes' values of a postback's URL, stored or not; HTML has none."""
    if row.delivery != "s2s":
        return []
    found = lint(row.url, lint_context.context(caller, draft=row))
    values: list[Values] = lint_values(row.url, found, language)["findings"]
    return values


class ParseForm(Form):
    """Any string. With `conversion_id` each row also says what would be sent for that conversion."""

    url: Url
    conversion_id: Short | None = None


class MacroShape(Shape):
    """A macro as written. `macro` is ours that it is, null when it would not work; `meant` may be meant."""

    text: str
    name: str
    style: str
    macro: str | None
    meant: str | None
    span: list[int]


class RowShape(Shape):
    """One parameter, or a segment of the path with a macro. `sample` and `real` are what would be sent."""

    where: str
    position: int | None
    name: str
    value: str
    span: list[int]
    name_span: list[int]
    value_span: list[int]
    constant: bool
    macros: list[MacroShape]
    sample: str | None
    real: str | None
    findings: list[FindingShape]


class ParseShape(Shape):
    """A URL taken apart."""

    url: str
    scheme: str
    host: str
    port: str | None
    path: str
    fragment: str | None
    rows: list[RowShape]
    sample: str | None
    real: str | None
    findings: list[FindingShape]


def parsed(form: ParseForm, caller: Caller) -> Values:
    """Take any string apart as a URL."""
    real = lint_context.real_values(form.conversion_id, caller) if form.conversion_id else None
    findings = lint(form.url, lint_context.context(caller))
    return parse_values(parse(form.url), findings, real)


class TranslateForm(Form):
    """A URL and the platform it was written `from` (recognised without it), or the one to write it `to`."""

    url: Url
    source: Short | None = Field(default=None, alias="from")
    to: Short | None = None


class CandidateShape(Shape):
    """A platform that the URL may have been written for; `confidence` is between 0 and 1."""

    platform: str
    confidence: float


class TranslationShape(Shape):
    """The rewritten URL, and the macros in it that have no counterpart."""

    url: str
    unmapped: list[str]
    platform: str | None
    candidates: list[CandidateShape]
    notes: list[str]


def translated(form: TranslateForm, caller: Caller) -> Values:
    """Rewrite another platform's URL to our macros, or ours to theirs."""
    del caller
    for pointer, name in (("/from", form.source), ("/to", form.to)):
        if name and not is_platform(name):
            detail = f"{pointer[1:]}: there is no platform {name!r}; there are {', '.join(DIALECTS)}."
            raise InvalidError([Fault(pointer, "unknown_platform", detail)])
    return translation_values(translate(form.url, form.source or "", form.to or ""))


def _tracker(name: str, caller: Caller) -> Tracker:
    found = entries.find(name, caller)
    if found is None:
        known = ", ".join(gallery.trackers())
        detail = f"tracker: the gallery has no {name!r}; there are {known}."
        raise InvalidError([Fault("/tracker", "unknown_reference", detail)])
    return found
