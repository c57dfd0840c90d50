"""When a failing postback is disabled, and when it is not (after Everflow)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.deliveries import Disable, ErrorKind, Fault, Health, Keep, Warn
from redound.core.health import HealthPolicy, observe
from tests.core.attempts import NOW, a_delivery, a_result, a_success, recorded

EVERFLOW = HealthPolicy()
IN_A_ROW = HealthPolicy(failures_in_row=5, within_seconds=60.0)
FRESH = Health("pbk_1")


def the_25th(*, first: int = NOW - 1000, at: int = NOW):
    """The last failure of a delivery that was first tried at `first`."""
    return recorded(a_result(at=at), a_delivery(attempts=24, first=first))


def look(health, *records, strict=False, policy=EVERFLOW):
    """Observe."""
    return observe(health, records, strict, policy, NOW)


def test_25_failures_of_a_delivery_disable():
    """Nothing got through since its first attempt: disabled, with the reason and the last answer."""
    step = look(FRESH, the_25th())
    assert isinstance(step, Disable)
    health = step.health
    assert (health.state, health.disabled_at, health.disabled_reason) == (
        "disabled",
        NOW,
        "attempts_exhausted",
    )
    assert health.failed_attempts == 25
    assert json.loads(health.last_response)["status"] == 500


def test_24_do_not():
    """One short of it, the postback is failing and still sent to."""
    step = look(FRESH, recorded(a_result(), a_delivery(attempts=23)))
    assert step.health.state == "failing"
    assert step.health.failed_attempts == 24


def test_a_postback_that_works_for_others_is_kept():
    """Something was delivered since that delivery's first attempt: its receiver lives."""
    health = replace(FRESH, last_success_at=NOW - 500)
    assert not isinstance(look(health, the_25th(first=NOW - 1000)), Disable)


def test_a_success_before_the_first_attempt_does_not_help():
    """What got through earlier says nothing of now."""
    health = replace(FRESH, last_success_at=NOW - 2000)
    assert isinstance(look(health, the_25th(first=NOW - 1000)), Disable)


def test_strict_drops_the_second_condition():
    """Bob's strict postback is disabled by its one dead delivery."""
    health = replace(FRESH, last_success_at=NOW - 500)
    assert isinstance(look(health, the_25th(first=NOW - 1000), strict=True), Disable)


def test_our_own_failures_do_not_count():
    """24 receiver failures and one of our resolver make no 25."""
    delivery = a_delivery(attempts=24, failures=24)
    ours = recorded(a_result(Fault.OURS, status=None, kind=ErrorKind.DNS_FAILED), delivery)
    assert look(FRESH, ours) == Keep(FRESH)
    mixed = recorded(a_result(), a_delivery(attempts=24, failures=23))
    assert not isinstance(look(FRESH, mixed), Disable)


def test_a_refusal_by_our_guard_does_not_count():
    """A private address is no sign of a sick receiver."""
    refused = recorded(a_result(Fault.GUARD, status=None, kind=ErrorKind.REFUSED))
    assert look(FRESH, refused) == Keep(FRESH)


def test_tests_do_not_count():
    """Alice may press "test" as often as she likes, successfully or not."""
    failed = recorded(a_result(status=410), a_delivery(test=True))
    passed = recorded(a_success(), a_delivery(test=True))
    health = replace(FRESH, failures_in_row=2, failed_attempts=2, first_failure_at=NOW)
    assert look(health, failed, passed) == Keep(health)


@pytest.mark.parametrize("policy", [EVERFLOW, IN_A_ROW])
def test_410_disables_at_once(policy):
    """Gone is gone, also for a postback that worked a moment ago."""
    health = replace(FRESH, last_success_at=NOW - 1)
    step = look(health, recorded(a_result(status=410)), policy=policy)
    assert isinstance(step, Disable)
    assert step.health.disabled_reason == "gone"


def test_410_disables_even_if_a_success_came_in_the_same_batch():
    """The order within a batch is chance; 410 is not."""
    assert isinstance(look(FRESH, recorded(a_result(status=410)), recorded(a_success())), Disable)


def test_a_success_in_the_same_batch_saves_it():
    """The 25th failure and a delivery that got through finish together: nobody is disabled."""
    step = look(FRESH, the_25th(), recorded(a_success()))
    assert isinstance(step, Keep)
    assert step.health.state == "ok"


def test_it_is_disabled_once():
    """A second delivery that fails for good tells nobody again."""
    disabled = look(FRESH, the_25th()).health
    step = look(disabled, the_25th())
    assert isinstance(step, Keep)
    assert (step.health.disabled_at, step.health.disabled_reason) == (NOW, "attempts_exhausted")


def test_a_late_success_does_not_enable():
    """Only a person does; what was under way when it was disabled counts as a success all the same."""
    disabled = look(FRESH, the_25th()).health
    step = look(disabled, recorded(a_success(at=NOW + 5)))
    assert isinstance(step, Keep)
    assert step.health.state == "disabled"
    assert step.health.last_success_at == NOW + 15


