"""Runs the graph for one project: events out, checkpoints kept, a person's answer taken in."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from backend import xai_stream
from backend.agents.document_agent import write_design_json
from backend.errors import BrickError
from backend.events import EventBus
from backend.monitoring import span
from backend.orchestration import steps
from backend.orchestration.state import RunState, project_state
from backend.schema import AgentState

# Far above what max_repair_rounds allows: LangGraph's own limit must never be what ends a run.
RECURSION_LIMIT = 400


@contextlib.contextmanager
def watched(bus: EventBus, project_id: str) -> Iterator[None]:
    """Within this block, thoughts and stages of the project are events on the bus."""

    unsent: deque[dict[str, Any]] = deque()  # thoughts that couldn't be stored yet: nobody stops to think for that

    def tell(kind: str, **fields: Any) -> None:
        while unsent:
            bus.publish(project_id, "thought", **unsent[0])
            unsent.popleft()
        bus.publish(project_id, kind, **fields)

    def pass_on(thought: xai_stream.Thought) -> None:
        if thought["run_id"] != project_id:
            return
        fields = {key: thought[key] for key in ("agent", "stage", "text", "data")}
        try:
            tell("thought", **fields)
        except Exception:
            unsent.append(fields)
            raise

    token = steps.telling(tell)
    try:
        with xai_stream.run_context(project_id), xai_stream.listening(pass_on):
            yield
    finally:
        steps.hush(token)


class Runner:
    """Drives a compiled graph. One runner serves many projects."""

    def __init__(self, graph: Any, bus: EventBus) -> None:
        self.graph, self.bus = graph, bus

    @staticmethod
    def _config(thread_id: str) -> dict[str, Any]:
        return {"configurable": {"thread_id": thread_id}, "recursion_limit": RECURSION_LIMIT}

    async def start(self, state: RunState, thread_id: str) -> tuple[RunState, bool]:
        """Run from the beginning; returns the state and whether it waits for approval."""
        return await self._invoke(state, state["core"]["project_id"], thread_id)

    async def resume(self, project_id: str, thread_id: str) -> tuple[RunState, bool]:
        """Go on after the last checkpoint; what was finished is not done again."""
        return await self._invoke(None, project_id, thread_id)

    async def answer(self, project_id: str, thread_id: str, answer: str) -> tuple[RunState, bool]:
        """Give the waiting run a person's answer and go on."""
        from langgraph.types import Command

        return await self._invoke(Command(resume=answer), project_id, thread_id)

    async def again(
        self, project_id: str, thread_id: str, stage: str, spent: Sequence[dict[str, Any]] = ()
    ) -> tuple[RunState, bool] | None:
        """Go on from the last checkpoint before ``stage``: that node and what follows are done anew.

        ``spent`` is what language models have taken since; it stays in the account. None where no such checkpoint is
        kept.
        """
        async for snapshot in self.graph.aget_state_history(self._config(thread_id)):
            if stage in snapshot.next:
                config = snapshot.config
                if len(spent) > len(snapshot.values.get("run", {}).get("spent", spent)):
                    run = {**snapshot.values["run"], "spent": list(spent)}
                    config = await self.graph.aupdate_state(config, {"run": run})
                config = {**config, "recursion_limit": RECURSION_LIMIT}
                return await self._invoke(None, project_id, thread_id, config)
        return None

    async def stages(self, thread_id: str) -> list[str]:
        """The stages of a thread that can be done again, in the order in which they came first."""
        found: list[str] = []
        async for snapshot in self.graph.aget_state_history(self._config(thread_id)):
            found += [name for name in snapshot.next if not name.startswith("__")]
        return list(dict.fromkeys(reversed(found)))

    async def _invoke(
        self, given: Any, project_id: str, thread_id: str, config: dict[str, Any] | None = None
    ) -> tuple[RunState, bool]:
        with watched(self.bus, project_id), span("run", project_id=project_id, thread=thread_id):
            result = await self.graph.ainvoke(given, config or self._config(thread_id), durability="sync")
        interrupts = result.pop("__interrupt__", None) or ()
        for asked in interrupts:
            stage = asked.value["stage"]
            text = f"The {stage} waits for approval"
            self.bus.publish(project_id, "approval", stage=stage, text=text, data=asked.value[stage])
        return result, bool(interrupts)

    async def state(self, thread_id: str) -> RunState | None:
        """The state at the last checkpoint of a thread; None where there is none."""
        snapshot = await self.graph.aget_state(self._config(thread_id))
        values: RunState | None = snapshot.values or None
        return values

    async def step(self, thread_id: str) -> int:
        """How far a thread has come: the number of its last checkpoint, -2 where there is none."""
        snapshot = await self.graph.aget_state(self._config(thread_id))
        return int((snapshot.metadata or {}).get("step", -2))

    async def newest(self, thread_id: str) -> str | None:
        """The name of a thread's last checkpoint; None where there is none."""
        snapshot = await self.graph.aget_state(self._config(thread_id))
        found: str | None = snapshot.config["configurable"].get("checkpoint_id")
        return found

    async def forget(self, thread_id: str) -> None:
        """Drop the checkpoints of a thread that has ended; its result is kept elsewhere."""
        if self.graph.checkpointer is not None:
            await self.graph.checkpointer.adelete_thread(thread_id)


def awaited(state: RunState) -> str:
    """What a run that waits has a person decide on: "plan" or "release"."""
    return "release" if (state["manufacturing"].get("release") or {}).get("status") == "waiting" else "plan"


def finished(state: RunState, *, waits: bool) -> AgentState:
    """The project's state at the end of a run: files by their final place, the model by its content."""
    project = project_state(state)
    files = state["run"]["files"]
    if files:
        project["geometry"]["artifacts"] = dict(files)
        project["geometry"]["gltf_data"] = files.get("glb", "")
        compiled = project["geometry"]["compiled"]
        compiled["files"] = {kind: files.get(kind, path) for kind, path in compiled.get("files", {}).items()}
        if "glb" in files:
            project["geometry"]["model_id"] = hashlib.sha256(Path(files["glb"]).read_bytes()).hexdigest()
    project["approval_required"] = waits
    return project


async def write_state(project: AgentState, files: dict[str, str], out_dir: Path) -> None:
    """``design.json`` beside the other files."""
    await asyncio.to_thread(write_design_json, dict(project), files, out_dir)


class RunFailed(BrickError):
    """A run that ended early: carries the error of the agent that ended it."""

    code = "run_failed"


def failure(state: RunState) -> RunFailed | None:
    """The error that ended a run, as an exception; None where it went through."""
    error = state["run"]["error"]
    if error is None:
        return None
    failed = RunFailed(error["message"], next_action=error.get("next_action", ""), code=error["code"])
    failed.details = {**(error.get("details") or {}), "stage": error.get("stage"), "agent": error.get("agent")}
    if error.get("source"):
        failed.details["source"] = error["source"]
    failed.exit_code = state["run"]["exit_code"]
    failed.http_status = 422 if failed.exit_code in (1, 2) else 500
    return failed
