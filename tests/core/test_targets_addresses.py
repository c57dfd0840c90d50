"""Which addresses may be dialled: our own table, and what an operator may and may not add to it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.targets import Allowed, Refusal, check_address

EVERYTHING = (ip_network("0.0.0.0/0"), ip_network("::/0"))

# fmt: off
PUBLIC = (
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
    "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
    "192.0.3.0", "192.88.98.255", "192.167.255.255", "198.17.255.255", "198.20.0.0", "203.0.114.0",
    "223.255.255.255", "2001:200::", "2001:4860:4860::8888", "2a00:1450:4001::1", "2606:4700::1111",
    "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
)
# fmt: on

# fmt: off
NOT_PUBLIC = (
    "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255",
    "172.16.0.0", "172.31.255.255", "192.0.0.1", "192.0.0.9", "192.0.0.10", "192.0.0.170", "192.0.2.1",
    "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.175.48.1", "198.18.0.1",
    "198.19.255.255", "198.51.100.1", "203.0.113.1", "::1", "2001::1", "2001:1::1", "2001:2::1",
    "2001:3::1", "2001:4:112::1", "2001:10::1", "2001:20::1", "2001:30::1", "2001:1ff::1", "2001:db8::1",
    "2002:808:808::1", "2620:4f:8000::1", "3fff::1", "3ffe::1", "fc00::1", "fd12:3456::1", "100::1",
    "5f00::1", "4000::1", "::8.8.8.8", "::ffff:0:8.8.8.8", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1",
    "64:ff9b::7f00:1",
)
# fmt: on

# fmt: off
NEVER = (
    "0.0.0.0",
    "0.1.2.3", "169.254.0.1", "169.254.169.254", "169.254.170.2", "168.63.129.16",
    "100.100.100.200", "192.0.0.192", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::",
    "fe80::1", "fec0::1", "ff02::1", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42",
    "fd00:c1::a9fe:a9fe", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "64:ff9b:1::a9fe:a9fe",
    "::ffff:0.0.0.0",
)
# fmt: on


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address):
    """The internet, right up to the edges of the ranges that are not."""
    assert check_address(address) == Allowed(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_other_addresses_need_the_operators_leave(address):
    """Refused by default, let in by an operator who allows them, and marked as such."""
    assert isinstance(check_address(address), Refusal)
    assert check_address(address, EVERYTHING) == Allowed(ip_address(address), private=True)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_allowed(address):
    """Cloud metadata, multicast and the like, whoever asks, in whatever notation."""
    assert isinstance(check_address(address), Refusal)
    assert isinstance(check_address(address, EVERYTHING), Refusal)
    assert isinstance(check_address(address, (ip_network(address),)), Refusal)


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "fe80::1%eth0", "::1%1", "[::1]", "1.2.3.4/32", "01.2.3.4"]
)
def test_what_is_no_address_is_refused(text):
    """Zones, brackets, short forms."""
    assert isinstance(check_address(text, EVERYTHING), Refusal)


def test_a_network_lets_in_its_own_addresses_only():
    """Allowing one private range opens no other."""
    allowed = (ip_network("10.1.0.0/16"), ip_network("fd12::/16"))
    assert isinstance(check_address("10.1.2.3", allowed), Allowed)
    assert isinstance(check_address("::ffff:10.1.2.3", allowed), Allowed)
    assert isinstance(check_address("10.2.0.1", allowed), Refusal)
    assert isinstance(check_address("127.0.0.1", allowed), Refusal)
    assert isinstance(check_address("fd12::1", allowed), Allowed)


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_ipv4_is_at_least_as_strict_as_the_standard_library(address):
    """What Python calls private, reserved or multicast never passes."""
    if isinstance(check_address(address), Allowed):
        assert address.is_global
        assert not address.is_multicast


ANYWHERE = st.integers(0, 2**128 - 1).map(IPv6Address)
UNICAST = st.integers(0, 2**125 - 1).map(lambda number: IPv6Address(number | 1 << 125))


@given(ANYWHERE | UNICAST)
def test_ipv6_is_an_allow_list(address):
    """Outside 2000::/3 nothing passes (but for IPv4 inside), and in it nothing that Python refuses."""
    if isinstance(check_address(address), Allowed):
        assert int(address) >> 125 == 1
        assert address.is_global


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_the_ipv4_address_inside_decides(inner):
    """Mapped and NAT64 notations change nothing."""
    plain = isinstance(check_address(inner), Allowed)
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        wrapped = IPv6Address(int(IPv6Address(prefix)) | int(inner))
        assert isinstance(check_address(wrapped), Allowed) is plain