def test_it_warns_once():
    """The third failure says that it began to fail, the fourth says nothing new."""
    first = look(FRESH, *[recorded(a_result())] * 2)
    assert isinstance(first, Keep)
    second = look(first.health, recorded(a_result()))
    assert isinstance(second, Warn)
    assert isinstance(look(second.health, recorded(a_result())), Keep)


def test_one_delivery_in_its_third_attempt_is_failing():
    """A postback with little traffic is failing when its one delivery is."""
    assert isinstance(look(FRESH, recorded(a_result(), a_delivery(attempts=2))), Warn)


def test_n_in_a_row_within_a_time():
    """The alternative: five failures in a row within a minute, of whatever deliveries."""
    fast = [recorded(a_result(at=NOW + 1000 * number)) for number in range(5)]
    step = look(FRESH, *fast, policy=IN_A_ROW)
    assert isinstance(step, Disable)
    assert step.health.disabled_reason == "failures_in_row"
    assert not isinstance(look(FRESH, *fast[:4], policy=IN_A_ROW), Disable)


def test_n_in_a_row_over_a_longer_time():
    """Five failures in ten minutes are not five within one."""
    slow = [recorded(a_result(at=NOW + 120_000 * number)) for number in range(5)]
    assert not isinstance(look(FRESH, *slow, policy=IN_A_ROW), Disable)


def test_a_slow_beginning_does_not_hide_a_fast_end():
    """Failures that come slowly at first and then in a rush disable."""
    times = [0, 100_000, 200_000, 200_010, 200_020, 200_030, 200_040]
    assert isinstance(look(FRESH, *[recorded(a_result(at=NOW + t)) for t in times], policy=IN_A_ROW), Disable)


def test_a_success_breaks_the_row():
    """Four failures, a success, four failures: no five in a row."""
    four = [recorded(a_result())] * 4
    assert not isinstance(look(FRESH, *four, recorded(a_success()), *four, policy=IN_A_ROW), Disable)


def test_under_the_alternative_25_attempts_alone_do_not_disable():
    """It replaces Everflow's rule."""
    assert not isinstance(look(FRESH, the_25th(), policy=IN_A_ROW), Disable)


RECORDS = st.lists(
    st.builds(
        recorded,
        st.one_of(
            st.builds(a_success, at=st.integers(NOW, NOW + 10**7)),
            st.builds(
                a_result,
                st.sampled_from([Fault.RECEIVER, Fault.OURS, Fault.GUARD]),
                status=st.sampled_from([None, 404, 500]),
                at=st.integers(NOW, NOW + 10**7),
            ),
        ),
        st.builds(a_delivery, attempts=st.integers(0, 24), test=st.booleans()),
    ),
    max_size=30,
)
POLICIES = st.sampled_from([EVERFLOW, IN_A_ROW])


@given(RECORDS, POLICIES, st.booleans())
def test_a_success_always_resets(records, policy, strict):
    """Whatever came before it in the batch: no failures in a row, none of any delivery, not failing."""
    health = look(FRESH, *records, recorded(a_success()), strict=strict, policy=policy).health
    assert (health.failures_in_row, health.failed_attempts, health.first_failure_at) == (0, 0, None)
    assert health.state == "ok"
    assert health.last_success_at is not None


@given(RECORDS, POLICIES, st.booleans())
def test_disabled_stays_disabled(records, policy, strict):
    """Nothing but a person changes that, and nobody is told twice."""
    disabled = replace(FRESH, state="disabled", disabled_at=1, disabled_reason="gone")
    step = look(disabled, *records, strict=strict, policy=policy)
    assert isinstance(step, Keep)
    health = step.health
    assert (health.state, health.disabled_at, health.disabled_reason) == ("disabled", 1, "gone")


@given(RECORDS, POLICIES, st.booleans())
def test_only_the_receiver_can_fail(records, policy, strict):
    """Without the receiver's failures there is nothing to warn of."""
    innocent = [record for record in records if record.result.fault is not Fault.RECEIVER]
    step = look(FRESH, *innocent, strict=strict, policy=policy)
    assert isinstance(step, Keep)
    assert step.health.state == "ok"


@given(RECORDS, POLICIES, st.booleans(), st.integers(0, 30))
def test_batches_do_not_matter(records, policy, strict, cut):
    """Observed in two parts or in one, the counts are the same unless the first part disabled."""
    first = look(FRESH, *records[:cut], strict=strict, policy=policy)
    parts = look(first.health, *records[cut:], strict=strict, policy=policy).health
    whole = look(FRESH, *records, strict=strict, policy=policy).health
    assert (parts.failures_in_row, parts.failed_attempts, parts.last_success_at) == (
        whole.failures_in_row,
        whole.failed_attempts,
        whole.last_success_at,
    )
    if not isinstance(first, Disable):
        assert parts.state == whole.state


@given(RECORDS, POLICIES)
def test_strict_only_adds(records, policy):
    """Whatever is disabled without strict is disabled with it."""
    if isinstance(look(FRESH, *records, policy=policy), Disable):
        assert isinstance(look(FRESH, *records, strict=True, policy=policy), Disable)
