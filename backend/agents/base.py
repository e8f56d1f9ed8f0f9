"""What every agent is: async, named, and honest about failure."""

from __future__ import annotations

import asyncio
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from backend.errors import BrickError
from backend.schema import AgentReport, Check
from backend.xai_stream import inject_thought

REPORT_FIELDS = ("status", "summary", "checks")


class BaseAgent(ABC):
    """Base class for all BRICK OS agents.

    ``run`` does the work and returns plain JSON data with at least ``status`` ("success", "failure", "error" or
    "not_verified"); it may raise. ``report`` never raises: what goes wrong in an agent is a report of failure, because
    an exception in one of several that run side by side would take the others with it.
    """

    stage: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The name that it has in the registry and in the thought stream."""
        return type(self).__name__

    @abstractmethod
    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """
        Execute agent logic.

        All agents must be async to support concurrent execution
        and non-blocking I/O (LLM calls, file operations).
        """

    async def report(
        self, params: dict[str, Any], *, timeout_s: float | None = None, retries: int = 0, **kwargs: Any
    ) -> AgentReport:
        """The outcome of :meth:`run` as a report, whatever happens: a timeout and any exception included.

        ``retries`` counts further attempts after an unexpected failure (a crashed worker, a lost connection); what is
        wrong with the input stays wrong and is not tried again.
        """
        start = time.perf_counter()
        error: dict[str, Any] = {}
        for attempt in range(retries + 1):
            try:
                async with asyncio.timeout(timeout_s):
                    result = await self.run(params, **kwargs)
                return self._as_report(result, time.perf_counter() - start)
            except TimeoutError:
                error = {
                    "code": "agent_timeout",
                    "message": f"{self.name} was stopped after {timeout_s:g} s",
                    "next_action": "Simplify the task, or raise the agent's time limit.",
                    "details": {},
                }
            except Exception as problem:
                error = describe(problem)
                if isinstance(problem, BrickError) and problem.exit_code != 3:
                    break
            if attempt < retries:
                self.think(f"{error['message']} Trying again ({attempt + 1} of {retries}).")
        return AgentReport(
            agent=self.name,
            status="error",
            summary=error["message"],
            error=error,
            elapsed_s=time.perf_counter() - start,
        )

    def _as_report(self, result: dict[str, Any], elapsed_s: float) -> AgentReport:
        return AgentReport(
            agent=self.name,
            status=result.get("status", "success"),
            summary=result.get("summary", ""),
            checks=tuple(Check.model_validate(check) for check in result.get("checks", ())),
            data={key: value for key, value in result.items() if key not in (*REPORT_FIELDS, "error")},
            error=result.get("error"),
            elapsed_s=elapsed_s,
        )

    def think(self, text: str, **data: Any) -> None:
        """Say what is being done or was found, with the numbers behind it."""
        inject_thought(self.name, text, stage=self.stage, data=data)


def describe(problem: BaseException) -> dict[str, Any]:
    """An exception as {code, message, next_action, details}: its own words where it has them."""
    if hasattr(problem, "as_dict"):
        known: dict[str, Any] = {"code": "internal", "next_action": "", "details": {}, **problem.as_dict()}
        known.setdefault("message", str(problem))
        return known
    return {
        "code": "internal",
        "message": f"{type(problem).__name__}: {problem}",
        "next_action": "This is a defect; please report it with the details.",
        "details": {"traceback": "".join(traceback.format_exception(problem, limit=-8))},
    }


def dumped(checks: Any) -> list[dict[str, Any]]:
    """Records as JSON data."""
    return [check.model_dump(mode="json") for check in checks]


def required(params: Mapping[str, Any], key: str, agent: str) -> Any:
    """A parameter that the agent can't do without; InputError where it is missing."""
    if params.get(key) in (None, "", {}):
        from backend.errors import InputError

        raise InputError(
            f"{agent} needs {key!r}, which was not given (given: {', '.join(sorted(params)) or 'nothing'})",
            next_action=f"Pass {key!r} in the parameters.",
        )
    return params[key]
