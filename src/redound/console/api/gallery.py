"""The gallery of trackers, and the link and postback URL that it makes in matching slots."""

from django.http import HttpResponse
from ninja import Path, Router
from ninja.responses import Status

from redound.console.api.requests import ApiRequest
from redound.console.etags import etag_of
from redound.console.records import gallery as records
from redound.console.records.gallery import GalleryShape, TrackerShape, UrlsForm, UrlsShape
from redound.console.render import Values
from redound.console.trackers.forms import TrackerEdit, TrackerNew

router = Router(tags=["gallery"])


@router.get("/gallery", response=GalleryShape)
def list_gallery(request: ApiRequest) -> Values:
    """List the trackers: those that come with Redound, then people's own."""
    return {"data": records.listed(request.caller)}


@router.post("/gallery", response={201: TrackerShape})
def create_tracker(request: ApiRequest, form: TrackerNew, response: HttpResponse) -> Status[Values]:
    """Add a tracker of one's own; a manager's without `affiliate_id` is for everybody."""
    row = records.create(form, request.caller)
    response["Location"] = f"{request.path}/{row.pk}"
    return Status(201, records.shape(row))


@router.get("/gallery/{row_id}", response=TrackerShape)
def get_tracker(request: ApiRequest, row_id: Path[str]) -> Values:
    """Get what a tracker expects, by its slug or ID."""
    return records.one(row_id, request.caller)


@router.patch("/gallery/{row_id}", response=TrackerShape)
def edit_tracker(request: ApiRequest, row_id: Path[str], form: TrackerEdit, response: HttpResponse) -> Values:
    """Change an entry of one's own; those that come with Redound stay as they are."""
    row = records.edit(row_id, form, request.caller, request.headers.get("If-Match"))
    response["ETag"] = etag_of(row)
    return records.shape(row)


@router.delete("/gallery/{row_id}", response={204: None})
def delete_tracker(request: ApiRequest, row_id: Path[str]) -> Status[None]:
    """Take an entry of one's own away; those that come with Redound stay."""
    records.delete(row_id, request.caller)
    return Status(204, None)


@router.post("/gallery/{row_id}/urls", response=UrlsShape)
def make_urls(request: ApiRequest, row_id: Path[str], form: UrlsForm) -> Values:
    """Make the link template and the postback URL for a tracker."""
    return records.urls(row_id, form, request.caller)
