"""OBJ, PLY, 3MF, text glTF, units and axes, against trimesh and the standard library's readers."""

from __future__ import annotations

import io
import json
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
import trimesh

from backend.engine.errors import EngineError
from backend.engine.exchange.coords import SYSTEMS, from_ours, to_ours, unit_mm
from backend.engine.exchange.gltf import gltf_files
from backend.engine.exchange.gltf_read import read_glb
from backend.engine.exchange.mesh import Mesh, signed_volume, vertex_normals
from backend.engine.exchange.obj import obj_bytes, read_obj
from backend.engine.exchange.ply import STORAGES, ply_bytes, read_ply
from backend.engine.exchange.stl import read_stl, stl_text
from backend.engine.exchange.threemf import threemf_bytes


def mesh_of(extents=(30.0, 20.0, 10.0), name="plate", color=None) -> Mesh:
    """A box whose corners are not shared between its triangles."""
    box = trimesh.creation.box(extents=extents)
    corners = box.triangles.reshape(-1, 3)
    triangles = np.arange(len(corners)).reshape(-1, 3).astype(np.int32)
    return Mesh(corners, vertex_normals(corners, triangles), triangles, np.zeros(len(triangles), np.int32), name, color)


# --- units and axes ------------------------------------------------------------------------------------------------


def test_units_are_those_of_the_definition():
    assert [unit_mm(unit) for unit in ("mm", "cm", "m", "in", "ft", "yd")] == [1, 10, 1000, 25.4, 304.8, 914.4]
    with pytest.raises(EngineError, match="furlong"):
        unit_mm("furlong")


def test_opengl_axes_are_those_of_gltf():
    rotation = to_ours("opengl")
    assert rotation @ [0, 1, 0] == pytest.approx([0, 0, 1])  # their up is our up
    assert rotation @ [0, 0, 1] == pytest.approx([0, -1, 0])  # what looks at the viewer does so here
    assert rotation @ [1, 0, 0] == pytest.approx([1, 0, 0])


@pytest.mark.parametrize("name", sorted(SYSTEMS))
def test_every_system_is_a_rotation_and_goes_both_ways(name):
    rotation = to_ours(name)
    assert np.linalg.det(rotation) == pytest.approx(1.0)
    assert from_ours(SYSTEMS[name]) @ rotation == pytest.approx(np.eye(3))


@pytest.mark.parametrize(
    ("system", "words"),
    [
        ("directx", "directx"),
        ({"forward": {"axis": "y", "direction": "negative"}}, "Coordinates are given as"),
        ({"forward": {"axis": "q", "direction": "positive"}, "up": {"axis": "z", "direction": "positive"}}, "An axis"),
        (
            {"forward": {"axis": "z", "direction": "positive"}, "up": {"axis": "z", "direction": "negative"}},
            "same axis",
        ),
    ],
)
def test_what_is_no_system_of_axes_is_refused(system, words):
    with pytest.raises(EngineError, match=words):
        to_ours(system)


# --- OBJ -----------------------------------------------------------------------------------------------------------


def test_obj_is_read_by_trimesh_body_by_body():
    meshes = [mesh_of(), mesh_of((5, 5, 5), "stud")]
    data = obj_bytes(meshes, scale=0.001, comment="m")
    assert [line for line in data.splitlines() if line.startswith(b"o ")] == [b"o plate", b"o stud"]
    assert sum(line.startswith(b"v ") for line in data.splitlines()) == 16
    loaded = trimesh.load(io.BytesIO(data), file_type="obj")
    loaded.merge_vertices(merge_norm=True)
    volumes = sorted(part.volume for part in loaded.split(only_watertight=True))
    assert volumes == pytest.approx([125e-9, 6000e-9])
    points, triangles = read_obj(data)
    assert signed_volume(points, triangles) == pytest.approx(6125e-9)


def test_obj_polygons_and_negative_numbers_are_understood():
    square = b"v 0 0 0\nv 2 0 0\nv 2 3 0\nv 0 3 0\nf -4/1 -3/2/1 -2//1 -1\n"
    points, triangles = read_obj(square)
    assert len(points) == 4
    assert len(triangles) == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no faces"),
        (b"v 0 0 0\nf 1 2 3\n", "Line 2"),
        (b"v 0 zero 0\n", "Line 1"),
        (b"v 0 0 0\nv 1 0 0\nv 0 1 nan\nf 1 2 3", "finite"),
        (b"v 0 0 0\nv 1 0 0\nf 1 2", "three corners"),
        (b"v 0 0 0\nf 0 1 1", "vertex 0"),
    ],
)
def test_a_broken_obj_is_refused_with_its_line(data, words):
    with pytest.raises(EngineError, match=words):
        read_obj(data)


# --- PLY -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("storage", sorted(STORAGES))
def test_ply_is_read_by_trimesh_and_by_us(storage):
    mesh = mesh_of()
    data = ply_bytes(mesh.vertices, mesh.triangles, storage=storage, scale=1 / 25.4)
    if storage != "binary_big_endian":  # trimesh reads these two
        other = trimesh.load(io.BytesIO(data), file_type="ply")
        assert other.is_watertight
        assert other.volume == pytest.approx(6000 / 25.4**3)
    points, triangles = read_ply(data)
    assert len(points) == 8
    assert signed_volume(points, triangles) == pytest.approx(6000 / 25.4**3)


