"""The composition root: from settings to a running process. The only file that knows every part.

`serve` is everything in one process; `edge`, `deliver` and `console` are its parts apart, on PostgreSQL.
What is started last is stopped first: the door closes before the worker, the worker before the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Final, Protocol

import uvloop

from redound import logs
from redound.bus.local import LocalBus
from redound.bus.port import Wake
from redound.chores import Chores
from redound.core.health import HealthPolicy
from redound.core.retries import RetryPolicy
from redound.delivery.chores import ROLE as WORKER_ROLE
from redound.delivery.sender import Sender
from redound.delivery.worker import Options, Worker, wall_clock
from redound.edge.app import Edge, EdgeOptions, ProbesOnly, nowhere
from redound.edge.bins import CatchAll
from redound.edge.geoip import Countries, GeoipError
from redound.edge.http import Proxies
from redound.edge.metrics import StatsCollector
from redound.edge.minting import mint
from redound.edge.refresh import Refresher
from redound.keys import check_fingerprint, with_secret_key
from redound.listening import STOP_SECONDS, Listener, StartError, bind, raise_file_limit
from redound.logs import log
from redound.settings import SettingError, Settings
from redound.store.bins import Bins
from redound.store.players import Statements
from redound.store.port import StoreUnavailableError
from redound.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine

    from redound.edge.app import App
    from redound.edge.http import Receive, Scope, Send
    from redound.store.port import Store

__all__ = [
    "CONSOLE",
    "DELIVER",
    "EDGE",
    "SERVE",
    "MakePages",
    "Pages",
    "Process",
    "Role",
    "StartError",
    "run",
    "with_secret_key",
]

WATCH_SECONDS: Final = 5.0
WORKER_SILENT_MS: Final = 60_000
PG_FLIGHTS: Final = 4
SWITCH_SECONDS: Final = 0.0005
"""How long a thread may keep others waiting for the interpreter. With Python's own 5 ms the writer of a busy
process commits half as often."""


class Pages(Protocol):
    """What people use, as an application beside the traffic paths."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return what answers the request."""

    def hang_up(self) -> None:
        """End what would never end by itself; it is called before the listening socket is closed."""

    def alone(self) -> App:
        """Return the application for a process without traffic: the same, with probes of its own."""

    def close(self) -> None:
        """Let go of its threads."""


MakePages = Callable[[Settings, Wake | None], Pages]
"""From the settings, and how to wake the worker of this process if it has one."""


@dataclass(frozen=True, slots=True)
class Role:
    """Which parts a process has."""

    name: str
    edge: bool = False
    worker: bool = False
    console: bool = False

    @property
    def plane(self) -> bool:
        """Whether it takes or sends traffic, and so needs the store."""
        return self.edge or self.worker


SERVE: Final = Role("serve", edge=True, worker=True, console=True)
EDGE: Final = Role("edge", edge=True)
DELIVER: Final = Role("deliver", worker=True)
CONSOLE: Final = Role("console", console=True)


def run(
    role: Role,
    settings: Settings,
    host: str,
    port: int,
    *,
    pages: MakePages | None = None,
    ready: Callable[[str], None] = print,
    terminal_logs: bool | None = None,
) -> None:
    """Be this role until SIGTERM or SIGINT. `ready` is called once with the line that says where it listens.

    A role with a console is handed its `pages`: Django is not for every role to load.

    Raises StartError, SettingError and what the store raises on opening, before anything was served.
    """
    logs.configure(settings.log_level, terminal=terminal_logs)
    sys.setswitchinterval(SWITCH_SECONDS)
    raise_file_limit()
    uvloop.run(_run(Process(role, settings, host, port, pages), ready))


async def _run(process: Process, ready: Callable[[str], None]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _on_signal, stopping)
    await process.start()
    try:
        ready(f"Redound {process.role.name} is ready on {process.url}")
        await stopping.wait()
    finally:
        await process.stop()


def _on_signal(stopping: asyncio.Event) -> None:
    if stopping.is_set():
        # Asked twice: what was answered is durable, so nothing is lost by leaving now.
        os._exit(130)
    stopping.set()


