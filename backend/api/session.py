"""The page's way in where the server asks for a token: given once, then carried by a cookie that no script can read."""

from __future__ import annotations

import hmac
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from backend.api.body import Body
from backend.api.security import COOKIE
from backend.errors import InputError

router = APIRouter(prefix="/api/session", tags=["session"])
KEPT_S = 30 * 86_400


class Access(Body):
    """The access token of the server."""

    token: str = Field(max_length=1000)


class NoAccess(InputError):
    """The token is not the server's."""

    code = "no_access"
    http_status = 401


@router.post("")
async def enter(access: Access, request: Request, response: Response) -> dict[str, Any]:
    """Hold the token against the server's; where it is right, a cookie lets this browser in from then on."""
    wanted: str | None = request.app.state.access_token
    if wanted is not None:
        if not hmac.compare_digest(access.token.strip().encode(), wanted.encode()):
            raise NoAccess("this is not the access token of the server", next_action="Ask who runs the server for it.")
        response.set_cookie(
            COOKIE,
            wanted,
            max_age=KEPT_S,
            httponly=True,
            samesite="strict",  # no other site can have the browser send it
            secure=request.url.scheme == "https",
        )
    return {"access": True, "token_needed": wanted is not None}


@router.delete("")
async def leave(response: Response) -> dict[str, Any]:
    """Forget the token in this browser."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return {"access": False}
