"""The official client as customer: its exports, snapshots and imports, served by the exchange and the renderer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VOLUME_IN3 = 4 * 2 * 0.5


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("client")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(HERE / "client_worker.py"), str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", ["Stl", "Obj", "Ply"])
def test_mesh_exports_are_in_the_unit_of_the_program(found, name):
    mesh = trimesh.load(found["files"][name])
    mesh.merge_vertices(merge_norm=True)
    assert mesh.volume == pytest.approx(VOLUME_IN3, rel=1e-6)
    assert np.ptp(mesh.bounds, axis=0) == pytest.approx([4, 2, 0.5], rel=1e-6)


@pytest.mark.parametrize("name", ["Gltf", "Glb"])
def test_gltf_exports_are_in_metres(found, name):
    scene = trimesh.load(found["files"][name])
    size = np.ptp(scene.bounds, axis=0)
    assert size == pytest.approx(np.array([4, 0.5, 2]) * 0.0254, rel=1e-5)


def test_step_export_is_in_inches(found):
    text = Path(found["files"]["Step"]).read_text()
    assert "'INCH'" in text
    assert "AP242" in text


def test_what_can_not_be_exported_is_named(found):
    assert "fbx" in found["fbx"]


def test_snapshots_are_pictures_of_the_part(found):
    iso, front = (np.asarray(Image.open(path).convert("RGB"), dtype=int) for path in found["pictures"])
    for picture in (iso, front):
        assert (picture < 200).any()
        assert (picture[0, 0] > 240).all()
    rows, columns = np.nonzero((front < 200).any(axis=2))
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(4 / 0.5, rel=0.15)


@pytest.mark.parametrize("name", ["Step", "Stl", "Obj", "Ply", "Gltf", "Glb"])
def test_what_was_exported_is_imported_by_a_program_in_its_true_size(found, name):
    mesh = trimesh.load(found["imports"][name])
    # the importing program's unit is mm
    assert mesh.volume == pytest.approx(VOLUME_IN3 * 25.4**3, rel=1e-5)
    assert mesh.bounds.ravel() == pytest.approx([0, 0, 0, 101.6, 50.8, 12.7], abs=1e-3)
