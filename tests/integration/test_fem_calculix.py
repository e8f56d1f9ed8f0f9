"""The same study on the same mesh, solved by NGSolve and by CalculiX: two programs, one answer."""

from __future__ import annotations

import math
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


@pytest.mark.parametrize("normal_only", [True, False], ids=["along the normal", "in all directions"])
def test_an_elastic_bed_gives_alike_in_both(normal_only: bool) -> None:
    ring = fem().build("quarter_ring", inner=20, outer=30, length=10)
    outside = ring.faces(lambda f: f["high"][0] > 29.9 and f["high"][1] > 29.9 and f["high"][2] - f["low"][2] > 1)
    inside = ring.faces(lambda f: abs(f["high"][0] - 20) < 0.1 and f["high"][2] - f["low"][2] > 1)
    result = compare(
        {
            "brep": ring.path,
            "material": {**ALUMINIUM, "youngs_modulus_mpa": 2e3},
            "supports": [
                *({"kind": "frictionless", "faces": ring.on_plane(axis, 0)} for axis in range(3)),
                {"kind": "elastic", "faces": outside, "stiffness_n_mm3": 40.0, "normal_only": normal_only},
            ],
            "loads": [{"kind": "pressure", "faces": inside, "pressure_mpa": 10.0}],
            "levels": 1,
            "max_dofs": 20_000,
        }
    )
    # Without the bed the ring would widen by 20 p/E (1 + r^2/R^2)/(1 - r^2/R^2) and Poisson's part: 0.29 mm.
    assert 0.1 < result["displacement_mm"]["value"] < 0.2
    assert abs(result["comparison"]["displacement_rel"]) < 2e-3
    assert abs(result["comparison"]["von_mises_rel"]) < 0.02


def test_a_column_buckles_alike_in_both() -> None:
    column = fem().build("box", lx=200, ly=10, lz=6)
    study = {
        "brep": column.path,
        "material": ALUMINIUM,
        "supports": [{"kind": "fixed", "faces": column.on_plane(0, 0)}],
        "loads": [{"kind": "force", "faces": column.on_plane(0, 200), "vector_n": [-100.0, 0, 0]}],
        "modes": 2,
        "levels": 1,
        "max_dofs": 12_000,
    }
    result = fem().call("backend.physics.fem.calculix_buckling:solve", study)
    assert max(abs(v) for v in result["comparison"]["load_factors_rel"]) < 1e-3
    assert result["load_factors"][0] == pytest.approx(
        math.pi**2 * ALUMINIUM["youngs_modulus_mpa"] * 10 * 6**3 / 12 / 400**2 / 100, rel=0.02
    )
    pushed = [{"kind": "pressure", "faces": column.on_plane(0, 200), "pressure_mpa": 1.0}]
    pressed = fem().call("backend.physics.fem.calculix_buckling:solve", {**study, "loads": pushed, "modes": 1})
    # CalculiX keeps the pressure's direction: compared with NGSolve doing so (the force above in another guise), while
    # NGSolve's own factor has the pressure turn with the tip, which buckles a cantilever at another load or not at all.
    assert max(abs(v) for v in pressed["comparison"]["load_factors_rel"]) < 1e-3
    assert pressed["comparison"]["direction_kept"][0] == pytest.approx(result["load_factors"][0] * 100 / 60, rel=2e-3)
    assert pressed["ngsolve"]["load_factors"][0]["value"] != pytest.approx(pressed["load_factors"][0], rel=0.1)


def test_a_preloaded_bolt_presses_a_plate_alike_in_both() -> None:
    plate = fem().build("plate_on_bolts", side=40, height=16, count=1)
    study = {
        "brep": plate.path, "material": ALUMINIUM, "contact": "bonded",
        "supports": [
            {"kind": "fixed", "faces": plate.on_plane(2, -16)},
            {"kind": "compression_only", "faces": plate.on_plane(2, 0), "stiffness_n_mm3": 500.0},
        ],
        "preloads": [{"solid": 1, "force_n": 5000.0, "axis": [0, 0, 1]}],
        "loads": [{"kind": "force", "faces": plate.on_plane(0, 40), "vector_n": [0, 0, -1500.0]}],
        "levels": 1, "max_dofs": 8_000,
    }  # fmt: skip
    result = compare(study)
    # The bed is integrated at the middles of edges there, over the elements here, and presses where each finds it.
    assert abs(result["comparison"]["displacement_rel"]) < 0.02
    assert abs(result["comparison"]["von_mises_rel"]) < 0.05
    free = compare({**study, "supports": study["supports"][:1]})
    assert abs(free["comparison"]["displacement_rel"]) < 1e-4
    assert free["displacement_mm"]["value"] > 1.5 * result["displacement_mm"]["value"]


