"""The budgets of a worker: for the whole, for a host, for a postback."""

from __future__ import annotations

import pytest

from redound.core.deliveries import ErrorKind
from redound.delivery.limits import FIRST_CAP, SLOW_AFTER_MS, Flight, Limits, Slots


@pytest.fixture
def limits() -> Limits:
    """Room for 20 sends, 64 to a host, 32 of a postback."""
    return Limits(20, 64, 32)


def start(limits: Limits, name: str = "alice.example", at: float = 0.0) -> Flight:
    """Start a send of the postback and to the host of this name."""
    flight = Flight(limits.postback(f"pbk_{name}"), limits.host(name), at)
    limits.enter(flight)
    return flight


def test_a_host_that_answers_earns_slots_one_by_one_up_to_its_setting():
    """Alice's tracker starts with a few slots; every answer adds one, and the setting is the end."""
    slots = Slots("alice.example", FIRST_CAP + 2)
    caps = []
    for _ in range(4):
        slots.learn(ErrorKind.NONE)
        caps.append(slots.cap)
    assert caps == [FIRST_CAP + 1, FIRST_CAP + 2, FIRST_CAP + 2, FIRST_CAP + 2]


def test_a_setting_below_the_first_cap_is_kept_from_the_start():
    """An operator who allows three at once gets three."""
    assert Slots("alice.example", 3).cap == 3


@pytest.mark.parametrize("kind", [ErrorKind.TIMEOUT, ErrorKind.CONNECT, ErrorKind.RESET, ErrorKind.TLS])
def test_a_host_that_cannot_be_reached_is_cut_down_to_one_slot(kind):
    """Charlie's dead server keeps one slot, and never loses that."""
    slots = Slots("charlie.example", 64)
    for _ in range(10):
        slots.learn(kind)
    assert slots.cap == 1


@pytest.mark.parametrize(
    "kind", [ErrorKind.STATUS, ErrorKind.REDIRECT, ErrorKind.REFUSED, ErrorKind.TEMPLATE]
)
def test_an_answer_that_is_no_success_changes_nothing(kind):
    """A 500 comes back fast, and a refusal of ours says nothing about the host."""
    slots = Slots("alice.example", 64)
    slots.learn(kind)
    assert slots.cap == FIRST_CAP


def test_every_send_takes_room_and_gives_it_back(limits):
    """Three on the wire leave 17 of 20; when they are done there are 20 again."""
    flights = [start(limits) for _ in range(3)]
    assert (limits.in_flight, limits.room) == (3, 17)
    for flight in flights:
        limits.leave(flight)
    assert (limits.in_flight, limits.room, limits.host("alice.example").held) == (0, 20, 0)


def test_a_host_at_its_cap_has_no_room(limits):
    """Alice's tracker gets as many as its cap says, and one more when one is done."""
    flights = [start(limits) for _ in range(FIRST_CAP)]
    host = limits.host("alice.example")
    assert not limits.has_room(host)
    limits.leave(flights[0])
    assert limits.has_room(host)


def test_a_slow_send_stops_counting_against_the_budget(limits):
    """Charlie's server hangs with all 20 slots; half a second later others have 20 again."""
    for _ in range(20):
        start(limits, "charlie.example")
    assert limits.room == 0
    assert limits.sweep(SLOW_AFTER_MS - 1) == 0
    assert limits.sweep(SLOW_AFTER_MS) == 20
    assert (limits.room, limits.slow, limits.in_flight) == (20, 20, 20)


def test_slow_sends_beyond_their_own_budget_count_again(limits):
    """There is an end to sockets: more slow ones than the budget eat into it."""
    for _ in range(25):
        start(limits, "charlie.example")
    limits.sweep(SLOW_AFTER_MS)
    assert limits.room == 15


def test_a_host_with_slow_sends_gets_nothing_more_while_slow_ones_crowd(limits):
    """More than half of the slow budget is Charlie's: he waits, Alice does not."""
    for _ in range(11):
        start(limits, "charlie.example")
    assert limits.has_room(limits.host("charlie.example"))
    limits.sweep(SLOW_AFTER_MS)
    assert not limits.has_room(limits.host("charlie.example"))
    assert limits.has_room(limits.host("alice.example"))


def test_a_slow_send_that_ends_is_counted_out_everywhere(limits):
    """After the timeout nothing of it is left in any count."""
    flight = start(limits, "charlie.example")
    limits.sweep(SLOW_AFTER_MS)
    limits.leave(flight)
    host = limits.host("charlie.example")
    assert (limits.in_flight, limits.slow, host.held, host.slow) == (0, 0, 0, 0)


def test_a_send_that_ended_in_time_is_never_slow(limits):
    """Only what is still on the wire counts as slow."""
    quick, slow = start(limits), start(limits)
    limits.leave(quick)
    assert limits.sweep(SLOW_AFTER_MS) == 1
    limits.leave(slow)
    assert limits.sweep(2 * SLOW_AFTER_MS) == 0
