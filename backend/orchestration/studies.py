"""Studies of a project's part: loads and supports that a person chose, solved in the background and kept.

A study is that of ``./brick check`` (:mod:`backend.studies`), without its ``model``: that is the part of the revision.
Its row lies in a file of its own and its results among the artefacts, so that they are still there after a restart; a
study that was going when the server ended is told as interrupted.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.agents.base import describe
from backend.artifacts import ArtifactStore
from backend.errors import ConflictError, NotFoundError
from backend.schema import AgentState

if TYPE_CHECKING:
    from backend.compute import WorkPool
    from backend.orchestration.history import History

logger = logging.getLogger(__name__)

Row = dict[str, Any]
RUNNING = "running"


class _Stoppable:
    """The pool as a study's thread sees it: what it waits for can be ended from outside."""

    def __init__(self, pool: WorkPool) -> None:
        self.pool = pool
        self.stopped = threading.Event()
        self._cancel: Any = None

    def run_sync(self, target: str, payload: Any, *, kind: str = "general", **limits: Any) -> Any:
        """As :meth:`WorkPool.run_sync`, until :meth:`stop`."""
        return self._submit(target, payload, kind, limits).result()

    async def run(self, target: str, payload: Any, *, kind: str = "general", **limits: Any) -> Any:
        """As :meth:`WorkPool.run`, until :meth:`stop`."""
        return await asyncio.wrap_future(self._submit(target, payload, kind, limits))

    def _submit(self, target: str, payload: Any, kind: str, limits: dict[str, Any]) -> Any:
        future, self._cancel = self.pool.submit(target, payload, kind=kind, **limits)
        if self.stopped.is_set():
            self._cancel()
        return future

    def stop(self) -> None:
        """End what is being computed."""
        self.stopped.set()
        if self._cancel is not None:
            self._cancel()


