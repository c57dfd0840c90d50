"""Lint, parse and translate a URL: nothing here is stored or sent."""

from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from redound import gallery
from redound.console.accounts.callers import Caller
from redound.console.api import judging
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Values
from redound.console.errors import Fault, InvalidError
from redound.console.forms import Form, Shape
from redound.console.trackers import entries
from redound.core.dialects import DIALECTS
from redound.core.gallery import Tracker
from redound.core.lint.engine import lint
from redound.core.lint.shapes import lint_values, parse_values, translation_values
from redound.core.parsing import parse
from redound.core.translate import is_platform, translate

router = Router(tags=["diagnostics"])
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


@router.get("/lint", response=LintShape)
def get_lint(request: ApiRequest, form: Query[LintForm]) -> Values:
    """Say what is wrong with a postback URL."""
    return _lint(request, form)


@router.post("/lint", response=LintShape)
def post_lint(request: ApiRequest, form: LintForm) -> Values:
    """Say the same for a body."""
    return _lint(request, form)


def _lint(request: ApiRequest, form: LintForm) -> Values:
    context = judging.context(
        request.caller,
        postback_id=form.postback_id or "",
        affiliate_id=form.affiliate_id or "",
        statuses=tuple(form.statuses),
        goals=tuple(form.goals),
        links=tuple(form.links),
        tracker=_tracker(form.tracker, request.caller) if form.tracker else None,
    )
    return lint_values(form.url, lint(form.url, context), form.lang)


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


@router.get("/parse", response=ParseShape)
def get_parse(request: ApiRequest, form: Query[ParseForm]) -> Values:
    """Take any string apart as a URL."""
    return _parse(request, form)


@router.post("/parse", response=ParseShape)
def post_parse(request: ApiRequest, form: ParseForm) -> Values:
    """Do the same for a body."""
    return _parse(request, form)


def _parse(request: ApiRequest, form: ParseForm) -> Values:
    real = judging.real_values(form.conversion_id, request.caller) if form.conversion_id else None
    findings = lint(form.url, judging.context(request.caller))
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


@router.get("/translate", response=TranslationShape)
def get_translate(request: ApiRequest, form: Query[TranslateForm]) -> Values:
    """Rewrite another platform's URL to our macros, or ours to theirs."""
    return _translate(request, form)


@router.post("/translate", response=TranslationShape)
def post_translate(request: ApiRequest, form: TranslateForm) -> Values:
    """Do the same for a body."""
    return _translate(request, form)


def _translate(request: ApiRequest, form: TranslateForm) -> Values:
    del request
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
