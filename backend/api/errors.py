"""Errors as {code, message, next_action, details}: the words that the command line and the page show too."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from backend.errors import BrickError

logger = logging.getLogger(__name__)


def answer(status: int, code: str, message: str, next_action: str = "", details: Any = None) -> JSONResponse:
    """An error as a response."""
    body = {"code": code, "message": message, "next_action": next_action, "details": details or {}}
    return JSONResponse(body, status_code=status)


async def _brick(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BrickError)
    return JSONResponse({**error.as_dict()}, status_code=error.http_status)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = [
        {"where": ".".join(str(part) for part in item["loc"]), "problem": item["msg"]} for item in error.errors()
    ]
    words = "; ".join(f"{item['where']}: {item['problem']}" for item in problems)
    return answer(
        422, "bad_request", words, "Correct the fields that are named; /docs shows what is expected.", problems
    )


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
    return answer(error.status_code, code, f"{request.method} {request.url.path}: {error.detail}", "See /docs.")


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(
        500,
        "internal",
        f"an internal failure: {type(error).__name__}",
        "The server's log has the details; report them.",
    )


def install(app: FastAPI) -> None:
    """Have all errors of an application answered in this form."""
    app.add_exception_handler(BrickError, _brick)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)
