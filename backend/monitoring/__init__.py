"""What a person watches: how long agents take, how often they fail, traces and alarms."""

from backend.monitoring.journal import note_event
from backend.monitoring.performance import PerformanceMonitor, monitor
from backend.monitoring.tracing import span

__all__ = ["PerformanceMonitor", "monitor", "note_event", "span"]
