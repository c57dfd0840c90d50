"""Notifications: what a manager, or an affiliate, should know about."""

from django.db import transaction
from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from redound.console import named
from redound.console.api.reading import got, listed
from redound.console.api.requests import ApiRequest
from redound.console.clock import now_ms
from redound.console.forms import Form, Id
from redound.console.notices import reading
from redound.console.paging import Page
from redound.console.records.notifications import NotificationFilters, NotificationShape, notifications
from redound.console.render import Values
from redound.store.plans.people import read_steps

router = Router(tags=["notifications"])


class ReadForm(Form):
    """Up to which notification, that one included."""

    until: Id


@router.get("/notifications", response=Page[NotificationShape])
def list_notifications(request: ApiRequest, filters: Query[NotificationFilters]) -> Values:
    """List notifications, newest first."""
    return listed(notifications, request, filters)


@router.post("/notifications/read", response={204: None})
def read_notifications(request: ApiRequest, form: ReadForm) -> Status[None]:
    """Note that every notification up to this one was read, as far as you see them."""
    reading.read_all(request.caller, notifications.find(request.caller, form.until).id)
    return Status(204, None)


@router.get("/notifications/{row_id}", response=NotificationShape)
def get_notification(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Get a notification."""
    return got(notifications, request, row_id, response)


@router.post("/notifications/{row_id}/read", response=NotificationShape)
def read_notification(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Note that a notification was read; the first time counts."""
    row = notifications.find(request.caller, row_id)
    with transaction.atomic():
        named.perform(read_steps([row.id], now_ms()))
    return got(notifications, request, row_id, response)
