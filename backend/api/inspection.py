"""Looking into parts: compile a program without a run, its faces and edges, what made them, distances between them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from backend.api.body import Body
from backend.api.services import Services, Use
from backend.errors import CompileError, InputError
from backend.geometry.inspection import Look

router = APIRouter(prefix="/api/geometry", tags=["geometry"])


class LookRequest(Body):
    """A program, or the artefact of an imported file (STEP and kin)."""

    kcl_code: str | None = Field(None, max_length=1_000_000)
    artifact_id: str | None = None


class Place(Body):
    """One of two things to measure between: a face or an edge by its index, a body, or a point."""

    face: int | None = None
    edge: int | None = None
    body: int | None = None
    point_mm: tuple[float, float, float] | None = None

    def as_pick(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


class MeasureRequest(Body):
    """What to measure between."""

    a: Place
    b: Place


def _shown(look: Look) -> dict[str, Any]:
    compiled = {key: value for key, value in look.compiled.items() if key not in ("files", "commands")}
    return {"look_id": look.id, "model_id": look.id, "compiled": compiled}


async def _look(services: Services, request: LookRequest) -> Look:
    if request.kcl_code is not None:
        return await services.inspector.program(request.kcl_code)
    if request.artifact_id is None:
        raise InputError("there is nothing to compile", next_action="Give 'kcl_code' or 'artifact_id'.")
    name = str(services.artifacts.about(request.artifact_id).get("name", ""))
    path = services.artifacts.path(request.artifact_id)
    return await services.inspector.foreign(path, name.rpartition(".")[2].lower(), request.artifact_id)


@router.post("/look")
async def look(request: LookRequest, services: Use) -> dict[str, Any]:
    """Compile a program, or read a file, only to look at it: nothing is kept of it but for a while.

    A program that doesn't compile is an answer and no failure here: ``error``, with line and column in ``details``.
    """
    try:
        return _shown(await _look(services, request))
    except CompileError as error:
        return {"look_id": None, "model_id": None, "error": error.as_dict()}


@router.get("/looks/{look_id}/topology")
async def get_topology(look_id: str, services: Use) -> dict[str, Any]:
    """Every face and edge: exact measures, triangles and polylines for picking."""
    return await services.inspector.topology(look_id)


@router.get("/looks/{look_id}/sources")
async def get_sources(look_id: str, services: Use) -> dict[str, Any]:
    """For each face the places of the program that made it."""
    return await services.inspector.sources(look_id)


@router.post("/looks/{look_id}/measure")
async def measure(look_id: str, request: MeasureRequest, services: Use) -> dict[str, Any]:
    """The exact distance between two things of a part, and the angle where both have a direction."""
    return await services.inspector.measure(look_id, request.a.as_pick(), request.b.as_pick())
