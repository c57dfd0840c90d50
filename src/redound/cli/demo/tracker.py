"""The affiliate's tracker of the demo: it makes click IDs of its own and matches the callbacks to them."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from redound.cli.demo.web import Answer

if TYPE_CHECKING:
    from redound.cli.demo.web import Request

BROKEN_PATH = "/broken"


@dataclass(frozen=True, slots=True)
class Callback:
    """One callback that arrived. `matched`: its click ID is one that this tracker gave to a visitor."""

    at: float
    method: str
    target: str
    path: str
    status: int
    matched: bool
    delivery_id: str
    fields: dict[str, str]

    @property
    def good(self) -> bool:
        """Whether the tracker took it."""
        return self.status == HTTPStatus.OK

    def field(self, *names: str) -> str:
        """Return the first of these fields that was sent and is not empty."""
        return next((self.fields[name] for name in names if self.fields.get(name)), "")


@dataclass(slots=True)
class Tracker:
    """What a tracker remembers: the click IDs that it issued, and what came back."""

    issued: set[str] = field(default_factory=set)
    callbacks: list[Callback] = field(default_factory=list)
    arrived: asyncio.Queue[Callback] = field(default_factory=asyncio.Queue)

    def issue(self) -> str:
        """Return a new click ID, as a tracker does when it sends a visitor on to our link."""
        click_id = f"trk{secrets.token_hex(8)}"
        self.issued.add(click_id)
        return click_id

    async def handle(self, request: Request) -> Answer:
        """Take a callback: 503 on the broken path, 404 for a click ID that was never issued, else 200."""
        fields = dict(request.fields)
        matched = fields.get("subid", "") in self.issued
        answer = Answer(HTTPStatus.OK, "OK") if matched else Answer(HTTPStatus.NOT_FOUND, "SubID not found")
        if request.path == BROKEN_PATH:
            answer = Answer(HTTPStatus.SERVICE_UNAVAILABLE, "This tracker is down, on purpose.")
        delivery_id = request.headers.get("webhook-id", "")
        callback = Callback(
            time.time(),
            request.method,
            request.target,
            request.path,
            answer.status,
            matched,
            delivery_id,
            fields,
        )
        self.callbacks.append(callback)
        self.arrived.put_nowait(callback)
        return answer
