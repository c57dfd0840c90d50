"""What is counted, and what is read off the counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from redound.core.states import Status
from redound.core.statistics import (
    BUCKET_MS,
    DAY_MS,
    FIGURES,
    LATENCY_BOUNDS,
    MOST_VALUES,
    OTHER,
    Deltas,
    Names,
    Place,
    Standing,
    bucket_of,
    by_day,
    latency_bucket,
    overall,
    quantile,
    rows_of,
    sub_values_of,
)

PLACE = Place(0, "aff_alice", "ofr_shoes", "cmp_1", "lnk_1", "LV", "gol_sale")
NO_NAMES = (None, None, None, None)

standings = some.builds(
    Standing,
    some.sampled_from(Status),
    some.none() | some.integers(0, 10**6),
    some.sampled_from(["", "EUR", "USD"]),
    some.none() | some.integers(0, 10**6),
    some.sampled_from(["", "EUR", "USD"]),
)


@given(standings, standings)
def test_a_change_taken_back_and_counted_anew_leaves_what_it_became(before, after):
    """However a conversion got where it is, it counts as if it had always been there."""
    changed, fresh = Deltas(), Deltas()
    for standing, sign in ((before, 1), (before, -1), (after, 1)):
        changed.conversion(PLACE, ("a", None, OTHER, None), standing, sign)
    fresh.conversion(PLACE, ("a", None, OTHER, None), after, 1)
    for table in ("offers", "links", "subs"):
        assert rows_of(getattr(changed, table)) == rows_of(getattr(fresh, table))


def test_payout_and_revenue_of_two_currencies_are_never_one_sum():
    """The conversion counts once, in the currency of its payout."""
    deltas = Deltas()
    deltas.conversion(PLACE, NO_NAMES, Standing(Status.APPROVED, 1000, "EUR", 2000, "USD"), 1)
    rows = {key[-1]: dict(zip(FIGURES, vector, strict=True)) for key, vector in deltas.offers.items()}
    assert (rows["EUR"]["approved"], rows["USD"]["approved"]) == (1, 0)
    assert rows["EUR"]["approved_payout_minor"] == 1000
    assert rows["EUR"]["approved_revenue_minor"] == 0
    assert rows["USD"]["approved_revenue_minor"] == 2000


@pytest.mark.parametrize(
    ("status", "payout"), [("pending", "open"), ("hold", "open"), ("approved", "approved"), ("rejected", "")]
)
def test_money_goes_with_the_status(status, payout):
    """Open while it may still come, approved when it is earned, nothing once it is lost."""
    deltas = Deltas()
    deltas.conversion(PLACE, NO_NAMES, Standing(Status(status), 500, "EUR"), 1)
    ((_, vector),) = deltas.offers.items()
    row = dict(zip(FIGURES, vector, strict=True))
    assert {name for name in FIGURES if name.endswith("minor") and row[name]} == (
        {f"{payout}_payout_minor"} if payout else set()
    )


def test_a_name_once_given_stays():
    """The hundred-and-first value is another; the first hundred are not displaced."""
    names = Names()
    for number in range(MOST_VALUES):
        place = Place(0, "aff_alice", "o", "c", "l", "", "", (f"v{number}", "", "", ""))
        assert names.names(place)[0] == f"v{number}"
    late = Place(0, "aff_alice", "o", "c", "l", "", "", ("late", "", "", ""))
    assert names.names(late) == (OTHER, None, None, None)
    assert names.names(Place(0, "aff_alice", "o", "c", "l", "", "", ("v0", "", "", "")))[0] == "v0"
    assert names.names(Place(0, "aff_charlie", "o", "c", "l", "", "", ("late", "", "", "")))[0] == "late"


def test_sub_values_are_made_storable():
    """Cut, stripped, without NUL and half characters."""
    params = {"sub2": "x" * 300, "sub3": " a\0b ", "sub4": "\ud800", "sub6": "y"}
    two, three, four, five = sub_values_of(params)
    assert (len(two), three, four, five) == (100, "a\ufffdb", "?", "")


@given(some.integers(0, 2**42))
def test_half_hours_tile_the_time(at):
    """Every moment is in exactly one."""
    start = bucket_of(at)
    assert start % BUCKET_MS == 0
    assert start <= at < start + BUCKET_MS


def test_days_and_all_are_sums_of_half_hours():
    """The same vectors, added up."""
    deltas = Deltas()
    for at in (0, BUCKET_MS, DAY_MS):
        deltas.click(Place(at, "a", "o", "c", "l", "LV"), NO_NAMES, valid=True)
    assert [(key[0], vector[0]) for key, vector in by_day(deltas.offers).items()] == [(0, 2), (DAY_MS, 1)]
    assert {key: vector[0] for key, vector in overall(deltas.offers, 1).items()} == {("a",): 3}


@given(some.lists(some.integers(0, 60_000), min_size=1, max_size=200), some.floats(0.01, 1))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(times, part):
    """It is read off counts, so it is exact to the bucket."""
    counts = [0] * (len(LATENCY_BOUNDS) + 1)
    for each in times:
        counts[latency_bucket(each)] += 1
    found = quantile(counts, part)
    ordered = sorted(times)
    rank = max(0, -(-int(part * len(times) * 10**9) // 10**9) - 1)
    true = ordered[min(rank, len(ordered) - 1)]
    assert found is not None
    assert abs(latency_bucket(found) - min(latency_bucket(true), len(LATENCY_BOUNDS) - 1)) <= 1


def test_there_is_no_quantile_of_nothing():
    """Not zero: nobody answered."""
    assert quantile([0] * 10, 0.5) is None
