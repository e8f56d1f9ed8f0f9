"""The web application: factory and lifespan only."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

from backend import __version__
from backend.agent_registry import registry
from backend.api import (
    adjusting,
    agents,
    chat,
    design,
    errors,
    geometry,
    health,
    history,
    inspection,
    materials,
    orchestrator,
    session,
    state,
    static,
    studies,
)
from backend.api.security import Gatekeeper, secret
from backend.api.services import open_services
from backend.config.settings import Settings, get_settings
from backend.websocket import router as websocket_router


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what the server needs; close it, with its worker processes, at the end."""
    from backend.compute import get_pool

    registry.initialize()
    async with open_services(app.state.settings) as services:
        app.state.services = services
        try:
            yield
        finally:
            get_pool().close()


def create_app(access_token: str | None = None, settings: Settings | None = None) -> FastAPI:
    """The application. ``access_token`` (else the one of the settings) is asked of every request where it is set."""
    settings = settings or get_settings()
    app = FastAPI(
        title="BRICK OS",
        version=__version__,
        summary="From a brief in plain words to verified, manufacturable hardware, on this machine.",
        lifespan=lifespan,
        docs_url=None,  # both pages would load their scripts from another host
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.access_token = access_token or secret(settings.access_token)
    app.add_middleware(
        Gatekeeper,
        token=app.state.access_token,
        allowed_hosts=settings.allowed_hosts,
        allowed_origins=settings.allowed_origins,
        max_body=int(settings.max_body_mb * 1e6),
    )
    errors.install(app)
    resources = (
        health,
        session,
        orchestrator,
        state,
        adjusting,
        history,
        design,
        inspection,
        geometry,
        materials,
        studies,
        agents,
        chat,
    )
    for resource in resources:
        app.include_router(resource.router)
    app.include_router(websocket_router)
    static.install(app)
    return app


app = create_app()
