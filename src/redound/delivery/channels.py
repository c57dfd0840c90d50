"""A message through one of a person's channels. A webhook's URL is hostile: it goes out by the one door."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import orjson
import structlog

from redound.core.deliveries import ErrorKind, Fault, SentRequest
from redound.core.requests import USER_AGENT, OutboundRequest
from redound.core.signing import read_secret, webhook_signature
from redound.delivery.services import NotSent, Sent, threads
from redound.vault import SealError

if TYPE_CHECKING:
    from collections.abc import Callable

    from redound.core.deliveries import AttemptResult
    from redound.core.notices.messages import Message
    from redound.delivery.sender import Sender
    from redound.delivery.services import Services
    from redound.store.notices import Channel

log = structlog.get_logger()

DEADLINE_SECONDS: Final = 15.0
GONE: Final = 410


class Channels:
    """Sends messages. `unseal` opens what is stored: (sealed, place)."""

    def __init__(self, sender: Sender, services: Services, unseal: Callable[[str, str], str]) -> None:
        self._sender = sender
        self._services = services
        self._unseal = unseal
        self._threads = threads()

    async def send(self, channel: Channel, message: Message, message_id: str) -> Sent | NotSent:
        """Send it once and say what came of it; never raises. A repeat has the same `message_id`."""
        try:
            secret = self._secret(channel)
        except (SealError, ValueError):
            return NotSent(
                "What is stored of this channel does not open any more. Set it up anew.", again=False
            )
        try:
            if channel.kind == "webhook":
                return await self._webhook(secret, message, message_id)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._service, channel, secret, message)
        except Exception:  # whatever it was, the person is told and the others' notices go on
            log.exception("notice.channel_failed", channel_id=channel.id, kind=channel.kind)
            return NotSent("It was not sent because of a fault in Redound.")

    def close(self) -> None:
        """Let the threads go; what they are sending is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _secret(self, channel: Channel) -> dict[str, Any]:
        if not channel.secret:
            return {}
        found: dict[str, Any] = orjson.loads(self._unseal(channel.secret, place_of(channel.id)))
        return found

    def _service(self, channel: Channel, secret: dict[str, Any], message: Message) -> Sent | NotSent:
        match channel.kind:
            case "email":
                return self._services.email(message, channel.email)
            case "telegram":
                return self._services.telegram(message, secret["token"], secret["chat"])
            case "slack":
                first, second, third = secret["path"].split("/")
                return self._services.slack(message, (first, second, third))
            case _:
                return NotSent("Redound knows no such channel.", again=False)

    async def _webhook(self, secret: dict[str, Any], message: Message, message_id: str) -> Sent | NotSent:
        body = orjson.dumps({"type": "notifications", "notifications": message.items})
        now = str(int(time.time()))
        headers = [
            ("User-Agent", USER_AGENT),
            ("Content-Type", "application/json"),
            ("webhook-id", message_id),
            ("webhook-timestamp", now),
        ]
        key = read_secret(secret.get("signing", ""))
        if key is not None:
            headers.append(("webhook-signature", webhook_signature(key, message_id, now, body)))
        masked = SentRequest("POST", "", ())
        request = OutboundRequest("POST", secret["url"], tuple(headers), body, masked)
        return _judged(await self._sender.send(request, deadline=DEADLINE_SECONDS))


def place_of(channel_id: str) -> str:
    """Return the place that a channel's secret is sealed for."""
    return f"notice_channels/{channel_id}/secret"


def _judged(result: AttemptResult) -> Sent | NotSent:
    if result.fault is Fault.NONE:
        return Sent()
    status = result.response.status if result.response is not None else None
    # The detail of a refusal is a category: what our resolver saw is nobody's affair.
    final = result.error_kind is ErrorKind.REFUSED or status == GONE
    return NotSent(result.error_detail or "The receiver did not take it.", again=not final)
