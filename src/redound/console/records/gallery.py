"""The gallery of trackers, and the link and postback URL that it makes in matching slots."""

from typing import Annotated

from django.db import transaction
from pydantic import Field

from redound import gallery
from redound.console.accounts import audit
from redound.console.accounts.callers import Caller
from redound.console.errors import ChangedMeanwhileError, NotFoundError
from redound.console.etags import etag_of, matches
from redound.console.forms import Form, Shape
from redound.console.records.diagnostics import FindingShape, Short, Url
from redound.console.records.record import find as find_row
from redound.console.render import Values
from redound.console.tools import lint_context
from redound.console.trackers import entries
from redound.console.trackers.filling import fill_tracker
from redound.console.trackers.forms import TrackerEdit, TrackerNew
from redound.console.trackers.models import TrackerEntry
from redound.console.writing import write
from redound.core.gallery import Tracker, generate
from redound.core.lint.engine import lint
from redound.core.lint.shapes import lint_values, tracker_values
from redound.core.macros import SUBS


class ParameterShape(Shape):
    """A parameter that a tracker reads; `sent`: it is in the ready-made postback URL."""

    name: str
    role: str
    meaning: str
    required: bool
    sent: bool


class TrackerShape(Shape):
    """An entry. Words in capitals in `base` are to be replaced; `affiliate_id` says whose own it is."""

    slug: str
    name: str
    kind: str
    base: str
    click_macro: str | None
    click_param: str
    parameters: list[ParameterShape]
    status_words: dict[str, str]
    notes: list[str]
    source: str
    own: bool
    affiliate_id: str | None


class GalleryShape(Shape):
    """The whole gallery; it has one page."""

    data: list[TrackerShape]


class UrlsForm(Form):
    """The affiliate's link, the sub slot for the tracker's click ID, and what replaces words in capitals."""

    link: Url = ""
    slot: Annotated[int, Field(ge=1, le=len(SUBS))] = 1
    filled: dict[str, Short] = Field(default_factory=dict)


class UrlsShape(Shape):
    """A link template and a postback URL in matching slots; `blanks` in it are still to be replaced."""

    link: str | None
    postback_url: str
    slot: str
    blanks: list[str]
    findings: list[FindingShape]


def listed(caller: Caller) -> list[Values]:
    """Return the TrackerShapes' values: of the trackers that come with Redound, then of people's own."""
    built_in = [_values(each) for each in gallery.trackers().values()]
    return built_in + [shape(row) for row in entries.visible(caller)]


def one(name: str, caller: Caller) -> Values:
    """Return a TrackerShape's values by slug or ID."""
    row = entries.visible(caller).filter(pk=name).first()
    return shape(row) if row is not None else _values(find(name, caller))


def create(form: TrackerNew, caller: Caller) -> TrackerEntry:
    """Store a tracker of one's own; a manager's without `affiliate_id` is for everybody."""
    with transaction.atomic():
        return write(TrackerEntry(), form, fill_tracker, caller)


def edit(row_id: str, form: TrackerEdit, caller: Caller, if_match: str | None = None) -> TrackerEntry:
    """Change an entry of one's own; NotFoundError for those that come with Redound."""
    with transaction.atomic():
        row = find_row(entries.editable(caller).select_for_update(of=("self",)), row_id)
        if not matches(if_match, etag_of(row)):
            raise ChangedMeanwhileError
        return write(row, form, fill_tracker, caller)


def delete(row_id: str, caller: Caller) -> None:
    """Take an entry of one's own away; NotFoundError for those that come with Redound."""
    with transaction.atomic():
        row = entries.editable(caller).filter(pk=row_id).first()
        if row is None:
            raise NotFoundError
        audit.record(caller, "delete", row, audit.picture(row), {})
        row.delete()


def urls(name: str, form: UrlsForm, caller: Caller) -> Values:
    """Return the UrlsShape's values: link template and postback URL in matching slots."""
    tracker = find(name, caller)
    made = generate(tracker, form.link, form.slot, form.filled)
    links = (made.link,) if made.link else ()
    findings = lint(made.postback, lint_context.context(caller, links=links, tracker=tracker))
    return {
        "link": made.link or None,
        "postback_url": made.postback,
        "slot": made.slot,
        "blanks": list(made.blanks),
        "findings": lint_values(made.postback, findings)["findings"],
    }


def find(name: str, caller: Caller) -> Tracker:
    """Return a tracker by slug or ID; NotFoundError when the caller sees none."""
    found = gallery.trackers().get(name)
    if found is not None:
        return found
    row = entries.visible(caller).filter(pk=name).first()
    if row is None:
        raise NotFoundError
    return entries.tracker_of(row)


def _values(tracker: Tracker) -> Values:
    return {**tracker_values(tracker), "own": False, "affiliate_id": None}


def shape(row: TrackerEntry) -> Values:
    """Return the TrackerShape's values of one's own entry."""
    return {**tracker_values(entries.tracker_of(row)), "own": True, "affiliate_id": row.affiliate_id}
