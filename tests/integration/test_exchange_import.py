"""What goes out comes back in: every format, unit and axis system, and files that other programs wrote."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FORMATS = [
    "step-in-gltf",
    "stl-text-in-gltf",
    "stl",
    "obj-m-vulkan",
    "ply-text-ft",
    "ply-big-vulkan",
    "glb",
    "gltf-embedded",
    "gltf-standard",
]
EXACT = 40 * 20 * 10 - math.pi * 9 * 10


def hollow_ball() -> trimesh.Trimesh:
    outer, inner = (trimesh.creation.icosphere(subdivisions=2, radius=radius) for radius in (10.0, 6.0))
    inner.invert()
    return trimesh.util.concatenate([outer, inner])


def two_boxes() -> trimesh.Trimesh:
    first, second = trimesh.creation.box(extents=(4, 4, 4)), trimesh.creation.box(extents=(2, 2, 2))
    second.apply_translation((20, 0, 0))
    return trimesh.util.concatenate([first, second])


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("import")
    hollow_ball().export(folder / "foreign-hollow.stl")
    two_boxes().export(folder / "foreign-two.ply")
    trimesh.creation.icosphere(subdivisions=5, radius=10.0).export(folder / "foreign-large.obj")
    sheet = trimesh.creation.box(extents=(10, 10, 10))
    sheet.update_faces(sheet.face_normals[:, 2] < 0.5)  # a box without lid
    sheet.export(folder / "foreign-open.stl")
    inverted = trimesh.creation.box(extents=(3, 3, 3))
    inverted.invert()
    inverted.export(folder / "foreign-inverted.stl")
    code = (
        f"import sys, json; sys.path[:0] = [{str(ROOT)!r}, {str(HERE)!r}]; from pathlib import Path; "
        f"import import_worker; print(json.dumps(import_worker.main(Path({str(folder)!r}))))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("number", range(len(FORMATS)), ids=FORMATS)
def test_the_block_comes_back_in_its_place(found, number):
    back = found["round_trips"][number]
    assert back["solids"] == 1
    assert back["valid"]
    assert back["bounding_box_mm"]["min"] == pytest.approx([0, 0, 0], abs=1e-5)
    assert back["bounding_box_mm"]["max"] == pytest.approx([40, 20, 10], abs=2e-5)
    exact = number == 0
    assert back["volume_mm3"] == pytest.approx(EXACT, rel=1e-9 if exact else 1e-3)
    # the hole is off the middle in x and y: a mirrored or turned copy has its centre elsewhere
    tolerance = 1e-6 if exact else 5e-3
    assert back["center_of_mass_mm"] == pytest.approx(found["original"]["center_of_mass_mm"], abs=tolerance)
    assert back["faces"] <= 7 + 48  # coplanar triangles became faces again: the hole has 48 chords


def test_step_in_inches_is_read_by_netgen_in_its_true_size(found):
    step = next(path for path in found["files"] if path.endswith(".step"))
    text = Path(step).read_text()
    assert "CONVERSION_BASED_UNIT('INCH'" in text
    assert "2026-01-02T03:04:05" in text
    code = (
        "from netgen.occ import OCCGeometry; "
        f"shape = OCCGeometry({step!r}).shape; print('RESULT', shape.mass, *shape.bounding_box[1])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    volume, x, y, z = (float(word.strip("(),")) for word in done.stdout.split("RESULT")[1].replace(",", " ").split())
    assert volume == pytest.approx(EXACT, rel=1e-6)
    assert (x, y, z) == pytest.approx((40, 10, 0), abs=1e-5)  # our Z is their Y, our Y their -Z


def test_meshes_of_other_programs_become_solids(found):
    hollow = found["foreign-hollow"]
    assert hollow["solids"] == 1
    assert hollow["valid"]
    assert hollow["volume_mm3"] == pytest.approx(hollow_ball().volume, rel=1e-5)
    two = found["foreign-two"]
    assert two["solids"] == 2
    assert two["volume_mm3"] == pytest.approx(64 + 8, rel=1e-6)
    assert two["faces"] == 12
    assert found["foreign-inverted"]["volume_mm3"] == pytest.approx(27)
    assert found["foreign-inverted"]["valid"]


def test_an_open_mesh_is_a_surface_and_has_no_volume(found):
    sheet = found["foreign-open"]
    assert (sheet["solids"], sheet["volume_mm3"]) == (0, 0.0)
    assert sheet["area_mm2"] == pytest.approx(500)


def test_a_large_mesh_is_a_body_that_is_measured_as_it_is(found):
    large = found["foreign-large"]
    expected = trimesh.creation.icosphere(subdivisions=5, radius=10.0)
    assert large["mesh"]
    assert large["faces"] == 1
    assert large["volume_mm3"] == pytest.approx(expected.volume, rel=1e-6)
    assert large["bounding_box_mm"]["max"] == pytest.approx([10, 10, 10], abs=1e-5)


def test_step_as_mesh_keeps_its_size_and_can_be_exported_again(found):
    assert found["as_mesh"]["mesh"]
    assert found["as_mesh"]["volume_mm3"] == pytest.approx(EXACT, rel=1e-3)
    assert all(size > 500 for size in found["mesh_exports"].values())


def test_closed_faces_are_split_when_asked(found):
    assert found["split"]["faces"] == found["original"]["faces"] + 1  # the hole's cylinder in two halves
    assert found["split"]["volume_mm3"] == pytest.approx(EXACT)


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("unknown format", "unsupported", "STEP"),
        ("unknown unit", "unsupported", "parsec"),
        ("empty", "import_failed", "empty"),
        ("not step", "import_failed", "ISO-10303-21"),
        ("broken step", "import_failed", ""),
        ("too large", "import_failed", "bytes"),
        ("gltf with axes", "unsupported", "coords"),
        ("unknown import option", "unsupported", "heal"),
        ("no file", "bad_request", "no file"),
        ("fbx out", "unsupported", "fbx"),
        ("unknown export option", "unsupported", "smooth"),
        ("unknown storage", "unsupported", "morse"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(found, name, code, words):
    refusal = found["refused"][name]
    assert refusal.get("error") == code, refusal
    assert words in refusal["message"]


def test_trimesh_reads_the_exported_files_in_their_units(found):
    by_name = {Path(path).name.split("-", 1)[1]: path for path in found["files"] if "gltf" not in path}
    binary = trimesh.load(next(path for path in found["files"] if path.endswith("2-output.stl")))
    assert np.ptp(binary.bounds, axis=0) == pytest.approx([40, 20, 10], rel=1e-5)
    obj = trimesh.load(by_name["output.obj"])
    assert sorted(np.ptp(obj.bounds, axis=0)) == pytest.approx([0.01, 0.02, 0.04], rel=1e-5)


@pytest.mark.parametrize("unit", ["mm", "in"])
def test_names_datums_and_tolerances_are_in_the_step_file(found, unit):
    notes = found["notes"][unit]
    text = Path(notes["path"]).read_text()
    assert "ADVANCED_FACE('top'" in text
    assert "ADVANCED_FACE('side'" in text
    tolerances = {kind: (value, zone, datums) for kind, value, zone, datums in notes["tolerances"]}
    assert tolerances["Flatness"] == (pytest.approx(0.05), "None", [])
    assert tolerances["Perpendicularity"] == (pytest.approx(0.1), "None", ["A", "B"])
    assert tolerances["Position"] == (pytest.approx(0.2), "Diameter", ["A"])


@pytest.mark.parametrize(("name", "words"), [("face", "face 99"), ("datum", "'Q'"), ("symbol", "beauty")])
def test_a_note_on_nothing_is_refused(found, name, words):
    refusal = found["notes"][f"no such {name}"]
    assert refusal["error"] == "export_failed"
    assert words in refusal["message"]


def test_outlines_of_planar_faces_enclose_their_areas(found):
    areas = found["outline"]["areas"]
    assert len(areas) == 12
    for drawn, exact in areas:
        # an ellipse is drawn as a polyline within 5 um, everything else exactly
        assert drawn == pytest.approx(exact, rel=1e-9) or drawn == pytest.approx(exact, abs=0.2)
    assert sum(drawn == pytest.approx(exact, rel=1e-9) for drawn, exact in areas) == 10


def test_dxf_is_the_drilled_outline_in_the_unit_asked_for(found):
    lines = found["outline"]["text"].splitlines()
    pairs = list(zip((int(code) for code in lines[::2]), lines[1::2], strict=True))
    entities = [value for code, value in pairs if code == 0]
    assert entities.count("LINE") == 4
    assert entities.count("CIRCLE") == 1
    assert entities[-1] == "EOF"
    radius = next(float(value) for code, value in pairs if code == 40)
    assert radius == pytest.approx(3 / 25.4)
    assert pairs[pairs.index((9, "$INSUNITS")) + 1] == (70, "1")
    assert found["outline"]["ball"]["error"] == "export_failed"


def test_every_format_can_be_written_to_disk(found):
    assert set(found["all_formats"]) == {"brep", "step", "glb", "stl", "gltf", "obj", "ply", "3mf", "dxf"}
    assert all(size > 300 for size in found["all_formats"].values())
