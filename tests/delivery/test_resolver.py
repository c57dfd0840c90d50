"""The resolver: names to vetted addresses, within a budget, without asking twice."""

from __future__ import annotations

import asyncio
import socket
import threading
from ipaddress import ip_address, ip_network

import pytest

from redound.core.deliveries import ErrorKind, Fault
from redound.core.targets import Target, check_url
from redound.delivery.resolver import THREADS_A_DOMAIN, Resolved, Resolver, Unresolved, system_lookup

BOTH_LOOPS = True
PUBLIC = "203.0.114.7"


def origin(host: str, allowed=()):
    """The origin of a URL at this host."""
    target = check_url(f"https://{host}/", allowed)
    assert isinstance(target, Target)
    return target.origin


class Names:
    """A name server: counts, answers, fails or waits as told."""

    def __init__(self, answer: list[str] | Exception) -> None:
        """Answer this until told otherwise."""
        self.answer = answer
        self.asked: list[str] = []
        self.called = threading.Event()
        self.open = threading.Event()
        self.open.set()
        self._lock = threading.Lock()
        self.inside = self.most_inside = 0

    def __call__(self, name: str) -> list[str]:
        """Look up."""
        with self._lock:
            self.asked.append(name)
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
        self.called.set()
        assert self.open.wait(10)
        with self._lock:
            self.inside -= 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_a_name_is_asked_for_in_full():
    """With its final dot, so that no search domain of this machine is tried."""
    names = Names([PUBLIC])
    resolver = Resolver(names)
    assert await resolver.resolve(origin("tracker.example.com")) == Resolved((ip_address(PUBLIC),))
    assert names.asked == ["tracker.example.com."]


async def test_an_answer_is_remembered():
    """A hundred callbacks, one question."""
    names = Names([PUBLIC])
    resolver = Resolver(names)
    for _ in range(100):
        await resolver.resolve(origin("tracker.example.com"))
    assert len(names.asked) == 1


async def test_an_answer_can_be_forgotten():
    """When nothing answered at its addresses, the name is asked for anew."""
    names = Names([PUBLIC])
    resolver = Resolver(names)
    await resolver.resolve(origin("tracker.example.com"))
    resolver.forget(origin("tracker.example.com"))
    await resolver.resolve(origin("tracker.example.com"))
    assert len(names.asked) == 2


async def test_the_same_name_is_looked_up_once_at_a_time():
    """Fifty callbacks that start together wait for one look-up."""
    names = Names([PUBLIC])
    names.open.clear()
    resolver = Resolver(names)
    waiting = [asyncio.ensure_future(resolver.resolve(origin("tracker.example.com"))) for _ in range(50)]
    assert await asyncio.to_thread(names.called.wait, 10)
    waiting[0].cancel()
    names.open.set()
    found = await asyncio.gather(*waiting[1:])
    assert set(found) == {Resolved((ip_address(PUBLIC),))}
    assert len(names.asked) == 1


async def test_nobody_waits_longer_than_the_budget():
    """A name server that is silent costs its budget, and that is our failure to tell."""
    names = Names([PUBLIC])
    names.open.clear()
    resolver = Resolver(names, budget_seconds=0.1)
    outcome = await resolver.resolve(origin("tracker.example.com"))
    names.open.set()
    assert isinstance(outcome, Unresolved)
    assert (outcome.kind, outcome.fault) == (ErrorKind.DNS_FAILED, Fault.OURS)


async def test_a_dead_domain_leaves_threads_for_the_others():
    """Thirty names of one domain hang; a name of another is found."""
    dead, alive = Names([PUBLIC]), Names([PUBLIC])
    dead.open.clear()
    resolver = Resolver(lambda name: (alive if "alive" in name else dead)(name), threads=THREADS_A_DOMAIN + 2)
    stuck = [
        asyncio.ensure_future(resolver.resolve(origin(f"n{number}.dead-domain.com"))) for number in range(30)
    ]
    assert isinstance(await resolver.resolve(origin("tracker.alive-domain.com")), Resolved)
    dead.open.set()
    assert all(isinstance(outcome, Resolved) for outcome in await asyncio.gather(*stuck))
    assert dead.most_inside <= THREADS_A_DOMAIN


@pytest.mark.parametrize(
    ("error", "kind", "fault"),
    [
        (socket.gaierror(socket.EAI_NONAME, ""), ErrorKind.DNS_NOT_FOUND, Fault.RECEIVER),
        (socket.gaierror(socket.EAI_NODATA, ""), ErrorKind.DNS_NOT_FOUND, Fault.RECEIVER),
        (socket.gaierror(socket.EAI_AGAIN, ""), ErrorKind.DNS_FAILED, Fault.OURS),
        (socket.gaierror(socket.EAI_SYSTEM, ""), ErrorKind.DNS_FAILED, Fault.OURS),
        (UnicodeError("label too long"), ErrorKind.DNS_FAILED, Fault.OURS),
    ],
)
async def test_failures_have_their_owners(error, kind, fault):
    """NXDOMAIN is the receiver's, everything else is ours."""
    outcome = await Resolver(Names(error)).resolve(origin("tracker.example.com"))
    assert isinstance(outcome, Unresolved)
    assert (outcome.kind, outcome.fault) == (kind, fault)


async def test_failures_are_remembered_shortly():
    """A missing name is not asked for a hundred times a second."""
    names = Names(socket.gaierror(socket.EAI_NONAME, ""))
    resolver = Resolver(names)
    for _ in range(10):
        await resolver.resolve(origin("tracker.example.com"))
    assert len(names.asked) == 1


async def test_an_empty_answer_is_a_missing_name():
    """No addresses, no receiver."""
    outcome = await Resolver(Names([])).resolve(origin("tracker.example.com"))
    assert isinstance(outcome, Unresolved)
    assert outcome.kind is ErrorKind.DNS_NOT_FOUND


async def test_what_is_remembered_is_bounded(monkeypatch):
    """A thousand names that Charlie made up do not fill the memory."""
    monkeypatch.setattr("redound.delivery.resolver.MOST_NAMES", 10)
    resolver = Resolver(Names([PUBLIC]))
    for number in range(40):
        await resolver.resolve(origin(f"n{number}.example.com"))
    assert len(resolver._known) == 10
    assert not resolver._domains
    assert not resolver._under_way


async def test_an_address_needs_no_look_up():
    """An address in the URL is vetted again, and not asked for."""
    names = Names([PUBLIC])
    assert await Resolver(names).resolve(origin(PUBLIC)) == Resolved((ip_address(PUBLIC),))
    assert names.asked == []


async def test_the_systems_resolver_knows_this_machine():
    """The real look-up, for the one name that needs no network."""
    allowed = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    outcome = await Resolver(system_lookup, allowed=allowed).resolve(origin("localhost", allowed))
    assert isinstance(outcome, Resolved)
    assert all(address.is_loopback for address in outcome.addresses)


async def test_closing_does_not_wait_for_a_silent_name_server():
    """A stop is quick whatever the resolver is doing."""
    names = Names([PUBLIC])
    names.open.clear()
    resolver = Resolver(names)
    waiting = asyncio.ensure_future(resolver.resolve(origin("tracker.example.com")))
    assert await asyncio.to_thread(names.called.wait, 10)
    resolver.close()
    outcome = await waiting
    names.open.set()
    assert isinstance(outcome, Unresolved)
