"""The order of deliveries of one postback and conversion that one process holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from redound.delivery.sequences import Sequences
from tests.delivery.rig import make_leased

if TYPE_CHECKING:
    from redound.core.deliveries import LeasedDelivery


def make(
    number: int, conversion: str = "cnv_1", *, ordered: bool = False, test: bool = False
) -> LeasedDelivery:
    """A delivery of Alice's postback; a higher number is newer."""
    return make_leased(f"dlv_{number}", conversion_id=conversion, test=test, ordered=ordered)


@pytest.fixture
def sequences() -> Sequences:
    """Nothing held yet."""
    return Sequences()


def test_a_delivery_alone_goes_at_once(sequences):
    """Most conversions have one delivery, and it waits for nobody."""
    assert sequences.hold(make(1))
    assert sequences.begin(make(1))
    assert sequences.leave(make(1)) == []
    assert sequences.held == 0


def test_a_delivery_that_is_here_already_is_not_taken_twice(sequences):
    """Its lease ran out while it was on the wire, and we claimed it again: never two attempts at once."""
    sequences.hold(make(1))
    assert not sequences.hold(make(1))
    assert sequences.held == 1


def test_the_newer_waits_for_the_older(sequences):
    """Approved waits until pending has had its attempt."""
    pending, approved = make(1), make(2, ordered=True)
    sequences.hold(pending)
    sequences.hold(approved)
    assert not sequences.begin(approved)
    assert sequences.begin(pending)
    assert sequences.leave(pending, delivered=True) == [approved]
    assert sequences.begin(approved)


def test_the_older_waits_while_the_newer_is_on_the_wire(sequences):
    """A retry of pending falls due while approved is being sent: they must not overtake each other."""
    pending, approved = make(1), make(2, ordered=True)
    sequences.hold(approved)
    sequences.begin(approved)
    sequences.hold(pending)
    assert not sequences.begin(pending)
    assert sequences.leave(approved) == [pending]
    assert sequences.begin(pending)


def test_the_older_is_void_once_the_newer_got_through(sequences):
    """Approved was delivered; the pending that waited is not sent any more."""
    pending, approved = make(1), make(2, ordered=True)
    sequences.hold(approved)
    sequences.begin(approved)
    sequences.hold(pending)
    sequences.begin(pending)
    sequences.leave(approved, delivered=True)
    assert sequences.is_void(pending)
    sequences.leave(pending)
    assert not sequences.is_void(pending)


def test_a_newer_one_is_never_void(sequences):
    """Rejected came after approved: it goes out."""
    approved, rejected = make(2, ordered=True), make(3, ordered=True)
    sequences.hold(approved)
    sequences.begin(approved)
    sequences.hold(rejected)
    sequences.leave(approved, delivered=True)
    assert not sequences.is_void(rejected)


def test_other_conversions_do_not_wait(sequences):
    """Order is kept within a conversion, not between them."""
    sequences.hold(make(1, "cnv_1"))
    sequences.begin(make(1, "cnv_1"))
    sequences.hold(make(2, "cnv_2"))
    assert sequences.begin(make(2, "cnv_2"))


def test_clicks_and_tests_are_sequences_of_their_own(sequences):
    """Clicks have no conversion to keep in order, and a person's test waits for nothing."""
    for delivery in (make(1, ""), make(2, ""), make(3, test=True), make(4)):
        sequences.hold(delivery)
        assert sequences.begin(delivery)


def test_those_that_wait_come_back_so_that_the_oldest_goes_first(sequences):
    """Put back at the front one by one, newest first, they line up oldest first."""
    first, second, third = make(1), make(2), make(3)
    for delivery in (first, second, third):
        sequences.hold(delivery)
    sequences.begin(first)
    sequences.begin(second)
    sequences.begin(third)
    assert sequences.leave(first) == [third, second]


def test_a_stop_takes_out_what_waits(sequences):
    """What waited for a sibling is released like everything else."""
    for delivery in (make(1), make(2)):
        sequences.hold(delivery)
        sequences.begin(delivery)
    assert sequences.waiting() == [make(2)]
    assert sequences.waiting() == []
