"""Names to addresses: as fully qualified names, within a budget, and only if every address may be called.

The system's resolver does the work in a bounded number of threads. One name is looked up once at a time,
and names that share their last two labels share a few threads at most, so that one dead name server cannot
occupy them all. That a name does not exist is the receiver's fault; that nobody could say is ours.
"""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from redound.core.addresses import Address, Refusal, check_address
from redound.core.deliveries import ErrorKind, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redound.core.addresses import Network
    from redound.core.targets import Origin

    Lookup = Callable[[str], Sequence[str]]
    Answer = Sequence[str] | OSError | ValueError

BUDGET_SECONDS = 5.0
THREADS = 64
THREADS_A_DOMAIN = 8
MOST_NAMES = 4096
FOUND_SECONDS = 30.0
MISSING_SECONDS = 10.0
FAILED_SECONDS = 2.0

_MISSING = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


@dataclass(frozen=True, slots=True)
class Resolved:
    """Addresses to dial, in order of preference; each may be called."""

    addresses: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why there is nothing to dial: a category for people, never what the resolver said."""

    kind: ErrorKind
    fault: Fault
    detail: str


Resolution = Resolved | Unresolved

_NOT_FOUND = Unresolved(ErrorKind.DNS_NOT_FOUND, Fault.RECEIVER, "There is no such host name.")
_FAILED = Unresolved(ErrorKind.DNS_FAILED, Fault.OURS, "The host name could not be looked up.")
_NOT_PUBLIC = Unresolved(
    ErrorKind.REFUSED, Fault.GUARD, "The host is not on the public internet, so it is not called."
)


def system_lookup(name: str) -> list[str]:
    """Ask the system's resolver; return addresses as text, or raise socket.gaierror. Blocks."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]


class Resolver:
    """Looks names up for one event loop. `lookup` gets the name with its final dot (see `system_lookup`).

    `allowed` are the operator's networks, `budget_seconds` the longest that one caller waits.
    """

    def __init__(
        self,
        lookup: Lookup = system_lookup,
        *,
        allowed: Sequence[Network] = (),
        budget_seconds: float = BUDGET_SECONDS,
        threads: int = THREADS,
    ) -> None:
        """Start nothing yet: threads come with the first names."""
        self._allowed = tuple(allowed)
        self._budget = budget_seconds
        self._threads = _Threads(lookup, threads)
        self._known: dict[str, tuple[float, Resolution]] = {}
        self._under_way: dict[str, asyncio.Task[Resolution]] = {}
        self._domains: dict[str, _Domain] = {}

    async def resolve(self, origin: Origin) -> Resolution:
        """Return the addresses of an origin's host, all of them vetted, or why there are none."""
        if origin.address is not None:
            return self._vet([origin.address])
        # A final dot makes the name fully qualified: no search domain is tried. A name of the operator's own
        # network may be in the hosts file, where no dot stands.
        name = origin.host if origin.local else origin.host + "."
        loop = asyncio.get_running_loop()
        known = self._known.get(name)
        if known is not None and known[0] > loop.time():
            return known[1]
        task = self._under_way.get(name)
        if task is None:
            task = self._under_way[name] = loop.create_task(self._look_up(name))
            task.add_done_callback(lambda _: self._under_way.pop(name, None))
        done, _ = await asyncio.wait({task}, timeout=self._budget)
        return task.result() if done and not task.cancelled() else _FAILED

    def forget(self, origin: Origin) -> None:
        """Ask anew the next time: none of its addresses answered."""
        self._known.pop(origin.host if origin.local else origin.host + ".", None)

    def close(self) -> None:
        """Let go; threads still waiting for a name server end with the process."""
        for task in list(self._under_way.values()):
            task.cancel()
        self._threads.close()

    async def _look_up(self, name: str) -> Resolution:
        domain_name = ".".join(name.rstrip(".").split(".")[-2:])
        domain = self._domains.setdefault(domain_name, _Domain())
        domain.users += 1
        try:
            async with domain.turn:
                resolution = self._judge(await self._threads.run(name))
        finally:
            domain.users -= 1
            if not domain.users:
                del self._domains[domain_name]
        self._remember(name, resolution)
        return resolution

    def _judge(self, answer: Answer) -> Resolution:
        if isinstance(answer, socket.gaierror) and answer.errno in _MISSING:
            return _NOT_FOUND
        if isinstance(answer, (OSError, ValueError)):
            return _FAILED
        return self._vet(answer) if answer else _NOT_FOUND

    def _vet(self, answer: Sequence[str | Address]) -> Resolution:
        """Every address must pass: from a mixed answer, the name server would choose which one is dialled."""
        addresses: dict[Address, None] = {}
        for address in answer:
            judged = check_address(address, self._allowed)
            if isinstance(judged, Refusal):
                return _NOT_PUBLIC
            addresses[judged.address] = None
        return Resolved(tuple(addresses))

    def _remember(self, name: str, resolution: Resolution) -> None:
        seconds = FOUND_SECONDS if isinstance(resolution, Resolved) else FAILED_SECONDS
        if isinstance(resolution, Unresolved) and resolution.fault is not Fault.OURS:
            seconds = MISSING_SECONDS
        self._known.pop(name, None)
        while len(self._known) >= MOST_NAMES:
            del self._known[next(iter(self._known))]
        self._known[name] = (asyncio.get_running_loop().time() + seconds, resolution)


class _Domain:
    """The turns of names with the same last two labels."""

    __slots__ = ("turn", "users")

    def __init__(self) -> None:
        self.turn = asyncio.Semaphore(THREADS_A_DOMAIN)
        self.users = 0


class _Threads:
    """Daemon threads, started as needed: one stuck in a look-up must not hold up the process's end."""

    def __init__(self, lookup: Lookup, most: int) -> None:
        self._lookup = lookup
        self._most = most
        self._jobs: queue.SimpleQueue[tuple[str, asyncio.Future[Answer]] | None] = queue.SimpleQueue()
        self._started = 0
        self._busy = 0

    async def run(self, name: str) -> Answer:
        """Return what the look-up returned, or the error it raised."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._busy += 1
        if self._busy > self._started < self._most:
            self._started += 1
            threading.Thread(target=self._work, name="redound-resolver", daemon=True).start()
        self._jobs.put((name, future))
        try:
            return await future
        finally:
            self._busy -= 1

    def close(self) -> None:
        for _ in range(self._started):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            name, future = job
            self._hand_over(future, self._ask(name))

    def _ask(self, name: str) -> Answer:
        try:
            return self._lookup(name)
        except (OSError, ValueError) as error:
            return error

    @staticmethod
    def _hand_over(
        future: asyncio.Future[Answer],
        answer: Answer,
    ) -> None:
        def settle() -> None:
            if not future.done():
                future.set_result(answer)

        try:
            future.get_loop().call_soon_threadsafe(settle)
        except RuntimeError:  # the loop has been closed: nobody waits any more
            return
