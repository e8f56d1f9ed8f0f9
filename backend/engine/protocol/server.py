"""The websocket server: one scene a connection, commands in order.

Protocol pings are off: the official client takes a Ping frame for an error and gives up.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from backend.engine.protocol import dispatch, wire
from backend.engine.protocol.session import Session

PATH = "/ws/modeling/commands"


class EngineServer:
    """Serves sessions on a thread with its own event loop, in this process.

    ``sessions`` holds the sessions of open and past connections in order of arrival until :meth:`forget`. A token, if
    given, is required as ``Authorization: Bearer <token>``.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, token: str | None = None) -> None:
        self.host, self.token = host, token
        self.port = port
        self.sessions: list[Session] = []
        self.on_session: Callable[[Session], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> EngineServer:
        """Binds and serves; returns when connections are accepted."""
        dispatch.load()
        ready = threading.Event()
        failure: list[BaseException] = []

        def work() -> None:
            loop = asyncio.new_event_loop()
            self._loop = loop

            async def bind() -> None:
                self._server = await serve(
                    self._serve,
                    self.host,
                    self.port,
                    ping_interval=None,
                    compression=None,
                    max_size=wire.MAX_FRAME_BYTES,
                    process_request=self._admit,
                )
                self.port = next(iter(self._server.sockets)).getsockname()[1]

            try:
                loop.run_until_complete(bind())
            except BaseException as error:
                failure.append(error)
                ready.set()
                return
            ready.set()
            loop.run_forever()
            loop.close()

        self._thread = threading.Thread(target=work, name="brick-engine", daemon=True)
        self._thread.start()
        ready.wait()
        if failure:
            raise failure[0]
        return self

    def close(self) -> None:
        """Stops serving; open connections are dropped."""
        loop, server = self._loop, self._server
        if loop is None or server is None or not loop.is_running():
            return

        async def stop() -> None:
            server.close(close_connections=True)
            loop.stop()

        asyncio.run_coroutine_threadsafe(stop(), loop)
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _admit(self, connection: ServerConnection, request: Any) -> Any:
        if urlsplit(request.path).path != PATH:
            return connection.respond(HTTPStatus.NOT_FOUND, f"this engine serves {PATH}\n")
        if self.token is not None and request.headers.get("Authorization") != f"Bearer {self.token}":
            return connection.respond(HTTPStatus.UNAUTHORIZED, "a valid bearer token is required\n")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        session = Session()
        self.sessions.append(session)
        if self.on_session is not None:
            self.on_session(session)
        try:
            await connection.send(wire.greeting(str(uuid.uuid4())))
            async for frame in connection:
                reply = session.answer(frame)
                if reply is not None:
                    await connection.send(reply)
        except ConnectionClosed:
            return
