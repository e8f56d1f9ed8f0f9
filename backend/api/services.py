"""What the routers need, opened when the server starts and closed when it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import HTTPConnection

from backend import __version__
from backend.agents.conversational_agent import ConversationalAgent
from backend.artifacts import ArtifactStore
from backend.config.settings import Settings
from backend.db import ProjectStore, SqlEventLog, open_database
from backend.event_relay import EventRelay, Relay
from backend.events import EventBus, SequenceTaken
from backend.geometry.inspection import Inspector
from backend.monitoring import monitor, note_event
from backend.monitoring.alarms import close_sentry, set_up_sentry
from backend.monitoring.tracing import close_tracing, set_up_tracing
from backend.orchestration.changes import Changes
from backend.orchestration.history import History
from backend.orchestration.projects import Projects
from backend.orchestration.runner import Runner
from backend.orchestration.steering import Steering
from backend.orchestration.studies import StudyBench
from backend.orchestration.taking_in import TakingIn
from backend.orchestrator import build_graph
from backend.session_store import SessionStore, make_session_store


@dataclass
class Services:
    """Everything of one running server."""

    settings: Settings
    bus: EventBus
    artifacts: ArtifactStore
    projects: Projects
    history: History
    sessions: SessionStore
    conversation: ConversationalAgent
    changes: Changes
    steering: Steering
    inspector: Inspector
    taking_in: TakingIn
    studies: StudyBench


@contextlib.asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the database, the checkpoints and the stores; take up what was left undone."""
    from backend.compute import get_pool
    from backend.db.checkpoints import open_checkpoints

    monitor.slow_s = settings.slow_agent_s
    dsn = settings.sentry_dsn.get_secret_value() if settings.sentry_dsn else None
    await asyncio.to_thread(set_up_sentry, dsn, __version__)
    await asyncio.to_thread(set_up_tracing, settings.otlp_endpoint)
    engine = await asyncio.to_thread(open_database, settings.database)
    sessions = make_session_store(settings.redis_url, settings.data_dir)
    bus = EventBus(history=settings.event_history, log=SqlEventLog(engine, SequenceTaken))
    bus.listen(note_event)
    artifacts = ArtifactStore(settings.artifacts_dir)
    inspector = Inspector(settings.data_dir / "looks", get_pool, settings.geometry_timeout_s)
    try:
        async with open_checkpoints(settings) as checkpoints:
            runner = Runner(build_graph(checkpoints), bus)
            store = ProjectStore(engine)
            relay = _relay(settings)
            projects = Projects(settings, store, artifacts, bus, runner, relay)
            history = History(store, artifacts, bus)
            bench = StudyBench(settings.data_dir / "studies", artifacts, history, get_pool)
            async with projects.serving():
                yield Services(
                    settings=settings,
                    bus=bus,
                    artifacts=artifacts,
                    projects=projects,
                    history=history,
                    sessions=sessions,
                    conversation=ConversationalAgent(sessions),
                    changes=Changes(projects, history),
                    steering=Steering(projects),
                    inspector=inspector,
                    taking_in=TakingIn(store, artifacts, inspector, bus),
                    studies=bench,
                )
                await bench.close()
    finally:
        await sessions.close()
        engine.dispose()
        await asyncio.to_thread(close_tracing)
        await asyncio.to_thread(close_sentry)


def _relay(settings: Settings) -> Relay | None:
    """What tells other servers of news: Redis, else PostgreSQL; one that works on a SQLite file has none."""
    if settings.redis_url:
        return EventRelay(settings.redis_url)
    if settings.database.startswith("postgresql"):
        from backend.db.notify import NotifyRelay

        return NotifyRelay(settings.database)
    return None


def services_of(connection: HTTPConnection) -> Services:
    """The services of the application that a request or WebSocket belongs to."""
    found: Any = connection.app.state.services
    assert isinstance(found, Services)
    return found


Use = Annotated[Services, Depends(services_of)]
