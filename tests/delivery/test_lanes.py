"""Fair lines: what goes next when many wait."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from redound.core.deliveries import ErrorKind, Queue
from redound.delivery.lanes import RETRY_TURN, Lanes
from redound.delivery.limits import FIRST_CAP, Flight, Limits
from tests.delivery.rig import make_leased

if TYPE_CHECKING:
    from redound.core.deliveries import LeasedDelivery

FRESH, RETRY = Queue.FRESH, Queue.RETRY


def delivery(number: int, postback_id: str = "pbk_alice", queue: Queue = FRESH) -> LeasedDelivery:
    """A leased delivery, one of many."""
    return make_leased(f"dlv_{number:04}", postback_id=postback_id, queue=queue)


class Line:
    """Lanes with their limits, and shorthand for filling and emptying them."""

    def __init__(self, in_flight: int = 1000, host: int = 64, postback: int = 32) -> None:
        self.limits = Limits(in_flight, host, postback)
        self.lanes = Lanes(self.limits)

    def fill(self, count: int, name: str = "alice", queue: Queue = FRESH, host: str | None = None) -> None:
        """Buffer deliveries of somebody's postback."""
        lane = self.lanes.lane(queue, f"pbk_{name}", host or f"{name}.example")
        for number in range(count):
            self.lanes.put(lane, delivery(number, f"pbk_{name}", queue))

    def take(self) -> tuple[LeasedDelivery, Flight] | None:
        """Start what goes next."""
        found = self.lanes.take()
        if found is None:
            return None
        lane, taken = found
        flight = Flight(lane.postback, lane.host, 0.0)
        self.limits.enter(flight)
        self.lanes.resume(lane)
        return taken, flight

    def take_all(self) -> list[tuple[LeasedDelivery, Flight]]:
        """Start all that may start."""
        out = []
        while (one := self.take()) is not None:
            out.append(one)
        return out

    def finish(self, flight: Flight, kind: ErrorKind = ErrorKind.STATUS) -> None:
        """End a send; by default with an answer that leaves the caps as they are."""
        flight.learn(kind)
        self.limits.leave(flight)
        self.lanes.freed(flight.postback, flight.host)


@pytest.fixture
def line() -> Line:
    """Lanes under the usual limits."""
    return Line()


def owners(taken: list[tuple[LeasedDelivery, Flight]]) -> Counter[str]:
    """How many of whose postback."""
    return Counter(one.postback_id for one, _ in taken)


def test_nothing_waits_nothing_goes(line):
    """An empty worker has nothing to send."""
    assert line.take() is None


def test_deliveries_of_one_postback_keep_their_order(line):
    """Alice's conversions go out as they came."""
    line.fill(3)
    assert [one.id for one, _ in line.take_all()] == ["dlv_0000", "dlv_0001", "dlv_0002"]


def test_postbacks_take_turns(line):
    """Alice has ten waiting and Bob two: Bob does not wait for Alice's ten."""
    line.fill(10, "alice")
    line.fill(2, "bob")
    order = [one.postback_id for one, _ in line.take_all()]
    assert order[:4] == ["pbk_alice", "pbk_bob", "pbk_alice", "pbk_bob"]


def test_one_postback_never_takes_more_than_its_cap(line):
    """Of Alice's hundred, as many go at once as her cap allows."""
    line.fill(100)
    assert len(line.take_all()) == FIRST_CAP
    assert line.lanes.buffered == 100 - FIRST_CAP


def test_a_finished_send_lets_the_next_one_go(line):
    """One answer, one more; a success earns a second slot."""
    line.fill(100)
    flights = [flight for _, flight in line.take_all()]
    line.finish(flights[0])
    assert len(line.take_all()) == 1
    line.finish(flights[1], ErrorKind.NONE)
    assert len(line.take_all()) == 2


def test_postbacks_of_one_host_share_its_cap():
    """Two postbacks to one tracker get the host's slots together, fairly."""
    line = Line(host=8)
    line.fill(50, "alice", host="tracker.example")
    line.fill(50, "bob", host="tracker.example")
    assert owners(line.take_all()) == {"pbk_alice": 4, "pbk_bob": 4}


