"""A person's channels: setting one up, changing it, trying it out, taking it down."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import orjson
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from redound.console import runtime, sealing
from redound.console.accounts import audit
from redound.console.accounts.models import User
from redound.console.clock import now_ms
from redound.console.errors import (
    ConflictError,
    Fault,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooManyRequestsError,
)
from redound.console.identity import fresh_id
from redound.console.notices.forms import SLACK, TELEGRAM_CHAT, TELEGRAM_TOKEN
from redound.console.notices.models import Channel, Sending
from redound.core.ids import id_floor
from redound.core.notices.kinds import EVENTS, TEST, Audience, events_for, kinds_of
from redound.core.signing import SECRET_BYTES, new_secret
from redound.core.targets import Refusal, check_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.notices.forms import ChannelEdit, ChannelNew

MOST: Final = 10
"""Channels of a person."""
TESTS: Final = 5
TESTS_MS: Final = 600_000
"""So many tests in this time; each is a request to somebody else."""
TABLE: Final = "notice_channels"


def person_of(caller: Caller) -> User:
    """Return who is asking. ForbiddenError for a key that acts for an affiliate and belongs to nobody."""
    person = User.objects.filter(pk=caller.user_id or "").first()
    if person is None:
        raise ForbiddenError("no_person", _("This key belongs to no person. Channels are people's own."))
    return person


def audience_of(person: User) -> Audience:
    """Return which side a person is on."""
    return "manager" if person.manages else "affiliate"


def visible(person: User) -> QuerySet[Channel]:
    """Return the person's channels, oldest first."""
    return Channel.objects.filter(user=person).select_related("user").order_by("pk")


def find(person: User, channel_id: str) -> Channel:
    """Return one of them; NotFoundError."""
    found = visible(person).filter(pk=channel_id).first()
    if found is None:
        raise NotFoundError
    return found


def events_of(channel: Channel) -> list[str]:
    """Return the events that a channel brings, in their order."""
    return [event for event, kinds in EVENTS.items() if channel.brought.issuperset(kinds)]


def create(person: User, form: ChannelNew, caller: Caller) -> tuple[Channel, str]:
    """Store a new channel; return it and the secret that a webhook is signed with, "" for others."""
    row = Channel(id=fresh_id("nch"), user=person, kind=form.kind, enabled=form.enabled, since=now_ms())
    secret: dict[str, str] = {}
    faults = [*_read_secret(row, person, form, secret), *_fill_events(row, person, form.events)]
    if faults:
        raise InvalidError(faults)
    row.name = form.name or str(row.get_kind_display())
    row.secret = sealing.seal(TABLE, row.pk, "secret", orjson.dumps(secret).decode()) if secret else ""
    with transaction.atomic():
        if visible(person).count() >= MOST:
            raise ConflictError("too_many_channels", _("Ten channels are the most. Delete one first."))
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise ConflictError("email_once", _("Your e-mail is a channel already.")) from None
        audit.record(caller, "create", row, {}, audit.picture(row))
    return row, secret.get("signing", "")


def edit(row: Channel, person: User, form: ChannelEdit, caller: Caller) -> None:
    """Change name, events and whether it is on. What happened before is not brought afterwards."""
    before = audit.picture(row)
    if "name" in form.given:
        row.name = form.name
    if "enabled" in form.given:
        row.enabled = form.enabled
    faults = list(_fill_events(row, person, form.events)) if "events" in form.given else []
    if faults:
        raise InvalidError(faults)
    if audit.picture(row) == before:
        return
    row.since = now_ms()
    with transaction.atomic():
        row.save()
        audit.record(caller, "edit", row, before, audit.picture(row))


def delete(row: Channel, caller: Caller) -> None:
    """Take a channel down; what waits for it is dropped."""
    with transaction.atomic():
        audit.record(caller, "delete", row, audit.picture(row), {})
        row.delete()


def try_out(row: Channel) -> str:
    """Have a test sent within seconds; return its ID. TooManyRequestsError after some in a short time."""
    now = now_ms()
    lately = Sending.objects.filter(
        channel_id=row.pk, pk__gte=id_floor("nsd", now - TESTS_MS), notification_id__startswith=f"{TEST}:"
    )
    if lately.count() >= TESTS:
        raise TooManyRequestsError(
            "too_many_tests",
            _("That was a few tests already. Wait some minutes."),
            retry_after_seconds=TESTS_MS // 1000,
        )
    sending = Sending.objects.create(
        id=fresh_id("nsd"),
        notification_id=f"{TEST}:{secrets.token_hex(12)}",
        channel_id=row.pk,
        due_at=now,
        created_at=now,
    )
    return sending.pk


def latest(channels: Iterable[Channel]) -> dict[str, Sending]:
    """Return the latest message of each channel that had one."""
    of_them = Sending.objects.filter(channel_id__in=[channel.pk for channel in channels])
    last = of_them.order_by().values("channel_id").annotate(last=Max("pk")).values("last")
    return {each.channel_id: each for each in Sending.objects.filter(pk__in=last)}


def _fill_events(row: Channel, person: User, events: Iterable[str]) -> Iterator[Fault]:
    allowed = events_for(audience_of(person))
    for event in events:
        if event not in allowed:
            yield Fault("/events", "not_for_you", _("%(event)s is for managers.") % {"event": event})
    row.kinds = "".join(f" {kind}" for kind in kinds_of(tuple(dict.fromkeys(events)))) + " "


def _read_secret(row: Channel, person: User, form: ChannelNew, secret: dict[str, Any]) -> Iterator[Fault]:
    match form.kind:
        case "email":
            if not person.email:
                yield Fault("/kind", "no_email", _("You have no e-mail address here."))
        case "telegram":
            yield from _telegram(row, form, secret)
        case "slack":
            found = SLACK.fullmatch(form.slack_url)
            if found is None:
                yield Fault("/slack_url", "not_slack", _("This is no webhook address of Slack's."))
                return
            secret["path"] = found[1]
            row.shown = f"{found[1].partition('/')[0]}/••••"
        case "webhook":
            refused = check_url(form.url, runtime.settings().allow_networks)
            if isinstance(refused, Refusal):
                yield Fault("/url", refused.code, refused.sentence)
                return
            secret |= {"url": form.url, "signing": new_secret(secrets.token_bytes(SECRET_BYTES))}
            row.shown = f"{urlsplit(form.url).scheme}://{urlsplit(form.url).netloc}/••••"


def _telegram(row: Channel, form: ChannelNew, secret: dict[str, Any]) -> Iterator[Fault]:
    if TELEGRAM_TOKEN.fullmatch(form.token) is None:
        yield Fault(
            "/token", "not_a_token", _("This is no bot's token. BotFather gave it, with a colon in it.")
        )
    if TELEGRAM_CHAT.fullmatch(form.chat) is None:
        yield Fault("/chat", "not_a_chat", _("Give the chat's number, or a channel's @name."))
    secret |= {"token": form.token, "chat": form.chat}
    row.shown = f"{form.chat} · {form.token.partition(':')[0]}:••••"
