"""A project's revisions: list, compare, rewind, fork."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from backend.api.orchestrator import overview
from backend.api.services import Use

router = APIRouter(prefix="/api/projects/{project_id}", tags=["history"])


class Rewind(BaseModel):
    """Names a revision: its id, its number, or "previous"."""

    revision: str


class Fork(BaseModel):
    """Which revision the new project begins with (the one shown, by default), and the new project's id."""

    revision: str | None = None
    new_project_id: str | None = None


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
