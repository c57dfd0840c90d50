"""Opening a connection: to a vetted address only, checked again at the socket, the name's certificate."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import certifi

from redound.core.addresses import Address, Network, Refusal, check_address
from redound.core.deliveries import ErrorKind, Fault
from redound.delivery.wire import Connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redound.core.targets import Origin
    from redound.delivery.deadlines import Deadlines

MOST_ADDRESSES = 4
FIRST_CONNECT_SECONDS = 4.0

# Trouble of this machine, not of the receiver: no route or network, no descriptors, ports or memory.
_OURS = {errno.ENETUNREACH, errno.ENETDOWN, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_OURS |= {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPERM, errno.EACCES}

_CERTIFICATE = {
    10: "The receiver's certificate has expired.",
    9: "The receiver's certificate is not valid yet.",
    18: "The receiver's certificate is self-signed.",
    19: "The receiver's certificate is signed by an unknown authority.",
    20: "The receiver's certificate is signed by an unknown authority, or its chain is incomplete.",
    62: "The receiver's certificate is for another host name.",
    64: "The receiver's certificate is for another address.",
}


@dataclass(frozen=True, slots=True)
class NotConnected:
    """Why there is no connection, for people."""

    kind: ErrorKind
    fault: Fault
    detail: str


_REFUSED = NotConnected(
    ErrorKind.REFUSED, Fault.GUARD, "The host is not on the public internet, so it is not called."
)
_NO_ANSWER = NotConnected(ErrorKind.TIMEOUT, Fault.RECEIVER, "The receiver did not take the connection.")


def client_context() -> ssl.SSLContext:
    """A context that verifies names and chains: by the system's authorities, or certifi's if it has none."""
    context = ssl.create_default_context()
    places = ssl.get_default_verify_paths()
    folder = Path(places.capath) if places.capath else None
    if not context.cert_store_stats()["x509_ca"] and not (folder and any(folder.iterdir())):
        context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


class Dialer:
    """Opens connections on one event loop. The caller bounds the time."""

    def __init__(self, deadlines: Deadlines, context: ssl.SSLContext, allowed: Sequence[Network]) -> None:
        """Connections expire by `deadlines`, verify by `context`, and reach `allowed` networks too."""
        self._deadlines = deadlines
        self._context = context
        self._allowed = tuple(allowed)

    async def dial(self, origin: Origin, addresses: Sequence[Address]) -> Connection | NotConnected:
        """Connect to the first address that answers; the failure of the last one tried is returned."""
        tried = addresses[:MOST_ADDRESSES]
        outcome: Connection | NotConnected = _REFUSED
        for address in tried:
            try:
                if address is tried[-1]:
                    outcome = await self._open(origin, address)
                else:
                    async with asyncio.timeout(FIRST_CONNECT_SECONDS):
                        outcome = await self._open(origin, address)
            except ssl.SSLError as error:
                outcome = _tls_failure(error)
            except TimeoutError:
                outcome = _NO_ANSWER
            except OSError as error:
                outcome = _connect_failure(error)
            if isinstance(outcome, Connection):
                break
        return outcome

    async def _open(self, origin: Origin, address: Address) -> Connection | NotConnected:
        loop = asyncio.get_running_loop()
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 - IPv4
        wire = socket.socket(family, socket.SOCK_STREAM)
        connection = Connection(origin.key, address, self._deadlines, loop.time())
        try:
            wire.setblocking(False)  # noqa: FBT003 - its only form
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(wire, (str(address), origin.port))
            if not self._is_vetted(wire, address):
                wire.close()
                return _REFUSED
            if origin.scheme == "http":
                await loop.create_connection(lambda: connection, sock=wire)
            else:
                await self._secure(origin, wire, connection)
        except BaseException:
            connection.abort()
            wire.close()
            raise
        return connection

    async def _secure(self, origin: Origin, wire: socket.socket, connection: Connection) -> None:
        """Agree on TLS; the name is in SNI and the certificate must be for it. Failures are ssl.SSLError."""
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(
                lambda: connection, sock=wire, ssl=self._context, server_hostname=origin.host
            )
        except ConnectionError as error:
            raise ssl.SSLError(*error.args) from error

    def _is_vetted(self, wire: socket.socket, dialled: Address) -> bool:
        """Look at whom the socket really reached, and that it is not itself (two ends of one local port)."""
        peer = wire.getpeername()
        reached = ip_address(peer[0])
        if reached != dialled or peer[:2] == wire.getsockname()[:2]:
            return False
        return not isinstance(check_address(reached, self._allowed), Refusal)


def _connect_failure(error: OSError) -> NotConnected:
    if error.errno in _OURS:
        return NotConnected(ErrorKind.CONNECT, Fault.OURS, "No connection could be opened from here.")
    if isinstance(error, ConnectionRefusedError):
        return NotConnected(ErrorKind.CONNECT, Fault.RECEIVER, "The receiver refused the connection.")
    if isinstance(error, (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)):
        return NotConnected(ErrorKind.CONNECT, Fault.RECEIVER, "The receiver broke off while connecting.")
    return NotConnected(ErrorKind.CONNECT, Fault.RECEIVER, "The receiver could not be reached.")


def _tls_failure(error: ssl.SSLError) -> NotConnected:
    detail = "No secure connection could be agreed on."
    if isinstance(error, ssl.SSLCertVerificationError):
        detail = _CERTIFICATE.get(error.verify_code, "The receiver's certificate is not valid.")
    return NotConnected(ErrorKind.TLS, Fault.RECEIVER, detail)
