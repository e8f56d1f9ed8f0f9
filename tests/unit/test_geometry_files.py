"""Manifold check, field files, pictures and the feature list."""

from __future__ import annotations

import io
import json
import struct

import numpy as np
import pytest
import trimesh
from PIL import Image

from backend.engine.exchange.gltf import write_glb
from backend.engine.exchange.stl import write_stl
from backend.errors import InputError
from backend.geometry import check_manifold, geometry_tree
from backend.geometry.fields import read_fields, scale_limits, write_field_glb
from backend.geometry.manifold import check_triangles
from backend.geometry.pictures import displacement_picture, part_picture, stress_picture, views_picture
from backend.schema import Body, BoundingBox, CompiledModel


def box(size=(30.0, 20.0, 10.0), at=(0.0, 0.0, 0.0)):
    mesh = trimesh.creation.box(extents=size)
    mesh.apply_translation(at)
    return np.asarray(mesh.vertices), np.asarray(mesh.faces)


def join(*parts):
    offsets = np.cumsum([0] + [len(vertices) for vertices, _ in parts[:-1]])
    triangles = np.concatenate([faces + offset for (_, faces), offset in zip(parts, offsets, strict=True)])
    return np.concatenate([vertices for vertices, _ in parts]), triangles


# --- manifold ------------------------------------------------------------------------------------------------------


def test_a_box_is_manifold_and_encloses_its_volume():
    report = check_triangles(*box(), expected_volume_mm3=6000.0)
    assert report.manifold
    assert (report.bodies, report.triangles, report.vertices) == (1, 12, 8)
    assert report.volume_mm3 == pytest.approx(6000)
    assert report.volume_error_rel == pytest.approx(0, abs=1e-12)
    assert report.problems == ()
    json.dumps(report.as_dict())


def test_a_missing_triangle_is_a_hole():
    vertices, triangles = box()
    report = check_triangles(vertices, triangles[1:])
    assert not report.manifold
    assert not report.watertight
    assert report.boundary_edges == 3
    assert "holes" in report.problems[0]


def test_a_turned_triangle_is_found():
    vertices, triangles = box()
    triangles = triangles.copy()
    triangles[0] = triangles[0][::-1]
    report = check_triangles(vertices, triangles)
    assert report.watertight
    assert not report.oriented
    assert report.flipped_edges == 3
    assert not report.manifold


def test_a_box_turned_inside_out_faces_inwards():
    vertices, triangles = box()
    report = check_triangles(vertices, triangles[:, ::-1])
    assert report.oriented
    assert report.problems == ("the surface faces inwards",)


def test_bodies_that_touch_along_an_edge_are_no_fault():
    report = check_triangles(*join(box((10, 10, 10)), box((10, 10, 10), at=(10, 10, 0))))
    assert report.manifold
    assert report.shared_edges == 1
    assert report.volume_mm3 == pytest.approx(2000)


def test_a_wall_inside_a_body_is_found():
    vertices, triangles = box((10, 10, 10))
    corners = {tuple(np.sign(vertex).astype(int)): number for number, vertex in enumerate(vertices)}
    inner = [[corners[(-1, -1, -1)], corners[(1, 1, -1)], corners[(1, 1, 1)]]]
    report = check_triangles(vertices, np.concatenate([triangles, inner]))
    assert not report.manifold


def test_a_wrong_volume_is_a_problem():
    report = check_triangles(*box(), expected_volume_mm3=6500.0)
    assert not report.manifold
    assert "6500" in report.problems[0]
    assert report.volume_error_rel == pytest.approx(-500 / 6500)


def test_degenerate_triangles_are_counted():
    vertices, triangles = box()
    report = check_triangles(vertices, np.concatenate([triangles, [[0, 0, 1]]]))
    assert report.degenerate_triangles == 1
    assert not report.manifold


def test_files_are_checked_in_millimetres(tmp_path):
    vertices, triangles = box()
    stl = write_stl(tmp_path / "a.stl", vertices, triangles)
    glb = write_glb(tmp_path / "a.glb", [{"vertices_mm": vertices, "triangles": triangles}])
    for path in (stl, glb):
        report = check_manifold(path, expected_volume_mm3=6000)
        assert report.manifold, report.problems
        assert report.volume_mm3 == pytest.approx(6000, rel=1e-5)


