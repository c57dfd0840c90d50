"""The guard: what a URL that somebody typed must never reach."""

from __future__ import annotations

import socket
from ipaddress import ip_address, ip_network

import pytest

from redound.core.deliveries import ErrorKind, Fault
from redound.delivery import dialing
from tests.delivery.senders import LOOPBACK, a_sender, request_to
from tests.receiver import Receiver

BOTH_LOOPS = True
EVERYTHING = (ip_network("0.0.0.0/0"), ip_network("::/0"))


async def test_loopback_is_refused_unless_the_operator_allows_it():
    """Charlie points a postback at the machine itself: no connection is even opened."""
    with Receiver() as inside:
        async with a_sender(allow_networks=()) as sender:
            result = await sender.send(request_to(inside.url()))
        assert inside.connections == 0
    assert (result.fault, result.error_kind) == (Fault.GUARD, ErrorKind.REFUSED)


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1"],
        ["203.0.114.7", "127.0.0.1"],
        ["127.0.0.1", "203.0.114.7"],
        ["2a00:1450::1", "::1"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a00:1"],
        ["fe80::1%eth0"],
        ["169.254.169.254"],
    ],
)
async def test_one_private_address_among_the_answers_is_enough(answer, monkeypatch):
    """A name that also leads inside is not called at all, and Charlie does not learn where it led."""

    async def dial(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(dialing.Dialer, "dial", dial)
    async with a_sender(allow_networks=(), lookup=lambda _: answer) as sender:
        result = await sender.send(request_to("http://rebind.example.com/"))
    assert (result.fault, result.error_kind) == (Fault.GUARD, ErrorKind.REFUSED)
    for address in answer:
        assert address not in result.error_detail


@pytest.mark.parametrize("address", ["169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"])
async def test_metadata_is_refused_even_to_an_operator_who_allows_everything(address):
    """By name or by number."""
    literal = f"[{address}]" if ":" in address else address
    async with a_sender(allow_networks=EVERYTHING, lookup=lambda _: [address]) as sender:
        by_number = await sender.send(request_to(f"http://{literal}/latest/meta-data/"))
        by_name = await sender.send(request_to("http://cloud.example.com/latest/meta-data/"))
    assert [by_number.error_kind, by_name.error_kind] == [ErrorKind.REFUSED, ErrorKind.REFUSED]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1\\@example.com/",
        "http://example.com@127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://localhost/",
        "http://printer/",
        "http://example.com:22/",
        "gopher://example.com/",
        "http://example.com/a\r\nHost: x",
        "",
    ],
)
async def test_a_url_that_is_refused_is_not_looked_up(url):
    """The text alone is enough; no resolver hears of it."""

    def never(_name: str) -> list[str]:
        raise AssertionError

    async with a_sender(allow_networks=(), lookup=never) as sender:
        result = await sender.send(request_to(url))
    assert (result.fault, result.error_kind) == (Fault.GUARD, ErrorKind.REFUSED)
    assert result.error_detail


async def test_the_name_is_looked_up_once_and_the_vetted_address_dialled():
    """A name server that changes its answer between check and connection gains nothing."""
    asked = []

    def rebinding(name: str) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    with Receiver() as tracker:
        async with a_sender(lookup=rebinding) as sender:
            url = tracker.url("/", host="tracker.example.com")
            results = [await sender.send(request_to(url)) for _ in range(3)]
        assert tracker.requests[0].header("host") == f"tracker.example.com:{tracker.port}"
    assert [result.fault for result in results] == [Fault.NONE] * 3
    assert asked == ["tracker.example.com."]


async def test_a_connection_is_kept_by_name():
    """Two names at one address share no connection: the second has a certificate of its own."""
    with Receiver() as tracker:
        async with a_sender(lookup=lambda _: ["127.0.0.1"]) as sender:
            for host in ("one.example.com", "two.example.com", "one.example.com"):
                await sender.send(request_to(tracker.url("/", host=host)))
        assert tracker.connections == 2


class Elsewhere:
    """A socket that reached another machine than was dialled."""

    def __init__(self, peer: str, own: str = "127.0.0.9") -> None:
        """Pretend."""
        self._peer, self._own = peer, own

    def getpeername(self) -> tuple[str, int]:
        """Name the other end."""
        return self._peer, 80

    def getsockname(self) -> tuple[str, int]:
        """Name this end."""
        return self._own, 80


@pytest.mark.parametrize(
    ("wire", "dialled", "fine"),
    [
        (Elsewhere("127.0.0.1"), "127.0.0.1", True),
        (Elsewhere("127.0.0.2"), "127.0.0.1", False),
        (Elsewhere("10.0.0.1"), "10.0.0.1", False),
        (Elsewhere("127.0.0.1", own="127.0.0.1"), "127.0.0.1", False),
    ],
)
async def test_the_socket_is_checked_again(wire, dialled, fine):
    """Whatever happened, the peer must be the vetted address, be allowed, and not be ourselves."""
    async with a_sender() as sender:
        assert sender._dialer._is_vetted(wire, ip_address(dialled)) is fine


async def test_a_refusal_at_the_socket_sends_nothing(monkeypatch):
    """The check comes before the first byte."""
    monkeypatch.setattr(dialing.Dialer, "_is_vetted", lambda *_: False)
    with Receiver() as tracker:
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()))
        assert tracker.count == 0
    assert (result.fault, result.error_kind) == (Fault.GUARD, ErrorKind.REFUSED)


async def test_the_next_address_is_tried():
    """A receiver with two addresses, one of them dead, is reached."""
    with Receiver() as tracker:
        async with a_sender(lookup=lambda _: ["127.0.0.2", "127.0.0.1"]) as sender:
            result = await sender.send(request_to(tracker.url("/", host="tracker.example.com")))
    assert result.fault is Fault.NONE


async def test_an_ipv6_receiver():
    """IPv6 works where the machine has it."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with Receiver(host="::1") as tracker:
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url()))
        assert tracker.requests[0].header("host") == f"[::1]:{tracker.port}"
    assert result.fault is Fault.NONE


@pytest.mark.parametrize(
    ("error", "kind", "fault"),
    [
        (socket.gaierror(socket.EAI_NONAME, "inner-7.lan says no"), ErrorKind.DNS_NOT_FOUND, Fault.RECEIVER),
        (socket.gaierror(socket.EAI_AGAIN, "inner-7.lan says no"), ErrorKind.DNS_FAILED, Fault.OURS),
        (socket.gaierror(socket.EAI_FAIL, "inner-7.lan says no"), ErrorKind.DNS_FAILED, Fault.OURS),
    ],
)
async def test_whose_fault_a_name_is(error, kind, fault):
    """A name that does not exist is the receiver's affair; a resolver that cannot tell is ours."""

    def failing(_name: str) -> list[str]:
        raise error

    async with a_sender(lookup=failing) as sender:
        result = await sender.send(request_to("http://tracker.example.com/"))
    assert (result.error_kind, result.fault) == (kind, fault)
    assert "inner-7" not in result.error_detail


async def test_local_names_need_the_operators_leave():
    """`localhost` works in a demo that allows loopback, without the final dot that no hosts file has."""
    asked = []

    def hosts(name: str) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    with Receiver() as tracker:
        async with a_sender(lookup=hosts, allow_networks=LOOPBACK) as sender:
            result = await sender.send(request_to(tracker.url("/", host="localhost")))
    assert result.fault is Fault.NONE
    assert asked == ["localhost"]
