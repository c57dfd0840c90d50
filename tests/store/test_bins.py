"""Bins in a database: a token's answer while it lasts, and the latest requests. On both databases."""

from __future__ import annotations

from redound.store.bins import MOST_KEPT, Bin, BinRequest, Bins
from tests.builders import NOW_MS


def add(rig):
    """A bin of a manager, as the console stores it."""
    rig.database.run(
        "INSERT INTO bins (id, name, token, status, delay_ms, body, expires_at, created_at, updated_at) "
        f"VALUES ('bin_1', 'Bin', 'abcdefgh23456789', 202, 5, 'taken', {NOW_MS + 1000}, "
        "'2026-01-01 00:00:00', '2026-01-01 00:00:00')"
    )


def request(number: int) -> BinRequest:
    """A request with this number."""
    headers = (("x-a", "1"),)
    at = NOW_MS + number
    return BinRequest(f"brq_{number:06}", "bin_1", at, "POST", "", "a=1", headers, "hi", False, "203.0.113.7")


async def test_a_token_is_answered_until_it_expires(sql_rig):
    """And no other token."""
    add(sql_rig)
    bins = Bins(sql_rig.store)
    assert await bins.find("abcdefgh23456789", NOW_MS) == Bin("bin_1", 202, 5, "taken")
    assert await bins.find("abcdefgh23456789", NOW_MS + 1000) is None
    assert await bins.find("abcdefgh2345678x", NOW_MS) is None


async def test_the_latest_requests_are_kept(sql_rig):
    """The oldest make room."""
    add(sql_rig)
    bins = Bins(sql_rig.store)
    for number in range(MOST_KEPT + 3):
        await bins.keep(request(number))
    kept = sorted(row[0] for row in sql_rig.database.run("SELECT id FROM bin_requests"))
    assert (len(kept), kept[0]) == (MOST_KEPT, "brq_000003")
