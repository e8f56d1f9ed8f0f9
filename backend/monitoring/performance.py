"""How long agents take: counts, extremes and percentiles in bounded memory."""

from __future__ import annotations

import functools
import inspect
import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

logger = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

SHORTEST_S = 1e-4
LONGEST_S = 1e5
GROWTH = 1.04  # each bucket is 4 % wider than the one before: a percentile is right within 2 %
_BUCKETS = math.ceil(math.log(LONGEST_S / SHORTEST_S) / math.log(GROWTH)) + 1


# What the counters count, for Prometheus.
HELP = {
    "brick_tasks_total": "Tasks of the worker pool, by kind and outcome.",
    "brick_runs_total": "Runs that ended or wait, by status.",
    "brick_events_total": "Events published by this process, by kind.",
    "brick_event_words_total": "Words to and from other servers, through Redis, that a project has new events.",
    "brick_llm_requests_total": "Requests to language models, by provider and how they ended.",
    "brick_llm_tokens_total": "Tokens of language models, by provider and direction.",
    "brick_llm_cost_usd_total": "What priced language models cost, USD.",
}


class Histogram:
    """Durations in buckets whose edges grow geometrically; about 530 integers however many values come."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}  # sparse: an agent's durations fill few buckets
        self.count = 0
        self.total = 0.0
        self.min = math.inf
        self.max = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration, s."""
        clipped = min(max(seconds, SHORTEST_S), LONGEST_S)
        bucket = min(_BUCKETS, int(math.log(clipped / SHORTEST_S) / math.log(GROWTH)))
        self.counts[bucket] = self.counts.get(bucket, 0) + 1
        self.count += 1
        self.total += seconds
        self.min = min(self.min, seconds)
        self.max = max(self.max, seconds)

    def quantile(self, q: float) -> float:
        """The smallest duration that at least a share ``q`` of all don't exceed (nearest rank), within 2 %."""
        if self.count == 0:
            return 0.0
        rank = max(1, math.ceil(q * self.count))
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= rank:
                middle = SHORTEST_S * math.pow(GROWTH, bucket + 0.5)
                return min(max(middle, self.min), self.max)
        return self.max


class PerformanceMonitor:
    """Execution times by agent; thread-safe."""

    def __init__(self, slow_s: float = 30.0) -> None:
        self.slow_s = slow_s
        self.metrics: dict[str, Histogram] = {}
        self.failures: dict[str, int] = {}
        self.slow: dict[str, int] = {}
        self.counters: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
        self._lock = threading.Lock()

    def time_agent(self, agent_name: str) -> Callable[[F], F]:
        """Decorator that times a function, plain or async, under ``agent_name``; a failure is counted and passed on."""

        def decorator(func: F) -> F:
            @functools.wraps(func)
            async def async_wrapper(*args: Any, **kwargs: Any) -> Any:
                start = time.perf_counter()
                failed = True
                try:
                    result = await func(*args, **kwargs)
                    failed = False
                    return result
                finally:
                    self.record(agent_name, time.perf_counter() - start, failed=failed)

            @functools.wraps(func)
            def sync_wrapper(*args: Any, **kwargs: Any) -> Any:
                start = time.perf_counter()
                failed = True
                try:
                    result = func(*args, **kwargs)
                    failed = False
                    return result
                finally:
                    self.record(agent_name, time.perf_counter() - start, failed=failed)

            return cast(F, async_wrapper if inspect.iscoroutinefunction(func) else sync_wrapper)

        return decorator

    def record(self, agent_name: str, duration: float, *, failed: bool = False) -> None:
        """Count one execution of ``duration`` seconds; a slow one is logged."""
        with self._lock:
            self.metrics.setdefault(agent_name, Histogram()).add(duration)
            if failed:
                self.failures[agent_name] = self.failures.get(agent_name, 0) + 1
            if duration > self.slow_s:
                self.slow[agent_name] = self.slow.get(agent_name, 0) + 1
        if duration > self.slow_s:
            logger.warning("Slow agent: %s took %.1fs", agent_name, duration)

    def count(self, name: str, amount: float, **labels: str) -> None:
        """Add to a counter of the name and labels; both come from our own code, so they are few."""
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            self.counters[key] = self.counters.get(key, 0.0) + amount

    def get_stats(self) -> dict[str, dict[str, float]]:
        """By agent: count, failures, slow, and avg, min, max, p50, p95, p99 in seconds."""
        with self._lock:
            return {
                name: {
                    "count": times.count,
                    "failures": self.failures.get(name, 0),
                    "slow": self.slow.get(name, 0),
                    "avg": times.total / times.count,
                    "min": times.min,
                    "max": times.max,
                    "p50": times.quantile(0.50),
                    "p95": times.quantile(0.95),
                    "p99": times.quantile(0.99),
                }
                for name, times in self.metrics.items()
            }

    def prometheus(self) -> str:
        """The statistics in the Prometheus text format, version 0.0.4."""
        lines = [
            "# HELP brick_agent_seconds Execution time of agents.",
            "# TYPE brick_agent_seconds summary",
        ]
        stats = self.get_stats()
        for name, values in sorted(stats.items()):
            label = _escaped(name)
            lines += [
                f'brick_agent_seconds{{agent="{label}",quantile="{q}"}} {values[key]:.6g}'
                for q, key in (("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99"))
            ]
            lines += [
                f'brick_agent_seconds_sum{{agent="{label}"}} {values["avg"] * values["count"]:.6g}',
                f'brick_agent_seconds_count{{agent="{label}"}} {values["count"]:g}',
            ]
        for key, what in (("failures", "Executions that failed."), ("slow", "Executions over the slow limit.")):
            lines += [f"# HELP brick_agent_{key}_total {what}", f"# TYPE brick_agent_{key}_total counter"]
            lines += [f'brick_agent_{key}_total{{agent="{_escaped(n)}"}} {v[key]:g}' for n, v in sorted(stats.items())]
        with self._lock:
            counters = sorted(self.counters.items())
        for name in dict.fromkeys(key[0] for key, _ in counters):
            lines += [f"# HELP {name} {HELP.get(name, name)}", f"# TYPE {name} counter"]
            for (own, labels), value in counters:
                if own == name:
                    words = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
                    lines.append(f"{name}{{{words}}} {value:g}")
        return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


monitor = PerformanceMonitor()
