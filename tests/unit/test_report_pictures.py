"""Pictures of the dossier: an STL is read whole, and what is drawn is not an empty page."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from backend.report.pictures import part_pictures, read_stl, stress_picture


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box.stl"
    trimesh.creation.box(extents=(20.0, 10.0, 5.0)).export(path)
    return path


def test_stl_corners_become_vertices(box: Path) -> None:
    vertices, triangles = read_stl(box)
    assert vertices.shape == (8, 3)
    assert triangles.shape == (12, 3)
    assert trimesh.Trimesh(vertices, triangles, process=False).volume == pytest.approx(1000.0)


def test_a_cut_off_stl_is_refused(box: Path) -> None:
    box.write_bytes(box.read_bytes()[:-7])
    with pytest.raises(ValueError, match="not a binary STL"):
        read_stl(box)


def test_the_part_is_seen_from_two_sides(box: Path) -> None:
    pictures = part_pictures(box)
    assert len(pictures) == 2
    for png in pictures.values():
        pixels = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
        assert pixels.std() > 10  # something is drawn


def test_the_stress_scale_ends_at_the_assessed_maximum(tmp_path: Path) -> None:
    mesh = trimesh.creation.box(extents=(20.0, 10.0, 5.0))
    count = len(mesh.vertices)
    fields = tmp_path / "fields.npz"
    np.savez(
        fields, vertices_mm=mesh.vertices, triangles=mesh.faces, face_index=np.zeros(len(mesh.faces), dtype=int),
        von_mises_mpa=np.linspace(0.0, 400.0, count), displacement_mm=np.full((count, 3), 0.01),
    )  # fmt: skip
    (png,) = stress_picture(fields, {"von_mises_mpa": {"value": 200.0}}).values()
    (raw,) = stress_picture(fields, {}).values()
    assert png != raw
    colours = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).reshape(-1, 3)
    assert (colours.max(axis=1).astype(int) - colours.min(axis=1) > 60).any()  # the field is in colour
