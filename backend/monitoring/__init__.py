"""What a person watches: how long agents take, and how often they fail."""

from backend.monitoring.performance import PerformanceMonitor, monitor

__all__ = ["PerformanceMonitor", "monitor"]
