"""The country of a visitor, from a file that this test writes itself."""

from __future__ import annotations

import ipaddress

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from redound.edge.geoip import Countries, GeoipError
from tests.builders import make_link

NETWORKS = {"203.0.113.0/24": "DE", "198.51.100.128/25": "FR", "2001:db8::/32": "BR"}


def write(path) -> None:
    """Write a database of NETWORKS."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="GeoLite2-Country")
    for network, country in NETWORKS.items():
        writer.insert_network(IPSet([network]), {"country": {"iso_code": country}})
    writer.to_db_file(str(path))


@pytest.fixture
def file(tmp_path):
    """A database of countries."""
    path = tmp_path / "countries.mmdb"
    write(path)
    return path


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("203.0.113.0", "DE"),
        ("203.0.113.255", "DE"),
        ("203.0.114.0", ""),
        ("198.51.100.127", ""),
        ("198.51.100.128", "FR"),
        ("2001:db8::1", "BR"),
        ("2001:db9::1", ""),
        ("127.0.0.1", ""),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_an_address_has_its_networks_country(file, address, country):
    """Both kinds of addresses; unknown ones have none."""
    assert Countries(file).of(address) == country


async def test_a_stored_click_has_the_visitors_country(edge_of, tmp_path):
    """As `{country}` gives it to trackers."""
    path = tmp_path / "countries.mmdb"
    write(path)
    edge = await edge_of(
        trusted_proxies=(ipaddress.ip_network("127.0.0.0/8"),), country_of=Countries(path).of
    )
    await edge.ask(f"/c/{make_link().code}", headers={"X-Forwarded-For": "203.0.113.7"})
    (click,) = edge.store.clicks.values()
    assert click.country == "DE"


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xab\xcd\xefMaxMind.com"])
def test_another_file_is_refused(tmp_path, content):
    """At the start, not at the first click."""
    path = tmp_path / "countries.mmdb"
    path.write_bytes(content)
    with pytest.raises(GeoipError):
        Countries(path)
