"""When a delivery is tried again, and when no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.deliveries import Delivered, ErrorKind, Fault, GivenUp, RetryAt
from redound.core.retries import RetryPolicy, next_step, parse_retry_after
from redound.settings import DEFAULT_RETRY_SCHEDULE, parse_schedule
from tests.core.attempts import NOW, a_delivery, a_result, a_success

POLICY = RetryPolicy((10.0, 60.0, 3600.0), 25)
DEFAULT = RetryPolicy(parse_schedule(DEFAULT_RETRY_SCHEDULE))

FAULTS = st.sampled_from([Fault.RECEIVER, Fault.OURS])
JITTER = st.floats(0, 1, exclude_max=True)


def wait_after(attempts: int, *, jitter: float = 0.0, wish: float | None = None, policy=POLICY) -> float:
    """The seconds until the next attempt of a delivery that had this many before the one that failed."""
    step = next_step(a_result(wish=wish), a_delivery(attempts=attempts), policy, NOW, jitter)
    assert isinstance(step, RetryAt)
    return (step.at - NOW) / 1000


def test_what_got_through_is_delivered():
    """A success ends it, whichever attempt it was."""
    for attempts in (0, 7, 24):
        assert next_step(a_success(), a_delivery(attempts=attempts), POLICY, NOW, 0.5) == Delivered()


def test_the_schedule_is_followed_and_its_last_entry_repeats():
    """10 s after the first attempt, a minute after the second, then an hour each time."""
    assert [wait_after(attempts) for attempts in range(5)] == [10.0, 60.0, 3600.0, 3600.0, 3600.0]


def test_retries_spread_but_never_come_early():
    """What failed together comes back apart, up to a fifth later."""
    assert wait_after(1, jitter=0.0) == 60.0
    assert wait_after(1, jitter=0.5) == 66.0
    assert 71.9 < wait_after(1, jitter=0.999) < 72.0


def test_the_25th_attempt_is_the_last():
    """Everflow: 25 attempts, ours counted like the receiver's."""
    assert isinstance(next_step(a_result(), a_delivery(attempts=23), POLICY, NOW, 0), RetryAt)
    for fault in (Fault.RECEIVER, Fault.OURS):
        last = next_step(a_result(fault), a_delivery(attempts=24), POLICY, NOW, 0)
        assert last == GivenUp("attempts_exhausted")


def test_the_default_schedule_lasts_about_two_days():
    """The first retry comes within seconds, the last one after about two days."""
    total = sum(wait_after(attempts, jitter=0.5, policy=DEFAULT) for attempts in range(24))
    assert 40 * 3600 < total < 50 * 3600
    assert wait_after(0, policy=DEFAULT) == 10.0


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (a_result(Fault.GUARD, status=None, kind=ErrorKind.REFUSED), "guard_refused"),
        (a_result(Fault.OURS, status=None, kind=ErrorKind.TEMPLATE), "template"),
        (a_result(status=410), "gone"),
    ],
)
def test_some_failures_are_final(result, reason):
    """What our guard refuses, what cannot be rendered and what is gone is not tried again."""
    assert next_step(result, a_delivery(), POLICY, NOW, 0) == GivenUp(reason)


def test_a_test_has_one_attempt():
    """Alice presses "test" and sees what came of it; nobody calls her tracker again later."""
    assert next_step(a_result(), a_delivery(test=True), POLICY, NOW, 0) == GivenUp("test")
    assert next_step(a_success(), a_delivery(test=True), POLICY, NOW, 0) == Delivered()


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [(None, 10.0), (0.0, 10.0), (5.0, 10.0), (10.0, 10.0), (45.0, 45.0), (7200.0, 7200.0), (1e9, 21_600.0)],
)
def test_a_receiver_may_ask_for_more_time(wish, seconds):
    """Retry-After puts a retry off, by six hours at most, and never brings one forward."""
    assert wait_after(0, wish=wish) == seconds


def test_a_wish_is_at_least_a_second():
    """Even with a schedule of nothing, "Retry-After: 0" is not at once."""
    assert wait_after(0, wish=0.0, policy=RetryPolicy((0.0,))) == 1.0


def test_those_told_the_same_time_come_apart():
    """A thousand callbacks told "60" do not come back in the same second."""
    assert wait_after(0, wish=60.0, jitter=0.5) == 63.0


@given(st.integers(0, 30), FAULTS, JITTER, st.none() | st.floats(0, 1e12), st.integers(1, 25))
def test_a_failure_is_retried_within_bounds_or_given_up(attempts, fault, jitter, wish, most):
    """The next attempt lies in the future, within six hours and a fifth, and there are never too many."""
    policy = RetryPolicy((10.0, 60.0, 21_600.0), most)
    step = next_step(a_result(fault, wish=wish), a_delivery(attempts=attempts), policy, NOW, jitter)
    if attempts + 1 >= most:
        assert step == GivenUp("attempts_exhausted")
    else:
        assert isinstance(step, RetryAt)
        assert 10_000 <= step.at - NOW <= 1.2 * 21_600_000


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("9999999999", 9_999_999_999.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("Wed, 18 Nov 2026 11:07:40 GMT", 60.0),
        ("Wednesday, 18-Nov-26 11:07:40 GMT", 60.0),
        ("Wed Nov 18 11:07:40 2026", 60.0),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("12345678901", None),
        ("1e5", None),
        ("٣", None),
        ("Wed, 31 Feb 2026 11:07:40 GMT", None),
        ("Wed, 18 Nop 2026 11:07:40 GMT", None),
        ("Wed, 18 Nov 2026 25:07:40 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    """RFC 9110: both forms, all three of its dates; anything else is no wish."""
    assert parse_retry_after(value, 1_795_000_000_000 - 1_795_000_000_000 % 1000) == seconds


@given(st.text(max_size=40))
def test_no_header_breaks_it(value):
    """Whatever a receiver writes there."""
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or seconds >= 0
