"""Charts as inline SVG, made here: bars that stack, a line, a sparkline, a strip of what happened last.

A chart is for the eyes; the same figures stand in a table beside it. To others it is one image whose label
says what it shows; every bar has a title for who points at it. Colours are classes of the style sheet ("ok",
"bad", "main", "soft"), so that both themes fit. The plot stretches with its place while its words, which
stand around it as HTML, keep their size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

Colour = Literal["ok", "bad", "main", "soft"]
Outcome = Literal["ok", "bad", "wait", ""]

HEIGHT: Final = 100
STEP: Final = 10
"""How wide a bar's place is, in units of the plot."""
GAP: Final = 2
LABELS: Final = 8
"""How many words stand under a chart at most."""
_STEPS: Final = (1, 2, 4, 6, 10)


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of figure of a chart: its name for the legend, and its colour."""

    name: str
    colour: Colour = "main"


@dataclass(frozen=True, slots=True)
class Point:
    """One place on the x axis: its word, what is shown on pointing at it, a value for each series."""

    word: str
    title: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing of a strip: what became of it ("" for nothing yet known), and its title."""

    outcome: Outcome
    title: str = ""


def bars(points: Sequence[Point], series: Sequence[Series], label: str) -> SafeString:
    """Return bars in which the series of a point stand upon each other, the first one at the bottom.

    `label` says in words what the chart shows, for those who do not see it.
    """
    most = ceiling(max((sum(point.values) for point in points), default=0))
    drawn = format_html_join(
        "", "{}", ((_bar(number, point, series, most),) for number, point in enumerate(points))
    )
    return _framed(points, most, label, drawn)


def _bar(number: int, point: Point, series: Sequence[Series], most: float) -> SafeString:
    parts = []
    top = 0.0
    for one, value in zip(series, point.values, strict=True):
        height = HEIGHT * value / most
        top += height
        if height:
            parts.append(
                (one.colour, _of(number * STEP + GAP / 2), _of(HEIGHT - top), STEP - GAP, _of(height))
            )
    return format_html(
        '<g><title>{}</title><rect class="hit" x="{}" y="0" width="{}" height="{}"/>{}</g>',
        point.title,
        number * STEP,
        STEP,
        HEIGHT,
        format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', parts),
    )


def line(points: Sequence[Point], label: str) -> SafeString:
    """Return the first value of each point as a line."""
    most = ceiling(max((point.values[0] for point in points), default=0))
    drawn = format_html(
        '<polyline class="line" points="{}"/>{}',
        _path([point.values[0] for point in points], most),
        format_html_join(
            "",
            '<rect class="hit" x="{}" y="0" width="{}" height="{}"><title>{}</title></rect>',
            ((number * STEP, STEP, HEIGHT, point.title) for number, point in enumerate(points)),
        ),
    )
    return _framed(points, most, label, drawn)


def sparkline(values: Sequence[float], label: str) -> SafeString:
    """Return a small line without axes."""
    return format_html(
        '<svg class="chart spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polyline class="line" points="{}"/></svg>',
        max(1, len(values)) * STEP,
        HEIGHT,
        label,
        _path(values, max([*values, 0]) or 1),
    )


def strip(marks: Sequence[Mark], label: str) -> SafeString:
    """Return what happened last, oldest first, a small bar each."""
    drawn = format_html_join(
        "", '<i class="{}" title="{}"></i>', ((mark.outcome, mark.title) for mark in marks)
    )
    return format_html('<span class="strip" role="img" aria-label="{}">{}</span>', label, drawn)


def legend(series: Sequence[Series]) -> SafeString:
    """Return the names of the series with their colours."""
    names = format_html_join(
        "", '<span><i class="{}"></i>{}</span>', ((one.colour, one.name) for one in series)
    )
    return format_html('<span class="legend">{}</span>', names)


def _framed(points: Sequence[Point], most: float, label: str, drawn: SafeString) -> SafeString:
    """Return a plot with its axes."""
    wide = max(1, len(points)) * STEP
    grid = format_html_join(
        "", '<line class="grid" x1="0" x2="{}" y1="{}" y2="{}"/>', ((wide, at, at) for at in (0, 50, 100))
    )
    every = max(1, -(-len(points) // LABELS))
    words = [point.word for point in points[::every]]
    return format_html(
        '<div class="chart framed" role="img" aria-label="{}"><div class="ys">{}</div>'
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}{}</svg>'
        '<div class="xs">{}</div></div>',
        label,
        format_html_join("", "<span>{}</span>", ((short(each),) for each in (most, most / 2, 0))),
        wide,
        HEIGHT,
        grid,
        drawn,
        format_html_join("", "<span>{}</span>", ((word,) for word in words)),
    )


def _path(values: Sequence[float], most: float) -> str:
    places = [
        (number * STEP + STEP / 2, HEIGHT - HEIGHT * value / most) for number, value in enumerate(values)
    ]
    return " ".join(f"{_of(x)},{_of(y)}" for x, y in places)


def ceiling(value: float) -> float:
    """Return a round number for the top of an axis, whose half is round too. It is 2 at least."""
    if value <= 2:  # noqa: PLR2004 - the smallest axis
        return 2
    power = 1.0
    while power * 10 < value:
        power *= 10
    return next(step * power for step in _STEPS if value <= step * power)


def short(value: float) -> str:
    """Return a number for an axis: 1,500 becomes 1.5k in the reader's own form of decimals."""
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{_shown(value / size)}{letter}"
    return _shown(value)


def _shown(value: float) -> str:
    return str(number_format(round(value, 1), 0 if value == int(value) else 1))


def _of(value: float) -> str:
    """Return a coordinate with as many digits as are seen."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
