"""The same study on the same mesh, solved by NGSolve and by CalculiX: two programs, one answer."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from backend.physics.fem.errors import StudyError
from tests.benchmarks.fem_cases.session import ALUMINIUM, fem

pytestmark = [
    pytest.mark.needs_ccx,
    pytest.mark.skipif(shutil.which("ccx") is None, reason="CalculiX (ccx) isn't installed"),
]


def compare(study: dict[str, Any]) -> dict[str, Any]:
    """Both solutions of a study."""
    result: dict[str, Any] = fem().call("backend.physics.fem.calculix:solve", study)
    return result


def test_bracket_agrees_with_calculix_on_the_same_mesh() -> None:
    model = fem().build("bracket", width=100, height=90, depth=50, wall=8, fillet=8)
    round_face = model.faces(lambda f: f["low"][0] > 8 - 1e-3 and f["high"][0] < 16 + 1e-3 and f["area"] > 500)
    holes = model.faces(lambda f: f["high"][2] - f["low"][2] < 13)[:4]
    result = compare(
        {
            "brep": model.path,
            "material": ALUMINIUM,
            "gravity": [0, 0, -9.80665],
            "supports": [{"kind": "fixed", "faces": model.on_plane(0, 0)}],
            "loads": [
                {
                    "kind": "remote_force",
                    "faces": model.on_plane(0, 50),
                    "vector_n": [0, 50, -700],
                    "point_mm": [250, 50, 4],
                },
                {"kind": "pressure", "faces": model.on_plane(2, 0), "pressure_mpa": 0.05},
            ],
            "regions": {"fillet": round_face, "holes": holes},
            "max_dofs": 40_000,
            "budget_s": 60.0,
        }
    )
    ours = result["ngsolve"]
    # One mesh, one space: displacements agree to solver precision, energy conjugate to the load.
    assert abs(result["comparison"]["displacement_rel"]) < 1e-5
    # Stress recovery differs (projection against extrapolated and averaged), within the estimated error of the mesh.
    assert abs(result["comparison"]["von_mises_rel"]) < 0.04
    assert abs(result["comparison"]["regions_rel"]["fillet"]) < 0.04
    assert result["dofs"] == ours["levels"][-1]["dofs"]
    for axis in range(3):
        # CalculiX leaves the loads on held nodes out of its reactions: here the pressure next to the wall, 0.05 MPa on
        # half a row of elements (some 8 mm of 100 mm).
        assert result["reactions"]["reaction_n"][axis] == pytest.approx(
            ours["reactions"]["reaction_n"][axis], abs=0.05 * 8 * 100 / 8
        )


def test_frictionless_quarter_ring_agrees_with_calculix() -> None:
    model = fem().build("quarter_ring", inner=20, outer=40, length=10)
    bore = model.faces(lambda f: abs(f["high"][0] - 20) < 1e-3 and abs(f["high"][1] - 20) < 1e-3)
    result = compare(
        {
            "brep": model.path,
            "material": ALUMINIUM,
            "supports": [{"kind": "frictionless", "faces": model.on_plane(axis, 0)} for axis in range(3)],
            "loads": [{"kind": "pressure", "faces": bore, "pressure_mpa": 60.0}],
            "levels": 2,
            "max_dofs": 30_000,
            "budget_s": 60.0,
        }
    )
    assert abs(result["comparison"]["displacement_rel"]) < 1e-4
    assert abs(result["comparison"]["von_mises_rel"]) < 0.02


def test_what_calculix_cant_say_is_refused() -> None:
    model = fem().build("box", lx=40, ly=10, lz=10)
    study = {
        "brep": model.path,
        "material": ALUMINIUM,
        "supports": [
            {"kind": "fixed", "faces": model.on_plane(0, 0)},
            {"kind": "compression_only", "faces": model.on_plane(2, 0)},
        ],
        "loads": [{"kind": "pressure", "faces": model.on_plane(2, 10), "pressure_mpa": 1.0}],
    }
    with pytest.raises(StudyError, match="compression_only"):
        compare(study)