class Process:
    """One role on the running event loop. `start`, then `stop`; both once. `url` says where it listens."""

    def __init__(
        self,
        role: Role,
        settings: Settings,
        host: str = "127.0.0.1",
        port: int = 0,
        pages: MakePages | None = None,
    ) -> None:
        self.role = role
        self._make_pages = pages
        self.settings = with_secret_key(settings, generate=role is SERVE and settings.dialect == "sqlite")
        self.vault = Vault(self.settings.secret_key, self.settings.old_secret_keys)
        self.bus = LocalBus()
        self.node = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self.url = ""
        self._host = host
        self._port = port
        self._stack = contextlib.AsyncExitStack()
        self._watched = _Watched()

    async def start(self) -> None:
        """Start every part of the role, the listening socket last. What fails undoes what was started."""
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise

    async def stop(self) -> None:
        """Stop every part, the listening socket first."""
        log.info("process.stopping", role=self.role.name, node=self.node)
        self._watched.stopping = True
        await self._stack.aclose()
        log.info("process.stopped", role=self.role.name, node=self.node)

    async def _start(self) -> None:
        # Bound first: a port in use should be known before a database is opened, not after.
        sock = bind(self._host, self._port)
        self._stack.callback(sock.close)
        pages = self._pages() if self.role.console else None
        if self.role.plane:
            app = await self._plane(nowhere if pages is None else pages)
        else:
            app = nowhere if pages is None else pages.alone()
        listener = Listener(sock)
        await listener.start(app)
        self._stack.push_async_callback(listener.stop)
        self.url = listener.url
        if pages is not None:
            self._stack.callback(pages.hang_up)
        log.info("process.started", role=self.role.name, node=self.node, url=self.url)

    def _pages(self) -> Pages:
        if self._make_pages is None:
            raise StartError(f"The role {self.role.name} needs pages to serve.")
        pages = self._make_pages(self.settings, self.bus if self.role.worker else None)
        self._stack.callback(pages.close)
        return pages

    async def _plane(self, otherwise: App) -> App:
        """Start store, configuration, worker and edge, as far as the role has them."""
        store = open_store(self.settings, f"redound {self.role.name}")
        await store.open()
        self._stack.push_async_callback(store.close)
        await check_fingerprint(store, self.vault)
        refresher = Refresher(store, await store.load_snapshot(), self.bus.notify)
        self._follow(refresher.follow(), "configuration")
        worker = await self._worker(store, refresher) if self.role.worker else None
        chores = None
        if worker is not None and isinstance(store, Statements):
            chores = Chores(store, refresher.snapshot, self.settings, self.node, self.bus.notify)
            for name, coroutine in chores.all(self._stack, self.vault):
                self._follow(coroutine, name)
        self._follow(self._watch(store, worker), "watch")
        if self.role.edge and isinstance(store, Statements):
            proxies = Proxies(self.settings.trusted_proxies)
            otherwise = CatchAll(Bins(store), proxies, wall_clock, mint, otherwise)
        collectors = [
            StatsCollector("redound_backlog", "Unfinished deliveries.", lambda: self._watched.backlog)
        ]
        if worker is not None:
            collectors.append(StatsCollector("redound_worker", "The worker of this process.", worker.stats))
        if chores is not None:
            collectors.append(
                StatsCollector("redound_incidents", "Open incidents, by kind.", chores.incidents)
            )
        options = EdgeOptions(
            spill_folder=self.settings.data_dir / "spill",
            trusted_proxies=self.settings.trusted_proxies,
            click_duplicate_seconds=self.settings.click_duplicate_seconds,
            country_of=countries(self.settings),
            flights=1 if self.settings.dialect == "sqlite" else PG_FLIGHTS,
            worker_problem=lambda: self._watched.problem,
            stopping=lambda: self._watched.stopping,
            collectors=collectors,
            otherwise=otherwise,
            on_due=self.bus.notify,
            unseal=self.vault.unseal,
            pixel_host=self.settings.pixel_host,
        )
        if not self.role.edge:
            return ProbesOnly(store, refresher, options)
        if worker is not None:
            options = replace(options, handoff=worker.handoff, deliver=worker.accept)
        edge = Edge(store, refresher, self.vault.click_keys, options)
        await edge.start()
        self._stack.push_async_callback(edge.stop)
        return edge

    async def _worker(self, store: Store, refresher: Refresher) -> Worker:
        settings = self.settings
        sender = Sender(
            allow_networks=settings.allow_networks,
            deadline_seconds=settings.attempt_timeout_seconds,
            idle_connections=2 * settings.in_flight,
        )
        self._stack.push_async_callback(sender.close)
        worker = Worker(
            store,
            sender,
            refresher.snapshot,
            self.vault.unseal,
            Options(
                in_flight=settings.in_flight,
                host_concurrency=settings.host_concurrency,
                postback_concurrency=settings.postback_concurrency,
                attempt_timeout_seconds=settings.attempt_timeout_seconds,
                retries=RetryPolicy(settings.retry_schedule, settings.max_attempts),
                health=HealthPolicy(
                    settings.max_attempts, settings.disable_after_failures, settings.disable_within_seconds
                ),
            ),
            node=self.node,
            alone=settings.dialect == "sqlite",
            bus=self.bus,
        )
        await worker.start()
        self._stack.push_async_callback(worker.stop, STOP_SECONDS)
        return worker

    def _follow(self, coroutine: Coroutine[None, None, None], name: str) -> None:
        """Keep a task running until the process stops."""
        task = asyncio.create_task(coroutine, name=name)

        async def end() -> None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        self._stack.push_async_callback(end)

    async def _watch(self, store: Store, worker: Worker | None) -> None:
        """Look at the backlog and at our own heartbeat, for probes and metrics."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                self._watched.backlog = await store.backlog()
                if worker is not None:
                    seen = await store.live_nodes(WORKER_ROLE, time_ns() // 1_000_000 - WORKER_SILENT_MS)
                    silent = f"no heartbeat for {WORKER_SILENT_MS // 1000} seconds"
                    self._watched.problem = None if self.node in seen else silent
            except StoreUnavailableError:
                self._watched.backlog = {}  # the database's own check says so


@dataclass(slots=True)
class _Watched:
    """What was last seen of the database's backlog and of our worker."""

    backlog: dict[str, int] = field(default_factory=dict)
    problem: str | None = None
    stopping: bool = False


def countries(settings: Settings) -> Callable[[str], str] | None:
    """Return the look-up in the operator's GeoIP file, None without one. SettingError when it is unusable."""
    if not settings.geoip_db:
        return None
    try:
        return Countries(Path(settings.geoip_db)).of
    except (OSError, GeoipError) as error:
        raise SettingError("REDOUND_GEOIP_DB", str(error)) from None


def open_store(settings: Settings, who: str) -> Store:
    """Return the driver of the database that is set, not yet opened. `who` is shown to a second process."""
    if settings.dialect == "sqlite":
        from redound.store.sqlite import SqliteStore  # noqa: PLC0415 - one of the two is needed

        return SqliteStore(settings.sqlite_path, who)
    from redound.store.postgres import PostgresStore  # noqa: PLC0415 - one of the two is needed

    return PostgresStore(settings.database_url)