def test_ply_with_mixed_polygons_and_further_columns_is_read():
    text = (
        b"ply\nformat ascii 1.0\ncomment x\nelement vertex 5\nproperty float x\nproperty float y\nproperty float z\n"
        b"property uchar red\nelement face 2\nproperty list uchar int vertex_index\nend_header\n"
        b"0 0 0 9\n1 0 0 9\n1 1 0 9\n0 1 0 9\n0 0 1 9\n4 0 1 2 3\n3 0 1 4\n"
    )
    points, triangles = read_ply(text)
    assert (len(points), len(triangles)) == (5, 3)
    import struct

    head = text[: text.index(b"end_header\n") + 11].replace(b"ascii", b"binary_little_endian")
    rows = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1)]
    body = b"".join(struct.pack("<3fB", *row, 9) for row in rows)
    body += struct.pack("<B4i", 4, 0, 1, 2, 3) + struct.pack("<B3i", 3, 0, 1, 4)
    assert len(read_ply(head + body)[1]) == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: b"obj" + data[3:], "not a PLY"),
        (lambda data: data[:-9], "cut short"),
        (lambda data: data.replace(b"double x", b"quad x"), "header"),
        (lambda data: data.replace(b"face 12", b"face 99999999"), "impossible"),
        (lambda data: data.replace(b"property double z\n", b""), "x, y and z"),
        (lambda data: data.replace(b"element face 12", b"element face 0"), "no faces"),
    ],
)
def test_a_broken_ply_is_refused_with_a_reason(change, words):
    mesh = mesh_of()
    with pytest.raises(EngineError, match=words):
        read_ply(change(ply_bytes(mesh.vertices, mesh.triangles)))


def test_a_ply_storage_that_does_not_exist_is_refused():
    with pytest.raises(EngineError, match="morse"):
        ply_bytes(mesh_of().vertices, mesh_of().triangles, storage="morse")


# --- 3MF -----------------------------------------------------------------------------------------------------------


def test_3mf_is_a_package_with_units_names_colours_and_closed_bodies():
    meshes = [mesh_of(name='a "plate" & more', color=(1.0, 0.5, 0.0, 1.0)), mesh_of((5, 5, 5), "stud")]
    data = threemf_bytes(meshes, title="part <1>", unit="in", scale=1 / 25.4)
    package = zipfile.ZipFile(io.BytesIO(data))
    assert package.testzip() is None
    assert package.namelist()[0] == "[Content_Types].xml"
    root = ElementTree.fromstring(package.read("3D/3dmodel.model"))
    core = {"c": "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"}
    assert root.get("unit") == "inch"
    assert root.find("c:metadata[@name='Title']", core).text == "part <1>"
    objects = root.findall(".//c:object", core)
    assert [item.get("name") for item in objects] == ['a "plate" & more', "stud"]
    assert root.find(".//c:base", core).get("displaycolor") == "#FF8000FF"
    assert objects[0].get("pid") == root.find(".//c:basematerials", core).get("id")
    assert [item.get("objectid") for item in root.findall(".//c:item", core)] == [o.get("id") for o in objects]
    for item, volume in zip(objects, (6000, 125), strict=True):
        points = np.array([[float(v.get(a)) for a in "xyz"] for v in item.iterfind(".//c:vertex", core)])
        index = np.array([[int(t.get(a)) for a in ("v1", "v2", "v3")] for t in item.iterfind(".//c:triangle", core)])
        assert trimesh.Trimesh(points, index, process=False).is_watertight
        assert signed_volume(points, index) == pytest.approx(volume / 25.4**3, rel=1e-6)


def test_3mf_of_the_same_model_has_the_same_bytes():
    assert threemf_bytes([mesh_of()]) == threemf_bytes([mesh_of()])


def test_3mf_refuses_nothing_and_unknown_units():
    with pytest.raises(EngineError, match="at least one body"):
        threemf_bytes([])
    with pytest.raises(EngineError, match="unit 'yd'"):
        threemf_bytes([mesh_of()], unit="yd")


# --- text forms ----------------------------------------------------------------------------------------------------


def test_text_stl_reads_back_here_and_in_trimesh():
    mesh = mesh_of()
    data = stl_text(mesh.vertices, mesh.triangles, title="my part\nendsolid")
    assert signed_volume(*read_stl(data)) == pytest.approx(6000)
    assert trimesh.load(io.BytesIO(data), file_type="stl").volume == pytest.approx(6000)
    assert data.count(b"endsolid") == 1  # a word in the name must not look like the end
    assert data.splitlines()[0] == b"solid my_part_endbody"


@pytest.mark.parametrize("embedded", [True, False])
def test_text_gltf_carries_or_names_its_buffer(embedded):
    mesh = mesh_of()
    body = {"name": "plate", "vertices_mm": mesh.vertices, "triangles": mesh.triangles}
    files = gltf_files([body], "out", embedded=embedded, pretty=True)
    assert set(files) == ({"out.gltf"} if embedded else {"out.gltf", "out.bin"})
    uri = json.loads(files["out.gltf"])["buffers"][0]["uri"]
    assert uri.startswith("data:") if embedded else uri == "out.bin"
    (again,) = read_glb(files["out.gltf"], files)
    assert again.volume_mm3() == pytest.approx(6000, rel=1e-5)
