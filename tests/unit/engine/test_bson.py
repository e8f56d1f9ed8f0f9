"""BSON frames: the samples of its specification, and damage of every kind."""

from __future__ import annotations

import random
import struct
import uuid

import pytest

from backend.engine.errors import EngineError
from backend.engine.protocol import bson, wire

# bsonspec.org, "FAQ: what are some example documents"
HELLO = b"\x16\x00\x00\x00\x02hello\x00\x06\x00\x00\x00world\x00\x00"
AWESOME = (
    b"\x31\x00\x00\x00\x04BSON\x00\x26\x00\x00\x00\x020\x00\x08\x00\x00\x00awesome\x00"
    b"\x011\x00\x33\x33\x33\x33\x33\x33\x14\x40\x102\x00\xc2\x07\x00\x00\x00\x00"
)


def document(*elements: bytes) -> bytes:
    body = b"".join(elements)
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def test_the_samples_of_the_specification() -> None:
    assert bson.read(HELLO) == {"hello": "world"}
    assert bson.read(AWESOME) == {"BSON": ["awesome", 5.05, 1986]}


def test_a_message_in_bson_is_read_as_one_in_json() -> None:
    cmd_id = uuid.UUID(int=77)
    file = document(b"\x02path\0\x06\0\0\0a.stl\0", b"\x05data\0\x03\0\0\0\0abc")
    frame = document(
        b"\x02type\0\x11\0\0\0modeling_cmd_req\0",
        b"\x05cmd_id\0\x10\0\0\0\x04" + cmd_id.bytes,
        b"\x08flag\0\x01",
        b"\x0anothing\0",
        b"\x12large\0" + struct.pack("<q", 2**40),
        b"\x04files\0" + document(b"\x030\0" + file),
    )
    assert wire.read_frame(frame) == {
        "type": "modeling_cmd_req",
        "cmd_id": str(cmd_id),
        "flag": True,
        "nothing": None,
        "large": 2**40,
        "files": [{"path": "a.stl", "data": b"abc"}],
    }


def test_damage_is_refused_with_words() -> None:
    dice = random.Random(3)
    refusals = []
    for _ in range(3000):
        data = bytearray(dice.choice((HELLO, AWESOME)))
        for _ in range(dice.randint(1, 3)):
            data[dice.randrange(4, len(data))] = dice.randrange(256)
        data[:4] = struct.pack("<i", len(data))
        try:
            bson.read(bytes(data))
        except ValueError as error:
            refusals.append(str(error))
    assert len(refusals) > 500
    assert min(map(len, refusals)) > 10


def test_a_deep_document_and_a_foreign_type_are_refused() -> None:
    deep = document()
    for _ in range(3000):
        deep = document(b"\x03a\0" + deep)
    with pytest.raises(EngineError, match="nested deeper"):
        wire.read_frame(deep)
    with pytest.raises(EngineError, match="0x0d"):
        wire.read_frame(document(b"\x0dcode\0\x02\0\0\0x\0"))
