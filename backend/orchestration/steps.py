"""What nodes share: asking an agent, telling what happens, and ending a run with a reason."""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from backend.agent_registry import registry
from backend.monitoring import span
from backend.orchestration import control
from backend.orchestration.state import RunState, changed
from backend.schema import AgentReport

Tell = Callable[..., Any]

# Where the events of the present run go: called with (kind, agent=, stage=, text=, data=).
_tell: ContextVar[Tell | None] = ContextVar("brick_tell", default=None)


def telling(tell: Tell) -> Any:
    """Send the events of this context to ``tell``; returns the token for :func:`hush`."""
    return _tell.set(tell)


def hush(token: Any) -> None:
    """Undo :func:`telling`."""
    _tell.reset(token)


def tell(kind: str, **fields: Any) -> None:
    """Publish an event of the present run, if anyone listens."""
    listener = _tell.get()
    if listener is not None:
        listener(kind, **fields)


async def consult(name: str, params: dict[str, Any], **kwargs: Any) -> AgentReport:
    """The report of an agent, within its declared time and retries. A missing agent is a RuntimeError."""
    spec = registry.spec(name)
    report: AgentReport = await registry.get_agent(name).report(
        params, timeout_s=spec.timeout_s, retries=spec.retries, **kwargs
    )
    return report


def ended(state: RunState, report: AgentReport, stage: str, *, exit_code: int = 3) -> dict[str, Any]:
    """The update that ends the run because of a report: its error, told once, and kept in the state."""
    error = report.error or {"code": "failed", "message": report.summary, "next_action": "", "details": {}}
    tell("error", agent=report.agent, stage=stage, text=error["message"], data=error)
    return {
        "core": changed(state["core"], errors=[*state["core"]["errors"], error["message"]]),
        "run": changed(state["run"], error={**error, "stage": stage, "agent": report.agent}, exit_code=exit_code),
    }


# What a person is told while a stage runs.
DOING = {
    "gather": "Reading the brief",
    "invent": "Having a part proposed",
    "plan": "Sizing the part",
    "approve": "Waiting for approval",
    "geometry": "Building the model",
    "validate_geometry": "Checking the model",
    "physics": "Proving strength and heat",
    "verify": "Holding requirements against the evidence",
    "repair": "Going round again",
    "release": "Making ready for release",
    "approve_release": "Waiting for release",
    "manufacture": "Bill of materials",
    "document": "Writing the dossier",
    "quality_review": "Reviewing the package",
}

Node = Callable[[RunState], Awaitable[dict[str, Any]]]


def stage(name: str) -> Callable[[Node], Node]:
    """Marks a node: its start and end are events; the end's text is the node's ``_said``, its time is kept."""

    def decorate(node: Node) -> Node:
        @functools.wraps(node)
        async def told(state: RunState) -> dict[str, Any]:
            await control.before(name)
            start = time.perf_counter()
            tell("stage_started", stage=name, text=DOING[name])
            with span(f"node {name}", stage=name, project_id=state["core"]["project_id"]) as opened:
                update = await node(state)
                opened.set(error=((update.get("run") or {}).get("error") or {}).get("code"))
            said = update.pop("_said", "") or DOING[name]
            elapsed = time.perf_counter() - start
            tell("stage_finished", stage=name, text=said, data={"elapsed_s": round(elapsed, 3)})
            return update

        return told

    return decorate
