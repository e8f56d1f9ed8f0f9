"""Studies of a project's part: chosen loads and supports, solved in the background."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from backend.api.body import Body
from backend.api.services import Use
from backend.studies.errors import StudyFileError

router = APIRouter(prefix="/api/projects/{project_id}/studies", tags=["studies"])


class NewStudy(Body):
    """``study`` is that of ``./brick check`` (docs/check.md) without its ``model``, which is the revision's part."""

    study: dict[str, Any]
    revision: str | None = None


@router.post("")
async def start(project_id: str, request: NewStudy, services: Use, response: Response) -> dict[str, Any]:
    """Begin a study; follow it by asking for it. What it says wrongly comes back as ``error``, and nothing is begun."""
    try:
        row = await services.studies.start(project_id, request.study, request.revision)
    except StudyFileError as error:
        return {"id": None, "error": error.as_dict()}
    response.status_code = 202
    return row


@router.get("")
async def list_them(project_id: str, services: Use) -> dict[str, Any]:
    """The project's studies, the newest first."""
    return {"studies": await services.studies.list(project_id)}


@router.get("/{study_id}")
async def get_one(project_id: str, study_id: str, services: Use) -> dict[str, Any]:
    """One study: how far it is, and its results where it is done."""
    return await services.studies.find(project_id, study_id)


@router.post("/{study_id}/cancel")
async def cancel(project_id: str, study_id: str, services: Use) -> dict[str, Any]:
    """Stop it; its solver is ended too."""
    return await services.studies.stop(project_id, study_id)
