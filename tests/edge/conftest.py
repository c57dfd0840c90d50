"""An edge on a real socket, with the store in memory."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from redound.edge.app import Edge, EdgeOptions
from redound.edge.protocol import BoundedHttp
from redound.edge.refresh import Refresher
from redound.store.memory import MemoryStore
from redound.store.snapshot import Snapshot
from tests.builders import KEYS, make_world
from tests.edge.client import Answer, ask, raw, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from redound.core.deliveries import LeasedDelivery


def configuration(*things: Any) -> Snapshot:
    """The default world with these things added or replaced, as the store keeps it."""
    world = make_world(*things)
    return Snapshot(
        advertisers=world.advertisers.values(),
        brands=world.brands.values(),
        offers=world.offers.values(),
        affiliates=world.affiliates.values(),
        campaigns=world.campaigns.values(),
        links=world.links.values(),
        postbacks=world.postbacks.values(),
    )


@dataclass
class Running:
    """A started edge and how to talk to it."""

    store: MemoryStore
    refresher: Refresher
    edge: Edge = field(init=False)
    port: int = field(init=False)
    handed: list[LeasedDelivery] = field(default_factory=list)
    hints: list[None] = field(default_factory=list)

    async def ask(self, target: str | bytes, **options: Any) -> Answer:
        """Send one request."""
        return await ask(self.port, target, **options)

    async def raw(self, request: bytes) -> Answer:
        """Send these bytes."""
        return await raw(self.port, request)


@contextlib.asynccontextmanager
async def listening(app: Any, **config: Any) -> AsyncIterator[int]:
    """Serve an ASGI application on a free port of this machine."""

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self):
            yield

    server = Server(
        uvicorn.Config(
            app,
            interface="asgi3",
            http=BoundedHttp,
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            **config,
        )
    )
    sock = socket.create_server(("127.0.0.1", 0))
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        await until(lambda: server.started)
        yield sock.getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        await task


@pytest.fixture(params=["direct lane", "asgi"])
def lane(request) -> str:
    """Which way requests take: what the edge answers must not depend on it."""
    return request.param


@pytest.fixture
async def edge_of(tmp_path, lane) -> AsyncIterator[Callable[..., Any]]:
    """Start edges with a configuration, a store and options of the test's choice."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(*things: Any, store: Any = None, **changes: Any) -> Running:
            store = store or MemoryStore(configuration(*things))
            refresher = Refresher(store, configuration(*things), lambda: None)
            running = Running(store, refresher)
            options = replace(
                EdgeOptions(
                    spill_folder=tmp_path / "spill",
                    deliver=running.handed.extend,
                    on_due=lambda: running.hints.append(None),
                ),
                **changes,
            )
            edge = Edge(store, refresher, KEYS, options)
            await edge.start()
            stack.push_async_callback(edge.stop)
            app = edge if lane == "direct lane" else edge.__call__
            port = await stack.enter_async_context(listening(app))
            running.edge, running.port = edge, port
            return running

        yield start


@pytest.fixture
async def edge(edge_of) -> Running:
    """An edge with the default world."""
    return await edge_of()
