"""IP addresses with the part that tells one person from another taken away."""

from __future__ import annotations

import ipaddress
from typing import Final

IPV4_BITS: Final = 24
IPV6_BITS: Final = 48
"""How many leading bits stay: the network, roughly the town."""


def truncate_ip(text: str) -> str:
    """Return 203.0.113.0 for 203.0.113.7, 2001:db8:1:: for 2001:db8:1:2::3; "" for what is no address.

    An IPv4 address inside an IPv6 one is taken for what it is. Truncating again changes nothing.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    bits = IPV4_BITS if address.version == 4 else IPV6_BITS  # noqa: PLR2004 - IPv4
    return str(ipaddress.ip_network((address, bits), strict=False).network_address)
