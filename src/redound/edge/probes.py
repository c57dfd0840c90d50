"""`/healthz`, `/readyz`, `/metrics`: whether the process lives, whether it wants traffic, its numbers."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import orjson

from redound.edge.http import JSON, NO_STORE, not_allowed, respond
from redound.edge.metrics import exposition
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prometheus_client.registry import Collector

    from redound.edge.http import Header, Scope, Send
    from redound.edge.refresh import Refresher
    from redound.store.port import Store

STALE_SECONDS = 10.0
"""A configuration older than this is no longer good enough to take new traffic."""
PING_SECONDS = 2.0
REMEMBER_SECONDS = 0.5
"""How long an answer of the database counts: probes of a whole balancer cost one ping."""

_METRICS_TYPE: Header = (b"content-type", b"text/plain; version=0.0.4; charset=utf-8")


class Probes:
    """Answers the probes.

    `worker_problem` returns why deliveries are not being sent, or None; `stopping` whether the end has begun.
    """

    def __init__(
        self,
        store: Store,
        refresher: Refresher,
        worker_problem: Callable[[], str | None],
        stopping: Callable[[], bool],
        collectors: Sequence[Collector],
    ) -> None:
        self._store = store
        self._refresher = refresher
        self._worker_problem = worker_problem
        self._stopping = stopping
        self._collectors = collectors
        self._pinged_at = -REMEMBER_SECONDS
        self._problem: str | None = None

    async def answer(self, scope: Scope, send: Send) -> None:
        """Answer one of the three paths."""
        if scope["method"] not in {"GET", "HEAD"}:
            await not_allowed(send, b"GET, HEAD")
        elif scope["path"] == "/healthz":
            await respond(send, 200, (JSON, NO_STORE), b'{"status":"ok"}')
        elif scope["path"] == "/readyz":
            checks = await self.check()
            ready = all(reason is None for reason in checks.values())
            body = orjson.dumps(
                {"ready": ready, "checks": {name: why or "ok" for name, why in checks.items()}}
            )
            await respond(send, 200 if ready else 503, (JSON, NO_STORE), body)
        else:
            await respond(send, 200, (_METRICS_TYPE, NO_STORE), exposition(self._collectors))

    async def check(self) -> dict[str, str | None]:
        """Return each check's name with the reason why it fails, None when it holds."""
        age = self._refresher.age_seconds
        return {
            "process": "stopping" if self._stopping() else None,
            "database": await self._database(),
            "configuration": f"{age:.0f} seconds old" if age > STALE_SECONDS else None,
            "worker": self._worker_problem(),
        }

    async def _database(self) -> str | None:
        if time.monotonic() - self._pinged_at < REMEMBER_SECONDS:
            return self._problem
        try:
            async with asyncio.timeout(PING_SECONDS):
                await self._store.ping()
            self._problem = None
        except StoreUnavailableError as error:
            self._problem = str(error) or "unavailable"
        except TimeoutError:
            self._problem = f"no answer within {PING_SECONDS:g} seconds"
        self._pinged_at = time.monotonic()
        return self._problem
