"""A project's revisions: list, compare, rewind, fork."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from backend.api.body import Body
from backend.api.orchestrator import overview
from backend.api.services import Use

router = APIRouter(prefix="/api/projects/{project_id}", tags=["history"])


class Rewind(Body):
    """Names a revision: its id, its number, or "previous"."""

    revision: str


class Fork(Body):
    """Which revision the new project begins with (the one shown, by default), and the new project's id."""

    revision: str | None = None
    new_project_id: str | None = None


class Name(Body):
    """A name for a revision (the one shown, by default), or with ``project`` for the project itself."""

    name: str = Field(max_length=200)
    revision: str | None = None
    project: bool = False


@router.get("/revisions")
async def get_revisions(project_id: str, services: Use) -> dict[str, Any]:
    """All revisions of a project, oldest first, and which one it shows."""
    head, found = await services.history.list(project_id)
    return {"head": head, "revisions": found}


@router.get("/revisions/{revision}")
async def get_revision(project_id: str, revision: str, services: Use) -> dict[str, Any]:
    """The whole state of a revision."""
    return {**await services.history.state(project_id, revision)}


@router.get("/diff")
async def get_diff(project_id: str, services: Use, old: str | None = None, new: str | None = None) -> dict[str, Any]:
    """What differs between two revisions: parameters, KCL, mass, verdict, margins."""
    return await services.history.diff(project_id, old, new)


@router.get("/compare")
async def get_comparison(
    project_id: str,
    services: Use,
    old: str | None = None,
    new: str | None = None,
    with_project: str | None = None,
) -> dict[str, Any]:
    """Two revisions side by side: what each is, and what differs in parameters, KCL, mass, cost, verdict and margins.

    ``new`` may be a revision of another project, ``with_project``.
    """
    return await services.history.between(project_id, old, with_project, new)


@router.post("/undo")
async def undo(project_id: str, services: Use) -> dict[str, Any]:
    """Show the revision that the present one was made from."""
    revision = await services.history.undo(project_id)
    return {**await overview(services, project_id), "revision": revision}


@router.post("/redo")
async def redo(project_id: str, services: Use) -> dict[str, Any]:
    """Show again what was undone last."""
    revision = await services.history.redo(project_id)
    return {**await overview(services, project_id), "revision": revision}


@router.post("/name")
async def name(project_id: str, request: Name, services: Use) -> dict[str, Any]:
    """Name a revision, by which it can be found from then on, or the project itself."""
    if request.project:
        await services.history.rename(project_id, request.name)
        return {"project_id": project_id, "name": request.name}
    return {"revision": await services.history.name(project_id, request.revision, request.name)}


@router.post("/unname")
async def unname(project_id: str, request: Name, services: Use) -> dict[str, Any]:
    """Take a name away from the revision that has it."""
    await services.history.unname(project_id, request.name)
    return {"project_id": project_id, "name": None}


@router.post("/rewind")
async def rewind(project_id: str, request: Rewind, services: Use) -> dict[str, Any]:
    """Show another revision and design on from it; nothing is lost."""
    await services.history.rewind(project_id, request.revision)
    return await overview(services, project_id)


@router.post("/fork")
async def fork(project_id: str, request: Fork, services: Use) -> dict[str, Any]:
    """A new project that begins with a revision of this one."""
    created = await services.history.fork(project_id, request.revision, request.new_project_id)
    return await overview(services, created)