def test_what_is_no_mesh_is_refused(tmp_path):
    text = tmp_path / "a.txt"
    text.write_text("x")
    with pytest.raises(InputError, match="not a mesh file"):
        check_manifold(text)
    broken = tmp_path / "a.stl"
    broken.write_text("x")
    with pytest.raises(InputError, match="not an STL"):
        check_manifold(broken)


# --- fields --------------------------------------------------------------------------------------------------------


@pytest.fixture
def fields(tmp_path):
    """A box under a stress that grows with x from 0 to 120 MPa, pulled up by 0.5 mm at its end."""
    sphere = trimesh.creation.box(extents=(30.0, 20.0, 10.0)).subdivide().subdivide()
    vertices = np.asarray(sphere.vertices)
    share = (vertices[:, 0] + 15) / 30
    path = tmp_path / "fields.npz"
    np.savez(
        path,
        vertices_mm=vertices,
        triangles=np.asarray(sphere.faces),
        face_index=np.argmax(np.abs(sphere.face_normals), axis=1) * 2 + (sphere.face_normals.sum(axis=1) > 0),
        von_mises_mpa=120.0 * share,
        displacement_mm=np.stack([0 * share, 0 * share, 0.5 * share**2], axis=1),
    )
    return path


def model_of(*boxes, files=None):
    bodies = tuple(
        Body(
            index=number,
            name=name,
            volume_mm3=float(np.prod(size)),
            area_mm2=1.0,
            center_of_mass_mm=at,
            bounding_box_mm=BoundingBox(
                min=tuple(np.subtract(at, np.divide(size, 2))), max=tuple(np.add(at, np.divide(size, 2)))
            ),
            valid=True,
        )
        for number, (name, size, at) in enumerate(boxes)
    )
    return CompiledModel(
        volume_mm3=sum(body.volume_mm3 for body in bodies),
        area_mm2=1.0,
        center_of_mass_mm=(0.0, 0.0, 0.0),
        bounding_box_mm=bodies[0].bounding_box_mm,
        solids=len(bodies),
        valid=True,
        bodies=bodies,
        files=files or {},
    )


def document_of(path):
    data = path.read_bytes()
    return json.loads(data[20 : 20 + struct.unpack_from("<I", data, 12)[0]])


def test_field_glb_carries_numbers_colours_and_units(tmp_path, fields):
    model = model_of(("plate", (30, 20, 10), (0.0, 0.0, 0.0)))
    path = write_field_glb(model, fields, tmp_path / "model.glb")
    document = document_of(path)
    extras = document["asset"]["extras"]
    assert extras["units"]["_VON_MISES"] == "MPa"
    assert extras["von_mises_range_mpa"] == [0.0, 120.0]
    assert extras["largest_displacement_mm"] == pytest.approx(0.5)
    assert extras["largest_von_mises_at_mm"][0] == 15.0
    assert [node["name"] for node in document["nodes"]] == ["plate"]
    assert set(document["meshes"][0]["primitives"][0]["attributes"]) >= {"COLOR_0", "_VON_MISES", "_DISPLACEMENT"}

    mesh = next(iter(trimesh.load(path, process=False).geometry.values()))
    stress = np.ravel(mesh.vertex_attributes["_VON_MISES"])
    assert stress == pytest.approx(120 * (mesh.vertices[:, 0] * 1000 + 15) / 30, abs=1e-3)
    lift = mesh.vertex_attributes["_DISPLACEMENT"][:, 1]  # glTF's Y is up
    assert lift.max() == pytest.approx(0.5, rel=1e-6)


def test_normals_break_at_the_edges_of_the_faces(tmp_path, fields):
    path = write_field_glb(model_of(("plate", (30, 20, 10), (0.0, 0.0, 0.0))), fields, tmp_path / "model.glb")
    mesh = next(iter(trimesh.load(path, process=False).geometry.values()))
    assert np.abs(mesh.vertex_normals).max(axis=1) == pytest.approx(np.ones(len(mesh.vertices)), abs=1e-6)


