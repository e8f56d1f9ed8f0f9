"""The whole state of a project, and its events."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query

from backend.api.orchestrator import brief_view, run_view
from backend.api.services import Use

router = APIRouter(tags=["projects"])


@router.get("/api/state/{project_id}")
async def get_state(project_id: str, services: Use) -> dict[str, Any]:
    """The nested state, with the page's short view beside it. While a run goes: as far as it is."""
    state, latest = await services.projects.view(project_id)
    return {**brief_view(state), **state, "project_id": project_id, **run_view(latest)}


@router.get("/api/projects")
async def list_projects(services: Use, limit: int = Query(100, ge=1, le=1000)) -> dict[str, Any]:
    """The latest projects."""
    return {"projects": await services.projects.latest(limit)}


@router.get("/api/projects/{project_id}/events")
async def get_events(
    project_id: str, services: Use, since: int = Query(0, ge=0), limit: int = Query(1000, ge=1, le=10_000)
) -> dict[str, Any]:
    """Events after the cursor ``since``, in order, and the next ``cursor``."""
    found = await services.projects.events(project_id, since, limit)
    return {"events": found, "cursor": found[-1]["seq"] if found else since}
