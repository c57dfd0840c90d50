"""What tests of the sender share: a request as the templates give it, and a sender allowed to loopback."""

from __future__ import annotations

from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from redound.core.deliveries import SentRequest
from redound.core.requests import OutboundRequest
from redound.delivery.sender import Sender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def request_to(
    url: str, *, method: str = "GET", headers: tuple[tuple[str, str], ...] = (), body: bytes = b""
) -> OutboundRequest:
    """A request to `url`, whose masked form is empty but for the URL."""
    return OutboundRequest(method, url, headers, body, SentRequest(method, url, headers))


@asynccontextmanager
async def a_sender(**options: Any) -> AsyncIterator[Sender]:
    """A sender that may call loopback, unless told otherwise, with a deadline for the impatient."""
    sender = Sender(**{"allow_networks": LOOPBACK, "deadline_seconds": 5.0, **options})
    try:
        yield sender
    finally:
        await sender.close()
