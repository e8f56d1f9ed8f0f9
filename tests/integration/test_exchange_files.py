"""Exports of real B-reps, measured against closed forms and re-read by netgen and trimesh."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh

from backend.engine.exchange.gltf import srgb_to_linear
from backend.geometry.manifold import check_manifold

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NAMES = ["plate", "sphere", "torus", "cone", "askew", "instances"]

NETGEN = """
import json, sys
from netgen.occ import OCCGeometry
found = {}
for name in sys.argv[2:]:
    step = OCCGeometry(f"{sys.argv[1]}/{name}.step").shape
    low, high = step.bounding_box
    brep = OCCGeometry(f"{sys.argv[1]}/{name}.brep").shape
    found[name] = {
        "volume": sum(solid.mass for solid in step.solids),
        "solids": len(step.solids),
        "box": [list(low), list(high)],
        "colors": [list(solid.faces[0].col or []) for solid in step.solids],
        "centers": [list(face.center) for face in brep.faces],
        "areas": [face.mass for face in brep.faces],
    }
print("RESULT" + json.dumps(found))
"""


def child(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exchange")
    sys_path = f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.path.insert(0, {str(HERE)!r}); "
    code = sys_path + "import json, exchange_worker; from pathlib import Path; "
    output = child("-c", code + f"print(json.dumps(exchange_worker.main(Path({str(folder)!r}))))")
    # one line of JSON and nothing else: OCCT must not write to standard output
    assert output.count("\n") == 1
    return json.loads(output)


@pytest.fixture(scope="module")
def netgen(exported):
    folder = str(Path(exported["plate"]["files"]["step"]).parent)
    return json.loads(child("-c", NETGEN, folder, *NAMES).split("RESULT", 1)[1])


@pytest.mark.parametrize("name", NAMES)
def test_measures_are_the_closed_forms(exported, name):
    exact, measured = exported[name]["exact"], exported[name]["measured"]
    assert measured["volume_mm3"] == pytest.approx(exact["volume"], rel=1e-9)
    assert measured["area_mm2"] == pytest.approx(exact["area"], rel=1e-9)
    if exact["center"]:
        assert measured["center_of_mass_mm"] == pytest.approx(exact["center"], abs=1e-9)
    for end in ("min", "max"):
        assert measured["bounding_box_mm"][end] == pytest.approx(exact["box"][end], abs=2e-6)
    assert measured["valid"]
    assert measured["solids"] == len(measured["bodies"])


def test_bodies_are_measured_one_by_one(exported):
    bodies = exported["instances"]["measured"]["bodies"]
    assert [body["name"] for body in bodies] == [f"instances {number}" for number in range(4)]
    assert [body["volume_mm3"] for body in bodies[:3]] == pytest.approx([6000.0] * 3)
    assert bodies[1]["bounding_box_mm"]["min"] == [100.0, 0.0, 0.0]
    assert bodies[2]["bounding_box_mm"]["min"] == [-10.0, 0.0, 0.0]


def test_faces_tell_their_kind_normal_and_radius(exported):
    faces = exported["plate"]["faces"]
    planes = [face for face in faces if face["surface"] == "plane"]
    assert len(planes) == 6
    total = np.sum([np.multiply(face["normal"], face["area_mm2"]) for face in planes], axis=0)
    assert total == pytest.approx([0, 0, 0], abs=1e-9)  # outward normals of a closed body cancel
    for face in planes:
        outward = np.subtract(face["centroid_mm"], [60.0, 45.0, 4.0])
        assert np.dot(outward, face["normal"]) > 0
    (hole,) = (face for face in faces if face["surface"] == "cylinder")
    assert hole["radius_mm"] == pytest.approx(6.0)
    assert exported["sphere"]["faces"][0]["radius_mm"] == pytest.approx(10.0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["brep", "step"])
def test_exact_files_read_back_the_same(exported, name, kind):
    measured, again = exported[name]["measured"], exported[name][kind]
    assert again["volume_mm3"] == pytest.approx(measured["volume_mm3"], rel=1e-9)
    assert again["area_mm2"] == pytest.approx(measured["area_mm2"], rel=1e-9)
    assert again["solids"] == measured["solids"]
    assert again["valid"]
    for end in ("min", "max"):
        assert again["bounding_box_mm"][end] == pytest.approx(measured["bounding_box_mm"][end], abs=2e-6)


@pytest.mark.parametrize("name", NAMES)
def test_another_reader_finds_the_same_step_in_millimetres(exported, netgen, name):
    measured, other = exported[name]["measured"], netgen[name]
    assert other["volume"] == pytest.approx(measured["volume_mm3"], rel=1e-7)
    assert other["solids"] == measured["solids"]
    # netgen's box is the loose one: it must contain ours and be of the same size
    for end, sign in ((0, 1), (1, -1)):
        ours = np.array(measured["bounding_box_mm"]["min" if end == 0 else "max"])
        theirs = np.array(other["box"][end])
        assert (sign * (ours - theirs) >= -1e-5).all()
        assert np.abs(ours - theirs).max() <= 0.25 * (measured["volume_mm3"] ** (1 / 3))


def test_colours_of_bodies_survive_in_step(netgen):
    for number, color in enumerate(netgen["instances"]["colors"]):
        linear = srgb_to_linear([(number + 1) / 5, 0.25, 0.5])  # netgen shows what OCCT keeps: linear light
        assert color[:3] == pytest.approx(linear[:3], abs=1e-3)


def test_step_says_ap242_millimetres_and_names(exported):
    text = Path(exported["instances"]["files"]["step"]).read_text()
    assert "AP242_MANAGED_MODEL_BASED_3D_ENGINEERING" in text
    assert "SI_UNIT(.MILLI.,.METRE.)" in text
    products = set(re.findall(r"PRODUCT\('([^']*)'", text))
    assert products >= {"instances", *(f"instances {number}" for number in range(4))}


@pytest.mark.parametrize("name", NAMES)
def test_face_order_of_the_brep_is_that_of_netgen(exported, netgen, name):
    faces = exported[name]["faces"]
    assert len(faces) == len(netgen[name]["centers"])
    for face, center, area in zip(faces, netgen[name]["centers"], netgen[name]["areas"], strict=True):
        assert center == pytest.approx(face["centroid_mm"], abs=1e-6)
        assert area == pytest.approx(face["area_mm2"], rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["stl", "glb"])
def test_meshes_are_closed_and_as_large_as_the_solid(exported, name, kind):
    measured = exported[name]["measured"]
    report = check_manifold(
        exported[name]["files"][kind], expected_volume_mm3=measured["volume_mm3"], volume_tolerance_rel=0.005
    )
    assert report.manifold, report.problems


@pytest.mark.parametrize("name", NAMES)
def test_trimesh_reads_the_meshes_in_their_units(exported, name):
    measured = exported[name]["measured"]
    size = np.subtract(measured["bounding_box_mm"]["max"], measured["bounding_box_mm"]["min"])
    stl = trimesh.load(exported[name]["files"]["stl"])
    # two bodies of the last one touch with whole faces: trimesh, which knows no bodies, can't tell them apart
    assert stl.is_watertight or name == "instances"
    assert stl.volume == pytest.approx(measured["volume_mm3"], rel=0.005)
    assert np.ptp(stl.bounds, axis=0) == pytest.approx(size, rel=0.003)
    scene = trimesh.load(exported[name]["files"]["glb"])
    assert len(scene.geometry) == measured["solids"]
    assert np.ptp(scene.bounds, axis=0) == pytest.approx(size[[0, 2, 1]] / 1000, rel=0.003)
    names = {body["name"] for body in measured["bodies"]}
    assert set(scene.geometry) == names


def test_the_engine_writes_through_the_same_door(exported):
    assert exported["plate"]["seconds"].keys() == {"brep", "step", "tessellate", "glb", "stl"}
