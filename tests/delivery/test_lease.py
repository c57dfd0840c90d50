"""Leases: how long this process may act on what it holds."""

from __future__ import annotations

import pytest

from redound.delivery.lease import LEASE_MS, TOKEN_LIFE_MS, Leases


@pytest.fixture
def leases() -> Leases:
    """A process that started at time 0, with attempts of 15 seconds."""
    return Leases("node", 15.0, 0)


def test_a_lease_outlasts_an_attempt_between_two_heartbeats(leases):
    """Just before the next heartbeat a send may still start, and would end in time."""
    assert leases.lease_ms >= LEASE_MS
    assert leases.safe(leases.heartbeat_ms)


def test_longer_attempts_get_longer_leases():
    """An operator who allows a minute for an attempt gets leases to match."""
    assert Leases("node", 60.0, 0).safe(Leases("node", 60.0, 0).heartbeat_ms)


def test_nothing_starts_that_might_outlast_the_lease(leases):
    """When heartbeats fail, sending stops long before others may take over."""
    short = leases.deadline - 15_000
    assert not leases.safe(short)
    assert not leases.is_over(short)


def test_a_heartbeat_moves_the_deadline(leases):
    """The deadline counts from when the heartbeat was made, not from when it was answered."""
    leases.extended(5_000)
    assert leases.deadline == 5_000 + leases.lease_ms


def test_after_a_loss_tokens_are_new_and_old_ones_are_not_extended(leases):
    """What others may hold by now is not ours any more."""
    old = leases.token
    leases.lost(40_000)
    assert leases.token != old
    assert not leases.owns(old)
    assert leases.tokens(40_000, {old}) == [leases.token]
    assert leases.safe(40_000)


def test_tokens_change_with_time_and_old_ones_live_while_something_is_held(leases):
    """A delivery in a long line keeps its lease; the token is not handed out any more."""
    old = leases.token
    assert old in leases.tokens(TOKEN_LIFE_MS, {old})
    assert leases.token != old
    assert old in leases.tokens(TOKEN_LIFE_MS + leases.lease_ms, {old})


def test_a_token_under_which_nothing_is_held_runs_out(leases):
    """A row that was leased without our knowing comes free by itself."""
    leases.tokens(TOKEN_LIFE_MS, ())
    assert leases.tokens(TOKEN_LIFE_MS + leases.lease_ms, ()) == [leases.token]


def test_a_handed_off_delivery_may_arrive_under_the_token_before(leases):
    """The hand-off was taken just before the token changed."""
    old = leases.token
    leases.tokens(TOKEN_LIFE_MS, ())
    assert leases.owns(old)
