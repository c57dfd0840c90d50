"""IP addresses that no longer tell who it was."""

from __future__ import annotations

import pytest

from redound.core.anonymous import truncate_ip


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.7", "203.0.113.0"),
        ("203.0.113.0", "203.0.113.0"),
        ("2001:db8:1:2::3", "2001:db8:1::"),
        ("::ffff:203.0.113.7", "203.0.113.0"),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_the_network_stays_and_the_visitor_goes(address, kept):
    """24 bits of IPv4, 48 of IPv6; again changes nothing."""
    assert truncate_ip(address) == kept
    assert truncate_ip(kept) == kept
