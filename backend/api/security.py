"""Who may ask: this machine without a token, others only with one; and never a page of another site.

A server on loopback is still reachable by every web page that the user's browser shows: by requests across sites, and
by a host name that an attacker points at 127.0.0.1 (DNS rebinding). So the Host and Origin headers are held against the
names that this server answers to.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.config.settings import is_loopback

OPEN_PATHS = frozenset({"/api/health", "/api/session"})  # a session asks for the token itself
# all else is the page, which holds no secret
GUARDED = frozenset({"api", "ws", "docs", "redoc", "openapi.json", "metrics"})
COOKIE = "brick_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Refused(Exception):
    """A request that is not let in."""

    def __init__(self, status: int, code: str, message: str, next_action: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "next_action": next_action, "details": {}}


class Gatekeeper:
    """ASGI middleware in front of everything."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str | None,
        allowed_hosts: Iterable[str] = (),
        allowed_origins: Iterable[str] = (),
        max_body: int = 20_000_000,
    ) -> None:
        self.app, self.token, self.max_body = app, token, max_body
        self.hosts = {host.lower() for host in allowed_hosts}
        self.origins = {origin.rstrip("/").lower() for origin in allowed_origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        try:
            self._check(scope)
        except Refused as refused:
            await _refuse(scope, send, refused)
            return
        await self.app(scope, self._bounded(receive) if scope["type"] == "http" else receive, send)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        self._check_host(headers)
        self._check_origin(scope, headers)
        if scope["type"] == "http" and _is_open(scope):
            return
        if self.token is not None:
            if not hmac.compare_digest(_token_of(scope, headers).encode(), self.token.encode()):
                raise Refused(
                    401,
                    "no_access",
                    "this server asks for an access token, and none or a wrong one was given",
                    "Send the header 'Authorization: Bearer <token>'.",
                )
        elif scope.get("client") and not is_loopback(scope["client"][0]):
            raise Refused(
                403,
                "no_access",
                "this server has no access token, so it answers this machine only",
                "Set BRICK_ACCESS_TOKEN on the server and send it with each request.",
            )
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self.max_body:
            raise Refused(
                413,
                "too_large",
                f"the request has {int(length)} bytes; at most {self.max_body} are taken",
                "Send less, or raise BRICK_MAX_BODY_MB on the server.",
            )

    def _check_host(self, headers: Headers) -> None:
        name = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        if self.token is None and not is_loopback(name) and name.lower() not in self.hosts:
            raise Refused(
                421,
                "wrong_host",
                f"this server does not answer to the name {name!r}",
                "Use http://127.0.0.1, or add the name to BRICK_ALLOWED_HOSTS.",
            )

    def _check_origin(self, scope: Scope, headers: Headers) -> None:
        origin = headers.get("origin")
        if origin is None or (scope["type"] == "http" and scope["method"] in SAFE_METHODS):
            return
        same = urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
        both_here = is_loopback(urlsplit(origin).hostname or "") and is_loopback(
            urlsplit(f"//{headers.get('host', '')}").hostname or ""
        )
        if not (same or both_here or origin.rstrip("/").lower() in self.origins):
            raise Refused(
                403,
                "wrong_origin",
                f"a page of {origin} may not use this server",
                "Add the page's origin to BRICK_ALLOWED_ORIGINS.",
            )

    def _bounded(self, receive: Receive) -> Receive:
        """The body, cut off where it grows beyond the limit although its length wasn't declared."""
        seen = 0

        async def bounded() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.max_body:
                return {"type": "http.disconnect"}
            return message

        return bounded


def _is_open(scope: Scope) -> bool:
    """Whether a request needs no token: the page itself, its files, and what is meant for all."""
    if scope["path"] in OPEN_PATHS:
        return True
    first = scope["path"].lstrip("/").split("/", 1)[0]
    return scope["method"] in ("GET", "HEAD") and first not in GUARDED


def _token_of(scope: Scope, headers: Headers) -> str:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scope["type"] == "websocket":  # a browser can't set headers on a WebSocket
        query: str = scope.get("query_string", b"").decode("latin-1")
        given = parse_qs(query).get("token", [""])[0]
        if given:
            return given
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, "")


async def _refuse(scope: Scope, send: Send, refused: Refused) -> None:
    body = json.dumps(refused.body).encode()
    headers: list[tuple[bytes, bytes]] = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    if refused.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if scope["type"] == "websocket":
        if "websocket.http.response" in scope.get("extensions", {}):
            await send({"type": "websocket.http.response.start", "status": refused.status, "headers": headers})
            await send({"type": "websocket.http.response.body", "body": body})
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": refused.body["code"]})
        return
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def secret(value: Any) -> str | None:
    """The text of a SecretStr or a plain one; None where there is none."""
    if value is None:
        return None
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)
