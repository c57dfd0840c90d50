"""`GET /c/{code}`: a visit becomes a durable click, then a redirect."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING
from urllib.parse import quote

from redound.core.catalog import PayoutModel
from redound.core.clicks import (
    MAX_HEADER,
    UNKNOWN_LINK,
    NotOpened,
    Opened,
    Visit,
    is_prefetch,
    open_click,
    why_invalid,
)
from redound.core.decisions import decide_click
from redound.edge.batches import Batcher, OverloadedError
from redound.edge.http import (
    EMPTY,
    END,
    NO_INDEX,
    NO_STORE,
    REFERRER,
    lines,
    not_allowed,
    page,
    peer_of,
    respond,
)
from redound.edge.minting import random8
from redound.edge.query import split_leniently
from redound.edge.spill import OpenedClick
from redound.logs import Ration, log

if TYPE_CHECKING:
    from collections.abc import Callable

    from redound.core.decisions import Mint
    from redound.core.ids import ClickKeys
    from redound.edge.duplicates import RecentVisitors
    from redound.edge.http import Header, Headers, Proxies, Scope, Send
    from redound.edge.keeping import ClickKeeper
    from redound.edge.metrics import Counters
    from redound.edge.protocol import Exchange
    from redound.store.snapshot import Snapshot

MAX_QUERY = 16 * 1024
MAX_PARAMETERS = 200
MOST = 500
"""Clicks in one transaction."""
BOUND = 20_000
"""Clicks that may wait for their transaction before new ones are turned away."""

_PREFIX = len("/c/")
_PURPOSES = frozenset({b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"})
_BUSY = NotOpened(503, "busy", "Please try again in a moment.")
_REDIRECT = (NO_STORE, REFERRER, NO_INDEX)
_REDIRECT_LINES = lines((*_REDIRECT, EMPTY))


class Clicks:
    """Opens clicks for the links of the snapshot, over ASGI (`answer`) or directly (`take`)."""

    def __init__(
        self,
        snapshot: Snapshot,
        keys: ClickKeys,
        mint: Mint,
        proxies: Proxies,
        recent: RecentVisitors,
        keeper: ClickKeeper,
        counters: Counters,
        country_of: Callable[[str], str] | None = None,
        flights: int = 1,
    ) -> None:
        self._country_of = country_of
        self._snapshot = snapshot
        self._keys = keys
        self._mint = mint
        self._proxies = proxies
        self._recent = recent
        self._counters = counters
        self._ration = Ration()
        self.batcher: Batcher[OpenedClick, None] = Batcher(
            keeper.commit, most=MOST, bound=BOUND, flights=flights
        )

    async def answer(self, scope: Scope, send: Send) -> None:
        """Answer one visit: a redirect once the click is durable, or the small page."""
        method: str = scope["method"]
        if method not in {"GET", "HEAD"}:
            await not_allowed(send, b"GET, HEAD")
            return
        headers = scope["headers"]
        fields = dict(headers)
        opened = self._open(
            method, scope["path"][_PREFIX:], scope["query_string"], headers, fields, peer_of(scope)
        )
        if isinstance(opened, Opened):
            try:
                await self.batcher.add(self._kept(opened)).done
            except (OverloadedError, OSError):
                opened = self._shed()
            else:
                self._tell_of(opened)
                redirect = [(b"location", location_of(opened)), *_REDIRECT, EMPTY]
                await send({"type": "http.response.start", "status": 302, "headers": redirect})
                await send(END)
                return
        refusal, body = self._refusal(opened)
        await respond(send, opened.status, refusal, body)

    def take(self, exchange: Exchange) -> None:
        """Answer one visit of the direct lane."""
        opened = self._open(
            "GET" if exchange.method == b"GET" else "HEAD",
            exchange.path[_PREFIX:].decode("ascii"),
            exchange.query,
            exchange.headers,
            exchange.fields,
            exchange.peer,
        )
        if isinstance(opened, Opened):
            try:
                batch = self.batcher.add(self._kept(opened))
            except OverloadedError:
                self.refuse(exchange, self._shed())
            else:
                batch.waiters.append(_Redirect(self, exchange, opened))
        else:
            self.refuse(exchange, opened)

    def redirect(self, exchange: Exchange, opened: Opened) -> None:
        """Send the visitor on: the click is durable."""
        self._tell_of(opened)
        exchange.answer(302, b"location: %b\r\n%b" % (location_of(opened), _REDIRECT_LINES))

    def refuse(self, exchange: Exchange, why: NotOpened) -> None:
        """Show the small page on the direct lane."""
        headers, body = self._refusal(why)
        exchange.answer(why.status, lines((*headers, (b"content-length", b"%d" % len(body)))), body)

    def shed(self, exchange: Exchange, error: BaseException) -> None:
        """Say on the direct lane that the click could not be kept."""
        if not isinstance(error, OSError):
            log.error("click.lost", error=repr(error))
        self.refuse(exchange, self._shed())

    def _open(
        self, method: str, code: str, query: bytes, headers: Headers, fields: dict[bytes, bytes], peer: str
    ) -> Opened | NotOpened:
        """Ask the core what becomes of the visit."""
        catalog = self._snapshot
        link = catalog.links_by_code.get(code) or catalog.links_by_code.get(code.lower())
        if link is None:
            return UNKNOWN_LINK
        offer = catalog.offers.get(link.offer_id)
        visit = self._visit(method, query, headers, fields, peer)
        repeat = (
            offer is not None
            and offer.payout_model is PayoutModel.CPC
            and not why_invalid(visit)
            and self._recent.is_repeat(link.id, visit.ip, visit.user_agent, visit.now_ms)
        )
        return open_click(
            visit,
            link,
            offer,
            catalog.affiliates.get(link.affiliate_id),
            self._keys,
            random8(),
            brand=catalog.brands.get(offer.brand_id) if offer is not None else None,
            campaign=catalog.campaigns.get(link.campaign_id),
            country=self._country_of(visit.ip) if self._country_of is not None else "",
            repeat=repeat,
        )

    def _visit(
        self, method: str, query: bytes, headers: Headers, fields: dict[bytes, bytes], peer: str
    ) -> Visit:
        prefetch = not _PURPOSES.isdisjoint(fields) and any(
            is_prefetch(value.decode("latin-1")) for name, value in headers if name in _PURPOSES
        )
        if len(query) > MAX_QUERY:
            query = query[:MAX_QUERY].rpartition(b"&")[0]
        return Visit(
            method,
            split_leniently(query, MAX_PARAMETERS) if query else {},
            self._proxies.address(peer, headers),
            fields.get(b"user-agent", b"")[:MAX_HEADER].decode(errors="replace"),
            fields.get(b"referer", b"")[:MAX_HEADER].decode(errors="replace"),
            time_ns() // 1_000_000,
            prefetch,
        )

    def _kept(self, opened: Opened) -> OpenedClick:
        """Return what is stored: the click with what its postbacks owe."""
        click = opened.click
        return OpenedClick(click, decide_click(click, self._snapshot, self._mint) if click.valid else ())

    def _tell_of(self, opened: Opened) -> None:
        """Count a stored click, and write its line when the ration allows."""
        self._counters.clicks += 1
        click = opened.click
        if self._ration.allows(click.created_at):
            log.info(
                "click.opened",
                click_id=click.id,
                link_id=click.link_id,
                affiliate_id=click.affiliate_id,
                offer_id=click.offer_id,
                valid=click.valid,
                invalid_reason=click.invalid_reason,
                held_back=self._ration.take_held_back(),
            )

    def _shed(self) -> NotOpened:
        """Count a click that neither the database nor the disk took: a redirect would lose it."""
        self._counters.shed["clicks"] += 1
        return _BUSY

    def _refusal(self, why: NotOpened) -> tuple[list[Header], bytes]:
        self._counters.clicks_refused[why.code] += 1
        headers, body = page(why.status, why.code, why.sentence)
        return ([*headers, (b"retry-after", b"2")] if why is _BUSY else headers), body


class _Redirect:
    """A visitor of the direct lane who waits for the click to be durable."""

    __slots__ = ("_clicks", "_exchange", "_opened")

    def __init__(self, clicks: Clicks, exchange: Exchange, opened: Opened) -> None:
        self._clicks = clicks
        self._exchange = exchange
        self._opened = opened

    def settle(self, _: None) -> None:
        self._clicks.redirect(self._exchange, self._opened)

    def fail(self, error: BaseException) -> None:
        self._clicks.shed(self._exchange, error)


def location_of(opened: Opened) -> bytes:
    """Return the Location header's value: printable ASCII, whatever the offer's landing URL holds."""
    location = opened.location
    if not location.isascii() or not location.isprintable():
        location = quote(location, safe="%!#$&'()*+,/:;=?@[]~")
    return location.encode("ascii")