def test_a_block_that_tilts_on_a_wall_lifts_off_alike_in_both() -> None:
    block = fem().build("box", lx=60, ly=10, lz=20)
    study = {
        "brep": block.path, "material": ALUMINIUM,
        "supports": [
            {"kind": "compression_only", "faces": block.on_plane(2, 0), "stiffness_n_mm3": 200.0},
            {"kind": "displacement", "faces": block.on_plane(0, 0), "displacement_mm": [0, 0, None]},
        ],
        "loads": [{"kind": "force", "faces": block.on_plane(0, 60), "vector_n": [0, 0, -500.0]}],
        "levels": 1, "max_dofs": 6_000,
    }  # fmt: skip
    result = compare(study)
    assert 0.1 < next(iter(result["ngsolve"]["contact"]["touching_share"].values())) < 0.95
    assert abs(result["comparison"]["displacement_rel"]) < 0.02


def test_conducted_and_radiated_heat_is_alike_in_both() -> None:
    bar = fem().build("glued_boxes", lx=50, ly=10, lz=10)
    study = {
        "brep": bar.path,
        "contact": "bonded",
        "materials": {"0": {"thermal_conductivity_w_m_k": 200.0}, "1": {"thermal_conductivity_w_m_k": 20.0}},
        "temperatures": [{"faces": bar.on_plane(0, 0), "temperature_c": 500.0}],
        "radiation": [{"faces": bar.on_plane(0, 100), "emissivity": 0.9, "ambient_c": 20.0}],
        "convection": [{"faces": bar.on_plane(1, 0), "coefficient_w_m2_k": 30.0, "ambient_c": 20.0}],
        "heat": [{"faces": bar.on_plane(1, 10), "power_w": 4.0}],
        "flux": [{"faces": bar.on_plane(2, 0), "flux_w_m2": 900.0}],
        "sources": [{"solids": [1], "power_w": 3.0}],
        "source_w": 1.0,
        "regions": {"end": bar.on_plane(0, 100)},
        "levels": 1,
        "max_dofs": 4_000,
    }
    result = fem().call("backend.physics.fem.calculix_thermal:solve", study)
    ours = result["ngsolve"]
    assert max(abs(v) for v in result["comparison"]["temperature_rel"]) < 2e-4
    assert result["regions"]["end"]["max_c"] == pytest.approx(ours["regions"]["end"]["max_c"], abs=0.05)
    assert ours["temperature_c"]["max"] - ours["temperature_c"]["min"] > 50


def test_heat_that_is_conducted_strains_alike_in_both() -> None:
    ring = fem().build("quarter_ring", inner=10, outer=20, length=5)
    faces = [
        ring.faces(lambda f, r=r: abs(f["high"][0] - r) < 0.05 and f["high"][2] - f["low"][2] > 1) for r in (10, 20)
    ]
    metal = {**ALUMINIUM, "thermal_expansion_1_k": 12e-6, "thermal_conductivity_w_m_k": 50.0}
    conditions = [{"faces": found, "temperature_c": t} for found, t in zip(faces, (100.0, 0.0), strict=True)]
    result = compare(
        {
            "brep": ring.path,
            "material": metal,
            "supports": [{"kind": "frictionless", "faces": ring.on_plane(axis, 0)} for axis in range(3)],
            "loads": [],
            "thermal": {"reference_c": 0.0, "temperatures": conditions},
            "levels": 2,
            "max_dofs": 20_000,
        }
    )
    assert abs(result["comparison"]["displacement_rel"]) < 2e-3
    assert abs(result["comparison"]["von_mises_rel"]) < 0.02


def test_two_metals_jump_alike_in_both() -> None:
    bar = fem().build("glued_boxes", lx=50, ly=10, lz=10)
    stiff = {**ALUMINIUM, "poisson_ratio": 0.0, "youngs_modulus_mpa": 210e3}
    result = compare(
        {
            "brep": bar.path,
            "materials": {"0": stiff, "1": {**stiff, "youngs_modulus_mpa": 70e3}},
            "contact": "bonded",
            "supports": [
                {"kind": "fixed", "faces": bar.on_plane(1, 0)},
                {"kind": "displacement", "faces": bar.on_plane(1, 10), "displacement_mm": [None, 0.01, None]},
            ],
            "loads": [],
            "regions": {"soft end": bar.on_plane(0, 100)},
            "levels": 1,
            "max_dofs": 20_000,
        }
    )
    assert result["von_mises_mpa"]["value"] == pytest.approx(210, rel=1e-4)
    assert result["regions"]["soft end"]["von_mises_mpa"] == pytest.approx(70, rel=1e-4)
    assert abs(result["comparison"]["von_mises_rel"]) < 1e-4


def test_what_calculix_cant_say_is_refused() -> None:
    model = fem().build("box", lx=40, ly=10, lz=10)
    study = {
        "brep": model.path,
        "material": ALUMINIUM,
        "supports": [
            {"kind": "fixed", "faces": model.on_plane(0, 0)},
        ],
        "loads": [{"kind": "pressure", "faces": model.on_plane(2, 10), "pressure_mpa": 1.0}],
    }
    with pytest.raises(StudyError, match="order 3"):
        compare({**study, "order": 3})
    heated = {**ALUMINIUM, "thermal_expansion_1_k": 23e-6}
    bolt = [{"solid": 0, "force_n": 10.0, "axis": [1, 0, 0]}]
    with pytest.raises(StudyError, match="together with heat"):
        compare({**study, "material": heated, "preloads": bolt, "thermal": {"reference_c": 20, "uniform_c": 50}})
