"""Files that were damaged on the way: each is read or refused, never anything else."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.engine.errors import EngineError
from backend.engine.exchange.gltf import glb_bytes, gltf_files
from backend.engine.exchange.gltf_read import read_glb
from backend.engine.exchange.mesh import Mesh, vertex_normals
from backend.engine.exchange.obj import obj_bytes, read_obj
from backend.engine.exchange.ply import ply_bytes, read_ply
from backend.engine.exchange.stl import read_stl, stl_bytes, stl_text

BOX = trimesh.creation.box(extents=(3.0, 2.0, 1.0))
VERTICES, TRIANGLES = np.asarray(BOX.vertices), np.asarray(BOX.faces)
BODY = {"vertices_mm": VERTICES, "triangles": TRIANGLES}
MESH = Mesh(VERTICES, vertex_normals(VERTICES, TRIANGLES), TRIANGLES.astype(np.int32), np.zeros(12, np.int32), "box")
FILES = {
    "stl": (stl_bytes(VERTICES, TRIANGLES), read_stl),
    "stl-text": (stl_text(VERTICES, TRIANGLES), read_stl),
    "obj": (obj_bytes([MESH]), read_obj),
    "ply": (ply_bytes(VERTICES, TRIANGLES), read_ply),
    "ply-text": (ply_bytes(VERTICES, TRIANGLES, storage="ascii"), read_ply),
    "glb": (glb_bytes([BODY]), read_glb),
    "gltf": (gltf_files([BODY])["output.gltf"], read_glb),
}


@pytest.mark.parametrize("name", sorted(FILES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(name, data):
    original, read = FILES[name]
    damaged = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(len(damaged) - 1, 0)))
        kind = data.draw(st.sampled_from(["change", "cut", "insert"]))
        if kind == "change" and damaged:
            damaged[place] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del damaged[place : place + data.draw(st.integers(1, 40))]
        else:
            damaged[place:place] = data.draw(st.binary(min_size=1, max_size=8))
    refusal = None
    try:
        read(bytes(damaged))
    except EngineError as error:
        refusal = error
    assert refusal is None or (refusal.code == "import_failed" and len(refusal.message) > 10)


def test_a_count_that_would_fill_the_memory_is_refused():
    import json

    document = json.loads(gltf_files([BODY])["output.gltf"])
    document["accessors"][0]["count"] = 10**12
    del document["accessors"][0]["bufferView"]
    with pytest.raises(EngineError, match="1000000000000 elements"):
        read_glb(json.dumps(document).encode())
    huge = ply_bytes(VERTICES, TRIANGLES).replace(b"element face 12", b"element face 19999999")
    with pytest.raises(EngineError, match="cut short"):
        read_ply(huge)
