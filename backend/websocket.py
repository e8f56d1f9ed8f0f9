"""What happens in a project, live: any number of clients each, replay after a reconnect, slow ones told so.

The server sends each event as one JSON text. A client may send "ping" (answered "pong"), or ``{"since": 17}`` to have
everything after event 17 replayed. Connect with ``?since=0`` to get everything from the start.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict
from typing import Any

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from backend.events import EventBus, Subscription

MAX_CLIENT_MESSAGE = 4096  # characters; a client has little to say here
SEND_LIMIT_S = 20.0  # a client that takes nothing for so long is gone


class OrchestratorWebSocket:
    """WebSocket manager for real-time orchestration updates."""

    def __init__(self) -> None:
        self.connections: dict[str, set[WebSocket]] = defaultdict(set)

    async def connect(self, websocket: WebSocket, project_id: str) -> None:
        """Accept a client of a project."""
        await websocket.accept()
        self.connections[project_id].add(websocket)

    async def disconnect(self, project_id: str, websocket: WebSocket) -> None:
        """Forget a client."""
        clients = self.connections.get(project_id, set())
        clients.discard(websocket)
        if not clients:
            self.connections.pop(project_id, None)

    async def send_progress(self, project_id: str, message: dict[str, Any]) -> None:
        """Send a message to all clients of a project, besides the events that they get anyway."""
        for websocket in list(self.connections.get(project_id, ())):
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await websocket.send_json(message)

    async def serve(self, websocket: WebSocket, project_id: str, bus: EventBus, since: int | None, size: int) -> None:
        """Talk with one client until it goes."""
        subscription = bus.subscribe(project_id, since=since, size=size)
        try:
            await self.connect(websocket, project_id)
            send = asyncio.Lock()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._push(websocket, subscription, send))
                tasks.create_task(self._listen(websocket, project_id, bus, send))
        except* (WebSocketDisconnect, RuntimeError, TimeoutError, OSError):
            pass  # the client went; RuntimeError is what a send after its going raises
        finally:
            subscription.close()
            await self.disconnect(project_id, websocket)

    @staticmethod
    async def _push(websocket: WebSocket, subscription: Subscription, send: asyncio.Lock) -> None:
        async for event in subscription:
            async with send, asyncio.timeout(SEND_LIMIT_S):
                await websocket.send_text(event.json)

    @staticmethod
    async def _listen(websocket: WebSocket, project_id: str, bus: EventBus, send: asyncio.Lock) -> None:
        while True:
            text = await websocket.receive_text()
            if text == "ping":
                async with send:
                    await websocket.send_text("pong")
                continue
            since = _since(text)
            if since is None:
                continue  # nothing else is understood, and nothing else is done
            for event in bus.replay(project_id, since):
                async with send, asyncio.timeout(SEND_LIMIT_S):
                    await websocket.send_text(event.json)


def _since(text: str) -> int | None:
    """The sequence number in ``{"since": n}``; None for anything else."""
    if len(text) > MAX_CLIENT_MESSAGE:
        return None
    try:
        message = json.loads(text)
    except ValueError:
        return None
    since = message.get("since") if isinstance(message, dict) else None
    return since if isinstance(since, int) and not isinstance(since, bool) and since >= 0 else None


ws_manager = OrchestratorWebSocket()
router = APIRouter()


@router.websocket("/ws/orchestrator/{project_id}")
async def orchestrator_websocket(websocket: WebSocket, project_id: str, since: int | None = Query(None, ge=0)) -> None:
    """Events of a project as they happen; ``since`` replays what came after that number first."""
    services = websocket.app.state.services
    await ws_manager.serve(websocket, project_id, services.bus, since, services.settings.event_queue)
