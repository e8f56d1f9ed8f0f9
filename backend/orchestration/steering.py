"""What a person may ask of a run: pause it, resume it, say something to it, have one stage done again."""

from __future__ import annotations

import asyncio
from typing import Any

from backend.errors import ConflictError, InputError
from backend.orchestration.projects import Projects
from backend.orchestration.runs import ENDED, thread_of

Row = dict[str, Any]
MAX_MESSAGE = 4000  # characters


class Steering:
    """Takes the requests in; the runs are those of :class:`Projects`, on this server or another one."""

    def __init__(self, projects: Projects) -> None:
        self.projects = projects

    async def _going(self, project_id: str, *statuses: str) -> Row:
        store = self.projects.store
        await asyncio.to_thread(store.project, project_id)
        run = await asyncio.to_thread(store.latest_run, project_id)
        if run is None or run["status"] not in statuses:
            state = run["status"] if run else "never run"
            raise ConflictError(
                f"project {project_id!r} is {state}, not {' or '.join(statuses)}",
                next_action="Look at its status; /api/state/{project_id} tells it.",
                status=state,
            )
        return run

    async def pause(self, project_id: str) -> Row:
        """Stop before the next node, to be resumed; the node in flight is finished. ConflictError where none runs."""
        run = await self._going(project_id, "queued", "running")
        await asyncio.to_thread(self.projects.controls.add, run["id"], "pause")
        self.projects.bus.publish(project_id, "status", text="pausing after this stage", data={"run_id": run["id"]})
        return run

    async def resume(self, project_id: str) -> Row:
        """Go on after a pause. ConflictError where the project isn't paused."""
        run = await self._going(project_id, "paused")
        if not await asyncio.to_thread(self.projects.store.change_status, run["id"], "paused", "queued"):
            raise ConflictError(f"project {project_id!r} was resumed already", next_action="There is nothing to do.")
        self.projects.bus.publish(project_id, "status", text="resumed", data={"run_id": run["id"]})
        self.projects.launch({**run, "status": "queued"})
        return run

    async def steer(self, project_id: str, message: str) -> Row:
        """Say something to a project that runs, waits or is paused: taken in at the next node, or at once.

        "no, steel", "make it 8 in wide", "allow 20 % less mass": what was said last counts, and the design goes on from
        the corrected words. A run that is paused stays so: the message is kept, and taken in when it is resumed.
        ConflictError where no run is going.
        """
        message = message.strip()
        if not message or len(message) > MAX_MESSAGE:
            raise InputError(f"a message has 1 to {MAX_MESSAGE} characters", next_action="Say what should differ.")
        run = await self._going(project_id, "queued", "running", "waiting", "paused")
        await asyncio.to_thread(self.projects.controls.add, run["id"], "message", message)
        later = " (taken in when the run is resumed)" if run["status"] == "paused" else ""
        text = f"message: {message}{later}"
        self.projects.bus.publish(project_id, "status", text=text, data={"run_id": run["id"]})
        if run["status"] == "waiting" and await asyncio.to_thread(
            self.projects.store.change_status, run["id"], "waiting", "queued"
        ):
            messages = await asyncio.to_thread(self.projects.controls.pending, run["id"])
            run = await self.projects.take_in(run, [row for row in messages if row["kind"] == "message"])
            self.projects.launch({**run, "status": "queued"})
        return run

    async def retry(self, project_id: str, stage: str | None = None) -> Row:
        """Do one stage of the last run again, and what follows it; returns the new run.

        ``stage`` is by default the one that failed. ConflictError where the last run is still going or nothing of it is
        kept, with the stages that can be done again.
        """
        run = await self._going(project_id, *ENDED)
        wanted = stage or ((run["error"] or {}).get("details") or {}).get("stage")
        kept = await self.projects.runner.stages(thread_of(run))
        if wanted not in kept:
            raise ConflictError(
                f"the stage {wanted!r} of project {project_id!r} can't be done again"
                + ("" if kept else ": nothing is kept of a run that went through"),
                next_action=f"One of: {', '.join(kept)}." if kept else "Run it anew; an answer changes what is built.",
                stages=kept,
            )
        state = await self.projects.runner.state(thread_of(run))
        spent = await self.projects.spent(run, state)
        request = {**run["request"], "thread": thread_of(run), "again": wanted, "spent": spent}
        request["again_from"] = await self.projects.runner.newest(thread_of(run))
        again = await asyncio.to_thread(self.projects.store.add_run, project_id, mode=run["mode"], request=request)
        self.projects.bus.publish(project_id, "status", text="queued", data={"run_id": again["id"], "again": wanted})
        self.projects.launch(again)
        return again
