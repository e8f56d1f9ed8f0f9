"""Whether the server works, and how long its agents take."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from backend import __version__
from backend.api.services import Use
from backend.monitoring import monitor

router = APIRouter(tags=["health"])


@router.get("/api/health")
async def health(services: Use) -> dict[str, Any]:
    """``status`` is "ok" where everything that the main job needs can be reached, else "degraded"."""
    from backend.compute import get_pool

    sessions = await services.sessions.health_check()
    return {
        "status": "ok" if sessions else "degraded",
        "version": __version__,
        "sessions": {"store": type(services.sessions).__name__, "reachable": sessions},
        "workers": get_pool().status(),
        "llm_provider": services.settings.llm_provider,
    }


@router.get("/api/llm")
async def language_models(services: Use) -> dict[str, Any]:
    """The language model providers: which can be used as things are set, with which model, and what another lacks."""
    from backend.llm import available

    return {"chosen": services.settings.llm_provider, "providers": available(services.settings)}


@router.get("/api/monitoring/performance")
async def performance() -> dict[str, Any]:
    """Execution times by agent, in seconds."""
    return {"agents": monitor.get_stats()}


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics() -> PlainTextResponse:
    """The same for Prometheus."""
    return PlainTextResponse(monitor.prometheus(), media_type="text/plain; version=0.0.4")
