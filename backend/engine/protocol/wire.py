"""Frames of the modeling protocol: JSON text, MessagePack or BSON in, JSON text or MessagePack out."""

from __future__ import annotations

import json
import uuid
from typing import Any

import msgpack

from backend.engine.errors import EngineError
from backend.engine.protocol import bson

MAX_FRAME_BYTES = 256 * 2**20


def _plain(value: Any) -> Any:
    """MessagePack carries a UUID as 16 raw bytes; everywhere else ids are text. File contents stay bytes."""
    if isinstance(value, dict):
        return {
            str(key): (item if key == "data" and isinstance(item, bytes) else _plain(item))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bytes) and len(value) == 16:
        return str(uuid.UUID(bytes=value))
    return value


def read_frame(frame: str | bytes) -> dict[str, Any]:
    """The request in a frame; raises :class:`EngineError` where it isn't an object of this protocol."""
    kind = "JSON" if isinstance(frame, str) else "BSON" if bson.is_document(frame) else "MessagePack"
    try:
        if isinstance(frame, str):
            message = json.loads(frame)
        else:
            message = _plain(bson.read(frame) if kind == "BSON" else msgpack.unpackb(frame, raw=False))
    except (ValueError, RecursionError, msgpack.exceptions.UnpackException) as error:
        raise EngineError(f"the frame is not {kind}: {error}") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise EngineError('a request is an object with a "type"')
    return message


def named_id(message: dict[str, Any]) -> str | None:
    """The id that a message gives itself, by which its sender finds the answer; None where it has none."""
    for name in ("cmd_id", "batch_id", "request_id"):
        try:
            return str(uuid.UUID(str(message.get(name))))
        except ValueError:
            continue
    return None


def _flat(response: dict[str, Any]) -> dict[str, Any]:
    return {"modeling_response": response}


def success(request_id: str, response: dict[str, Any]) -> str | bytes:
    """The reply to one command. An export travels as MessagePack so that its bytes stay raw."""
    if response["type"] == "export":
        body = {"success": True, "request_id": request_id, "resp": {"type": "export", "data": response["data"]}}
        packed: bytes = msgpack.packb(body, use_bin_type=True)
        return packed
    return json.dumps(
        {"success": True, "request_id": request_id, "resp": {"type": "modeling", "data": _flat(response)}}
    )


def batch(request_id: str, responses: dict[str, Any]) -> str:
    return json.dumps(
        {
            "success": True,
            "request_id": request_id,
            "resp": {"type": "modeling_batch", "data": {"responses": responses}},
        }
    )


def project(request_id: str | None, result: dict[str, Any]) -> str:
    """The reply to a project that was run as a whole: {"ok": …} or {"err": …}."""
    resp = {"type": "exec_kcl_project", "data": {"result": result}}
    return json.dumps({"success": True, "request_id": request_id, "resp": resp})


def errors(error: EngineError) -> list[dict[str, str]]:
    code = "internal_engine" if error.code == "internal_engine" else "bad_request"
    return [{"error_code": code, "message": error.message}]


def failure(request_id: str | None, error: EngineError) -> str:
    return json.dumps({"success": False, "request_id": request_id, "errors": errors(error)})


def pong() -> str:
    return json.dumps({"success": True, "request_id": None, "resp": {"type": "pong", "data": {}}})


def greeting(session_id: str) -> str:
    """Names the session; without it the client adds a remark on missing session data to its errors."""
    data = {"session": {"api_call_id": session_id}}
    return json.dumps({"success": True, "request_id": None, "resp": {"type": "modeling_session_data", "data": data}})