def test_waiting_postbacks_of_a_full_host_take_turns_as_it_frees_up():
    """Nobody on a shared host is forgotten."""
    line = Line(host=1)
    for name in ("alice", "bob", "dave"):
        line.fill(10, name, host="tracker.example")
    order = []
    current = line.take()
    while current is not None and len(order) < 9:
        order.append(current[0].postback_id)
        line.finish(current[1])
        current = line.take()
    assert Counter(order) == {"pbk_alice": 3, "pbk_bob": 3, "pbk_dave": 3}


def test_a_hanging_host_keeps_nobody_else_waiting(line):
    """Charlie's server took its slots and answers nothing; Alice's callbacks go out at once."""
    line.fill(1000, "charlie")
    line.take_all()
    line.fill(5, "alice")
    assert owners(line.take_all()) == {"pbk_alice": 5}


def test_fresh_goes_before_retries_and_retries_are_sure_of_a_share(line):
    """With both waiting one turn in four is a retry's."""
    for name in ("alice", "bob"):
        line.fill(12, name, FRESH)
        line.fill(12, name, RETRY)
    first = [line.take() for _ in range(16)]
    queues = Counter(one[0].queue for one in first if one is not None)
    assert queues == {FRESH: 16 - 16 // RETRY_TURN, RETRY: 16 // RETRY_TURN}


def test_retries_of_a_full_postback_get_their_share_of_its_slots():
    """Even when Alice's fresh callbacks fill her cap for good, her retries move."""
    line = Line(postback=1)
    line.fill(100, "alice", FRESH)
    line.fill(100, "alice", RETRY)
    queues = []
    for _ in range(20):
        one = line.take()
        assert one is not None
        queues.append(one[0].queue)
        line.finish(one[1])
    assert queues.count(RETRY) >= 20 // RETRY_TURN - 1
    assert queues.count(FRESH) > queues.count(RETRY)


def test_the_budget_of_the_worker_is_the_end_of_it():
    """With room for three, three go."""
    line = Line(in_flight=3)
    for name in ("alice", "bob", "dave", "erin"):
        line.fill(5, name)
    taken = line.take_all()
    assert len(taken) == 3
    line.finish(taken[0][1])
    assert len(line.take_all()) == 1


def test_a_slot_that_the_woken_lane_cannot_use_is_handed_on():
    """Alice is woken for the host's free slot but has nothing left: Bob gets it, or would wait for ever."""
    line = Line(host=1)
    line.fill(1, "alice", host="tracker.example")
    line.fill(1, "alice", RETRY, host="tracker.example")
    line.fill(1, "bob", host="tracker.example")
    first = line.take()
    assert first is not None
    assert line.take() is None
    alice = line.lanes.find(FRESH, "pbk_alice")
    assert alice is not None
    for lane in line.lanes:
        if lane.postback.name == "pbk_alice":
            line.lanes.buffered -= len(lane.items)
            lane.items.clear()
    line.finish(first[1])
    second = line.take()
    assert second is not None
    assert second[0].postback_id == "pbk_bob"


def test_a_delivery_put_back_goes_first(line):
    """What waited for its older sibling does not line up again."""
    line.fill(2)
    lane = line.lanes.lane(FRESH, "pbk_alice", "alice.example")
    line.lanes.put(lane, delivery(99), front=True)
    assert next(one.id for one, _ in line.take_all()) == "dlv_0099"


def test_a_lane_tells_when_it_is_hungry(line):
    """Half empty, with more in the database: time to claim."""
    line.fill(32)
    lane = line.lanes.find(FRESH, "pbk_alice")
    assert lane is not None
    lane.more = True
    assert not lane.hungry
    line.take_all()
    assert lane.hungry


def test_clear_returns_all_that_waits(line):
    """A stop gives back what nobody sent."""
    line.fill(3, "alice")
    line.fill(2, "bob", RETRY)
    assert len(line.lanes.clear()) == 5
    assert line.lanes.buffered == 0
    assert line.take() is None


def test_a_postback_that_moved_counts_for_its_new_host(line):
    """Alice corrects her address: the new server's slots count, not the dead one's."""
    line.fill(1, "alice", host="old.example")
    lane = line.lanes.lane(FRESH, "pbk_alice", "new.example")
    assert lane.host is line.limits.host("new.example")
