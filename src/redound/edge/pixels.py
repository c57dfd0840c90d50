"""`/pixel.gif`, `/pixel.html` and `/pixel.js`: reports that come from the visitor's own browser.

An advertiser's thank-you page loads them. What they report is applied like any report; only the answer
differs. `/pixel.html` may hold HTML that affiliates wrote, so it is sent with a policy that takes every
origin, cookie and way out of the frame from it, and at the tracking host alone.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final

from redound.core.pixels import POLICY, page
from redound.edge.http import HTML, NO_INDEX, NO_STORE, NOSNIFF, not_allowed, peer_of, respond

if TYPE_CHECKING:
    from redound.edge.http import Header, Scope, Send
    from redound.edge.intake import Intake

GIF: Final = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
"""One transparent pixel."""
NOT_STORED: Final = b"not_stored"
"""What stands for a verdict when nothing could be kept."""
PATHS: Final = frozenset({"/pixel.gif", "/pixel.html", "/pixel.js"})

_NO_REFERRER: Header = (b"referrer-policy", b"no-referrer")
_ANYWHERE: Header = (b"cross-origin-resource-policy", b"cross-origin")
_NO_DEVICES: Header = (
    b"permissions-policy",
    b"camera=(), geolocation=(), microphone=(), payment=(), usb=(), display-capture=(), fullscreen=()",
)
_GIF_HEADERS: tuple[Header, ...] = (
    (b"content-type", b"image/gif"),
    *(NO_STORE, NOSNIFF, NO_INDEX, _ANYWHERE, _NO_REFERRER),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
)
_PAGE_HEADERS: tuple[Header, ...] = (
    *(HTML, NO_STORE, NOSNIFF, NO_INDEX, _ANYWHERE, _NO_REFERRER, _NO_DEVICES),
    (b"content-security-policy", POLICY.encode()),
)
_SCRIPT_HEADERS: tuple[Header, ...] = (
    (b"content-type", b"text/javascript; charset=utf-8"),
    (b"cache-control", b"public, max-age=300"),
    *(NOSNIFF, NO_INDEX, _ANYWHERE, _NO_REFERRER),
)


class Pixels:
    """Answers pixels. `host` is where HTML may be shown (the tracking URL's); "" shows none anywhere."""

    def __init__(self, intake: Intake, host: str) -> None:
        self._intake = intake
        self._host = host.encode()
        self._script = resources.files("redound.edge").joinpath("pixel.js").read_bytes()

    async def answer(self, scope: Scope, send: Send) -> None:
        """Answer one pixel, 200 whatever becomes of its report: a broken image helps nobody."""
        if scope["method"] not in {"GET", "HEAD"}:
            await not_allowed(send, b"GET, HEAD")
            return
        path = scope["path"]
        if path == "/pixel.js":
            await respond(send, 200, _SCRIPT_HEADERS, self._script)
            return
        shows = path == "/pixel.html"
        headers = _PAGE_HEADERS if shows else _GIF_HEADERS
        if scope["method"] == "HEAD":
            await respond(send, 200, headers)
            return
        verdict, shown = await self._intake.from_browser(
            scope["query_string"], scope["headers"], peer_of(scope), shows=shows and self._may_show(scope)
        )
        told = NOT_STORED if verdict is None else verdict.encode()
        body = page(shown).encode("utf-8", "replace") if shows else GIF
        await respond(send, 200, (*headers, (b"x-redound-verdict", told)), body)

    def _may_show(self, scope: Scope) -> bool:
        """Whether the request came to the tracking host: one process may answer at the console's as well."""
        if not self._host:
            return False
        return any(name == b"host" and value.lower() == self._host for name, value in scope["headers"])
