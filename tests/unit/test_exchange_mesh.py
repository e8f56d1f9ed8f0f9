"""Meshes as arrays, and the mesh formats, held against closed forms and against trimesh."""

from __future__ import annotations

import io
import json
import math
import struct

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.engine.errors import EngineError
from backend.engine.exchange.gltf import glb_bytes, srgb_to_linear
from backend.engine.exchange.gltf_read import read_glb
from backend.engine.exchange.mesh import (
    Mesh,
    coincident,
    concatenate,
    signed_volume,
    snapped,
    surface_area,
    triangle_normals,
    vertex_normals,
    weld,
)
from backend.engine.exchange.stl import read_stl, stl_bytes


def box(size=(30.0, 20.0, 10.0), at=(0.0, 0.0, 0.0)):
    """A box with vertices of its own for each face, as a tessellated B-rep has."""
    mesh = trimesh.creation.box(extents=size)
    mesh.apply_translation(np.asarray(at) + np.asarray(size) / 2)
    corners = mesh.triangles.reshape(-1, 3)
    return corners, np.arange(len(corners)).reshape(-1, 3)


def test_volume_and_area_of_a_box_are_exact():
    vertices, triangles = box((30, 20, 10), at=(1000, -500, 3))
    assert signed_volume(vertices, triangles) == pytest.approx(6000.0, rel=1e-12)
    assert surface_area(vertices, triangles) == pytest.approx(2 * (600 + 300 + 200), rel=1e-12)
    assert signed_volume(vertices, triangles[:, ::-1]) == pytest.approx(-6000.0, rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(
    st.tuples(*[st.floats(0.1, 500)] * 3),
    st.tuples(*[st.floats(-1e3, 1e3)] * 3),
    st.floats(-3.0, 3.0),
)
def test_rigid_motion_keeps_the_volume(size, shift, angle):
    vertices, triangles = box(size)
    turn = np.array([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]])
    moved = vertices @ turn.T + np.asarray(shift)
    assert signed_volume(moved, triangles) == pytest.approx(math.prod(size), rel=1e-7)


def test_weld_joins_what_lies_together_and_nothing_else():
    vertices, triangles = box()
    noise = np.random.default_rng(1).uniform(-1e-7, 1e-7, vertices.shape)
    points, index = weld(vertices + noise, triangles)
    assert len(points) == 8
    assert len(index) == 12
    label = coincident(np.array([[0.0, 0, 0], [1.0, 0, 0], [1e-9, 0, 0], [1.0, 1e-9, 0]]))
    assert label.tolist() == [0, 1, 0, 1]


def test_weld_drops_triangles_that_collapse():
    vertices = np.array([[0.0, 0, 0], [10, 0, 0], [0, 10, 0], [0, 1e-9, 0]])
    _, triangles = weld(vertices, [[0, 1, 2], [0, 3, 1]])
    assert triangles.tolist() == [[0, 1, 2]]


def test_snapped_mesh_keeps_its_face_of_each_triangle():
    vertices, triangles = box()
    faces = np.arange(len(triangles), dtype=np.int32)
    nearly = vertices + np.random.default_rng(2).uniform(-1e-8, 1e-8, vertices.shape)
    mesh = snapped(Mesh(nearly, vertex_normals(nearly, triangles), triangles.astype(np.int32), faces))
    assert len(np.unique(mesh.vertices, axis=0)) == 8
    assert mesh.face_index.tolist() == faces.tolist()


def test_normals_point_outwards():
    vertices, triangles = box()
    center = vertices.mean(axis=0)
    outward = vertices[triangles].mean(axis=1) - center
    assert (np.einsum("ij,ij->i", triangle_normals(vertices, triangles), outward) > 0).all()
    lengths = np.linalg.norm(vertex_normals(vertices, triangles), axis=1)
    assert lengths == pytest.approx(np.ones(len(vertices)))


# --- STL -----------------------------------------------------------------------------------------------------------


def test_stl_is_read_by_trimesh_with_the_same_volume_and_box():
    vertices, triangles = box((30, 20, 10), at=(5, 6, 7))
    other = trimesh.load(io.BytesIO(stl_bytes(vertices, triangles, title="box")), file_type="stl")
    assert other.is_watertight
    assert other.volume == pytest.approx(6000, rel=1e-6)
    assert other.bounds.tolist() == [[5, 6, 7], [35, 26, 17]]


def test_stl_header_is_never_taken_for_text():
    assert not stl_bytes(*box(), title="solid").lstrip().startswith(b"solid")


