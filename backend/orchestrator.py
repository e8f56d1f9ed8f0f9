"""The orchestrator: a brief in, a proven design out.

The graph and its nodes live in :mod:`backend.orchestration`; this is the door to them.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.events import Event, EventBus
from backend.orchestration.graph import build_graph
from backend.orchestration.nodes import (
    document_node,
    gather_node,
    geometry_node,
    manufacture_node,
    physics_node,
    plan_node,
    repair_node,
    validate_geometry_node,
    verify_node,
)
from backend.orchestration.runner import RunFailed, Runner, awaited, failure, finished, write_state
from backend.orchestration.state import RunState, begin
from backend.schema import AgentState
from backend.xai_stream import inject_thought

if TYPE_CHECKING:
    from backend.config.settings import Settings

__all__ = [
    "RunFailed",
    "RunState",
    "build_graph",
    "document_node",
    "gather_node",
    "geometry_node",
    "inject_thought",
    "manufacture_node",
    "physics_node",
    "plan_node",
    "repair_node",
    "run_design",
    "validate_geometry_node",
    "verify_node",
]

Approval = str | Callable[[dict[str, Any]], Awaitable[str]]


def new_project_id() -> str:
    """A fresh id."""
    return f"p-{uuid.uuid4().hex[:12]}"


def graph_in_memory() -> Any:
    """The graph with checkpoints that end with the process."""
    from langgraph.checkpoint.memory import InMemorySaver

    return build_graph(InMemorySaver())


async def run_design(
    brief: str,
    *,
    project_id: str | None = None,
    out_dir: str | Path | None = None,
    answers: dict[str, str] | None = None,
    mode: str = "execute",
    llm: str | None = None,
    approval: Approval | None = None,
    approve_release: bool = False,
    release: Approval | None = None,
    on_event: Callable[[Event], None] | None = None,
    settings: Settings | None = None,
    bus: EventBus | None = None,
    record: bool = False,
) -> AgentState:
    """Design a part from a brief, from the words to the dossier, in one go.

    ``answers`` (question id -> text) settle what the brief leaves open; what they don't is in ``design.questions`` of
    the result. In ``mode="plan"`` the run stops before anything is built and asks ``approval`` (a text such as
    "approved", or an async function of the plan); without one, the result has ``approval_required``. With
    ``approve_release`` the design waits for ``release`` (a text, or a function of what is to be released) before
    anything is handed over. Files go to ``out_dir``, or to the project's folder. ``llm`` names the language model
    provider that may be asked where no family describes the part (that of the settings, by default). ``on_event`` gets
    every event, in order; it may be called from any thread.

    With ``record`` a design that has a verdict becomes a revision of its project in the local database; where that
    can't be written, an event says so and the design stands.

    Returns the project's state. Raises :class:`RunFailed` (with exit_code 1, 2 or 3) where there is no design.
    """
    from backend.compute import get_pool
    from backend.config.settings import get_settings

    settings = settings or get_settings()
    get_pool().warm("geometry")  # it gets ready while the graph is loaded and the brief is read
    project = project_id or new_project_id()
    bus = bus or EventBus()
    stop = bus.listen(lambda event: on_event(event) if event["project_id"] == project else None) if on_event else None
    with contextlib.ExitStack() as stack:
        if stop is not None:
            stack.callback(stop)
        if out_dir is None:
            out = settings.projects_dir / project
            out.mkdir(parents=True, exist_ok=True)
        else:
            out = Path(out_dir)
        work = Path(tempfile.mkdtemp(prefix="brick-run-"))
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        state = begin(
            project,
            brief,
            mode=mode,
            work_dir=str(work),
            out_dir=str(out),
            answers=answers or {},
            max_repair_rounds=settings.max_repair_rounds,
            llm=llm,
            approve_release=approve_release,
        )
        runner = Runner(await asyncio.to_thread(graph_in_memory), bus)
        get_pool().warm("fem")  # and this one while the model is built: both at once would delay the start
        result, waits = await runner.start(state, project)
        while waits:
            subject = awaited(result)
            person = approval if subject == "plan" else release
            if person is None:
                break
            shown = result["run"]["plan"] if subject == "plan" else result["manufacturing"]["release"]
            answer = person if isinstance(person, str) else await person(shown)
            result, waits = await runner.answer(project, project, answer)
        failed = failure(result)
        if failed is not None:
            raise failed
        final = finished(result, waits=waits)
        if final["validation"]["verification_report"]:
            held_back = waits or final["user_approval"] == "rejected"  # nothing but the state is handed over
            await write_state(final, {} if held_back else result["run"]["files"], out)
            if record:
                await _record(settings, final, result, bus)
        bus.publish(project, "done", text=_outcome(final, waits))
        return final


async def _record(settings: Settings, final: AgentState, result: RunState, bus: EventBus) -> None:
    from backend.errors import BrickError
    from backend.orchestration.keeping import record

    project = final["core"]["project_id"]
    try:
        row = await asyncio.to_thread(record, settings, final, result["run"])
    except (BrickError, OSError) as problem:
        bus.publish(project, "status", text=f"not recorded in the project's history: {problem}")
    else:
        data = {"revision": row["number"], "project_id": project}
        bus.publish(project, "status", text=f"revision {row['number']} of project {project}", data=data)


def _outcome(state: AgentState, waits: bool) -> str:
    if waits:
        return "waiting for approval"
    if state["design"]["questions"]:
        return "waiting for an answer"
    return str(state["validation"]["verification_report"].get("status", "ended"))
