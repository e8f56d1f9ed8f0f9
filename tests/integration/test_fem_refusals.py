"""What the FE check must refuse or say, on real models: free bodies, wrong faces, contact, several solids."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.physics.fem.errors import (
    ContradictionError,
    MeshError,
    RigidBodyMotionError,
    StudyError,
    TooLargeError,
    UnknownFaceError,
    UnknownSolidError,
)
from backend.physics.fem.thermal import read_thermal_study
from tests.benchmarks.fem_cases.session import ROOT, STEEL, Model, fem

SMALL = {"levels": 1, "max_dofs": 20_000, "budget_s": 60.0}


@pytest.fixture(scope="module")
def beam() -> Model:
    return fem().build("box", lx=100, ly=20, lz=10)


def tip_load(model: Model, force: list[float]) -> list[dict[str, Any]]:
    return [{"kind": "force", "faces": model.on_plane(0, 100), "vector_n": force}]


def test_free_motion_is_named_and_refused(beam: Model) -> None:
    with pytest.raises(RigidBodyMotionError) as caught:
        fem().solve(
            beam,
            supports=[{"kind": "frictionless", "faces": beam.on_plane(0, 0)}],
            loads=tip_load(beam, [0, 0, -100]),
            **SMALL,
        )
    motions = caught.value.details["motions"]
    assert sorted(motions) == ["rotation about X", "translation along Y", "translation along Z"]
    assert caught.value.next_action


def test_a_sleeve_can_spin_about_its_axis() -> None:
    rod = fem().build("rod", radius=10, length=40)
    side = rod.faces(lambda f: f["high"][2] - f["low"][2] > 39)
    supports = [{"kind": "frictionless", "faces": side}, {"kind": "frictionless", "faces": rod.on_plane(2, 0)}]
    with pytest.raises(RigidBodyMotionError, match="rotation about Z"):
        fem().solve(
            rod,
            supports=supports,
            loads=[{"kind": "pressure", "faces": rod.on_plane(2, 40), "pressure_mpa": 5.0}],
            **SMALL,
        )


def test_a_thin_sheet_held_along_an_edge_is_held() -> None:
    sheet = fem().build("box", lx=1000, ly=1000, lz=0.5)
    result = fem().call(
        "backend.physics.fem.modal:solve",
        {
            "brep": sheet.path, "material": STEEL, "supports": [{"kind": "fixed", "faces": sheet.on_plane(0, 0)}],
            "levels": 1, "modes": 1, "max_dofs": 60_000,
        },
    )  # fmt: skip
    assert result["rigid_modes"] == 0
    assert result["frequencies_hz"][0]["value"] > 0


def test_a_part_smaller_than_the_kernel_can_tell_is_refused() -> None:
    speck = fem().build("box", lx=1e-4, ly=1e-4, lz=1e-4)
    with pytest.raises(MeshError, match="too small for the kernel"):
        fem().solve(
            speck,
            supports=[{"kind": "fixed", "faces": [0]}],
            loads=[{"kind": "force", "faces": [1], "vector_n": [1e-7, 0, 0]}],
            **SMALL,
        )


def test_bodies_that_do_not_touch_are_named() -> None:
    apart = fem().build("two_boxes", lx=30, ly=10, lz=10, gap=5)
    ends = [face for face in apart.on_plane(0, 0) if face < 6]
    with pytest.raises(RigidBodyMotionError, match=r"share no face, and bodies \[1\] are free to move"):
        fem().solve(
            apart,
            supports=[{"kind": "fixed", "faces": ends}],
            loads=[{"kind": "pressure", "faces": apart.on_plane(2, 10), "pressure_mpa": 1.0}],
            contact="bonded",
            **SMALL,
        )


def test_bodies_that_run_into_each_other_are_refused() -> None:
    model = fem().build("two_boxes", lx=30, ly=10, lz=10, gap=-2)
    with pytest.raises(MeshError, match="200 mm3 belong to more than one"):
        fem().solve(
            model,
            supports=[{"kind": "fixed", "faces": [0]}],
            loads=[{"kind": "force", "faces": [1], "vector_n": [0, 0, 1]}],
            contact="bonded",
            **SMALL,
        )


def test_two_temperatures_on_one_face_are_refused(beam: Model) -> None:
    """The last one used to win without a word: a wall between 120 and 20 degC came out cold and free of stress."""
    ends = beam.on_plane(0, 0)
    study = {"brep": beam.path, "material": {"thermal_conductivity_w_m_k": 50.0}}
    held = [{"faces": ends, "temperature_c": 120.0}, {"faces": ends, "temperature_c": 20.0}]
    with pytest.raises(ContradictionError, match="120 °C and at 20 °C") as caught:
        read_thermal_study({**study, "temperatures": held})
    assert caught.value.next_action
    assert read_thermal_study({**study, "temperatures": [held[0], held[0]]})


def test_missing_face_is_refused(beam: Model) -> None:
    with pytest.raises(UnknownFaceError, match=r"supports\[0\].faces names face\(s\) \[6\]"):
        fem().solve(beam, supports=[{"kind": "fixed", "faces": [6]}], loads=tip_load(beam, [0, 0, 1]), **SMALL)


def test_too_large_a_mesh_is_refused(beam: Model) -> None:
    with pytest.raises(TooLargeError) as caught:
        fem().solve(
            beam,
            supports=[{"kind": "fixed", "faces": beam.on_plane(0, 0)}],
            loads=tip_load(beam, [0, 0, 1]),
            mesh_size_mm=1.5,
            max_dofs=5000,
        )
    assert caught.value.details["dofs"] > 5000


def test_a_surface_isnt_a_solid(tmp_path: Path) -> None:
    broken = tmp_path / "broken.brep"
    broken.write_text("DBRep_DrawableShape\n", encoding="ascii")
    study = {
        "brep": str(broken),
        "material": STEEL,
        "supports": [{"kind": "fixed", "faces": [0]}],
        "loads": [{"kind": "force", "faces": [1], "vector_n": [0, 0, 1]}],
    }
    with pytest.raises(MeshError):
        fem().call("backend.physics.fem.static:solve", study)


def test_patch_off_the_face_is_refused(beam: Model) -> None:
    load = {
        "kind": "patch_force",
        "faces": beam.on_plane(2, 10),
        "vector_n": [0, 0, -9],
        "center_mm": [50, 10, 0],
        "radius_mm": 4,
    }
    with pytest.raises(StudyError, match="doesn't touch"):
        fem().solve(beam, supports=[{"kind": "fixed", "faces": beam.on_plane(0, 0)}], loads=[load], **SMALL)


def test_patch_force_has_its_exact_resultant(beam: Model) -> None:
    load = {
        "kind": "patch_force", "faces": beam.on_plane(2, 10), "vector_n": [0, 0, -90],
        "center_mm": [80, 6, 10], "radius_mm": 3,
    }  # fmt: skip
    result = fem().solve(beam, supports=[{"kind": "fixed", "faces": beam.on_plane(0, 0)}], loads=[load], **SMALL)
    assert result["reactions"]["load_error_rel"] < 1e-9
    assert result["reactions"]["reaction_n"] == pytest.approx([0, 0, 90], abs=1e-6)
    # About the box's middle (50, 10, 5): the reaction's moment answers the force at (80, 6).
    assert result["reactions"]["reaction_moment_n_mm"] == pytest.approx([-4 * 90, -30 * 90, 0], abs=1e-4)


def test_two_solids_need_a_choice_or_a_bond() -> None:
    apart = fem().build("two_boxes", lx=30, ly=10, lz=10, gap=5)
    touching = fem().build("two_boxes", lx=30, ly=10, lz=10, gap=0)
    force = 500.0

    def study(model: Model, end: float, **more: Any) -> dict[str, Any]:
        return fem().solve(
            model,
            supports=[{"kind": "frictionless", "faces": [model.on_plane(axis, 0)[0]]} for axis in range(3)],
            loads=[{"kind": "force", "faces": model.on_plane(0, end), "vector_n": [force, 0, 0]}],
            **{**SMALL, **more},
        )

    with pytest.raises(UnknownSolidError, match="2 solids"):
        study(apart, 30)
    assert study(apart, 30, solids=[0])["mass_g"] == pytest.approx(30 * 10 * 10 * 7.85e-3)
    bonded = study(touching, 60, contact="bonded")
    assert bonded["raw_max_von_mises_mpa"] == pytest.approx(force / 100, rel=1e-4)
    assert bonded["mass_g"] == pytest.approx(60 * 10 * 10 * 7.85e-3)


def test_contact_pushes_but_never_pulls(beam: Model) -> None:
    supports = [
        {"kind": "fixed", "faces": beam.on_plane(0, 0)},
        {"kind": "compression_only", "faces": beam.on_plane(2, 0)},
    ]
    lifted = fem().solve(beam, supports=supports, loads=tip_load(beam, [0, 0, 100]), **SMALL)
    free = fem().solve(beam, supports=supports[:1], loads=tip_load(beam, [0, 0, 100]), **SMALL)
    assert lifted["displacement_mm"]["value"] == pytest.approx(free["displacement_mm"]["value"], rel=1e-3)
    pressed = fem().solve(beam, supports=supports, loads=tip_load(beam, [0, 0, -100]), **SMALL)
    assert pressed["displacement_mm"]["value"] < 0.02 * free["displacement_mm"]["value"]
    for result in (lifted, pressed):
        assert result["reactions"]["imbalance_rel"] < 1e-6
    # A seated block: only what lies under the load presses.
    patch = {
        "kind": "patch_force",
        "faces": beam.on_plane(2, 10),
        "vector_n": [0, 0, -900],
        "center_mm": [10, 10, 10],
        "radius_mm": 5,
    }
    seated = [
        {"kind": "compression_only", "faces": beam.on_plane(2, 0)},
        {"kind": "frictionless", "faces": beam.on_plane(0, 0)},
        {"kind": "frictionless", "faces": beam.on_plane(1, 0)},
    ]
    result = fem().solve(beam, supports=seated, loads=[patch], **SMALL)
    share = next(iter(result["contact"]["touching_share"].values()))
    assert 0.05 < share < 0.5
    assert result["reactions"]["reaction_n"][2] == pytest.approx(900, rel=1e-6)


def test_fields_are_the_boundary_of_the_solution(beam: Model, tmp_path: Path) -> None:
    path = str(tmp_path / "fields.npz")
    result = fem().solve(
        beam,
        supports=[{"kind": "fixed", "faces": beam.on_plane(0, 0)}],
        loads=tip_load(beam, [0, 0, -100]),
        fields_path=path,
        **SMALL,
    )
    with np.load(result["fields"]) as fields:
        vertices, triangles = fields["vertices_mm"].astype(float), fields["triangles"]
        faces, stress, moved = fields["face_index"], fields["von_mises_mpa"], fields["displacement_mm"]
    assert len(stress) == len(vertices) == len(moved)
    assert len(faces) == len(triangles)
    assert set(faces.tolist()) == set(range(6))
    corners = vertices[triangles]
    # Outward triangles: the divergence theorem gives the volume, positive.
    volume = np.einsum("ij,ij->i", np.cross(corners[:, 0], corners[:, 1]), corners[:, 2]).sum() / 6
    assert volume == pytest.approx(100 * 20 * 10, rel=1e-6)
    edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()
    assert np.linalg.norm(moved, axis=1).max() == pytest.approx(result["displacement_mm"]["value"], rel=1e-5)
    assert stress.max() <= result["raw_max_von_mises_mpa"] * (1 + 1e-6)


def test_command_line_writes_the_result_or_the_error(beam: Model, tmp_path: Path) -> None:
    study = {
        "brep": beam.path,
        "material": STEEL,
        "supports": [{"kind": "fixed", "faces": beam.on_plane(0, 0)}],
        "loads": tip_load(beam, [0, 0, -100]),
        "levels": 1,
    }
    outcomes = {}
    for name, data in (("good", study), ("bad", {**study, "loads": []})):
        given, result = tmp_path / f"{name}.json", tmp_path / f"{name}-result.json"
        given.write_text(json.dumps(data), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "backend.physics.fem.static", str(given), str(result)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        outcomes[name] = (done.returncode, json.loads(result.read_text(encoding="utf-8")), done.stderr)
    assert outcomes["good"][0] == 0
    assert outcomes["good"][1]["reactions"]["reaction_n"][2] == pytest.approx(100)
    assert outcomes["bad"][0] == 2
    assert outcomes["bad"][1]["error"]["code"] == "fem_bad_study"
    assert "no load" in outcomes["bad"][2]
