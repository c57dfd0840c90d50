"""Charts: what they draw, and that they are harmless and described."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

import tests.console.conftest  # noqa: F401 - configures Django
from redound.console.shell import charts
from redound.console.shell.charts import Mark, Point, Series

SERIES = (Series("Delivered", "ok"), Series("Failed", "bad"))


def rects(svg: str, colour: str) -> list[tuple[float, float]]:
    """Where the bars of a colour begin, and how high they are."""
    found = re.findall(rf'class="{colour}" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', svg)
    return [(float(y), float(height)) for y, height in found]


def test_bars_stand_upon_each_other():
    """Three delivered and one failed, of a scale up to four."""
    drawn = charts.bars([Point("10", "10:00", (3, 1))], SERIES, "Deliveries")
    assert rects(drawn, "ok") == [(25, 75)]
    assert rects(drawn, "bad") == [(0, 25)]


def test_every_bar_says_what_it_is_and_the_chart_as_a_whole():
    """By a title for who points at it, by a label for who does not see it."""
    drawn = charts.bars([Point("10", "10:00: none", (0, 0))] * 3, SERIES, "Deliveries: none")
    assert drawn.count("<title>10:00: none</title>") == 3
    assert 'role="img" aria-label="Deliveries: none"' in drawn
    assert rects(drawn, "ok") == []


@pytest.mark.parametrize("text", ['<script>"', "</title><b>", "a&b'"])
def test_words_are_escaped(text):
    """Names of users' things stand in charts."""
    for drawn in (
        charts.bars([Point(text, text, (1,))], [Series(text)], text),
        charts.line([Point(text, text, (1,))], text),
        charts.sparkline([1, 2], text),
        charts.strip([Mark("ok", text)], text),
        charts.legend([Series(text)]),
    ):
        assert text not in drawn
        assert "style=" not in drawn


def test_a_strip_tells_each_outcome():
    """In the order in which they are given."""
    drawn = charts.strip([Mark("ok", "1"), Mark("bad", "2"), Mark("wait", "3"), Mark("")], "Last four")
    assert re.findall(r'<i class="(\w*)"', drawn) == ["ok", "bad", "wait", ""]


def test_a_chart_of_nothing_is_empty_and_stands():
    """No division by zero."""
    for drawn in (charts.bars([], SERIES, "x"), charts.line([], "x"), charts.sparkline([], "x")):
        assert "<svg" in drawn


def test_few_words_stand_below():
    """However many points there are."""
    points = [Point(str(n), str(n), (n,)) for n in range(90)]
    below = re.search(r'<div class="xs">(.*?)</div>', charts.bars(points, [Series("x")], "x"))[1]
    assert len(re.findall("<span>", below)) <= charts.LABELS


@given(some.floats(0, 1e12))
def test_the_scale_is_round_and_holds_everything(value):
    """Its half is a whole number, and no more than four fifths of it stay empty."""
    top = charts.ceiling(value)
    assert top >= value
    assert top % 2 == 0
    assert top <= max(2, 5 * value)


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (0.5, "0.5"), (999, "999"), (1500, "1.5k"), (2_000_000, "2M")]
)
def test_numbers_of_the_axis_are_short(value, words):
    """As people say them."""
    assert charts.short(value) == words
