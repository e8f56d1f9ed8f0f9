"""Frames of the modeling protocol: what is read, what is refused, what is answered."""

from __future__ import annotations

import json
import uuid

import msgpack
import pytest

from backend.engine.errors import EngineError
from backend.engine.protocol import wire

ID = "6f2c8d1e-0b7a-5e43-9c55-7a3f1d9e4b20"


def test_a_text_frame_is_json() -> None:
    assert wire.read_frame('{"type": "ping"}') == {"type": "ping"}


def test_a_binary_frame_is_messagepack_with_raw_ids_and_file_bytes() -> None:
    sixteen = b"0123456789abcdef"  # a file of 16 bytes must not be taken for an id
    frame = msgpack.packb(
        {"type": "modeling_cmd_req", "cmd_id": uuid.UUID(ID).bytes, "cmd": {"files": [{"data": sixteen}]}}
    )
    message = wire.read_frame(frame)
    assert message["cmd_id"] == ID
    assert message["cmd"]["files"][0]["data"] == sixteen


@pytest.mark.parametrize("frame", ["", "{", "[]", '{"kind": "ping"}', '{"type": 3}', b"\xc1", b"", b"\x92\x01"])
def test_anything_else_is_refused_in_words(frame: str | bytes) -> None:
    with pytest.raises(EngineError) as caught:
        wire.read_frame(frame)
    assert caught.value.message


def test_replies_have_the_shape_that_the_client_reads() -> None:
    reply = json.loads(wire.success(ID, {"type": "volume", "data": {"volume": 1.0}}))
    assert reply == {
        "success": True,
        "request_id": ID,
        "resp": {"type": "modeling", "data": {"modeling_response": {"type": "volume", "data": {"volume": 1.0}}}},
    }
    batch = json.loads(wire.batch(ID, {ID: {"response": {"type": "empty"}}}))
    assert batch["resp"] == {"type": "modeling_batch", "data": {"responses": {ID: {"response": {"type": "empty"}}}}}
    failure = json.loads(wire.failure(ID, EngineError("no", code="unsupported")))
    assert failure["success"] is False
    assert failure["errors"] == [{"error_code": "bad_request", "message": "no"}]
    assert json.loads(wire.pong())["resp"]["type"] == "pong"


def test_a_kernel_failure_has_the_code_that_says_so() -> None:
    assert wire.errors(EngineError("broken", code="internal_engine"))[0]["error_code"] == "internal_engine"


def test_an_export_travels_as_messagepack_with_raw_bytes() -> None:
    packed = wire.success(ID, {"type": "export", "data": {"files": [{"name": "a.step", "contents": b"\x00\xff"}]}})
    assert isinstance(packed, bytes)
    reply = msgpack.unpackb(packed)
    assert reply["resp"]["type"] == "export"
    assert reply["resp"]["data"]["files"][0]["contents"] == b"\x00\xff"
