"""Pictures of the dossier: what is drawn is not an empty page, and the stress scale ends where it says."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from backend.engine.exchange.gltf import write_glb
from backend.report.pictures import part_pictures, stress_picture


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def box(extents: tuple[float, float, float], lift_mm: float = 0.0) -> trimesh.Trimesh:
    mesh = trimesh.creation.box(extents=extents)
    mesh.apply_translation((0.0, 0.0, extents[2] / 2 + lift_mm))
    return mesh


def test_a_single_part_is_seen_from_two_sides(tmp_path: Path) -> None:
    path = tmp_path / "box.stl"
    box((20.0, 10.0, 5.0)).export(path)
    pictures = part_pictures(path)
    assert list(pictures) == ["The part", "The part from behind and below"]
    for png in pictures.values():
        assert pixels(png).std() > 10  # something is drawn


def test_several_bodies_are_shown_taken_apart(tmp_path: Path) -> None:
    path = tmp_path / "box.glb"
    bodies = [("tray", box((40.0, 30.0, 10.0))), ("lid", box((40.0, 30.0, 2.0), lift_mm=10.0))]
    write_glb(path, bodies=[{"name": n, "vertices_mm": m.vertices, "triangles": m.faces} for n, m in bodies])
    pictures = part_pictures(path)
    assert list(pictures) == ["The part", "Taken apart"]
    closed, apart = (pixels(png) for png in pictures.values())
    colours = [{tuple(colour) for colour in view.reshape(-1, 3)} for view in (closed, apart)]
    assert len(colours[1]) > 20
    assert np.abs(closed - apart).mean() > 1


def test_the_stress_scale_ends_at_the_assessed_maximum(tmp_path: Path) -> None:
    mesh = trimesh.creation.box(extents=(20.0, 10.0, 5.0))
    count = len(mesh.vertices)
    fields = tmp_path / "fields.npz"
    np.savez(
        fields, vertices_mm=mesh.vertices, triangles=mesh.faces, face_index=np.zeros(len(mesh.faces), dtype=int),
        von_mises_mpa=np.linspace(0.0, 400.0, count), displacement_mm=np.full((count, 3), 0.01),
    )  # fmt: skip
    assessed = stress_picture(fields, {"von_mises_mpa": {"value": 200.0}})
    raw = stress_picture(fields, {})
    assert "assessed maximum" in next(iter(assessed))
    assert "assessed maximum" not in next(iter(raw))
    (one,), (other,) = assessed.values(), raw.values()
    assert one != other
    colours = pixels(one).reshape(-1, 3)
    assert (colours.max(axis=1) - colours.min(axis=1) > 60).any()  # the field is in colour


def test_a_damaged_mesh_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "box.stl"
    box((20.0, 10.0, 5.0)).export(path)
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(Exception, match="STL"):
        part_pictures(path)
