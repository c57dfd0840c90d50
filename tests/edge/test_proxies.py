"""Whose address a visitor has, behind proxies and liars."""

from __future__ import annotations

import ipaddress

import pytest

from redound.edge.http import Proxies

TRUSTED = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8:1::/48"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.66, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.66", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["198.51.100.1, nonsense, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:5123"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8::9]:5123"], "2001:db8::9"),
        ("10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:203.0.113.7", [], "203.0.113.7"),
        ("2001:db8:1::5", ["2001:db8::9"], "2001:db8::9"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_the_right_most_hop_that_is_not_ours_is_the_visitor(peer, forwarded, address):
    """What stands further to the left was written by strangers."""
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    assert Proxies(TRUSTED).address(peer, headers) == address


def test_without_trusted_proxies_nothing_forwarded_counts():
    """The default."""
    assert Proxies(()).address("10.0.0.1", [(b"x-forwarded-for", b"198.51.100.1")]) == "10.0.0.1"


async def test_a_stored_click_has_the_visitors_address(edge_of):
    """Over a real connection from a trusted proxy."""
    from tests.builders import make_link

    edge = await edge_of(trusted_proxies=(ipaddress.ip_network("127.0.0.0/8"),))
    await edge.ask(f"/c/{make_link().code}", headers={"X-Forwarded-For": "6.6.6.6, 198.51.100.1"})
    (click,) = edge.store.clicks.values()
    assert click.ip == "198.51.100.1"
