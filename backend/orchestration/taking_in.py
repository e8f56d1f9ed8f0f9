"""Projects that begin with a file: a KCL program, or a part that another program drew."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.artifacts import ArtifactStore
from backend.errors import InputError
from backend.events import EventBus
from backend.geometry import compile_project
from backend.geometry.inspection import FORMATS, Inspector
from backend.schema import AgentState, new_state

if TYPE_CHECKING:
    from backend.db import ProjectStore

LONGEST_NAME = 120
_EXPORTS = ("brep", "step", "stl", "glb")

Row = dict[str, Any]


class TakingIn:
    """Projects from files."""

    def __init__(self, store: ProjectStore, artifacts: ArtifactStore, inspector: Inspector, bus: EventBus) -> None:
        self.store, self.artifacts, self.inspector, self.bus = store, artifacts, inspector, bus

    async def project(self, name: str, content: bytes) -> str:
        """A new project whose first revision is the part in the file ``name``; returns the project's id.

        Nothing is designed and nothing proved: every check of such a part is "not verified". Raises InputError for a
        kind of file that isn't read, CompileError for a program that doesn't compile.
        """
        kind = Path(name).suffix.lower().lstrip(".")
        if kind not in ("kcl", *FORMATS):
            raise InputError(
                f"{name!r} is no kind of file that can be taken in",
                next_action=f"Give a .kcl program or one of {', '.join(FORMATS)}.",
            )
        if kind == "kcl":
            code = content.decode("utf-8", errors="replace")
            compiled, files = await self._compiled(code)
        else:
            code = ""
            with tempfile.TemporaryDirectory(prefix="brick-take-in-") as folder:
                source = Path(folder) / f"given.{kind}"
                source.write_bytes(content)
                compiled = await self.inspector.take_in(source, kind, Path(folder), _EXPORTS)
                files = {which: self.artifacts.put_file(path) for which, path in compiled["files"].items()}
        identity = f"p-{uuid.uuid4().hex[:12]}"
        words = f"{Path(name).name}: a part taken in from a file"
        state = _state(identity, words, code, compiled, files)
        await asyncio.to_thread(self.store.put_project, identity, brief=words, answers={})
        await asyncio.to_thread(self.store.rename_project, identity, Path(name).name[:LONGEST_NAME])
        await self._keep(identity, state, f"taken in from {Path(name).name}")
        return identity

    async def program(self, project_id: str, code: str, state: AgentState, *, note: str = "") -> Row:
        """Keep an edited program of a part that was taken in, of which nothing is known but its shape; returns the
        revision.

        There is nothing to design and nothing to prove: as before, every check is "not verified". Raises CompileError
        for a program that doesn't compile.
        """
        compiled, files = await self._compiled(code)
        words = state["core"]["user_intent"]
        return await self._keep(project_id, _state(project_id, words, code, compiled, files), note or "program edited")

    async def _compiled(self, code: str) -> tuple[Row, dict[str, str]]:
        """A program's measures, and its files among the artefacts."""
        with tempfile.TemporaryDirectory(prefix="brick-take-in-") as folder:
            out = Path(folder)
            compiled = await compile_project(code, out, pool=self.inspector.pool(), exports=_EXPORTS)
            (out / "model.kcl").write_text(code, encoding="utf-8")
            compiled["files"]["kcl"] = str(out / "model.kcl")
            return compiled, {which: self.artifacts.put_file(path) for which, path in compiled["files"].items()}

    async def _keep(self, project_id: str, state: AgentState, label: str) -> Row:
        row: Row = await asyncio.to_thread(
            self.store.add_revision,
            project_id,
            state=self.artifacts.put_json(state, name="design.json"),
            label=label,
            figures={"verdict": "not verified", "mass_g": None, "parameters": {}, "answers": {}},
        )
        self.bus.publish(project_id, "status", text=label, data={})
        return row


def only_taken_in(state: AgentState) -> bool:
    """Whether this is a program that was taken in from a file, and nothing was ever asked of it."""
    return bool(state["geometry"]["kcl_code"]) and not state["design"]["intent"]


def _state(identity: str, words: str, code: str, compiled: Row, files: dict[str, str]) -> AgentState:
    state = new_state(identity, words)
    reason = "the part was taken in from a file: nothing was asked of it and nothing computed"
    state["geometry"].update(
        {
            "kcl_code": code,
            "gltf_data": files["glb"],
            "model_id": files["glb"],
            "geometry_tree": compiled["bodies"],
            "compiled": {key: value for key, value in {**compiled, "files": files}.items() if key != "commands"},
            "mass_properties": {
                "volume_mm3": compiled["volume_mm3"],
                "area_mm2": compiled["area_mm2"],
                "center_of_mass_mm": compiled["center_of_mass_mm"],
                "mass_g": None,
            },
            "artifacts": files,
        }
    )
    state["validation"]["verification_report"] = {
        "status": "not verified",
        "checks": [],
        "summary": f"Not verified: {reason}.",
        "failed": [],
        "not_verified": [],
    }
    state["core"]["messages"] = [words]
    return state
