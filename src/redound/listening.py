"""Listening: the bound socket, the server on it, and how both end within a bound."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from typing import TYPE_CHECKING, Final

import uvicorn

from redound.edge.protocol import BoundedHttp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.edge.app import App

STOP_SECONDS: Final = 20.0
"""How long a stop may take before what is under way is cut off."""
KEEP_ALIVE_SECONDS: Final = 30


class StartError(Exception):
    """The process cannot start; the message says why and what to do."""


def raise_file_limit() -> None:
    """Take as many open files as the system lets us: every connection in and out is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def bind(host: str, port: int) -> socket.socket:
    """Return a bound socket; StartError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise StartError(f"Port {port} on {host} cannot be used: {error.strerror or error}.") from None
    sock.setblocking(False)  # noqa: FBT003 - its only form
    return sock


class Listener:
    """Serves an application on a bound socket. `url` says where."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        host, port = sock.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self, app: App) -> None:
        """Serve from now on; StartError when the server ends before it listens."""
        self._server = server = _Server(
            uvicorn.Config(
                app,
                interface="asgi3",
                http=BoundedHttp,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=int(STOP_SECONDS),
            )
        )
        self._serving = serving = asyncio.create_task(server.serve(sockets=[self._sock]), name="listen")
        started = asyncio.create_task(server.listening.wait())
        await asyncio.wait({serving, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if serving.done():
            serving.result()
            raise StartError("The server ended before it listened.")

    async def stop(self) -> None:
        """Within the bound requests under way are finished, idle connections closed."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: it would end the process before the other parts have stopped."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
