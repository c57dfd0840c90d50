"""What the edge counts: plain integers on the hot path, turned into Prometheus families only when read."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import generate_latest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from prometheus_client.metrics_core import Metric
    from prometheus_client.registry import Collector

_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Histogram:
    """Counts of durations in seconds."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(_BOUNDS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(_BOUNDS, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Return the cumulative counts in Prometheus's form."""
        running, found = 0, []
        for bound, count in zip((*map(str, _BOUNDS), "+Inf"), self.counts, strict=True):
            running += count
            found.append((bound, float(running)))
        return found


class Counters:
    """The numbers of one edge. Attributes are incremented directly."""

    __slots__ = (
        "click_commits",
        "clicks",
        "clicks_refused",
        "clicks_replayed",
        "clicks_spilled",
        "failures",
        "report_commits",
        "reports",
        "shed",
    )

    def __init__(self) -> None:
        self.clicks = 0
        self.clicks_spilled = 0
        self.clicks_replayed = 0
        self.clicks_refused: Counter[str] = Counter()
        self.reports: Counter[str] = Counter()
        self.shed: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.click_commits = Histogram()
        self.report_commits = Histogram()


class EdgeCollector:
    """Shows the counters, and gauges that are asked for when somebody looks."""

    def __init__(self, counters: Counters, gauges: Mapping[str, tuple[str, Callable[[], float]]]) -> None:
        self._counters = counters
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        """Return the families (prometheus-client's protocol)."""
        counters = self._counters
        yield CounterMetricFamily("redound_clicks", "Clicks redirected.", counters.clicks)
        yield CounterMetricFamily(
            "redound_clicks_spilled", "Clicks kept in the spill file.", counters.clicks_spilled
        )
        yield CounterMetricFamily(
            "redound_clicks_replayed", "Clicks stored from the spill file.", counters.clicks_replayed
        )
        yield _labelled("redound_clicks_refused", "Clicks not redirected.", "code", counters.clicks_refused)
        yield _labelled("redound_reports", "Reports answered, by verdict.", "verdict", counters.reports)
        yield _labelled("redound_shed", "Requests answered 503.", "what", counters.shed)
        yield _labelled("redound_failures", "Store calls that failed.", "what", counters.failures)
        for name, text, histogram in (
            ("redound_click_commit_seconds", "Time for a batch of clicks.", counters.click_commits),
            ("redound_report_commit_seconds", "Time for a batch of reports.", counters.report_commits),
        ):
            yield HistogramMetricFamily(name, text, buckets=histogram.buckets(), sum_value=histogram.total)
        for name, (text, read) in self._gauges.items():
            yield GaugeMetricFamily(name, text, read())


class StatsCollector:
    """Shows numbers that another part counts, as one gauge with a label."""

    def __init__(self, name: str, text: str, read: Callable[[], Mapping[str, float]]) -> None:
        self._name = name
        self._text = text
        self._read = read

    def collect(self) -> Iterator[Metric]:
        """Return the family (prometheus-client's protocol)."""
        family = GaugeMetricFamily(self._name, self._text, labels=["what"])
        for what, number in sorted(self._read().items()):
            family.add_metric([what], number)
        yield family


def _labelled(name: str, text: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family


def exposition(collectors: Iterable[Collector]) -> bytes:
    """Return the text that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    return generate_latest(registry)
