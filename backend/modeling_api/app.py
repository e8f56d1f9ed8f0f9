"""The web application: the websocket of the modeling protocol, a page for a person, a line for a monitor."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import html
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from backend import __version__
from backend.config.settings import is_loopback
from backend.engine.errors import EngineError
from backend.errors import BrickError
from backend.modeling_api import files
from backend.modeling_api.limits import Limits
from backend.modeling_api.relay import Relay
from backend.modeling_api.workers import Workers

PATH = "/ws/modeling/commands"


class Gate:
    """Lets in who shows the token; without a token, who comes from this machine.

    A page of another origin can open a websocket to a loopback address, so without a token requests with a foreign
    ``Origin`` are refused.
    """

    def __init__(self, token: str | None) -> None:
        self._token = None if token is None else token.encode()

    def refusal(self, request: HTTPConnection) -> tuple[int, str] | None:
        """Status and reason, or None for who may come in. Compares in constant time."""
        if self._token is not None:
            scheme, _, given = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token):
                return None
            return 401, "a valid token is required: Authorization: Bearer TOKEN"
        origin = request.headers.get("origin")
        if origin and not is_loopback(urlsplit(origin).hostname or ""):
            return 403, f"pages of {origin:.100} may not use this engine: start it with a token"
        return None


def create_app(limits: Limits, token: str | None = None) -> Starlette:
    """The application; its workers start with it and end with it. ``app.state.stopping`` ends the sessions."""
    gate = Gate(token)
    stopping = asyncio.Event()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.workers = Workers(limits)
        try:
            yield
        finally:
            await app.state.workers.close()

    async def modeling(socket: WebSocket) -> None:
        refused = gate.refusal(socket)
        if refused is not None:
            await socket.send_denial_response(_error(*refused))
            return
        await socket.accept()
        relay = Relay(socket, socket.app.state.workers, limits, stopping)
        task = asyncio.current_task()
        app.state.relays.add(task)
        try:
            await relay.serve()
        finally:
            app.state.relays.discard(task)

    async def page(request: Request) -> Response:
        status = _status(request.app.state.workers)
        return HTMLResponse(_page(status, str(request.base_url).rstrip("/"), token is not None))

    async def health(request: Request) -> Response:
        return JSONResponse(_status(request.app.state.workers))

    async def measure(request: Request) -> Response:
        return await about_file(request, files.measure)

    async def convert(request: Request) -> Response:
        return await about_file(request, files.convert)

    async def about_file(request: Request, answer: FileAnswer) -> Response:
        barred = gate.refusal(request)
        if barred is not None:
            return _error(*barred)
        try:
            return JSONResponse(await answer(request, request.app.state.workers, limits), status_code=201)
        except EngineError as error:
            return _error(422, error.message)
        except BrickError as error:
            return _error(error.http_status, f"{error.message} {error.next_action}")

    async def refused(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code != 404:
            return _error(error.status_code, str(error.detail))
        return _error(404, f"there is nothing at {request.url.path:.200}; the modeling protocol is at {PATH}")

    app = Starlette(
        routes=[
            Route("/", page),
            Route("/health", health),
            Route("/file/conversion/{src_format}/{output_format}", convert, methods=["POST"]),
            Route("/file/{what}", measure, methods=["POST"]),
            WebSocketRoute(PATH, modeling),
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: refused},
    )
    app.state.stopping = stopping
    app.state.relays = set()
    return app


FileAnswer = Callable[[Request, Workers, Limits], Awaitable[dict[str, Any]]]
_CODES = {401: "auth_token_missing", 403: "forbidden", 404: "not_found", 405: "bad_request"}


def _error(status: int, message: str) -> JSONResponse:
    """An error as the protocol's clients read it."""
    return JSONResponse({"error_code": _CODES.get(status, "bad_request"), "message": message}, status_code=status)


def _status(workers: Workers) -> dict[str, Any]:
    return {"status": "ok", "engine": "BRICK OS", "version": __version__, "path": PATH, "sessions": workers.status()}


def _page(status: dict[str, Any], address: str, has_token: bool) -> str:
    """What a person sees who opens the address in a browser."""
    sessions = status["sessions"]
    token = "the token that the engine was started with" if has_token else "any text (the engine has no token)"
    told = (
        f"{sessions['busy']} of {sessions['limit']} sessions in use, {sessions['idle']} workers warm, "
        f"{sessions['waiting']} clients waiting."
    )
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>KCL engine</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}}
pre{{background:#f3f3f3;padding:.8rem;overflow:auto}}</style>
<h1>The KCL engine runs</h1>
<p>This is a local engine for the KittyCAD Language: it speaks the modeling protocol at <code>{PATH}</code>.
It is used by programs, not in a browser. {told}</p>
<h2>Point a client here</h2>
<p>The <code>kcl</code> package for Python and <code>zoo-mcp</code> read where to go from the environment:</p>
<pre>export ZOO_HOST={html.escape(address)}
export ZOO_API_TOKEN=…   # {token}</pre>
<p><a href="health">Health as JSON</a></p></html>
"""
