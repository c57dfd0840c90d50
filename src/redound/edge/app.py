"""The edge as one ASGI application: tracking links, reports, probes; everything else is somebody else's."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redound.edge.click import Clicks
from redound.edge.duplicates import RecentVisitors
from redound.edge.http import Proxies, page, respond
from redound.edge.intake import Intake
from redound.edge.keeping import ClickKeeper
from redound.edge.metrics import Counters, EdgeCollector
from redound.edge.minting import mint
from redound.edge.pixels import PATHS, Pixels
from redound.edge.probes import Probes
from redound.edge.spill import Spill
from redound.logs import log
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from prometheus_client.registry import Collector

    from redound.core.deliveries import LeasedDelivery
    from redound.core.ids import ClickKeys
    from redound.edge.http import Receive, Scope, Send
    from redound.edge.protocol import Exchange
    from redound.edge.refresh import Refresher
    from redound.settings import Network
    from redound.store.port import Handoff, Store

    App = Callable[[Scope, Receive, Send], Awaitable[None]]

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


def _no_handoff() -> Handoff | None:
    return None


def _nothing(*_: object) -> None:
    return None


async def nowhere(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer what neither the edge nor anybody beside it knows."""
    headers, body = page(404, "not_found", "There is nothing here.")
    await respond(send, 404, headers, body)


@dataclass(frozen=True, slots=True)
class EdgeOptions:
    """What the edge is told at its start.

    `handoff` leases fresh deliveries for this process's worker, `deliver` brings them to it, `on_due` wakes
    whoever sends deliveries that were not leased. `country_of` knows the country of an address. `flights` are
    the transactions at a time: one for SQLite. `unseal` opens advertisers' signing secrets: (sealed, place).
    `pixel_host` is where HTML postbacks may be shown, "" for nowhere.
    """

    spill_folder: Path
    trusted_proxies: tuple[Network, ...] = ()
    click_duplicate_seconds: float = 3600.0
    country_of: Callable[[str], str] | None = None
    flights: int = 1
    handoff: Callable[[], Handoff | None] = _no_handoff
    deliver: Callable[[list[LeasedDelivery]], None] = _nothing
    on_due: Callable[[], None] = _nothing
    worker_problem: Callable[[], str | None] = field(default=lambda: None)
    stopping: Callable[[], bool] = field(default=lambda: False)
    collectors: Sequence[Collector] = ()
    otherwise: App = nowhere
    unseal: Callable[[str, str], str] | None = None
    pixel_host: str = ""


class Edge:
    """An ASGI application. `start` before the first request, `stop` after the last."""

    def __init__(self, store: Store, refresher: Refresher, keys: ClickKeys, options: EdgeOptions) -> None:
        self.counters = Counters()
        self._spill = Spill(options.spill_folder)
        self._keeper = ClickKeeper(store, self._spill, self.counters, options.on_due)
        proxies = Proxies(options.trusted_proxies)
        self._clicks = Clicks(
            refresher.snapshot,
            keys,
            mint,
            proxies,
            RecentVisitors(int(options.click_duplicate_seconds * 1000)),
            self._keeper,
            self.counters,
            options.country_of,
            options.flights,
        )
        self._intake = Intake(
            store,
            refresher.snapshot,
            keys,
            mint,
            proxies,
            self._spill,
            self.counters,
            handoff=options.handoff,
            deliver=options.deliver,
            on_due=options.on_due,
            flights=options.flights,
            unseal=options.unseal,
        )
        self._pixels = Pixels(self._intake, options.pixel_host)
        gauges: dict[str, tuple[str, Callable[[], float]]] = {
            "redound_clicks_waiting": (
                "Clicks that wait to be stored.",
                lambda: self._clicks.batcher.waiting,
            ),
            "redound_reports_waiting": (
                "Reports that wait to be stored.",
                lambda: self._intake.batcher.waiting,
            ),
            "redound_spill_pending": ("1 while clicks wait in the spill file.", lambda: self._spill.pending),
            "redound_configuration_age_seconds": (
                "Since the configuration was known to be current.",
                lambda: refresher.age_seconds,
            ),
        }
        self.probes = Probes(
            store,
            refresher,
            options.worker_problem,
            options.stopping,
            [EdgeCollector(self.counters, gauges), *options.collectors],
        )
        self._otherwise = options.otherwise
        self._following: asyncio.Task[None] | None = None

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return what answers the request (a plain function: a coroutine more costs every click)."""
        if scope["type"] != "http":
            return self._otherwise(scope, receive, send)
        path: str = scope["path"]
        if path.startswith("/c/"):
            return self._clicks.answer(scope, send)
        if path == "/postback" or path.startswith("/postback/"):
            return self._intake.answer(scope, receive, send)
        if path in PATHS:
            return self._pixels.answer(scope, send)
        if path in PROBES:
            return self.probes.answer(scope, send)
        return self._otherwise(scope, receive, send)

    def take(self, exchange: Exchange) -> bool:
        """Answer a request of the direct lane; False leaves it to ASGI (see `edge.protocol`)."""
        path = exchange.path
        if path.startswith(b"/c/"):
            self._clicks.take(exchange)
            return True
        if exchange.method == b"GET" and (path == b"/postback" or path.startswith(b"/postback/")):
            return self._intake.take(exchange)
        return False

    async def start(self) -> None:
        """Bring in what an earlier process left in the spill folder, and keep doing so."""
        try:
            await self._keeper.replay()
        except (StoreUnavailableError, TimeoutError) as error:
            log.warning("click.replay_postponed", error=str(error))
        self._following = asyncio.create_task(self._keeper.follow(), name="edge-replay")

    async def stop(self) -> None:
        """Make everything that was taken durable, then let go of the files."""
        await self._clicks.batcher.drain()
        await self._intake.batcher.drain()
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        await self._spill.close()


class ProbesOnly:
    """The probes of a process that takes no traffic."""

    def __init__(self, store: Store, refresher: Refresher, options: EdgeOptions) -> None:
        self._probes = Probes(store, refresher, options.worker_problem, options.stopping, options.collectors)
        self._otherwise = options.otherwise

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return what answers the request."""
        if scope["type"] == "http" and scope["path"] in PROBES:
            return self._probes.answer(scope, send)
        return self._otherwise(scope, receive, send)
