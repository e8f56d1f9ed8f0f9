"""``./brick engine``: the modeling protocol for any KCL client, until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any

from backend.config.settings import get_settings, is_loopback
from backend.errors import InputError
from backend.modeling_api.limits import MIN_TOKEN_CHARACTERS, Limits

if TYPE_CHECKING:
    from starlette.applications import Starlette

LEAVE_S = 3.0  # what sessions get to tell their clients that the engine stops


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket bound to the address, or :class:`InputError` that says why not."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)  # who connects before the first event loop turn waits, and is not refused
    except (OSError, OverflowError) as problem:
        raise InputError(
            f"{host}:{port} can't be bound: {getattr(problem, 'strerror', None) or problem}.",
            next_action="Stop the program that uses the port, or give another --port (0 takes a free one).",
        ) from problem
    return made


def checked_token(host: str, token: str | None) -> str | None:
    """The token, or None on loopback. Raises :class:`InputError` where others could come in without a good one."""
    token = token or None
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise InputError(
            "the token has characters that can't travel in a header.",
            next_action="Use letters, digits and signs without spaces.",
        )
    if not is_loopback(host) and (token is None or len(token) < MIN_TOKEN_CHARACTERS):
        raise InputError(
            f"Binding {host} makes the engine reachable from other machines, and no token of at least "
            f"{MIN_TOKEN_CHARACTERS} characters was given.",
            next_action="Use --host 127.0.0.1, or set BRICK_ENGINE_TOKEN (or --token) to a long random text.",
        )
    return token


def engine_command(host: str, port: int, token: str | None, limits: Limits, *, quiet: bool = False) -> int:
    """Serves until SIGTERM or Ctrl-C. Returns the exit status."""
    token = checked_token(host, token)
    settings = get_settings()
    # the session workers inherit it; what is kept is shared with ./brick run, design and serve
    os.environ.setdefault("BRICK_ENGINE_CACHE_DIR", str(settings.engine_cache_folder.absolute()))
    os.environ.setdefault("BRICK_ENGINE_CACHE", settings.engine_cache)
    bound = bound_socket(host, port)
    # The server raises the signal that ended it once more; by then all is in order.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING if quiet else logging.INFO, format="%(asctime)s %(message)s"
    )
    number = bound.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    with bound:
        return asyncio.run(_serve(bound, f"http://{shown}:{number}", token, limits, quiet))


async def _serve(bound: socket.socket, address: str, token: str | None, limits: Limits, quiet: bool) -> int:
    import uvicorn

    from backend.engine.protocol.wire import MAX_FRAME_BYTES
    from backend.modeling_api.app import create_app

    class Server(uvicorn.Server):
        """Tells the clients before the connections are cut."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.stopping.set()
            if app.state.relays:
                await asyncio.wait(list(app.state.relays), timeout=LEAVE_S)
            await super().shutdown(sockets)

    app: Starlette = create_app(limits, token)
    server = Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            ws_ping_interval=None,  # the official client takes a protocol ping for an error
            ws_ping_timeout=None,
            ws_per_message_deflate=False,
            ws_max_size=MAX_FRAME_BYTES,
            timeout_graceful_shutdown=int(LEAVE_S),
            lifespan="on",
        )
    )
    _tell(address, token, limits, quiet)
    await server.serve(sockets=[bound])
    if not quiet:
        print("stopped", file=sys.stderr)
    return 0 if server.started else 3


def _tell(address: str, token: Any, limits: Limits, quiet: bool) -> None:
    """The first lines on standard error: where the engine is and how a client is pointed at it."""
    if quiet:
        print(address, file=sys.stderr, flush=True)
        return
    shown = "YOUR TOKEN" if token else "any"
    print(
        f"KCL engine at {address} ({limits.sessions} sessions at once; Ctrl-C stops it)\n"
        f"  ZOO_HOST={address} ZOO_API_TOKEN={shown.replace(' ', '_')} points a client at it",
        file=sys.stderr,
        flush=True,
    )
