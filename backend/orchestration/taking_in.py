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
        code = content.decode("utf-8", errors="replace") if kind == "kcl" else ""
        with tempfile.TemporaryDirectory(prefix="brick-take-in-") as folder:
            out = Path(folder)
            if kind == "kcl":
                compiled = await compile_project(code, out, pool=self.inspector.pool(), exports=_EXPORTS)
                (out / "model.kcl").write_text(code, encoding="utf-8")
                compiled["files"]["kcl"] = str(out / "model.kcl")
            else:
                source = out / f"given.{kind}"
                source.write_bytes(content)
                compiled = await self.inspector.take_in(source, kind, out, _EXPORTS)
            files = {which: self.artifacts.put_file(path) for which, path in compiled["files"].items()}
        identity = f"p-{uuid.uuid4().hex[:12]}"
        words = f"{Path(name).name}: a part taken in from a file"
        state = _state(identity, words, code, compiled, files)
        await asyncio.to_thread(self.store.put_project, identity, brief=words, answers={})
        await asyncio.to_thread(self.store.rename_project, identity, Path(name).name[:LONGEST_NAME])
        await asyncio.to_thread(
            self.store.add_revision,
            identity,
            state=self.artifacts.put_json(state, name="design.json"),
            label=f"taken in from {Path(name).name}",
            figures={"verdict": "not verified", "mass_g": None, "parameters": {}, "answers": {}},
        )
        self.bus.publish(identity, "status", text=f"taken in from {Path(name).name}", data={})
        return identity


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
