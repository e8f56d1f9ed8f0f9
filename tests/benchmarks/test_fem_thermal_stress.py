"""Thermal strain in linear statics, against closed forms."""

from __future__ import annotations

import math

import pytest

from backend.physics.fem.errors import StudyError
from tests.benchmarks.fem_cases.session import fem

HOT = {
    "name": "steel", "youngs_modulus_mpa": 200e3, "poisson_ratio": 0.3, "density_kg_m3": 7850.0,
    "thermal_expansion_1_k": 12e-6, "thermal_conductivity_w_m_k": 50.0,
}  # fmt: skip
SMALL = {"levels": 1, "max_dofs": 15_000, "budget_s": 60.0}


def test_free_expansion_has_no_stress() -> None:
    model = fem().build("box", lx=50, ly=30, lz=20)
    result = fem().solve(
        model,
        HOT,
        supports=[{"kind": "frictionless", "faces": model.on_plane(axis, 0)} for axis in range(3)],
        thermal={"reference_c": 20.0, "uniform_c": 120.0},
        **SMALL,
    )
    assert result["raw_max_von_mises_mpa"] < 1e-3
    diagonal = math.sqrt(50**2 + 30**2 + 20**2)
    assert result["displacement_mm"]["value"] == pytest.approx(12e-6 * 100 * diagonal, rel=1e-4)


def test_held_bar_is_compressed_by_e_alpha_dt() -> None:
    model = fem().build("box", lx=100, ly=10, lz=10)
    ends = [*model.on_plane(0, 0), *model.on_plane(0, 100)]
    supports = [{"kind": "frictionless", "faces": ends}]
    supports += [{"kind": "frictionless", "faces": model.on_plane(axis, 0)} for axis in (1, 2)]
    result = fem().solve(
        model,
        HOT,
        supports=supports,
        thermal={"reference_c": 20.0, "uniform_c": 95.0},
        probes={"mid": [50, 0, 0]},
        **SMALL,
    )
    assert result["probes"]["mid"]["stress_mpa"]["xx"] == pytest.approx(-200e3 * 12e-6 * 75, rel=1e-4)
    # Both ends push: the forces cancel, and the balance is that of nodal forces.
    assert result["reactions"]["imbalance_rel"] < 1e-6


def test_heated_bore_of_a_thick_cylinder() -> None:
    # Timoshenko and Goodier, art. 151: hoop stress at the bore of a long cylinder, T_i inside and 0 outside:
    # E a T_i/(2 (1 - nu) ln(b/a)) (1 - 2 b^2/(b^2 - a^2) ln(b/a)), whatever holds the ends.
    inner, outer, hot = 20.0, 40.0, 80.0
    model = fem().build("quarter_ring", inner=inner, outer=outer, length=10)
    bore = model.faces(lambda f: abs(f["high"][0] - inner) < 1e-3 and abs(f["high"][1] - inner) < 1e-3)
    skin = model.faces(
        lambda f: abs(f["high"][0] - outer) < 1e-3 and abs(f["high"][1] - outer) < 1e-3 and f["area"] < 700
    )
    flat = [i for axis in range(3) for i in model.on_plane(axis, 0)] + model.on_plane(2, 10)
    result = fem().solve(
        model,
        HOT,
        supports=[{"kind": "frictionless", "faces": flat}],
        thermal={
            "reference_c": 0.0,
            "temperatures": [{"faces": bore, "temperature_c": hot}, {"faces": skin, "temperature_c": 0.0}],
        },
        probes={"bore": [inner, 0, 5]},
        levels=3,
        max_dofs=40_000,
        budget_s=60.0,
    )
    logarithm = math.log(outer / inner)
    factor = 200e3 * 12e-6 * hot / (2 * (1 - 0.3) * logarithm)
    hoop = factor * (1 - 2 * outer**2 / (outer**2 - inner**2) * logarithm)
    assert result["probes"]["bore"]["stress_mpa"]["yy"] == pytest.approx(hoop, rel=1e-2)


def test_thermal_stress_needs_its_data() -> None:
    model = fem().build("box", lx=50, ly=30, lz=20)
    cold = {key: value for key, value in HOT.items() if key != "thermal_expansion_1_k"}
    held = [{"kind": "fixed", "faces": model.on_plane(0, 0)}]
    with pytest.raises(StudyError, match="thermal_expansion_1_k"):
        fem().solve(model, cold, supports=held, thermal={"reference_c": 20.0, "uniform_c": 50.0}, **SMALL)
    with pytest.raises(StudyError, match="either uniform_c, linear or boundary conditions"):
        fem().solve(model, HOT, supports=held, thermal={"reference_c": 20.0}, **SMALL)


def test_a_linear_temperature_bends_a_free_body_without_stress() -> None:
    # T = g x: u = (alpha g/2) (x^2 - y^2 - z^2, 2 x y, 2 x z) has no stress (Boley and Weiner, Theory of Thermal
    # Stresses); a bed too soft to matter stops the body along x.
    model = fem().build("box", lx=40, ly=10, lz=8)
    root = model.on_plane(0, 0)
    supports = [
        {"kind": "displacement", "faces": root, "displacement_mm": [None, 0, 0]},
        {"kind": "elastic", "faces": root, "stiffness_n_mm3": 1e-3},
    ]
    result = fem().solve(
        model,
        HOT,
        supports=supports,
        thermal={"reference_c": 20.0, "linear": {"at_origin_c": 20.0, "per_mm": [3.0, 0, 0]}},
        probes={"end": [40, 0, 0], "root": [0, 0, 0]},
        levels=1,
        max_dofs=3_000,
    )
    assert result["raw_max_von_mises_mpa"] < 1e-5 * 200e3 * 12e-6 * 120
    shifts = [result["probes"][name]["displacement_mm"][0] for name in ("end", "root")]
    assert shifts[0] - shifts[1] == pytest.approx(12e-6 * 3.0 * 40**2 / 2, rel=1e-6)
