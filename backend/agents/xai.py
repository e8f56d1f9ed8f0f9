"""The wrapper that makes an agent observable: its runs are timed, and their start and end are thoughts."""

from __future__ import annotations

import time
from typing import Any

from backend.monitoring import monitor
from backend.schema import AgentReport


class XAIWrapper:
    """Stands before an agent. Everything but ``run`` and ``report`` is the agent's own."""

    def __init__(self, agent: Any) -> None:
        self._agent = agent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._agent, name)

    def __repr__(self) -> str:
        return f"<observed {self._agent!r}>"

    async def run(self, params: dict[str, Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The agent's ``run``, timed."""
        start = time.perf_counter()
        failed = True
        try:
            result: dict[str, Any] = await self._agent.run(params, *args, **kwargs)
            failed = result.get("status") == "error"
            return result
        finally:
            monitor.record(self._agent.name, time.perf_counter() - start, failed=failed)

    async def report(self, params: dict[str, Any], **kwargs: Any) -> AgentReport:
        """The agent's ``report``, timed; an error is also a thought."""
        start = time.perf_counter()
        report: AgentReport | None = None
        try:
            report = await self._agent.report(params, **kwargs)
            if report.status == "error":
                self._agent.think(report.summary, error=(report.error or {}).get("code"))
            return report
        finally:
            elapsed = time.perf_counter() - start
            monitor.record(self._agent.name, elapsed, failed=report is None or report.status == "error")
            if elapsed > monitor.slow_s:  # told where the run is watched, not only in a log
                self._agent.think(
                    f"Slow: took {elapsed:.1f} s, more than {monitor.slow_s:g} s",
                    alert="slow_agent",
                    elapsed_s=elapsed,
                )


def create_xai_wrapper(agent: Any) -> Any:
    """The agent, made observable. Raises TypeError where it has no async ``run``."""
    import inspect

    run = getattr(agent, "run", None)
    if run is None or not inspect.iscoroutinefunction(run):
        raise TypeError(f"{type(agent).__name__} has no async method 'run'")
    return XAIWrapper(agent)
