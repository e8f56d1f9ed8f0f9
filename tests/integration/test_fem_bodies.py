"""Several bodies and materials, orthotropic ones, spinning ones, preloaded bolts: held against closed forms."""

from __future__ import annotations

import math
from typing import Any

import pytest

from backend.physics.fem.errors import StudyError
from backend.physics.fem.material import Orthotropic, read_orthotropic
from tests.benchmarks.fem_cases.session import STEEL, Model, fem

BEAD = {**STEEL, "poisson_ratio": 0.0}
PLY = {"e_mpa": [140e3, 10e3, 10e3], "g_mpa": [5e3, 5e3, 3.5e3], "nu": [0.3, 0.3, 0.4]}


def test_two_bonded_bars_of_two_metals_stretch_in_series() -> None:
    bar = fem().build("glued_boxes", lx=50, ly=10, lz=10)
    soft = {**BEAD, "youngs_modulus_mpa": 70e3, "density_kg_m3": 2700.0}
    result = fem().call(
        "backend.physics.fem.static:solve",
        {
            "brep": bar.path,
            "materials": {"0": BEAD, "1": soft},
            "contact": "bonded",
            "supports": [{"kind": "fixed", "faces": bar.on_plane(0, 0)}],
            "loads": [{"kind": "force", "faces": bar.on_plane(0, 100), "vector_n": [1000, 0, 0]}],
            "levels": 1,
            "max_dofs": 20_000,
        },
    )
    assert result["displacement_mm"]["value"] == pytest.approx(10 * 50 / 210e3 + 10 * 50 / 70e3, rel=1e-9)
    assert result["mass_g"] == pytest.approx((7850 + 2700) * 5000e-9 * 1e3, rel=1e-9)


@pytest.mark.parametrize("modulus", [210e3, 3e3])
def test_the_free_edge_of_a_bond_is_called_singular_where_it_is(modulus: float) -> None:
    bar = fem().build("glued_boxes", lx=10, ly=10, lz=10)
    other = {**STEEL, "name": "other", "youngs_modulus_mpa": modulus, "poisson_ratio": 0.3 if modulus > 1e5 else 0.38}
    result = fem().call(
        "backend.physics.fem.static:solve",
        {
            "brep": bar.path, "materials": {"0": STEEL, "1": other}, "contact": "bonded",
            "supports": [{"kind": "frictionless", "faces": bar.on_plane(axis, 0)} for axis in range(3)],
            "loads": [{"kind": "force", "faces": bar.on_plane(0, 20), "vector_n": [1000, 0, 0]}],
            "levels": 3, "max_dofs": 60_000,
        },
    )  # fmt: skip
    stress = result["von_mises_mpa"]
    if modulus == 210e3:
        assert (stress["excluded"], result["singularities"]) == ("nothing", [])
        assert stress["value"] == pytest.approx(10, rel=1e-6)
        return
    # Not along the planes of symmetry, where the bond goes on: there the edge isn't free.
    (found,) = result["singularities"]
    assert found["reason"] == "free edge of the bond of solids 0 and 1"
    assert "free edges of bonds" in stress["excluded"]
    assert found["values_mpa"][-1] > 30  # of 10 MPa far from it; 100 on four meshes
    assert max(found["location_mm"][1:]) == pytest.approx(10, abs=1e-6)
    assert any("taper the stiffer body" in warning for warning in result["warnings"])


def test_stress_jumps_where_two_metals_meet() -> None:
    """Stretched side by side, each carries E times the strain right up to their joint; nothing is averaged across."""
    bar = fem().build("glued_boxes", lx=50, ly=10, lz=10)
    soft = {**BEAD, "youngs_modulus_mpa": 70e3}
    result = fem().call(
        "backend.physics.fem.static:solve",
        {
            "brep": bar.path,
            "materials": {"0": BEAD, "1": soft},
            "contact": "bonded",
            "supports": [
                {"kind": "displacement", "faces": bar.on_plane(1, 0), "displacement_mm": [0, 0, 0]},
                {"kind": "displacement", "faces": bar.on_plane(1, 10), "displacement_mm": [None, 0.01, None]},
            ],
            "loads": [],
            "probes": {"stiff": [49.9, 4.9, 4.9], "soft": [50.1, 4.9, 4.9], "soft side": [100, 10, 10]},
            "levels": 2,
            "max_dofs": 20_000,
        },
    )
    assert result["von_mises_mpa"]["value"] == pytest.approx(210, rel=1e-9)
    assert result["raw_max_von_mises_mpa"] == pytest.approx(210, rel=1e-9)
    found = {name: values["stress_mpa"]["yy"] for name, values in result["probes"].items()}
    assert found == pytest.approx({"stiff": 210, "soft": 70, "soft side": 70}, rel=1e-9)
    assert result["energy_check"]["estimated_error_rel"] < 1e-9


