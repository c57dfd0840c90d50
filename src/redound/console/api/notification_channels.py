"""Where a person is told by mail, chat or webhook, and when. These are the person's own whose key asks."""

from django.http import HttpResponse
from ninja import Path, Router
from ninja.responses import Status

from redound.console.api.requests import ApiRequest
from redound.console.forms import Shape
from redound.console.notices import channels, shapes
from redound.console.notices.forms import (
    ChannelEdit,
    ChannelNew,
    ChannelShape,
    MadeChannelShape,
    WishesForm,
    WishesShape,
)
from redound.console.render import Values

router = Router(tags=["notifications"])


class Channels(Shape):
    """All channels of a person; there are ten at most."""

    data: list[ChannelShape]


class TestShape(Shape):
    """A test that is on its way; read the channel to see what came of it."""

    id: str


@router.get("/notification-channels", response=Channels)
def list_notification_channels(request: ApiRequest) -> Values:
    """List the channels of the key's person, oldest first."""
    person = channels.person_of(request.caller)
    return {"data": shapes.shapes(list(channels.visible(person)))}


@router.post("/notification-channels", response={201: MadeChannelShape})
def create_notification_channel(
    request: ApiRequest, response: HttpResponse, form: ChannelNew
) -> Status[Values]:
    """Set a channel up; a webhook's signing secret is answered this once."""
    person = channels.person_of(request.caller)
    row, signing = channels.create(person, form, request.caller)
    response["Location"] = f"{request.path}/{row.pk}"
    return Status(201, shapes.shapes([row])[0] | {"signing_secret": signing or None})


@router.get("/notification-channels/{row_id}", response=ChannelShape)
def get_notification_channel(request: ApiRequest, row_id: Path[str]) -> Values:
    """Get a channel, with what came of its latest message."""
    return shapes.shapes([channels.find(channels.person_of(request.caller), row_id)])[0]


@router.patch("/notification-channels/{row_id}", response=ChannelShape)
def edit_notification_channel(request: ApiRequest, row_id: Path[str], form: ChannelEdit) -> Values:
    """Change a channel's name, what it brings, and whether it is on."""
    person = channels.person_of(request.caller)
    row = channels.find(person, row_id)
    channels.edit(row, person, form, request.caller)
    return shapes.shapes([row])[0]


@router.delete("/notification-channels/{row_id}", response={204: None})
def delete_notification_channel(request: ApiRequest, row_id: Path[str]) -> Status[None]:
    """Take a channel down; what waits for it is dropped."""
    channels.delete(channels.find(channels.person_of(request.caller), row_id), request.caller)
    return Status(204, None)


@router.post("/notification-channels/{row_id}/test", response={202: TestShape})
def test_notification_channel(request: ApiRequest, row_id: Path[str]) -> Status[Values]:
    """Have a test sent within seconds."""
    row = channels.find(channels.person_of(request.caller), row_id)
    return Status(202, {"id": channels.try_out(row)})


@router.get("/notification-preferences", response=WishesShape)
def get_notification_preferences(request: ApiRequest) -> Values:
    """Get when the key's person is told."""
    return shapes.wishes_of(channels.person_of(request.caller))


@router.patch("/notification-preferences", response=WishesShape)
def edit_notification_preferences(request: ApiRequest, form: WishesForm) -> Values:
    """Change when the key's person is told; what is on its way keeps its time."""
    return shapes.wish(channels.person_of(request.caller), form)
