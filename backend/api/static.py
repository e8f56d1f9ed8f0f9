"""The built page, served by the same process as the API: nothing of it comes from another host.

Every address that is no file and no part of the API answers with the page itself, whose router knows what to show, so
that a reload or a link into a project works. Without a build the API works all the same.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from backend.errors import NotFoundError

_ROOT = Path(__file__).resolve().parents[2]
DIST = _ROOT / "frontend" / "dist"

# What the API owns: an address there that doesn't exist is an error and not the page.
API_PREFIXES = ("api", "ws", "docs", "redoc", "openapi.json", "metrics")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "frame-src 'self'",  # the dossier, which brings a stricter policy of its own
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

# Types that the platform's table may lack or have wrong.
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def find(path: str, dist: Path = DIST) -> Path | None:
    """The file of the build that answers an address, the page for all others; None where there is no build.

    Nothing outside the build is ever found, whatever the address says.
    """
    page = dist / "index.html"
    if not page.is_file():
        return None
    wanted = (dist / path).resolve()
    if path and wanted.is_relative_to(dist.resolve()) and wanted.is_file():
        return wanted
    return page


def answer(path: str, dist: Path = DIST) -> FileResponse:
    """The response to ``GET /path``. NotFoundError for the API's addresses, lost assets, no build."""
    first = path.split("/", 1)[0]
    if first in API_PREFIXES:
        raise NotFoundError(f"there is nothing at /{path}", next_action="See /docs for what the API offers.")
    found = find(path, dist)
    if found is None:
        raise NotFoundError(
            "the page has not been built on this machine; the API works without it",
            next_action="Run 'npm ci && npm run build' in frontend/, then reload. The API is described at /docs.",
            code="page_not_built",
        )
    if first == "assets" and found.name == "index.html":
        # an old page that asks for files of an earlier build must not get the page in their place
        raise NotFoundError(f"there is no /{path} in this build", next_action="Reload the page.")
    media = _TYPES.get(found.suffix) or mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    # Files in assets/ carry a hash of their content in their name; all others are asked for again each time.
    keep = "public, max-age=31536000, immutable" if first == "assets" else "no-cache"
    return FileResponse(found, media_type=media, headers={**PAGE_HEADERS, "Cache-Control": keep})


def install(app: FastAPI, dist: Path = DIST) -> None:
    """Serve the page for every address that no route before this one has taken: call it last."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/{path:path}", methods=["GET", "HEAD"])
    async def page(path: str) -> FileResponse:
        return await run_in_threadpool(answer, path, dist)

    app.include_router(router)