def test_heat_conducted_through_two_metals_stretches_each_by_its_own_temperature() -> None:
    """Two resistances in series share the drop as 1/k; the end moves by the integral of alpha T (Maysel's theorem).

    A gradient c along x domes the end by alpha c (y^2 + z^2)/2: its middle stands before the mean, which Maysel gives.
    """
    bar = fem().build("glued_boxes", lx=50, ly=10, lz=10)
    metal = {**BEAD, "thermal_expansion_1_k": 12e-6}
    start, side, bottom = bar.on_plane(0, 0), bar.on_plane(1, 0), bar.on_plane(2, 0)
    result = fem().call(
        "backend.physics.fem.static:solve",
        {
            "brep": bar.path,
            "materials": {
                "0": {**metal, "thermal_conductivity_w_m_k": 300.0},
                "1": {**metal, "thermal_conductivity_w_m_k": 100.0},
            },
            "contact": "bonded",
            "supports": [
                {"kind": "displacement", "faces": start, "displacement_mm": [0, None, None]},
                {"kind": "displacement", "edges": [[start[0], side[0]]], "displacement_mm": [None, 0, None]},
                {"kind": "displacement", "edges": [[start[0], bottom[0]]], "displacement_mm": [None, None, 0]},
            ],
            "thermal": {
                "reference_c": 0,
                "temperatures": [
                    {"faces": start, "temperature_c": 0},
                    {"faces": bar.on_plane(0, 100), "temperature_c": 80},
                ],
            },
            "probes": {"end": [100, 5, 5]},
            "levels": 1,
            "max_dofs": 20_000,
        },
    )
    joint = 80 * (1 / 300) / (1 / 300 + 1 / 100)  # degC: 20
    stretch = 12e-6 * 50 * (joint / 2 + (joint + 80) / 2)
    dome = 12e-6 * (80 - joint) / 50 / 2 * (10**2 / 12 + 10**2 / 12)
    assert result["probes"]["end"]["displacement_mm"][0] == pytest.approx(stretch + dome, rel=1e-5)


def test_a_ply_at_45_degrees_is_as_soft_as_laminate_theory_says() -> None:
    """1/Ex = c^4/E1 + s^4/E2 + (1/G12 - 2 nu12/E1) s^2 c^2 (Jones, equation 2.97); strain between two probes."""
    bar = fem().build("box", lx=100, ly=10, lz=10)
    start, side, bottom = bar.on_plane(0, 0), bar.on_plane(1, 0), bar.on_plane(2, 0)
    result = fem().solve(
        bar,
        {"name": "ply", "orthotropic": {**PLY, "axis_1": [1, 1, 0], "axis_2": [-1, 1, 0]}},
        supports=[
            {"kind": "displacement", "edges": [[start[0], side[0]]], "displacement_mm": [0, 0, None]},
            {"kind": "displacement", "edges": [[start[0], bottom[0]]], "displacement_mm": [None, None, 0]},
            {"kind": "displacement", "edges": [[bar.on_plane(0, 100)[0], side[0]]], "displacement_mm": [None, 0, None]},
        ],
        loads=[
            {"kind": "pressure", "faces": bar.on_plane(0, 100), "pressure_mpa": -10},
            {"kind": "pressure", "faces": start, "pressure_mpa": -10},
        ],
        levels=1,
        max_dofs=30_000,
        probes={"a": [40, 5, 5], "b": [80, 5, 5]},
    )
    a, b = result["probes"]["a"], result["probes"]["b"]
    strain = (b["displacement_mm"][0] - a["displacement_mm"][0]) / 40
    assert strain == pytest.approx(10 * 0.25 * (1 / 140e3 + 1 / 10e3 + 1 / 5e3 - 2 * 0.3 / 140e3), rel=1e-5)
    assert a["stress_mpa"]["xx"] == pytest.approx(10, rel=1e-5)


