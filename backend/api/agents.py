"""The agents, and what they think."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query

from backend.agent_registry import registry
from backend.xai_stream import get_thoughts, read_thoughts

router = APIRouter(prefix="/api/agents", tags=["agents"])


@router.get("")
async def list_agents() -> dict[str, Any]:
    """All agents: name, purpose, inputs, outputs, limits, and whether each is loaded."""
    return {"agents": registry.describe()}


@router.get("/thoughts")
async def get_passive_thoughts(
    project_id: str | None = None, since: int = Query(0, ge=0), limit: int = Query(1000, ge=1, le=1000)
) -> dict[str, Any]:
    """Polls for recent agent thoughts.

    With ``project_id``: that project's, after the cursor ``since``, and the next ``cursor``; any number of clients may
    read. Without: the latest of all projects, each given out once.
    """
    if project_id is None:
        return {"thoughts": get_thoughts(), "cursor": 0}
    thoughts, cursor = read_thoughts(project_id, since, limit)
    return {"thoughts": thoughts, "cursor": cursor}
