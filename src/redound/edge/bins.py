"""Catch-all bins: `/bin/{token}` keeps what is sent to it and answers what its owner chose.

Whatever comes is shown to people as text and never interpreted; answers are text in a sandbox, so that a bin
serves nobody as a web page on our origin.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final, Protocol

from redound.edge.http import (
    NO_INDEX,
    NO_STORE,
    NOSNIFF,
    SANDBOX,
    TEXT,
    ClientGoneError,
    peer_of,
    read_body,
    respond,
)
from redound.store.bins import BinRequest
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from redound.edge.http import Proxies, Receive, Scope, Send
    from redound.store.bins import Bin

    App = Callable[[Scope, Receive, Send], Awaitable[None]]

PREFIX: Final = "/bin/"
MOST_BODY: Final = 65_536
MOST_TEXT: Final = 8_192
MOST_HEADERS: Final = 60
AT_ONCE: Final = 64
"""Requests in work, delays included; whoever comes on top is asked to come again."""

_TOKEN = re.compile(r"[0-9a-z]{16,40}")
_HIDDEN = frozenset({"authorization", "cookie", "proxy-authorization"})
_HEADERS = (TEXT, NO_STORE, NOSNIFF, SANDBOX, NO_INDEX)
_MASK = "\N{BULLET}" * 4


class Keeper(Protocol):
    """Where bins are: `store.bins.Bins`."""

    async def find(self, token: str, now_ms: int) -> Bin | None:
        """Return the bin of this token."""

    async def keep(self, request: BinRequest) -> None:
        """Store a request."""


class CatchAll:
    """An ASGI application: bins, and `otherwise` for every other path."""

    def __init__(
        self,
        bins: Keeper,
        proxies: Proxies,
        clock: Callable[[], int],
        mint: Callable[[str], str],
        otherwise: App,
    ) -> None:
        self._bins = bins
        self._proxies = proxies
        self._clock = clock
        self._mint = mint
        self._otherwise = otherwise
        self._in_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._otherwise(scope, receive, send)
            return
        if self._in_work >= AT_ONCE:
            await respond(send, 429, (*_HEADERS, (b"retry-after", b"5")), b"Too many requests at once\n")
            return
        self._in_work += 1
        try:
            await self._answer(scope, receive, send)
        except ClientGoneError:
            return
        except StoreUnavailableError:
            await respond(send, 503, (*_HEADERS, (b"retry-after", b"5")), b"Try again\n")
        finally:
            self._in_work -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        token, _, rest = scope["path"].removeprefix(PREFIX).partition("/")
        found = await self._bins.find(token, self._clock()) if _TOKEN.fullmatch(token) else None
        if found is None:
            await respond(send, 404, _HEADERS, b"There is no such bin, or it has expired.\n")
            return
        body, whole = await read_body(receive, MOST_BODY)
        await self._bins.keep(self._request(scope, found, rest, body, whole=whole))
        if found.delay_ms:
            await asyncio.sleep(found.delay_ms / 1000)
        content = b"" if found.status in {204, 304} else found.body.encode()
        await respond(send, found.status, _HEADERS, content)

    def _request(self, scope: Scope, found: Bin, rest: str, body: bytes, *, whole: bool) -> BinRequest:
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        shown = [(_text(name), _MASK if name in _HIDDEN else _text(value)) for name, value in pairs]
        return BinRequest(
            id=self._mint("brq"),
            bin_id=found.id,
            at=self._clock(),
            method=_text(scope["method"]),
            path=_text(rest),
            query=_text(scope["query_string"].decode("latin-1")),
            headers=tuple(shown[:MOST_HEADERS]),
            body=body.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}"),
            truncated=not whole,
            ip=self._proxies.address(peer_of(scope), scope["headers"]),
        )


def _text(text: str) -> str:
    """Return text that both databases take, of bounded length."""
    return text[:MOST_TEXT].replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
