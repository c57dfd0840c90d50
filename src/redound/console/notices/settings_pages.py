"""What a person wants to be told, when, and by which way. Channels are their own."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec

from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from redound.console import runtime
from redound.console.errors import ConflictError, InvalidError, NotFoundError
from redound.console.notices import channels, shapes
from redound.console.notices.forms import ChannelEdit, ChannelNew, WishesForm
from redound.console.notices.models import ChannelKind, Sending
from redound.console.shell import forms
from redound.console.shell.page import here, page
from redound.console.signin.sudo import sudo_required
from redound.core.notices.kinds import events_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django.utils.functional import _StrPromise

    from redound.console.shell.page import PageRequest

P = ParamSpec("P")

EVENT_WORDS: Final[dict[str, tuple[str | _StrPromise, str | _StrPromise]]] = {
    "postback_failing": (
        gettext_lazy("A postback is failing"),
        gettext_lazy("Its receiver has not taken callbacks for ten minutes; they are tried again."),
    ),
    "postback_disabled": (
        gettext_lazy("A postback was disabled"),
        gettext_lazy("After too many failures; new callbacks wait until it is enabled."),
    ),
    "postback_enabled": (
        gettext_lazy("A postback was enabled again"),
        gettext_lazy("Somebody switched a disabled one on."),
    ),
    "incident": (
        gettext_lazy("An incident began or is over"),
        gettext_lazy("Something is unlike other days: failures, silence, unknown click IDs."),
    ),
    "approvals_pending": (
        gettext_lazy("Conversions wait for approval"),
        gettext_lazy("For more than an hour; at most once an hour."),
    ),
    "import_finished": (gettext_lazy("An import has finished"), gettext_lazy("Or has failed.")),
}
DIGESTS: Final = (
    ("immediately", gettext_lazy("At once")),
    ("hourly", gettext_lazy("Every full hour, together")),
    ("daily", gettext_lazy("Once a day, together")),
)


def own(
    view: Callable[Concatenate[PageRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Return a page of a person's own: who views as somebody is led to theirs."""

    @page
    @wraps(view)
    def shown_to(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.viewing_as is not None:
            return redirect("manager:notification-settings")
        return view(request, *args, **kwargs)

    return shown_to


@own
def shown(request: PageRequest) -> HttpResponse:
    """Show the matrix of events and channels, when to be told, and how each channel does."""
    return _settings(request)


@own
@require_POST
def when(request: PageRequest) -> HttpResponse:
    """Store when to be told."""
    wanted: dict[str, Any] = forms.given(request.POST, "digest")
    if request.POST.get("hour", "").isdecimal():
        wanted["hour"] = int(request.POST["hour"])
    shapes.wish(request.user, forms.read(WishesForm, wanted))
    return redirect(here(request, "notification-settings"))


@own
@require_POST
def events(request: PageRequest) -> HttpResponse:
    """Store which channel brings what: boxes are named by channel and hold events."""
    allowed = events_for(channels.audience_of(request.user))
    with transaction.atomic():
        for row in channels.visible(request.user):
            ticked = [event for event in allowed if event in request.POST.getlist(f"events.{row.pk}")]
            channels.edit(row, request.user, ChannelEdit(events=ticked), request.caller)  # type: ignore[arg-type]
    return redirect(here(request, "notification-settings"))


@own
@sudo_required
def new(request: PageRequest, kind: str) -> HttpResponse:
    """Show the form of a new channel; a POST sets it up."""
    if kind not in ChannelKind.values:
        raise NotFoundError
    if request.method != "POST":
        return _form(request, kind, {})
    typed = forms.given(request.POST, "name", "token", "chat", "slack_url", "url")
    chosen = [each for each in _suggested(request) if each != "approvals_pending"]
    try:
        row, signing = channels.create(
            request.user, forms.read(ChannelNew, typed | {"kind": kind, "events": chosen}), request.caller
        )
    except InvalidError as error:
        return _form(request, kind, typed, forms.faults_of(error))
    except ConflictError as error:
        return _form(request, kind, typed, detail=error.detail)
    return _settings(request, made=row, signing=signing)


@own
@require_POST
def change(request: PageRequest, channel_id: str) -> HttpResponse:
    """Switch a channel on or off."""
    row = channels.find(request.user, channel_id)
    channels.edit(row, request.user, ChannelEdit(enabled=request.POST.get("enabled") == "1"), request.caller)
    return redirect(here(request, "notification-settings"))


@own
@require_POST
def try_out(request: PageRequest, channel_id: str) -> HttpResponse:
    """Have a test sent; with htmx its outcome is waited for in place."""
    row = channels.find(request.user, channel_id)
    sending_id = channels.try_out(row)
    if request.htmx:
        return _tried(request, channel_id, sending_id)
    return redirect(here(request, "notification-settings"))


@own
@require_GET
def tried(request: PageRequest, channel_id: str, sending_id: str) -> HttpResponse:
    """Answer what came of a test so far."""
    channels.find(request.user, channel_id)
    return _tried(request, channel_id, sending_id)


@own
@require_POST
def delete(request: PageRequest, channel_id: str) -> HttpResponse:
    """Take a channel down."""
    channels.delete(channels.find(request.user, channel_id), request.caller)
    return redirect(here(request, "notification-settings"))


def _tried(request: PageRequest, channel_id: str, sending_id: str) -> HttpResponse:
    found = Sending.objects.filter(pk=sending_id, channel_id=channel_id).first()
    if found is None:
        raise NotFoundError
    return render(request, "notices/tried.html", {"sending": found, "channel_id": channel_id})


def _settings(request: PageRequest, **more: Any) -> HttpResponse:
    found = shapes.shapes(list(channels.visible(request.user)))
    allowed = events_for(channels.audience_of(request.user))
    matrix = [
        (event, *EVENT_WORDS[event], [(each, event in each["events"]) for each in found]) for event in allowed
    ]
    values = {
        "channels": found,
        "matrix": matrix,
        "wishes": shapes.wishes_of(request.user),
        "digests": DIGESTS,
        "hours": [(str(hour), f"{hour:02}:00") for hour in range(24)],
        "kinds": _kinds(request, found),
        "mails": runtime.settings().smtp is not None,
        **more,
    }
    return render(request, "notices/settings.html", values)


def _kinds(request: PageRequest, found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the kinds of channels that may be added: one's own e-mail once, and with a mail server only."""
    mails = runtime.settings().smtp is not None and bool(request.user.email)
    has_mail = any(each["kind"] == "email" for each in found)
    return [
        (kind, str(words))
        for kind, words in ChannelKind.choices
        if kind != ChannelKind.EMAIL or (mails and not has_mail)
    ]


def _suggested(request: PageRequest) -> tuple[str, ...]:
    return events_for(channels.audience_of(request.user))


def _form(
    request: PageRequest,
    kind: str,
    typed: dict[str, Any],
    faults: forms.Faults = forms.NONE,
    detail: str = "",
) -> HttpResponse:
    elsewhere = faults.elsewhere(("name", "token", "chat", "slack_url", "url"))
    values = {
        "kind": kind,
        "words": ChannelKind(kind).label,
        "typed": typed,
        "faults": faults,
        "others": [detail] if detail else elsewhere,
    }
    return render(request, "notices/channel.html", values, status=422 if faults or detail else 200)
