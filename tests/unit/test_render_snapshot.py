"""The protocol's camera: what clients are told and what they are sent."""

from __future__ import annotations

import io

import numpy as np
import pytest
import trimesh
from PIL import Image

from backend.engine.errors import EngineError
from backend.engine.exchange.mesh import Mesh, vertex_normals
from backend.engine.render.snapshot import SnapshotCamera


def cube(size=20.0, at=(0.0, 0.0, 0.0), color=None) -> Mesh:
    box = trimesh.creation.box(extents=(size,) * 3)
    corners = box.triangles.reshape(-1, 3) + at
    triangles = np.arange(len(corners)).reshape(-1, 3).astype(np.int32)
    return Mesh(
        corners, vertex_normals(corners, triangles), triangles, np.arange(12, dtype=np.int32) // 2, "cube", color
    )


def picture_of(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=int)


def point(x, y, z):
    return {"x": x, "y": y, "z": z}


@pytest.mark.parametrize("padding", [0.0, 0.2, 1.0])
def test_zoom_to_fit_spans_the_padding_more_than_the_model(padding):
    camera = SnapshotCamera(320, 240)
    camera.look_at(point(0, -100, 0), point(0, 0, 0), point(0, 0, 1))
    camera.set_orthographic()
    camera.zoom_to_fit(cube().vertices, padding)
    assert camera.settings()["ortho_scale"] == pytest.approx(20 * (1 + padding))
    # the floor's shadow is pale grey, the part is not
    rows = np.nonzero((picture_of(camera.snapshot([cube()])) < 190).any(axis=(1, 2)))[0]
    assert np.ptp(rows) + 1 == pytest.approx(240 / (1 + padding), abs=4)


def test_settings_are_a_view_that_a_client_can_use():
    camera = SnapshotCamera()
    camera.look_at(point(100, 0, 0), point(0, 0, 0), point(0, 0, 1))
    settings = camera.settings()
    assert settings["pos"] == pytest.approx(point(100, 0, 0))
    assert settings["center"] == pytest.approx(point(0, 0, 0))
    assert settings["up"] == pytest.approx(point(0, 0, 1))
    x, y, z, w = (settings["orientation"][key] for key in "xyzw")
    assert x * x + y * y + z * z + w * w == pytest.approx(1)
    # turned by the quaternion, the camera's own -z must look along the view
    forward = -np.array([2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)])
    assert forward == pytest.approx([-1, 0, 0], abs=1e-9)


def test_the_lens_changes_but_the_subject_keeps_its_size():
    camera = SnapshotCamera(320, 240)
    camera.view_isometric(cube().vertices, 0.5)
    flat = picture_of(camera.snapshot([cube()]))
    camera.set_perspective(10)
    near = picture_of(camera.snapshot([cube()]))
    assert camera.settings()["ortho"] is False
    assert camera.settings()["fov_y"] == 10
    sizes = [((image < 190).any(axis=2)).sum() for image in (flat, near)]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.15)


def test_colours_of_bodies_are_seen():
    camera = SnapshotCamera(160, 120)
    red, blue = cube(10, (-10, 0, 0), (0.9, 0.1, 0.1, 1.0)), cube(10, (10, 0, 0), (0.1, 0.1, 0.9, 1.0))
    camera.look_at(point(0, -100, 0), point(0, 0, 0), point(0, 0, 1))
    camera.zoom_to_fit(np.concatenate([red.vertices, blue.vertices]), 0.1)
    image = picture_of(camera.snapshot([red, blue]))
    left, right = image[60, 30], image[60, 130]
    assert left[0] > 2 * left[2]
    assert right[2] > 2 * right[0]


def test_formats_and_the_empty_scene():
    camera = SnapshotCamera(64, 48)
    for name, magic in (("png", b"\x89PNG"), ("jpeg", b"\xff\xd8")):
        data = camera.snapshot([], name)
        assert data.startswith(magic)
        assert (picture_of(data) == 255).all()
    with pytest.raises(EngineError, match="tiff"):
        camera.snapshot([], "tiff")


def test_impossible_cameras_are_refused():
    camera = SnapshotCamera()
    with pytest.raises(EngineError, match="up lies along"):
        camera.look_at(point(0, 0, 9), point(0, 0, 0), point(0, 0, 1))
    with pytest.raises(EngineError, match="fov_y"):
        camera.set_perspective(170)
    before = camera.settings()
    camera.zoom_to_fit([], 0.1)
    assert camera.settings() == before
