"""Writes the dossier: the program, the model files, the bill of materials, the report and the whole state."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from backend.agents.base import BaseAgent, describe, required
from backend.schema import CompiledModel

COPIED = ("step", "stl", "glb")


class DocumentAgent(BaseAgent):
    """Puts everything that is handed over into one folder. A file that can't be written is named, and the rest is."""

    stage = "document"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``state`` (an AgentState) and ``out_dir``; returns ``files``: kind -> path, and ``missing``.

        With ``pictures`` False none are drawn: they cost more than everything else here.
        """
        state = deepcopy(required(params, "state", self.name))
        out_dir = Path(str(required(params, "out_dir", self.name)))
        wanted = params.get("pictures", True) and state["validation"].get("verification_report")
        pictures, undrawn = await draw(state) if wanted else ({}, {})
        files, missing = await asyncio.to_thread(write_files, state, out_dir, pictures)
        missing |= undrawn
        names = ", ".join(sorted(Path(path).name for path in files.values()))
        summary = f"Wrote {names}" + (f"; missing: {', '.join(missing)}" if missing else "")
        self.think(summary)
        return {
            "status": "failure" if missing else "success",
            "summary": summary,
            "files": files,
            "missing": missing,
        }


def write_files(
    state: dict[str, Any], out_dir: Path, pictures: dict[str, bytes]
) -> tuple[dict[str, str], dict[str, str]]:
    """All files of the dossier but ``design.json``; returns what was written and, with reasons, what was not."""
    out_dir.mkdir(parents=True, exist_ok=True)
    files: dict[str, str] = {}
    missing: dict[str, str] = {}

    def attempt(kind: str, make: Callable[[], Path | None]) -> None:
        try:
            path = make()
        except Exception as problem:  # one file less is better than none
            missing[kind] = describe(problem)["message"]
        else:
            if path is not None:
                files[kind] = str(path)

    geometry = state["geometry"]
    compiled = geometry.get("compiled") or {}
    sources = compiled.get("files") or {}
    fem = (state["physics"].get("structural_analysis") or {}).get("fem") or {}

    def kcl() -> Path | None:
        if not geometry.get("kcl_code"):
            return None
        path = out_dir / "model.kcl"
        path.write_text(geometry["kcl_code"], encoding="utf-8")
        return path

    def copy(kind: str) -> Path | None:
        if kind not in sources:
            return None
        target = out_dir / f"model.{kind}"
        if Path(sources[kind]).resolve() != target.resolve():
            shutil.copyfile(sources[kind], target)
        return target

    def glb() -> Path | None:
        if not fem.get("fields"):
            return copy("glb")
        from backend.geometry.fields import write_field_glb

        target = out_dir / "model.glb"
        write_field_glb(CompiledModel.model_validate(compiled), Path(fem["fields"]), target)
        return target

    def bom() -> Path | None:
        if not state["manufacturing"].get("bom_analysis"):
            return None
        from backend.manufacturing.bom import write_bom_csv

        return write_bom_csv(state["manufacturing"]["bom_analysis"], out_dir / "bom.csv")

    def report() -> Path | None:
        if not state["validation"].get("verification_report"):
            return None
        from backend.report.html import write_report

        return write_report(state, out_dir, pictures)

    attempt("kcl", kcl)
    attempt("step", lambda: copy("step"))
    attempt("stl", lambda: copy("stl"))
    attempt("glb", glb)
    attempt("bom", bom)
    attempt("report", report)
    return files, missing


async def draw(state: dict[str, Any]) -> tuple[dict[str, bytes], dict[str, str]]:
    """Pictures of the part and of its stress (title -> PNG), and with reasons those that couldn't be drawn.

    A picture costs about a second of one core; the two workers that built and proved the part draw them side by side.
    """
    from backend.compute import get_pool

    files = (state["geometry"].get("compiled") or {}).get("files") or {}
    fem = (state["physics"].get("structural_analysis") or {}).get("fem") or {}
    wanted: dict[str, tuple[str, dict[str, Any]]] = {}
    mesh = files.get("glb") or files.get("stl")
    if mesh:
        wanted["geometry"] = ("backend.agents.drawing:part", {"mesh": mesh})
    if fem.get("fields"):
        wanted["fem"] = ("backend.agents.drawing:stress", {"fields": fem["fields"], "fem": fem})
    drawn = await asyncio.gather(
        *(get_pool().run(task, payload, kind=kind, timeout_s=60) for kind, (task, payload) in wanted.items()),
        return_exceptions=True,
    )
    pictures: dict[str, bytes] = {}
    undrawn: dict[str, str] = {}
    for (task, _), outcome in zip(wanted.values(), drawn, strict=True):
        if isinstance(outcome, BaseException):
            undrawn[f"picture of the {task.rpartition(':')[2]}"] = describe(outcome)["message"]
        else:
            pictures.update(outcome)
    return pictures, undrawn


def portable(state: dict[str, Any], files: dict[str, str]) -> dict[str, Any]:
    """The state with the paths of this machine replaced by the names of the files beside ``design.json``."""
    state = deepcopy(state)
    names = {kind: Path(path).name for kind, path in files.items()}
    compiled = state["geometry"].get("compiled") or {}
    if compiled.get("files"):
        compiled["files"] = {kind: names[kind] for kind in compiled["files"] if kind in names}
    state["geometry"]["gltf_data"] = names.get("glb", "")
    state["geometry"]["artifacts"] = names
    fem = (state["physics"].get("structural_analysis") or {}).get("fem") or {}
    if "fields" in fem:
        fem["fields"] = names.get("glb", "")
    return state


def write_design_json(state: dict[str, Any], files: dict[str, str], out_dir: Path) -> Path:
    """The whole state as ``design.json``, without paths of this machine."""
    out_dir.mkdir(parents=True, exist_ok=True)
    path = out_dir / "design.json"
    text = json.dumps(portable(state, files), indent=1, ensure_ascii=False, allow_nan=False, default=str)
    path.write_text(text + "\n", encoding="utf-8")
    return path