def test_text_and_binary_stl_read_alike():
    sphere = trimesh.creation.icosphere(subdivisions=2, radius=7.0)
    text = sphere.export(file_type="stl_ascii").encode()
    binary = sphere.export(file_type="stl")
    for data in (text, binary):
        points, triangles = read_stl(data)
        assert len(points) == len(sphere.vertices)
        assert signed_volume(points, triangles) == pytest.approx(sphere.volume, rel=1e-5)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not an STL"),
        (b"hello", "not an STL"),
        (stl_bytes(*box())[:-20], "cut short"),
        (b"solid x\nvertex 1 2 three\n", "not a number"),
        (b"solid x\nvertex 1 2 3\nvertex 1 2 3\n", "middle of a triangle"),
        (b"solid x\nendsolid", "no triangles"),
        (b" " * 80 + struct.pack("<I", 1) + struct.pack("<12fH", *[float("nan")] * 12, 0), "finite"),
    ],
)
def test_a_broken_stl_is_refused_with_a_reason(data, words):
    with pytest.raises(EngineError, match=words) as caught:
        read_stl(data)
    assert caught.value.code == "import_failed"


# --- glTF ----------------------------------------------------------------------------------------------------------


def document_of(glb: bytes) -> dict:
    magic, version, total = struct.unpack_from("<4sII", glb)
    assert (magic, version, total) == (b"glTF", 2, len(glb))
    length, kind = struct.unpack_from("<I4s", glb, 12)
    assert kind == b"JSON"
    assert length % 4 == 0
    return json.loads(glb[20 : 20 + length])


def test_glb_is_in_metres_with_y_up():
    vertices, triangles = box((30, 20, 10))  # 10 mm high in Z
    scene = trimesh.load(
        io.BytesIO(glb_bytes([{"name": "plate", "vertices_mm": vertices, "triangles": triangles}])), file_type="glb"
    )
    mesh = scene.geometry["plate"]
    assert mesh.volume == pytest.approx(6000e-9, rel=1e-5)
    assert np.ptp(mesh.bounds, axis=0) == pytest.approx([0.030, 0.010, 0.020], rel=1e-6)
    assert mesh.bounds[0] == pytest.approx([0.0, 0.0, -0.020], abs=1e-9)


def test_glb_follows_the_specification():
    vertices, triangles = box()
    stress = np.linspace(0, 250, len(vertices))
    glb = glb_bytes(
        [
            {"name": "a", "vertices_mm": vertices, "triangles": triangles, "attributes": {"_VON_MISES": stress}},
            {"vertices_mm": vertices + 50, "triangles": triangles, "color": (1.0, 0.0, 0.0, 0.5)},
        ],
        {"project": "demo"},
    )
    document = document_of(glb)
    assert document["asset"]["version"] == "2.0"
    assert document["asset"]["extras"]["length_unit"] == "m"
    assert document["asset"]["extras"]["project"] == "demo"
    assert [node["name"] for node in document["nodes"]] == ["a", "body-2"]
    for view in document["bufferViews"]:
        assert view["byteOffset"] % 4 == 0
        assert view["byteOffset"] + view["byteLength"] <= document["buffers"][0]["byteLength"]
    for mesh in document["meshes"]:
        for primitive in mesh["primitives"]:
            position = document["accessors"][primitive["attributes"]["POSITION"]]
            assert len(position["min"]) == len(position["max"]) == 3  # the specification demands them
            assert document["accessors"][primitive["indices"]]["componentType"] in (5123, 5125)
    assert document["meshes"][0]["extras"]["attribute_units"] == {"_VON_MISES": "MPa"}
    assert document["meshes"][0]["extras"]["attribute_ranges"]["_VON_MISES"] == [0.0, 250.0]
    assert document["materials"][1]["alphaMode"] == "BLEND"


def test_glb_position_bounds_are_those_of_the_stored_numbers():
    vertices, triangles = box((0.1, 0.3, 0.7), at=(1 / 3, 0, 0))
    glb = glb_bytes([{"vertices_mm": vertices, "triangles": triangles}])
    accessor = document_of(glb)["accessors"][0]
    stored = read_glb(glb)[0].vertices / 1000
    turned = np.stack([stored[:, 0], stored[:, 2], -stored[:, 1]], axis=1)
    assert accessor["min"] == turned.min(axis=0).tolist()
    assert accessor["max"] == turned.max(axis=0).tolist()


def test_attributes_of_our_own_come_back_through_trimesh():
    vertices, triangles = box()
    stress = np.arange(len(vertices), dtype=np.float32)
    glb = glb_bytes([{"vertices_mm": vertices, "triangles": triangles, "attributes": {"_VON_MISES": stress}}])
    mesh = next(iter(trimesh.load(io.BytesIO(glb), file_type="glb", process=False).geometry.values()))
    assert sorted(np.ravel(mesh.vertex_attributes["_VON_MISES"]).tolist()) == stress.tolist()


