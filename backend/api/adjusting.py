"""Other sizes of a designed part while a slider moves, and projects from files."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from backend.api.body import Body
from backend.api.orchestrator import overview
from backend.api.services import Use
from backend.errors import CompileError, DesignError, InputError
from backend.orchestration.adjust import adjustable, preview

router = APIRouter(prefix="/api/projects", tags=["projects"])


class Answers(Body):
    """Answers by the id of the parameter, choice or load, in words with their unit: {"thickness": "12 mm"}."""

    answers: dict[str, str] = Field(default_factory=dict)


@router.get("/{project_id}/parameters")
async def get_parameters(project_id: str, services: Use) -> dict[str, Any]:
    """What can be set anew of the shown part."""
    state, _ = await services.projects.view(project_id)
    return adjustable(state)


@router.post("/{project_id}/preview")
async def post_preview(project_id: str, request: Answers, services: Use) -> dict[str, Any]:
    """The part with other answers: sized, checked by closed form and compiled. No run, no revision, no model asked.

    Sizes that can't be are an answer and no failure here: ``error`` says why.
    """
    state, _ = await services.projects.view(project_id)
    known = await services.projects.answers(project_id)
    try:
        return await preview(state, {**known, **request.answers}, services.inspector)
    except (DesignError, InputError, CompileError) as error:
        return {"questions": [], "error": error.as_dict()}


@router.post("/import")
async def take_in(request: Request, services: Use, name: str = Query(max_length=255)) -> dict[str, Any]:
    """A new project from a file: the body is its content, ``name`` says what kind it is (.kcl, .step, .stl …)."""
    created = await services.taking_in.project(name, await request.body())
    return await overview(services, created)
