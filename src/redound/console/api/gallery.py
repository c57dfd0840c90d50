"""The gallery of trackers, and the link and postback URL that it makes in matching slots."""

from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpResponse
from ninja import Path, Router
from ninja.responses import Status
from pydantic import Field, StringConstraints

from redound import gallery
from redound.console.accounts import audit
from redound.console.api import judging
from redound.console.api.diagnostics import FindingShape, Short, Url
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Values
from redound.console.catalog.models import Affiliate
from redound.console.errors import Fault, InvalidError, NotFoundError
from redound.console.forms import Flag, Form, Name, Shape
from redound.console.trackers import entries
from redound.console.trackers.models import TrackerEntry
from redound.core.gallery import Tracker, generate, read_tracker
from redound.core.lint.engine import lint
from redound.core.lint.shapes import lint_values, tracker_values
from redound.core.macros import SUBS

router = Router(tags=["gallery"])
ParameterName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\s&=?#{}]+$")]
Role = Literal["click", "status", "payout", "currency", "txid", "event", "slot", "account", "other"]


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


class ParameterForm(Form):
    """A parameter that the tracker reads."""

    name: ParameterName
    role: Role
    meaning: Short = ""
    required: Flag = False
    sent: Flag = True


class TrackerNew(Form):
    """A tracker of one's own. Exactly one parameter has the role `click`."""

    name: Name
    kind: Literal["tracker", "source", "network"] = "tracker"
    base: Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s?#{}]+$")]
    click_macro: Short = ""
    parameters: Annotated[list[ParameterForm], Field(min_length=1, max_length=100)]
    status_words: dict[Short, Short] = Field(default_factory=dict)
    notes: Annotated[list[Short], Field(max_length=20)] = Field(default_factory=list)
    affiliate_id: Short | None = None


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


@router.get("/gallery", response=GalleryShape)
def list_gallery(request: ApiRequest) -> Values:
    """List the trackers: those that come with Redound, then people's own."""
    built_in = [_values(each) for each in gallery.trackers().values()]
    return {"data": built_in + [_of_row(row) for row in entries.visible(request.caller)]}


@router.post("/gallery", response={201: TrackerShape})
def create_tracker(request: ApiRequest, form: TrackerNew, response: HttpResponse) -> Status[Values]:
    """Add a tracker of one's own; a manager's without `affiliate_id` is for everybody."""
    caller = request.caller
    owner = form.affiliate_id if caller.manages else caller.affiliate_id
    content: dict[str, Any] = form.model_dump(exclude={"affiliate_id"})
    try:
        read_tracker(form.name, content)
    except ValueError as error:
        raise InvalidError([Fault("/parameters", "bad_tracker", str(error))]) from None
    if owner is not None and not Affiliate.objects.filter(pk=owner).exists():
        detail = f"affiliate_id: there is no {owner}."
        raise InvalidError([Fault("/affiliate_id", "unknown_reference", detail)])
    with transaction.atomic():
        row = TrackerEntry.objects.create(affiliate_id=owner, name=form.name, content=content)
        audit.record(caller, "create", row, {}, audit.picture(row))
    response["Location"] = f"{request.path}/{row.pk}"
    return Status(201, _of_row(row))


@router.get("/gallery/{row_id}", response=TrackerShape)
def get_tracker(request: ApiRequest, row_id: Path[str]) -> Values:
    """Get what a tracker expects, by its slug or ID."""
    row = entries.visible(request.caller).filter(pk=row_id).first()
    return _of_row(row) if row is not None else _values(_entry(request, row_id))


@router.delete("/gallery/{row_id}", response={204: None})
def delete_tracker(request: ApiRequest, row_id: Path[str]) -> Status[None]:
    """Take an entry of one's own away; those that come with Redound stay."""
    with transaction.atomic():
        row = entries.editable(request.caller).filter(pk=row_id).first()
        if row is None:
            raise NotFoundError
        audit.record(request.caller, "delete", row, audit.picture(row), {})
        row.delete()
    return Status(204, None)


@router.post("/gallery/{row_id}/urls", response=UrlsShape)
def make_urls(request: ApiRequest, row_id: Path[str], form: UrlsForm) -> Values:
    """Make the link template and the postback URL for a tracker."""
    tracker = _entry(request, row_id)
    made = generate(tracker, form.link, form.slot, form.filled)
    links = (made.link,) if made.link else ()
    findings = lint(made.postback, judging.context(request.caller, links=links, tracker=tracker))
    return {
        "link": made.link or None,
        "postback_url": made.postback,
        "slot": made.slot,
        "blanks": list(made.blanks),
        "findings": lint_values(made.postback, findings)["findings"],
    }


def _entry(request: ApiRequest, name: str) -> Tracker:
    found = gallery.trackers().get(name)
    if found is not None:
        return found
    row = entries.visible(request.caller).filter(pk=name).first()
    if row is None:
        raise NotFoundError
    return entries.tracker_of(row)


def _values(tracker: Tracker) -> Values:
    return {**tracker_values(tracker), "own": False, "affiliate_id": None}


def _of_row(row: TrackerEntry) -> Values:
    return {**tracker_values(entries.tracker_of(row)), "own": True, "affiliate_id": row.affiliate_id}
