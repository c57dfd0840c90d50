"""Which IP addresses a callback may go to: our own table, after the IANA special-purpose registries.

`ipaddress.is_global` is no policy: it calls 6to4 relays, AS112, a cloud's metadata service behind a public
looking address and NAT64 around a private one global. IPv4 is everything minus a list; IPv6 is 2000::/3,
the only unicast space that has been given out, minus a list. An address that carries an IPv4 address is
judged by that one.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Nobody's receiver: not even an operator can allow these (cloud metadata never).
_NEVER = (
    "0.0.0.0/8",  # this network
    "169.254.0.0/16",  # link-local: metadata and credentials at AWS, Azure, Google, Oracle, Tencent, …
    "168.63.129.16/32",  # Azure: the host's wire server
    "100.100.100.200/32",  # Alibaba Cloud: metadata
    "100.96.0.96/32",  # Volcano Engine: metadata
    "192.0.0.192/32",  # Oracle Cloud: metadata
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and broadcast
    "::/128",  # unspecified
    "64:ff9b:1::/48",  # NAT64 for local use: the IPv4 address inside cannot be told
    "fd00:c1::a9fe:a9fe/128",  # Oracle Cloud: metadata
    "fd00:42::42/128",  # Scaleway: metadata
    "fd00:ec2::/32",  # AWS: metadata, time, resolver
    "fd20:ce::254/128",  # Google Cloud: metadata
    "fe80::/10",  # link-local
    "fec0::/10",  # site-local, deprecated
    "ff00::/8",  # multicast
)

# Not public, but an operator may have receivers there.
_NOT_PUBLIC = (
    "10.0.0.0/8",  # private use
    "100.64.0.0/10",  # shared address space of carriers
    "127.0.0.0/8",  # loopback
    "172.16.0.0/12",  # private use
    "192.0.0.0/24",  # IETF protocol assignments
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT relays
    "192.88.99.0/24",  # 6to4 relays
    "192.168.0.0/16",  # private use
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarks, AMT, AS112, …
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4
    "2620:4f:8000::/48",  # AS112
    "3ffe::/16",  # the 6bone, given back
    "3fff::/20",  # documentation
)

_IPV6_UNICAST = 0b001  # the first three bits of 2000::/3
_MAPPED = 0xFFFF  # the first 96 bits of ::ffff:0:0/96
_NAT64 = 0x64FF9B << 64  # the first 96 bits of 64:ff9b::/96


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a URL or an address is not called: a lint code of ours, and the sentence a person reads.

    The sentence never tells what a name resolved to.
    """

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """An address that may be dialled, in the form to dial. `private`: only because the operator allows it."""

    address: Address
    private: bool = False


_REFUSED = Refusal("private_host", "This address is not on the public internet, so it is not called.")
_NOT_AN_ADDRESS = Refusal("bad_host", "This is not an IP address.")


@dataclass(frozen=True, slots=True)
class _Ranges:
    """Ranges of numbers that do not overlap, ordered, for bisection."""

    lows: tuple[int, ...]
    highs: tuple[int, ...]

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self.lows, number) - 1
        return at >= 0 and number <= self.highs[at]


def _ranges(networks: Iterable[str], version: int) -> _Ranges:
    parsed = sorted(network for network in map(ip_network, networks) if network.version == version)
    return _Ranges(
        tuple(int(network.network_address) for network in parsed),
        tuple(int(network.broadcast_address) for network in parsed),
    )


_NEVER_4, _NEVER_6 = _ranges(_NEVER, 4), _ranges(_NEVER, 6)
_NOT_PUBLIC_4, _NOT_PUBLIC_6 = _ranges(_NOT_PUBLIC, 4), _ranges(_NOT_PUBLIC, 6)


def check_address(ip: str | Address, allowed: Sequence[Network] = ()) -> Allowed | Refusal:
    """Judge an IP address, given as text (no zone, no brackets) or parsed.

    `allowed` are the operator's networks: they let in what is not public, never what is in `_NEVER`.
    """
    address = _parse(ip)
    if address is None:
        return _NOT_AN_ADDRESS
    number = int(address)
    judged = address
    if isinstance(address, IPv6Address) and number >> 32 in {_MAPPED, _NAT64}:
        # RFC 4291 §2.5.5.2, RFC 6052: the IPv4 address inside is where it leads.
        number &= 0xFFFF_FFFF
        judged = IPv4Address(number)
    if isinstance(judged, IPv4Address):
        never, public = number in _NEVER_4, number not in _NOT_PUBLIC_4
    else:
        never = number in _NEVER_6
        public = number >> 125 == _IPV6_UNICAST and number not in _NOT_PUBLIC_6
    if never:
        return _REFUSED
    if public:
        return Allowed(address)
    if any(judged in network for network in allowed if network.version == judged.version):
        return Allowed(address, private=True)
    return _REFUSED


def _parse(ip: str | Address) -> Address | None:
    if not isinstance(ip, str):
        address: Address = ip
    else:
        try:
            address = ip_address(ip)
        except ValueError:
            return None
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return None
    return address
