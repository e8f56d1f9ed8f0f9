"""Performance figures: right percentiles in bounded memory."""

import asyncio
import logging

import numpy as np
import pytest

from backend.monitoring import PerformanceMonitor
from backend.monitoring.performance import Histogram


@pytest.mark.parametrize("q", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("shape", ["lognormal", "uniform", "two humps"])
def test_percentiles_agree_with_numpy(q, shape):
    random = np.random.default_rng(7)
    values = {
        "lognormal": random.lognormal(-1, 1.2, 5000),
        "uniform": random.uniform(0.01, 5, 5000),
        "two humps": np.concatenate([random.normal(0.1, 0.01, 4000), random.normal(20, 1, 1000)]),
    }[shape]
    histogram = Histogram()
    for value in values:
        histogram.add(float(value))
    assert histogram.quantile(q) == pytest.approx(np.quantile(values, q, method="inverted_cdf"), rel=0.021)


def test_the_95th_of_twenty_is_the_nineteenth_and_not_the_largest():
    histogram = Histogram()
    for value in range(1, 21):
        histogram.add(value)
    assert histogram.quantile(0.95) == pytest.approx(19, rel=0.021)
    assert histogram.quantile(1.0) == 20


def test_memory_is_bounded():
    histogram = Histogram()
    for value in np.random.default_rng(1).lognormal(0, 5, 20_000):
        histogram.add(float(value))
    assert len(histogram.counts) <= 531
    assert histogram.count == 20_000


def test_extremes_and_average_are_exact():
    monitor = PerformanceMonitor()
    for seconds in (0.5, 1.5, 4.0):
        monitor.record("A", seconds)
    stats = monitor.get_stats()["A"]
    assert (stats["count"], stats["avg"], stats["min"], stats["max"]) == (3, 2.0, 0.5, 4.0)


def test_nothing_recorded_is_nothing_shown():
    assert PerformanceMonitor().get_stats() == {}
    assert Histogram().quantile(0.5) == 0.0


def test_a_slow_agent_is_logged_and_counted(caplog):
    monitor = PerformanceMonitor(slow_s=30)
    with caplog.at_level(logging.WARNING):
        monitor.record("Fast", 29.9)
        monitor.record("Slow", 31.25)
    assert [record.getMessage() for record in caplog.records] == ["Slow agent: Slow took 31.2s"]
    assert monitor.get_stats()["Slow"]["slow"] == 1


def test_the_decorator_times_plain_and_async_functions_and_keeps_their_names():
    monitor = PerformanceMonitor()

    @monitor.time_agent("Async")
    async def wait(seconds):
        """Waits."""
        await asyncio.sleep(seconds)
        return "waited"

    @monitor.time_agent("Plain")
    def double(x):
        return 2 * x

    assert asyncio.run(wait(0.05)) == "waited"
    assert double(4) == 8
    assert wait.__name__ == "wait"
    assert 0.045 < monitor.get_stats()["Async"]["max"] < 0.5
    assert monitor.get_stats()["Plain"]["count"] == 1


def test_a_failure_is_counted_and_passed_on():
    monitor = PerformanceMonitor()

    @monitor.time_agent("A")
    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert monitor.get_stats()["A"]["failures"] == 1


def test_the_prometheus_text_has_a_line_for_each_figure():
    monitor = PerformanceMonitor()
    monitor.record('Geo"metry', 2.0)
    lines = monitor.prometheus().splitlines()
    assert 'brick_agent_seconds_count{agent="Geo\\"metry"} 1' in lines
    assert 'brick_agent_seconds_sum{agent="Geo\\"metry"} 2' in lines
    assert 'brick_agent_seconds{agent="Geo\\"metry",quantile="0.95"} 2' in lines