class StudyBench:
    """The studies of all projects of one server."""

    def __init__(self, folder: Path, artifacts: ArtifactStore, history: History, pool: Any) -> None:
        self.folder, self.artifacts, self.history, self.pool = folder, artifacts, history, pool
        self._going: dict[str, tuple[asyncio.Task[None], _Stoppable]] = {}
        self._rows: dict[str, Row] = {}

    # --- rows -------------------------------------------------------------------------------------------------

    def _file(self, project_id: str, study_id: str) -> Path:
        return self.folder / project_id / f"{study_id}.json"

    def _keep(self, row: Row) -> None:
        path = self._file(row["project_id"], row["id"])
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
        fresh.replace(path)

    def _read(self, path: Path) -> Row:
        row: Row = json.loads(path.read_text(encoding="utf-8"))
        live = self._rows.get(row["id"])
        if live is not None:
            return live
        if row["status"] == RUNNING:
            error = {
                "code": "interrupted",
                "message": "the server ended while this study was solved",
                "next_action": "Run it again.",
                "details": {},
            }
            row = {**row, "status": "failed", "error": error}
        return row

    async def list(self, project_id: str) -> list[Row]:
        """The studies of a project, the newest first, without their full results."""
        await self.history.list(project_id)  # NotFoundError where there is no such project
        found = [self._read(path) for path in (self.folder / project_id).glob("*.json")]
        rows = [{key: value for key, value in row.items() if key != "result"} for row in found]
        return sorted(rows, key=lambda row: -float(row["created_at"]))

    async def find(self, project_id: str, study_id: str) -> Row:
        """One study with its results. NotFoundError."""
        path = self._file(project_id, study_id)
        if not study_id.replace("-", "").isalnum() or not path.is_file():
            raise NotFoundError(
                f"project {project_id!r} has no study {study_id!r}", next_action="List the project's studies."
            )
        return self._read(path)

    # --- solving ----------------------------------------------------------------------------------------------

    async def start(self, project_id: str, study: Row, revision: str | None) -> Row:
        """Begin a study of a revision (the one shown, by default); returns its row.

        Raises StudyFileError for what the study says wrongly, ConflictError where the revision has no part.
        """
        from backend.studies.reading import parse_study

        row = await self.history.find(project_id, revision)
        state = await self.history.state(project_id, row["id"])
        name = _model_name(state)
        parse_study({**study, "model": name})
        new: Row = {
            "id": f"s-{uuid.uuid4().hex[:12]}",
            "project_id": project_id,
            "revision": row["id"],
            "revision_number": row["number"],
            "study": study,
            "status": RUNNING,
            "lines": [],
            "verdict": None,
            "files": {},
            "error": None,
            "created_at": time.time(),
            "elapsed_s": None,
        }
        self._rows[new["id"]] = new
        self._keep(new)
        gate = _Stoppable(self.pool())
        task = asyncio.create_task(self._solve(new, state, name, gate))
        self._going[new["id"]] = (task, gate)
        task.add_done_callback(lambda _: self._going.pop(new["id"], None))
        return new

    async def stop(self, project_id: str, study_id: str) -> Row:
        """End a study that is being solved. ConflictError where it is over."""
        row = await self.find(project_id, study_id)
        going = self._going.get(study_id)
        if going is None:
            raise ConflictError(f"the study {study_id!r} is over", next_action="Nothing to stop.")
        task, gate = going
        gate.stop()
        await asyncio.wait({task}, timeout=10)
        return self._rows.get(study_id, row)

    async def close(self) -> None:
        """End what is being solved."""
        for task, gate in list(self._going.values()):
            gate.stop()
            task.cancel()

    async def _solve(self, row: Row, state: AgentState, name: str, gate: _Stoppable) -> None:
        work = Path(tempfile.mkdtemp(prefix="brick-study-"))
        begun = time.monotonic()
        try:
            self._lay_out(row, state, name, work)
            outcome = await asyncio.to_thread(self._run, row, work, gate)
            files = {kind: self.artifacts.put_file(work / "out" / file) for kind, file in outcome["files"].items()}
            row.update(status="done", verdict=outcome["verdict"], result=_slim(outcome), files=files)
        except (Exception, asyncio.CancelledError) as problem:  # what is stopped while it compiles is cancelled
            error = describe(problem) if isinstance(problem, Exception) else None
            if gate.stopped.is_set():
                row.update(status="stopped", error=None)
            else:
                row.update(status="failed", error=error)
        finally:
            row["elapsed_s"] = round(time.monotonic() - begun, 2)
            self._keep(row)
            self._rows.pop(row["id"], None)
            await asyncio.to_thread(shutil.rmtree, work, True)

    def _lay_out(self, row: Row, state: AgentState, name: str, work: Path) -> None:
        import yaml

        (work / "out").mkdir()
        code = state["geometry"]["kcl_code"]
        if code:
            (work / name).write_text(code, encoding="utf-8")
        else:
            shutil.copyfile(self.artifacts.path(state["geometry"]["artifacts"]["step"]), work / name)
        text = yaml.safe_dump({**row["study"], "model": name}, allow_unicode=True, sort_keys=False)
        (work / "study.yaml").write_text(text, encoding="utf-8")

    def _run(self, row: Row, work: Path, gate: _Stoppable) -> Row:
        from backend.studies.run import run_study

        def tell(line: str) -> None:
            if gate.stopped.is_set():
                raise ConflictError("the study was stopped")
            row["lines"] = [*row["lines"], line]

        outcome = run_study(work / "study.yaml", work / "out", gate, tell=tell)  # type: ignore[arg-type]
        shutil.copyfile(work / "study.yaml", work / "out" / "study.yaml")
        found = outcome.as_dict()
        return {**found, "files": {**found["files"], "study": "study.yaml"}}


def _model_name(state: AgentState) -> str:
    if state["geometry"]["kcl_code"]:
        return "model.kcl"
    if "step" in state["geometry"]["artifacts"]:
        return "model.step"
    raise ConflictError("this revision has no part to study", next_action="Run the design first, or take a part in.")


def _slim(outcome: Row) -> Row:
    """What the page shows of a result: all but the arrays that the files hold."""
    return {key: value for key, value in outcome.items() if key not in ("files", "verdict", "named_faces")}