def test_orthotropic_with_equal_constants_is_isotropic() -> None:
    e, nu = 200e3, 0.25
    g = e / (2 * (1 + nu))
    tilted = read_orthotropic(
        {"e_mpa": [e] * 3, "g_mpa": [g] * 3, "nu": [nu] * 3, "axis_1": [1, 2, 0.5], "axis_2": [-2, 1, 0]}, "m"
    )
    assert isinstance(tilted, Orthotropic)
    lam = e * nu / ((1 + nu) * (1 - 2 * nu))
    stiffness = tilted.stiffness()
    assert stiffness[0, 0] == pytest.approx(lam + 2 * g, rel=1e-12)
    assert stiffness[0, 3] == pytest.approx(lam, rel=1e-12)
    assert stiffness[4, 4] == pytest.approx(g, rel=1e-12)
    assert abs(stiffness[0, 1]) < 1e-9 * e


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"nu": [3.9, 0.3, 0.4]}, "no stable material"),
        ({"axis_1": [1, 1, 0]}, "right angles"),
        ({"e_mpa": [1, 1, 0]}, "above"),
    ],
)
def test_impossible_orthotropic_constants_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        read_orthotropic({**PLY, **change}, "m")


def test_hoop_stress_of_a_spinning_disc_with_a_hole() -> None:
    """Timoshenko and Goodier, article 32: (3 + nu)/4 rho w^2 (b^2 + (1 - nu)/(3 + nu) a^2) at the bore."""
    disc = fem().build("annulus", inner=20, outer=100, thickness=5)
    bore = disc.faces(lambda f: abs(f["high"][0] - 20) < 1e-3)
    result = fem().solve(
        disc,
        supports=[
            {"kind": "frictionless", "faces": disc.on_plane(2, 0)},
            {"kind": "elastic", "faces": bore, "stiffness_n_mm3": 1e-3},
        ],
        spin={"speed_rad_s": 1000.0, "axis": [0, 0, 1]},
        loads=[],
        levels=2,
        max_dofs=50_000,
        probes={"bore": [20, 0, 5]},
    )
    rho, nu = 7850e-12, 0.3
    expected = (3 + nu) / 4 * rho * 1000**2 * (100**2 + (1 - nu) / (3 + nu) * 20**2)
    assert result["probes"]["bore"]["stress_mpa"]["yy"] == pytest.approx(expected, rel=0.01)
    assert result["reactions"]["load_error_rel"] < 1e-9


def bolted() -> Model:
    return fem().build("bolted_block", side=40, height=20, hole=6, shank=4, head=9, head_height=6)


def test_preload_is_the_force_in_the_shank() -> None:
    block = bolted()
    study = {
        "supports": [{"kind": "fixed", "faces": block.on_plane(0, -20)}],
        "contact": "bonded",
        "levels": 1,
        "max_dofs": 60_000,
        "probes": {"shank": [0, 0, 10]},
    }
    result = fem().solve(block, preloads=[{"solid": 1, "force_n": 10_000, "axis": [0, 0, 1]}], loads=[], **study)
    assert result["bolts_n"]["1"] == pytest.approx(10_000, rel=1e-9)
    assert result["probes"]["shank"]["stress_mpa"]["zz"] == pytest.approx(10_000 / (math.pi * 16), rel=0.01)
    assert result["reactions"]["imbalance_rel"] < 1e-6
    assert result["energy_check"]["difference_rel"] < 1e-6


def test_a_preload_on_a_body_that_is_not_there_is_refused() -> None:
    block = bolted()
    with pytest.raises(StudyError, match="solid 7"):
        fem().solve(
            block,
            supports=[{"kind": "fixed", "faces": block.on_plane(0, -20)}],
            contact="bonded",
            preloads=[{"solid": 7, "force_n": 10_000, "axis": [0, 0, 1]}],
            loads=[],
            levels=1,
        )


def test_a_face_between_bonded_bodies_cannot_be_held() -> None:
    bar = fem().build("glued_boxes", lx=50, ly=10, lz=10)
    with pytest.raises(StudyError, match="inside, between bonded bodies"):
        fem().solve(
            bar,
            supports=[{"kind": "fixed", "faces": bar.on_plane(0, 50)}],
            contact="bonded",
            loads=[{"kind": "force", "faces": bar.on_plane(0, 100), "vector_n": [10, 0, 0]}],
            levels=1,
        )
