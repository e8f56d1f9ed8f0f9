"""Foreign files that would fill the memory, reach for other files, or are none: sent to a server by a remote client."""

from __future__ import annotations

import asyncio
import json
import struct
import uuid
from pathlib import Path
from typing import Any

import msgpack
import pytest

from tests.integration.engine_probe import block
from tests.integration.engine_server import Engine, batch, reply, request

TRIANGLE = (
    "solid t\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid t\n"
)


def gltf(**changes: Any) -> bytes:
    """A text glTF of one triangle, with what a bomb changes."""
    import base64

    data = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": len(data)}],
        "buffers": [{"byteLength": len(data), "uri": "data:;base64," + base64.b64encode(data).decode()}],
        **changes,
    }
    return json.dumps(document).encode()


MANY = 90_000
CROWD = 300

FILES: list[tuple[str, str, bytes, str]] = [
    # name, format, contents, words of the refusal
    ("a.stl", "stl", b"\0" * 80 + struct.pack("<I", 4_000_000_000) + b"\0" * 500, "promises 4000000000 triangles"),
    ("a.stl", "stl", b"", "empty"),
    ("a.stl", "stl", TRIANGLE.replace("1 0 0", "1e999 0 0").encode(), "not finite"),
    ("a.ply", "ply", b"ply\nformat ascii 1.0\nelement vertex 4000000000\nend_header\n", "impossible count"),
    ("a.obj", "obj", b"v 0 0 0\nf 1 2 4000000000\n", "Line 2"),
    (
        "a.gltf",
        "gltf",
        gltf(accessors=[{"componentType": 5126, "count": 2**31, "type": "VEC3"}]),
        "2147483648 elements",
    ),
    ("a.gltf", "gltf", gltf(accessors=[{"componentType": 5126, "count": 9, "type": "VEC3"}]), "without a buffer"),
    ("a.gltf", "gltf", b"[" * 200_000, "not JSON"),
    ("a.gltf", "gltf", gltf(buffers=[{"byteLength": 36, "uri": "../../etc/passwd"}]), "was not given with it"),
    ("a.gltf", "gltf", gltf(buffers=[{"byteLength": 36, "uri": "file:///etc/passwd"}]), "was not given with it"),
    ("a.gltf", "gltf", gltf(nodes=[{"mesh": 0, "children": [0]}]), "in a circle"),
    (
        "a.gltf",
        "gltf",
        gltf(
            accessors=[{"bufferView": 0, "componentType": 5126, "count": MANY, "type": "VEC3"}],
            bufferViews=[{"buffer": 0, "byteLength": 12 * MANY}],
            buffers=[{"byteLength": 12 * MANY, "uri": "data:;base64," + "AACA" * (4 * MANY)}],
            scenes=[{"nodes": list(range(CROWD))}],
            nodes=[{"mesh": 0}] * CROWD,
        ),
        "more than 8000000 vertices",
    ),
    ("a.step", "step", b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\nENDSEC;\nEND-ISO-10303-21;\n", "import.step"),
    ("a.step", "step", b"PK\x03\x04 not a STEP file", "not a STEP file"),
    ("a.3mf", "3mf", b"PK\x03\x04", "can't be imported"),
    ("a.sldprt", "sldprt", b"\xd0\xcf\x11\xe0", "can't be imported"),
]


def import_frame(files: list[dict[str, Any]], kind: str) -> bytes:
    cmd = {"type": "import_files", "files": files, "format": {"type": kind}}
    packed: bytes = msgpack.packb({"type": "modeling_cmd_req", "cmd": cmd, "cmd_id": uuid.uuid4().bytes})
    return packed


async def test_a_file_that_is_a_bomb_or_none_is_refused_with_words_and_the_session_goes_on() -> None:
    with Engine("--sessions", "1", "--timeout-s", "60", "--memory-mb", "2500") as engine:
        async with engine.connect() as socket:
            for name, kind, contents, words in FILES:
                await socket.send(import_frame([{"path": name, "data": contents}], kind))
                told = await asyncio.wait_for(reply(socket), 90)
                assert told["success"] is False, (name, words)
                message = told["errors"][0]["message"]
                assert words in message, (name, message)
                assert "Error" not in message
            for files, words in [
                ([], "no file"),
                ([{"data": b"x"}], "its name in 'path'"),
                ([{"path": 3, "data": b"x"}], "its name in 'path'"),
                ([{"path": "a.stl", "data": "text"}], "its bytes in 'data'"),
                ([None], "an object"),
            ]:
                await socket.send(import_frame(files, "stl"))
                assert words in (await reply(socket))["errors"][0]["message"]
            await socket.send(batch(block()))
            await reply(socket)
            await socket.send(request({"type": "volume", "entity_ids": [], "output_unit": "mm3"}))
            data = (await reply(socket))["resp"]["data"]["modeling_response"]["data"]
            assert data["volume"] == pytest.approx(1000)


def referring_step(target: str) -> bytes:
    """A STEP file whose product has its geometry in another file (ISO 10303-21 with DOCUMENT_FILE)."""
    return f"""ISO-10303-21;
HEADER;
FILE_DESCRIPTION((''),'2;1');
FILE_NAME('a','2026-01-01T00:00:00',(''),(''),'','','');
FILE_SCHEMA(('AUTOMOTIVE_DESIGN'));
ENDSEC;
DATA;
#1=APPLICATION_CONTEXT('core data');
#2=PRODUCT_CONTEXT('',#1,'mechanical');
#3=PRODUCT('p','p','',(#2));
#4=PRODUCT_DEFINITION_FORMATION('','',#3);
#5=PRODUCT_DEFINITION_CONTEXT('part definition',#1,'design');
#6=DOCUMENT_TYPE('');
#7=DOCUMENT_FILE('{target}','',$,#6,'',$);
#8=PRODUCT_DEFINITION_WITH_ASSOCIATED_DOCUMENTS('','',#4,#5,(#7));
#9=APPLIED_EXTERNAL_IDENTIFICATION_ASSIGNMENT('{target}',#10,#11,(#7));
#10=IDENTIFICATION_ROLE('external document id and location',$);
#11=EXTERNAL_SOURCE(IDENTIFIER(''));
ENDSEC;
END-ISO-10303-21;
""".encode()


async def test_a_step_file_that_refers_to_another_file_does_not_bring_it_in(tmp_path: Path) -> None:
    from tests.conformance.test_commands import brick

    (tmp_path / "secret.kcl").write_text(
        "startSketchOn(XY) |> circle(center = [0, 0], radius = 5) |> extrude(length = 2)"
    )
    assert brick("export", str(tmp_path / "secret.kcl"), "--out", str(tmp_path / "secret.step")).returncode == 0
    with Engine("--sessions", "1") as engine:
        async with engine.connect() as socket:
            step = referring_step(str(tmp_path / "secret.step"))
            await socket.send(import_frame([{"path": "a.step", "data": step}], "step"))
            told = await asyncio.wait_for(reply(socket), 60)
            assert told["success"] is False
            assert "without any shape" in told["errors"][0]["message"]
