"""What is typed about channels and wishes. What goes out is built of these fields, of no free address."""

import re
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from redound.console.forms import Edit, Flag, Form, Instant, Name, Shape

Typed = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2048)]
Kind = Literal["email", "telegram", "slack", "webhook"]
Event = Literal[
    "postback_failing",
    "postback_disabled",
    "postback_enabled",
    "incident",
    "approvals_pending",
    "import_finished",
]
Hour = Annotated[int, Field(ge=0, le=23)]

TELEGRAM_TOKEN = re.compile(r"\d{5,15}:[A-Za-z0-9_-]{30,64}")
TELEGRAM_CHAT = re.compile(r"-?\d{1,20}|@[A-Za-z][A-Za-z0-9_]{4,31}")
SLACK = re.compile(
    r"(?:https://hooks\.slack\.com/services/)?([A-Z0-9]{1,16}/[A-Z0-9]{1,16}/[A-Za-z0-9]{8,64})/?"
)


class ChannelNew(Form):
    """A new channel. Which of the secret fields it needs goes by its kind; `name` may be left out."""

    kind: Kind
    name: Name | None = None
    token: Typed = ""
    chat: Typed = ""
    slack_url: Typed = ""
    url: Typed = ""
    events: list[Event] = Field(default_factory=list)
    enabled: Flag = True


class ChannelEdit(Edit):
    """What may be changed; for another token or address make another channel."""

    name: Name = ""
    events: list[Event] = Field(default_factory=list)
    enabled: Flag = True


class ChannelShape(Shape):
    """A channel as its person sees it. `shown` tells it apart; secrets are never answered again.

    `last_state` is that of the latest message: waiting, sent, failed; `last_error` says why it failed.
    """

    id: str
    kind: Kind
    name: str
    shown: str
    events: list[Event]
    enabled: bool
    last_state: str | None
    last_error: str | None
    last_at: Instant | None
    created_at: Instant
    updated_at: Instant


class MadeChannelShape(ChannelShape):
    """The same with what is shown this once: the secret that a webhook's messages are signed with."""

    signing_secret: str | None


class WishesForm(Edit):
    """When to be told; `hour` is that of the daily digest, in the person's zone."""

    digest: Literal["immediately", "hourly", "daily"] = "immediately"
    hour: Hour = 9


class WishesShape(Shape):
    """When somebody is told."""

    digest: Literal["immediately", "hourly", "daily"]
    hour: int
