"""The watch's rules: what opens an incident, what says too little, what closes it, and that it is steady."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redound.core.watch import words
from redound.core.watch.judging import (
    APART_MS,
    BAD_LOOKS,
    CALM_LOOKS,
    Close,
    Keep,
    Nothing,
    Open,
    Standing,
    judge,
)
from redound.core.watch.kinds import DAYS, WINDOWS, Evidence, Kind, Seen, Tally, Window
from redound.core.watch.rules import SHARES, Look, read
from redound.core.watch.statistics import at_least, at_most, lower_bound

NOW = 1_800_000_000_000
SHARE_KINDS = sorted(SHARES)


def seen(kind: Kind, hour: tuple[int, int], day: tuple[int, int] = (0, 0), days: int = DAYS, **more) -> Seen:
    """A subject with this in the last hour and nothing else today; usually `day` in an hour."""
    windows = tuple(
        Window(
            hours,
            Tally(*hour),
            Tally(*hour),
            tuple(Tally(day[0] * hours, day[1] * hours) if n < days else Tally() for n in range(DAYS)),
        )
        for hours in WINDOWS
    )
    return Seen(kind, windows, **more)


def steady(kind: Kind, hour: tuple[int, int], day: tuple[int, int], days: int = DAYS, **more) -> Seen:
    """A subject that went like this for all of the last 24 hours."""
    found = seen(kind, hour, day, days, **more)
    windows = (
        replace(each, whole=Tally(hour[0] * each.hours, hour[1] * each.hours), latest=Tally(*hour))
        for each in found.windows
    )
    return replace(found, windows=tuple(windows))


def look(kind: Kind, hour: tuple[int, int], day: tuple[int, int] = (0, 0), **more) -> Look:
    """What one look says."""
    return read(seen(kind, hour, day, **more)).look


@pytest.mark.parametrize("kind", SHARE_KINDS)
def test_a_share_far_above_the_usual_is_bad(kind):
    """Everything fails where hardly anything used to."""
    assert look(kind, (100, 100), (100, 2)) is Look.BAD


@pytest.mark.parametrize("kind", SHARE_KINDS)
def test_too_little_says_nothing(kind):
    """One less than enough, all of it bad."""
    least = SHARES[kind].least
    assert look(kind, (least - 1, least - 1)) is Look.UNSURE
    assert look(kind, (least, least)) is Look.BAD


@pytest.mark.parametrize("kind", SHARE_KINDS)
def test_what_is_usual_is_no_news(kind):
    """A tracker that has refused half of it for two weeks."""
    assert look(kind, (100, 50), (100, 50)) is Look.GOOD
    assert look(kind, (100, 70), (100, 50)) is Look.UNSURE


@pytest.mark.parametrize("kind", SHARE_KINDS)
def test_a_small_share_is_good(kind):
    """At the bound of calm."""
    closes = round(SHARES[kind].closes * 100)
    assert look(kind, (100, closes)) is Look.GOOD
    assert look(kind, (100, closes + 1)) is Look.UNSURE


def test_a_quiet_hour_is_judged_by_a_longer_window():
    """Three an hour are too few, eighteen in six hours are enough."""
    found = steady(Kind.DELIVERIES_FAILING, (3, 3), (3, 0))
    windows = tuple(replace(each, latest=each.whole) for each in found.windows)
    reading = read(replace(found, windows=windows))
    assert (reading.look, reading.evidence.hours, reading.evidence.total) == (Look.BAD, 6, 18)


def test_nothing_for_a_day_is_quiet():
    """There is nothing to go by."""
    assert look(Kind.DELIVERIES_FAILING, (0, 0), (10, 0)) is Look.QUIET


def test_an_offer_that_falls_silent_is_bad():
    """Twenty an hour for two weeks, and now none."""
    reading = read(seen(Kind.REPORTS_SILENT, (0, 0), (20, 0)))
    assert reading.look is Look.BAD
    assert (reading.evidence.hours, reading.evidence.total, reading.evidence.expected) == (1, 0, 20)


def test_few_reports_are_waited_for_longer():
    """Three an hour: an hour without says nothing, six hours do."""
    reading = read(seen(Kind.REPORTS_SILENT, (0, 0), (3, 0)))
    assert (reading.look, reading.evidence.hours) == (Look.BAD, 6)
    half = read(seen(Kind.REPORTS_SILENT, (0, 0), (1, 0), days=DAYS))
    assert (half.look, half.evidence.hours) == (Look.BAD, 24)


def test_silence_needs_a_week_to_compare_with():
    """An offer of six days is too young."""
    assert look(Kind.REPORTS_SILENT, (0, 0), (20, 0), days=6) is Look.UNSURE
    assert look(Kind.REPORTS_SILENT, (0, 0), (20, 0), days=7) is Look.BAD


def test_silence_that_happens_is_no_news():
    """Two of the days before were as silent: a weekend."""
    weekend = seen(Kind.REPORTS_SILENT, (0, 0), (20, 0))
    windows = tuple(replace(each, days=(Tally(), Tally(), *each.days[2:])) for each in weekend.windows)
    assert read(replace(weekend, windows=windows)).look is Look.UNSURE


def test_fewer_clicks_bring_fewer_reports():
    """The traffic was switched off, not the advertiser."""
    clicks = seen(Kind.CONVERSION_RATE, (0, 0), (1000, 20)).windows
    assert read(seen(Kind.REPORTS_SILENT, (0, 0), (20, 0), clicks=clicks)).look is Look.QUIET
    came = seen(Kind.CONVERSION_RATE, (1000, 0), (1000, 20)).windows
    assert read(seen(Kind.REPORTS_SILENT, (0, 0), (20, 0), clicks=came)).look is Look.BAD


def test_reports_that_come_again_are_good():
    """A third of what is expected is no silence."""
    assert look(Kind.REPORTS_SILENT, (7, 0), (20, 0)) is Look.GOOD
    assert read(steady(Kind.REPORTS_SILENT, (6, 0), (20, 0))).look is Look.UNSURE


def test_a_rate_that_halves_or_doubles_is_bad():
    """Six hours of a thousand clicks: usually thirty conversions an hour."""
    assert read(steady(Kind.CONVERSION_RATE, (1000, 10), (1000, 30))).look is Look.BAD
    assert read(steady(Kind.CONVERSION_RATE, (1000, 90), (1000, 30))).look is Look.BAD
    assert read(steady(Kind.CONVERSION_RATE, (1000, 30), (1000, 30))).look is Look.GOOD
    assert read(steady(Kind.CONVERSION_RATE, (1000, 19), (1000, 30))).look is Look.UNSURE


def test_a_rate_needs_enough_to_compare_with():
    """A conversion a day says nothing; none at all is a matter of silence."""
    assert read(steady(Kind.CONVERSION_RATE, (10, 0), (10, 0))).look is Look.UNSURE
    assert read(steady(Kind.CONVERSION_RATE, (1000, 0), (1000, 30))).look is Look.UNSURE
    assert read(steady(Kind.CONVERSION_RATE, (1000, 10), (1000, 30), days=6)).look is Look.UNSURE


BAD = seen(Kind.DELIVERIES_FAILING, (40, 40), (100, 1))
FINE = seen(Kind.DELIVERIES_FAILING, (40, 1), (100, 1))
BETWEEN = seen(Kind.DELIVERIES_FAILING, (40, 12), (100, 1))


def test_two_looks_open_an_incident():
    """One may be an accident."""
    first = judge(BAD, Standing(), NOW)
    assert first == Nothing(1)
    second = judge(BAD, Standing(looks=1), NOW)
    assert isinstance(second, Open)
    assert (second.evidence.hits, second.evidence.usual) == (40, 0.01)


def test_a_look_between_starts_the_count_again():
    """In a row means in a row, for opening and for closing."""
    assert judge(BETWEEN, Standing(looks=1), NOW) == Nothing(0)
    assert judge(BETWEEN, Standing(is_open=True, looks=2), NOW) == Keep(0)


def test_three_calm_looks_close_it():
    """And say why."""
    assert judge(FINE, Standing(is_open=True), NOW) == Keep(1)
    assert judge(FINE, Standing(is_open=True, looks=1), NOW) == Keep(2)
    closed = judge(FINE, Standing(is_open=True, looks=2), NOW)
    assert isinstance(closed, Close)
    assert closed.because == "recovered"


def test_a_day_of_nothing_closes_it_too():
    """Nobody can tell any more."""
    closed = judge(seen(Kind.DELIVERIES_FAILING, (0, 0)), Standing(is_open=True, looks=2), NOW)
    assert isinstance(closed, Close)
    assert closed.because == "quiet"


def test_what_is_switched_off_opens_nothing_and_closes():
    """A paused offer is silent by intention."""
    off = replace(BAD, active=False)
    assert judge(off, Standing(looks=1), NOW) == Nothing(0)
    closed = judge(off, Standing(is_open=True), NOW)
    assert isinstance(closed, Close)
    assert closed.because == "switched_off"


def test_the_same_is_not_opened_again_at_once():
    """An hour must lie between."""
    just = Standing(looks=1, closed_at=NOW - APART_MS + 1)
    assert judge(BAD, just, NOW) == Nothing(0)
    assert isinstance(judge(BAD, replace(just, closed_at=NOW - APART_MS), NOW), Open)


@given(st.lists(st.integers(0, 40), max_size=60))
def test_it_never_flaps(failed):
    """Whatever comes, three looks lie between an opening and its closing, and an hour before the next."""
    standing, now = Standing(), NOW
    last = None
    for number in failed:
        now += 300_000
        step = judge(seen(Kind.DELIVERIES_FAILING, (40, number), (100, 1)), standing, now)
        match step:
            case Open():
                assert last is None or now - last >= APART_MS
                standing, last = Standing(is_open=True), now
            case Close():
                assert now - last >= CALM_LOOKS * 300_000
                standing, last = Standing(closed_at=now), now
            case Keep(looks) | Nothing(looks):
                assert looks < max(BAD_LOOKS, CALM_LOOKS)
                standing = replace(standing, looks=looks)


@given(st.integers(1, 500), st.integers(0, 500), st.integers(0, 500))
def test_more_failures_never_look_better(total, one, other):
    """With everything else the same."""
    few, many = sorted((min(one, total), min(other, total)))
    order = [Look.GOOD, Look.UNSURE, Look.BAD]
    looks = [look(Kind.DELIVERIES_FAILING, (total, hits), (100, 5)) for hits in (few, many)]
    assert order.index(looks[0]) <= order.index(looks[1])


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_a_bound_is_below_its_share(hits, total):
    """And never outside of 0 and 1."""
    bound = lower_bound(hits, total)
    assert 0 <= bound <= 1
    if total and hits <= total:
        assert bound <= hits / total


def test_bounds_as_the_documentation_gives_them():
    """The examples of docs/watch.md."""
    assert round(lower_bound(6, 10), 2) == 0.31
    assert round(lower_bound(60, 100), 2) == 0.50
    assert round(lower_bound(10, 10), 2) == 0.72


def test_chances_of_counts():
    """Against numbers that are known."""
    assert at_most(0, 15) == pytest.approx(3.06e-7, rel=0.01)
    assert at_most(5, 5) == pytest.approx(0.616, abs=0.001)
    assert at_least(0, 5) == 1
    assert at_least(60, 30) == pytest.approx(9.25e-7, rel=0.01)
    assert (at_most(3, 0), at_least(1, 0)) == (1, 0)


@given(st.integers(0, 20_000), st.floats(0.01, 20_000))
def test_chances_are_chances(count, mean):
    """Between 0 and 1, and both sides together are everything and the count itself once more."""
    low, high = at_most(count, mean), at_least(count + 1, mean)
    assert 0 <= low <= 1
    assert 0 <= high <= 1
    assert low + high == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("language", ["en", "ru"])
def test_everything_is_said_in_both_languages(kind, language):
    """No blank stays open."""
    evidence = Evidence(6, 400, 13, 0.011, 44.0, 14)
    texts = [
        words.title(kind, language),
        words.shown_by(kind, evidence, language),
        words.advice(kind, language),
    ]
    assert all(text and "{" not in text for text in texts)
    assert any("а" <= letter <= "я" for letter in texts[1]) is (language == "ru")


def test_shares_are_shown_shortly():
    """A decimal below ten."""
    assert [words.percent(each) for each in (0, 0.004, 0.0999, 0.5, 1)] == [
        "0 %",
        "0.4 %",
        "10 %",
        "50 %",
        "100 %",
    ]
    assert words.percent(0.031, "ru") == "3,1 %"


def test_a_notice_is_told_from_what_is_stored_with_it():
    """Opened with its numbers, over with why; what cannot be read is None."""
    evidence = {"hours": 1, "total": 20, "hits": 19, "usual": None, "expected": None, "days": 0}
    opened = {"kind": "deliveries_failing", "name": "Keitaro", "evidence": evidence}
    title, text = words.told(opened, "ru")
    assert title == "Доставки не проходят: Keitaro"
    assert "19 из 20" in text
    assert words.told({"kind": "duplicates", "because": "quiet"}) == (
        "Unusually many duplicates",
        "Nothing has come for a day, so it was closed.",
    )
    for strange in ({}, {"kind": "x"}, {"kind": "duplicates"}, {**opened, "evidence": {"a": 1}}):
        assert words.told(strange) is None