def test_many_vertices_get_wide_indices():
    sphere = trimesh.creation.icosphere(subdivisions=7)
    document = document_of(glb_bytes([{"vertices_mm": sphere.vertices, "triangles": sphere.faces}]))
    indices = document["meshes"][0]["primitives"][0]["indices"]
    assert len(sphere.vertices) > 65535
    assert document["accessors"][indices]["componentType"] == 5125


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"triangles": [[0, 1, 99]]}, "names vertex 99"),
        ({"triangles": np.zeros((0, 3), int)}, "no triangles"),
        ({"vertices_mm": np.full((36, 3), np.nan)}, "not finite"),
        ({"vertices_mm": np.zeros((36, 2))}, "expected vertices"),
        ({"attributes": {"STRESS": np.zeros(36)}}, "underscore"),
        ({"attributes": {"_VON_MISES": np.zeros(5)}}, "does not fit"),
        ({"attributes": {"_VON_MISES": np.full(36, np.inf)}}, "not finite"),
    ],
)
def test_wrong_arrays_are_refused(change, words):
    vertices, triangles = box()
    with pytest.raises(ValueError, match=words):
        glb_bytes([{"vertices_mm": vertices, "triangles": triangles, **change}])


def test_glb_needs_a_body():
    with pytest.raises(ValueError, match="at least one body"):
        glb_bytes([])


def test_srgb_to_linear_keeps_the_ends_and_halves_in_the_right_place():
    assert srgb_to_linear((0.0, 1.0, 0.5)) == pytest.approx([0.0, 1.0, 0.21404, 1.0], abs=1e-5)


def test_glb_round_trip_keeps_millimetres_and_names():
    vertices, triangles = box((30, 20, 10), at=(1, 2, 3))
    meshes = read_glb(glb_bytes([{"name": "bracket", "vertices_mm": vertices, "triangles": triangles}]))
    assert [mesh.name for mesh in meshes] == ["bracket"]
    assert meshes[0].vertices.min(axis=0) == pytest.approx([1, 2, 3], rel=1e-5)
    assert meshes[0].volume_mm3() == pytest.approx(6000, rel=1e-5)
    flat = triangle_normals(meshes[0].vertices, meshes[0].triangles)
    assert np.einsum("ij,ij->i", flat, meshes[0].normals[meshes[0].triangles[:, 0]]) == pytest.approx(np.ones(12))


def test_gltf_of_another_writer_with_placed_nodes_is_read():
    scene = trimesh.Scene()
    part = trimesh.creation.box(extents=(0.01, 0.02, 0.03))
    turn = trimesh.transformations.rotation_matrix(math.radians(90), [1, 0, 0], [0.1, 0, 0])
    scene.add_geometry(part, node_name="first", transform=turn)
    scene.add_geometry(part, node_name="second", transform=trimesh.transformations.translation_matrix([0, 1, 0]))
    meshes = read_glb(scene.export(file_type="glb"))
    assert len(meshes) == 2
    assert sum(mesh.volume_mm3() for mesh in meshes) == pytest.approx(2 * 6000, rel=1e-5)
    expected = scene.to_geometry().bounds * 1000
    found = concatenate(meshes).vertices
    assert found[:, 0].min() == pytest.approx(expected[0, 0], abs=1e-3)
    assert found[:, 2].max() == pytest.approx(expected[1, 1], rel=1e-5)  # their Y is our Z


def test_a_node_turned_inside_out_by_its_scale_still_faces_outwards():
    glb = glb_bytes([{"vertices_mm": box()[0], "triangles": box()[1]}])
    document = document_of(glb)
    document["nodes"][0]["scale"] = [-1, 1, 1]
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    rest = glb[20 + struct.unpack_from("<I", glb, 12)[0] :]
    mirrored = struct.pack("<4sIII4s", b"glTF", 2, 20 + len(text) + len(rest), len(text), b"JSON") + text + rest
    assert read_glb(mirrored)[0].volume_mm3() == pytest.approx(6000, rel=1e-5)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"glTF", "cut short"),
        (b"{", "not JSON"),
        (b"[]", "version"),
        (b'{"asset": {"version": "1.0"}}', "glTF 2.0"),
        (b'{"asset": {"version": "2.0"}}', "no triangles"),
        (b'{"asset": {"version": "2.0"}, "extensionsRequired": ["KHR_draco_mesh_compression"]}', "KHR_draco"),
        (b'{"asset": {"version": "2.0"}, "buffers": [{"uri": "../secret.bin"}]}', "was not given"),
        (b'{"asset": {"version": "2.0"}, "nodes": [{"mesh": 4}]}', "not well formed"),
        (b'{"asset": {"version": "2.0"}, "scenes": [{"nodes": [0]}], "nodes": [{"children": [0]}]}', "circle"),
    ],
)
def test_a_broken_gltf_is_refused_with_a_reason(data, words):
    with pytest.raises(EngineError, match=words):
        read_glb(data)
