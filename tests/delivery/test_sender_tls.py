"""The sender and certificates: the name in the URL is what counts, whatever address is dialled."""

from __future__ import annotations

import socket
import ssl

import pytest

from redound.core.deliveries import ErrorKind, Fault
from tests.delivery.senders import a_sender, request_to
from tests.receiver import Receiver, hang

BOTH_LOOPS = True
NAME = "tracker.example.com"


def here(_name: str) -> list[str]:
    """Resolve every name to this machine."""
    return ["127.0.0.1"]


async def send_to(tracker: Receiver, host: str | None = None, **options):
    """Send once, trusting the tests' authority."""
    options = {"ssl_context": tracker.trust(), "lookup": here, **options}
    async with a_sender(**options) as sender:
        return await sender.send(request_to(tracker.url("/pb", host=host)))


async def test_a_good_certificate_for_the_name():
    """Host, SNI and certificate carry the name; the connection goes to the vetted address."""
    names = []
    with Receiver(tls="good", name=NAME) as tracker:
        tracker.context.sni_callback = lambda _wire, name, _context: names.append(name)
        result = await send_to(tracker, NAME)
        got = tracker.requests[0]
        tracker.context.sni_callback = None
    assert result.fault is Fault.NONE
    assert got.header("host") == f"{NAME}:{tracker.port}"
    assert names == [NAME]


async def test_a_good_certificate_for_an_address():
    """An address in the URL is checked as an address."""
    with Receiver(tls="good") as tracker:
        result = await send_to(tracker)
    assert result.fault is Fault.NONE


async def test_secure_connections_are_kept_too():
    """One handshake for five callbacks."""
    with Receiver(tls="good") as tracker:
        async with a_sender(ssl_context=tracker.trust()) as sender:
            for _ in range(5):
                assert (await sender.send(request_to(tracker.url()))).fault is Fault.NONE
        assert (tracker.count, tracker.connections) == (5, 1)


@pytest.mark.parametrize(
    ("kind", "host", "words"),
    [
        ("self_signed", NAME, "self-signed"),
        ("expired", NAME, "expired"),
        ("wrong_host", NAME, "another host name"),
        ("wrong_host", None, "another address"),
        ("good", "another.example.com", "another host name"),
    ],
)
async def test_a_bad_certificate_is_refused(kind, host, words):
    """Nothing is sent to a receiver that cannot prove its name, and Alice reads why."""
    with Receiver(tls=kind, name=NAME) as tracker:
        result = await send_to(tracker, host)
        assert tracker.count == 0
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.TLS)
    assert words in result.error_detail


async def test_an_authority_nobody_knows():
    """The system's authorities do not include the tests' own."""
    with Receiver(tls="good") as tracker:
        result = await send_to(tracker, ssl_context=None)
        assert tracker.count == 0
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.TLS)


async def test_https_to_a_plain_server():
    """A receiver that speaks no TLS fails, and gets no request in the clear."""
    with Receiver() as tracker:
        async with a_sender() as sender:
            result = await sender.send(request_to(tracker.url().replace("http:", "https:")))
        assert tracker.count == 0
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.TLS)


async def test_a_handshake_that_never_ends():
    """TLS takes part in the one deadline."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with a_sender(deadline_seconds=0.3) as sender:
            result = await sender.send(request_to(f"https://127.0.0.1:{listener.getsockname()[1]}/"))
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.TIMEOUT)


async def test_a_secure_receiver_that_hangs():
    """After the handshake the deadline still holds."""
    with Receiver(tls="good") as tracker:
        tracker.always(hang())
        result = await send_to(tracker, deadline_seconds=0.5)
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.TIMEOUT)


async def test_a_receiver_with_old_tls_only():
    """TLS below 1.2 is not spoken."""
    with Receiver(tls="good") as tracker:
        tracker.context.maximum_version = ssl.TLSVersion.TLSv1_2
        context = tracker.trust()
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        result = await send_to(tracker, ssl_context=context)
        tracker.context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
    assert (result.fault, result.error_kind) == (Fault.RECEIVER, ErrorKind.TLS)