def test_bodies_without_results_are_shown_plain(tmp_path, fields):
    solved, other = ("plate", (30, 20, 10), (0.0, 0.0, 0.0)), ("lid", (30, 20, 4), (0.0, 0.0, 7.0))
    whole = write_glb(
        tmp_path / "whole.glb",
        [
            {"name": name, "vertices_mm": box(size, at)[0], "triangles": box(size, at)[1]}
            for name, size, at in (solved, other)
        ],
    )
    path = write_field_glb(model_of(solved, other, files={"glb": str(whole)}), fields, tmp_path / "model.glb")
    document = document_of(path)
    assert [node["name"] for node in document["nodes"]] == ["plate", "lid"]
    assert "COLOR_0" not in document["meshes"][1]["primitives"][0]["attributes"]


def test_a_lone_peak_does_not_eat_the_scale():
    values = np.concatenate([np.linspace(0, 100, 10_000), [900.0]])
    low, high = scale_limits(values)
    assert low == 0.0
    assert 140 < high < 170
    assert scale_limits(np.linspace(0, 100, 1000)) == (0.0, 100.0)
    assert scale_limits([np.nan]) == (0.0, 1.0)


def test_a_broken_fields_file_is_refused(tmp_path):
    path = tmp_path / "fields.npz"
    np.savez(path, vertices_mm=np.zeros((3, 3)))
    with pytest.raises(InputError, match="not a fields file"):
        read_fields(path)
    np.savez(
        path,
        vertices_mm=np.zeros((3, 3)),
        triangles=[[0, 1, 5]],
        face_index=[0],
        von_mises_mpa=np.zeros(3),
        displacement_mm=np.zeros((3, 3)),
    )
    with pytest.raises(InputError, match="don't fit"):
        read_fields(path)


# --- pictures ------------------------------------------------------------------------------------------------------


def test_pictures_are_pngs_of_the_right_size(tmp_path, fields):
    stl = write_stl(tmp_path / "a.stl", *box())
    glb = write_glb(tmp_path / "a.glb", [{"vertices_mm": box()[0], "triangles": box()[1]}])
    small = {"width": 160, "height": 120}
    for data in (
        part_picture(stl, **small),
        part_picture(glb, **small),
        views_picture(stl, **small),
        stress_picture(fields, **small),
        displacement_picture(fields, **small),
    ):
        picture = Image.open(io.BytesIO(data))
        assert (picture.format, picture.size) == ("PNG", (160, 120))
        assert np.asarray(picture.convert("L")).std() > 10  # something is on it


# --- the feature list ----------------------------------------------------------------------------------------------

PROGRAM = """@settings(defaultLengthUnit = mm)
// a comment with extrude(length = 3)
width = 127mm
half = width / 2
import "lib.kcl" as lib
fn helper(@x) {
  return x + 1
}
profile = startSketchOn(XZ)
  |> startProfile(at = [0, 0])
  |> line(end = [width, 0], tag = $top)
  |> close()
body = extrude(profile, length = 152)
  |> fillet(radius = 8, tags = [getCommonEdge(faces = [top, bottom])])
drilled = body
  |> hole::hole(face = END, cutAt = [0, 0])
patternLinear3d(
  drilled,
  instances = 3,
  distance = 10,
  axis = [1, 0, 0],
)
gdt::annotation(annotation = "load: (shelf", faces = [top], annotationName = "shelf")
"""


def test_features_come_in_order_with_kind_line_and_inputs():
    tree = geometry_tree(PROGRAM)
    assert [(item["id"], item["kind"], item["line"]) for item in tree] == [
        ("width", "parameter", 3),
        ("half", "parameter", 4),
        ("lib", "import", 5),
        ("helper", "function", 6),
        ("profile", "sketch", 9),
        ("body", "solid", 13),
        ("drilled", "hole", 15),
        ("patternLinear3d", "pattern", 17),
        ("gdt::annotation", "annotation", 23),
    ]
    by_id = {item["id"]: item for item in tree}
    assert by_id["half"]["inputs"] == ["width"]
    assert by_id["body"]["inputs"] == ["profile"]
    assert by_id["body"]["parameters"] == {"input": "profile", "length": "152"}
    assert by_id["body"]["steps"] == ["extrude", "fillet", "getCommonEdge"]
    assert by_id["patternLinear3d"]["parameters"]["axis"] == "[1, 0, 0]"
    assert by_id["gdt::annotation"]["parameters"]["annotation"] == '"load: (shelf"'


def test_an_empty_program_has_no_features_and_names_stay_unique():
    assert geometry_tree("// nothing\n") == []
    assert [item["id"] for item in geometry_tree("fillet(a)\nfillet(b)\n")] == ["fillet", "fillet#2"]
