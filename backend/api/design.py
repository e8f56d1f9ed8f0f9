"""Changing a design without words: its parameters, or its program. Each change is a revision."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from backend.api.body import Body
from backend.api.orchestrator import overview
from backend.api.services import Services, Use
from backend.orchestration.changes import try_program
from backend.orchestration.taking_in import only_taken_in

router = APIRouter(tags=["design"])

Row = dict[str, Any]


class Change(Body):
    """Common to both: the project, the revision to start from (the one shown, by default), and how deep to check.

    ``depth`` "fast" compiles and calculates the closed forms; "full" solves the finite elements and draws the report.
    """

    project_id: str
    revision: str | None = None
    depth: Literal["fast", "full"] = "fast"
    wait: bool = True
    timeout_s: float = Field(300.0, gt=0, le=3600)


class Recompute(Change):
    """``parameters``: name -> number (in the design's unit), words ("8 in"), or null (sized again)."""

    parameters: dict[str, float | str | None]


class Say(Change):
    """``message``: what should differ; ``face``: the name of the face that was picked, or its number in the model."""

    message: str = Field(max_length=4000)
    face: str | None = Field(None, max_length=100)


class EditProgram(Change):
    """``kcl_code``: the whole program; ``note`` becomes the revision's label."""

    kcl_code: str = Field(max_length=1_000_000)
    note: str = Field("", max_length=200)


class TryProgram(Body):
    """A program to compile, with no project behind it."""

    kcl_code: str = Field(max_length=1_000_000)
    material: str | None = None


@router.post("/api/design/recompute")
async def recompute(request: Recompute, services: Use, response: Response) -> Row:
    """Change sizes, choices, material or load; answers with the new revision and what differs from the one before."""
    run = await services.changes.recompute(
        request.project_id, request.parameters, revision=request.revision, depth=request.depth
    )
    return await _changed(services, request, run, response)


@router.post("/api/design/say")
async def say(request: Say, services: Use, response: Response) -> Row:
    """Change a design in words: "no, steel A36", "20 % lighter", "thicken here" with a picked face, "undo that"."""
    run = await services.changes.say(request.project_id, request.message, face=request.face, depth=request.depth)
    if run is None:
        head = await services.history.find(request.project_id, None)
        return {**await overview(services, request.project_id), "revision": head, "diff": None}
    return await _changed(services, request, run, response)


@router.post("/api/design/kcl")
async def edit_program(request: EditProgram, services: Use, response: Response) -> Row:
    """Build an edited program. One that doesn't compile is refused with its line, and no revision is made.

    That of a part taken in from a file, of which nothing was asked, is kept at either depth without a verdict.
    """
    state = await services.history.state(request.project_id, request.revision)
    if only_taken_in(state):
        await try_program(request.kcl_code)
        if request.revision is not None:
            await services.history.rewind(request.project_id, request.revision)
        head = await services.taking_in.program(request.project_id, request.kcl_code, state, note=request.note)
        diff = await services.history.diff(request.project_id, None, None)
        return {**await overview(services, request.project_id), "revision": head, "diff": diff}
    run = await services.changes.program(
        request.project_id, request.kcl_code, revision=request.revision, depth=request.depth, note=request.note
    )
    return await _changed(services, request, run, response)


async def _changed(services: Services, request: Change, run: Row, response: Response) -> Row:
    over = request.wait and await services.projects.wait(run["id"], request.timeout_s)
    answer = await overview(services, request.project_id)
    if not over:
        response.status_code = 202
        return {**answer, "revision": None, "diff": None}
    head = await services.history.find(request.project_id, None)
    diff = await services.history.diff(request.project_id, None, None) if head["parent"] else None
    return {**answer, "revision": head, "diff": diff}


@router.post("/api/geometry/compile")
async def compile_program(request: TryProgram, services: Use) -> Row:
    """Compile a program and measure it; its model can be fetched by ``model_id``. No project changes."""
    from backend.geometry.compile import problems
    from backend.geometry.tree import geometry_tree
    from backend.materials import get_material
    from backend.orchestration.changes import compiled_model

    density = get_material(request.material).value("density_kg_m3").value if request.material else None
    with tempfile.TemporaryDirectory(prefix="brick-compile-") as folder:
        found = await compiled_model(request.kcl_code, Path(folder), density)
        files = {kind: services.artifacts.put_file(path) for kind, path in found.pop("files").items()}
    found.get("cache", {}).pop("folder", None)  # a place on this machine is nobody's business
    return {
        **found,
        "files": files,
        "model_id": files["glb"],
        "model_url": f"/api/geometry/model/{files['glb']}",
        "problems": problems(found["diagnostics"]),
        "features": geometry_tree(request.kcl_code),
    }
