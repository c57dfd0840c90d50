"""The little of HTTP that the edge needs on top of ASGI: answers, bodies, the visitor's address."""

from __future__ import annotations

import asyncio
import ipaddress
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence

    from redound.settings import Network

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Header = tuple[bytes, bytes]
    Headers = Sequence[Header]

BODY_SECONDS = 15.0
"""How long a client may take to send a body."""

NO_STORE: Header = (b"cache-control", b"no-store")
NOSNIFF: Header = (b"x-content-type-options", b"nosniff")
NO_INDEX: Header = (b"x-robots-tag", b"noindex, nofollow")
HTML: Header = (b"content-type", b"text/html; charset=utf-8")
JSON: Header = (b"content-type", b"application/json")
TEXT: Header = (b"content-type", b"text/plain; charset=utf-8")
SANDBOX: Header = (b"content-security-policy", b"default-src 'none'; sandbox")
PAGE_POLICY: Header = (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'")
REFERRER: Header = (b"referrer-policy", b"strict-origin-when-cross-origin")
EMPTY: Header = (b"content-length", b"0")

END: Message = {"type": "http.response.body"}

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem;
color-scheme:light dark}}small{{opacity:.6}}</style>
<h1>{title}</h1><p>{sentence}</p><p><small>{code}</small></p></html>
"""
_TITLES = {404: "Not found", 410: "Gone", 403: "Not available", 503: "Busy"}


class ClientGoneError(Exception):
    """The client closed the connection before it had sent its request."""


async def respond(send: Send, status: int, headers: Iterable[Header], body: bytes = b"") -> None:
    """Send a whole answer; `headers` without the length."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, (b"content-length", b"%d" % len(body))],
        }
    )
    await send({"type": "http.response.body", "body": body})


def lines(headers: Iterable[Header]) -> bytes:
    """Return headers as the lines of a head."""
    return b"".join(b"%b: %b\r\n" % header for header in headers)


def page(status: int, code: str, sentence: str) -> tuple[list[Header], bytes]:
    """Return headers and body of the small page that stands where a redirect would have been.

    `code` is for whoever debugs it.
    """
    body = _PAGE.format(
        title=_TITLES.get(status, "Not available"), sentence=escape(sentence), code=escape(code)
    ).encode()
    headers = [HTML, NO_STORE, NOSNIFF, NO_INDEX, PAGE_POLICY, (b"x-redound-code", code.encode())]
    return headers, body


async def not_allowed(send: Send, allow: bytes) -> None:
    """Answer 405 with the methods that would do."""
    await respond(send, 405, ((b"allow", allow), TEXT, NO_STORE), b"Method not allowed\n")


async def read_body(receive: Receive, most: int) -> tuple[bytes, bool]:
    """Return the body and whether it is whole; reading ends behind `most` bytes or BODY_SECONDS.

    Raises ClientGoneError.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body[:most], len(body) <= most
    parts, size = [body], len(body)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while size <= most:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGoneError
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if not message.get("more_body", False):
                    break
            else:
                return b"".join(parts)[:most], False
    except TimeoutError:
        return b"".join(parts)[:most], False
    return b"".join(parts)[:most], size <= most


class Proxies:
    """Finds the visitor's address behind proxies that the operator trusts, and behind no others."""

    __slots__ = ("_trusts", "networks")

    def __init__(self, networks: tuple[Network, ...]) -> None:
        self.networks = networks
        self._trusts = lru_cache(maxsize=4096)(self._is_trusted)

    def address(self, peer: str, headers: Headers) -> str:
        """Return the address of the right-most hop that is not a trusted proxy; `peer` is who connected."""
        peer = peer.removeprefix("::ffff:")
        if not self.networks or not self._trusts(peer):
            return peer
        forwarded = b",".join(value for name, value in headers if name == b"x-forwarded-for")
        hop = peer
        for part in reversed(forwarded.decode("latin-1").split(",")):
            candidate = _plain_address(part)
            if candidate is None:
                break  # what a proxy of ours did not write cannot be believed further to the left either
            hop = candidate
            if not self._trusts(hop):
                break
        return hop

    def scheme(self, scope: Scope) -> str:
        """Return "https" when the connection, or the trusted proxy in front, says so; else "http"."""
        if self.networks and self._trusts(peer_of(scope).removeprefix("::ffff:")):
            for name, value in scope["headers"]:
                if name == b"x-forwarded-proto":
                    return "https" if value.strip().lower() == b"https" else "http"
        return str(scope.get("scheme", "http"))

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.networks)


def peer_of(scope: Scope) -> str:
    """Return the address that connected, '' for a local socket."""
    client = scope["client"]
    address: str = client[0] if client else ""
    return address


def _plain_address(text: str) -> str | None:
    """Return the canonical address of a forwarding hop, which may carry a port; None when it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)
