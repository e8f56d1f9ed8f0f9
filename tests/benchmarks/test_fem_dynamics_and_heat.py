"""Frequencies, buckling loads and temperatures against closed forms and NAFEMS benchmarks."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.benchmarks.fem_cases.session import fem

STEEL = {"name": "steel", "youngs_modulus_mpa": 200e3, "poisson_ratio": 0.3, "density_kg_m3": 8000.0}


def frequencies(**study: Any) -> list[float]:
    """Elastic frequencies in Hz."""
    result = fem().call("backend.physics.fem.modal:solve", study)
    return [mode["value"] for mode in result["frequencies_hz"]]


def beam_frequency(length: float, width: float, height: float, root: float) -> float:
    """Euler-Bernoulli: root^2/(2 pi L^2) sqrt(E I/(rho A)), bending along the height; lengths in mm, Hz."""
    inertia, area = width * height**3 / 12, width * height
    return root**2 / (2 * math.pi * length**2) * math.sqrt(200e3 * inertia / (8e-9 * area))


def test_cantilever_frequencies() -> None:
    model = fem().build("box", lx=1000, ly=20, lz=30)
    held = [{"kind": "fixed", "faces": model.on_plane(0, 0)}]
    found = frequencies(brep=model.path, material=STEEL, supports=held, modes=4, max_dofs=15_000)
    expected = [
        beam_frequency(1000, 30, 20, 1.87510),
        beam_frequency(1000, 20, 30, 1.87510),
        beam_frequency(1000, 30, 20, 4.69409),
        beam_frequency(1000, 20, 30, 4.69409),
    ]
    # A clamped face is stiffer than beam theory, shear and rotary inertia lower the second pair.
    assert found == pytest.approx(expected, rel=6e-3)


def test_free_beam_has_six_rigid_motions() -> None:
    model = fem().build("box", lx=1000, ly=20, lz=30)
    result = fem().call(
        "backend.physics.fem.modal:solve",
        {"brep": model.path, "material": STEEL, "supports": [], "modes": 2, "max_dofs": 12_000},
    )
    assert result["rigid_modes"] == 6
    found = [mode["value"] for mode in result["frequencies_hz"]]
    expected = [beam_frequency(1000, 30, 20, 4.73004), beam_frequency(1000, 20, 30, 4.73004)]
    assert found == pytest.approx(expected, rel=5e-3)


def test_nafems_fv32_tapered_membrane() -> None:
    # In-plane frequencies of the cantilevered taper, plane stress; the solid is held to its mid-plane.
    model = fem().build("tapered_plate", length=10_000, root=5_000, tip=1_000, thickness=100)
    supports = [
        {"kind": "displacement", "faces": model.on_plane(0, 0), "displacement_mm": [0, 0, None]},
        {"kind": "displacement", "faces": model.on_plane(2, 0), "displacement_mm": [None, None, 0]},
    ]
    found = frequencies(brep=model.path, material=STEEL, supports=supports, modes=6, max_dofs=25_000)
    assert found == pytest.approx([44.623, 130.03, 162.70, 246.05, 379.90, 391.44], rel=5e-3)


def test_nafems_fv52_thick_plate_on_its_sides() -> None:
    # NAFEMS holds the lower edges; a line has no stiffness in a solid, so the sides are held as in the plate theory
    # that the reference comes from (Mindlin, kappa = pi^2/12): no displacement along the edge, none across the plate.
    model = fem().build("box", lx=10_000, ly=10_000, lz=1_000)
    supports = [
        {
            "kind": "displacement",
            "faces": [*model.on_plane(axis, 0), *model.on_plane(axis, 10_000)],
            "displacement_mm": [None, 0, 0] if axis == 0 else [0, None, 0],
        }
        for axis in (0, 1)
    ]
    found = frequencies(brep=model.path, material=STEEL, supports=supports, modes=3, order=3, max_dofs=30_000)
    assert found == pytest.approx([45.897, 109.44, 109.44], rel=5e-3)


@pytest.mark.parametrize(
    ("far_end", "effective", "tolerance"), [("free", 2.0, 6e-3), ("pinned", 0.6992, 1e-2)], ids=["free", "pinned"]
)
def test_euler_column(far_end: str, effective: float, tolerance: float) -> None:
    # P = pi^2 E I/(k L)^2 of a column clamped at one end: k = 2 with the other free, 0.6992 held sideways only.
    length, width, height = 400.0, 20.0, 10.0
    model = fem().build("box", lx=length, ly=width, lz=height)
    end = model.on_plane(0, length)
    supports: list[dict[str, Any]] = [{"kind": "fixed", "faces": model.on_plane(0, 0)}]
    if far_end == "pinned":
        supports.append({"kind": "displacement", "faces": end, "displacement_mm": [None, 0, 0]})
    result = fem().call(
        "backend.physics.fem.buckling:solve",
        {
            "brep": model.path,
            "material": STEEL,
            "supports": supports,
            "loads": [{"kind": "force", "faces": end, "vector_n": [-1000.0, 0, 0]}],
            "max_dofs": 15_000,
        },
    )
    inertia = width * height**3 / 12
    load = 1000.0 * result["load_factors"][0]["value"]
    assert load == pytest.approx(math.pi**2 * 200e3 * inertia / (effective * length) ** 2, rel=tolerance)


def test_a_ring_buckles_under_pressure_that_turns_with_it() -> None:
    # q = 3 E I/R^3 (Levy 1884) where the pressure stays normal; 4 E I/R^3 would be the load that keeps its direction.
    radius, wall, length = 100.0, 2.0, 10.0
    model = fem().build("quarter_ring", inner=radius - wall / 2, outer=radius + wall / 2, length=length)
    outside = model.faces(lambda f: f["high"][0] > radius + 0.9 and f["high"][1] > radius + 0.9 and f["area"] > 1000)
    ends = [f for axis in range(3) for f in model.on_plane(axis, 0)]
    result = fem().call(
        "backend.physics.fem.buckling:solve",
        {
            "brep": model.path,
            "material": {**STEEL, "poisson_ratio": 0.0},
            "supports": [{"kind": "frictionless", "faces": [face]} for face in ends],
            "loads": [{"kind": "pressure", "faces": outside, "pressure_mpa": 1.0}],
            "max_dofs": 15_000,
        },
    )
    expected = 3 * STEEL["youngs_modulus_mpa"] * wall**3 / 12 / radius**3
    assert result["load_factors"][0]["value"] == pytest.approx(expected, rel=5e-3)


def test_tension_doesnt_buckle() -> None:
    model = fem().build("box", lx=400, ly=20, lz=10)
    result = fem().call(
        "backend.physics.fem.buckling:solve",
        {
            "brep": model.path,
            "material": STEEL,
            "supports": [{"kind": "fixed", "faces": model.on_plane(0, 0)}],
            "loads": [{"kind": "force", "faces": model.on_plane(0, 400), "vector_n": [1000.0, 0, 0]}],
            "levels": 1,
            "max_dofs": 12_000,
        },
    )
    compressed = math.pi**2 * 200e3 * (20 * 10**3 / 12) / 800**2 / 1000
    assert not result["load_factors"] or result["load_factors"][0]["value"] > 20 * compressed


def heat(**study: Any) -> dict[str, Any]:
    """Steady conduction; the heat must balance."""
    result: dict[str, Any] = fem().call("backend.physics.fem.thermal:solve", study)
    assert result["balance"]["imbalance_rel"] < 1e-8
    return result


def test_nafems_t4_convection() -> None:
    # 0.6 m x 1 m, k = 52: 100 C at the foot, left insulated, h = 750 to 0 C at right and top; 18.25 C at E (0.6, 0.2).
    model = fem().build("box", lx=600, ly=1000, lz=50)
    result = heat(
        brep=model.path,
        material={"name": "T4", "thermal_conductivity_w_m_k": 52.0},
        temperatures=[{"faces": model.on_plane(1, 0), "temperature_c": 100.0}],
        convection=[
            {
                "faces": [*model.on_plane(0, 600), *model.on_plane(1, 1000)],
                "coefficient_w_m2_k": 750.0,
                "ambient_c": 0.0,
            }
        ],
        probes={"E": [600, 200, 0]},
        levels=4,
        max_dofs=25_000,
    )
    assert result["probes"]["E"]["temperature_c"] == pytest.approx(18.25, rel=3e-3)


def test_slab_with_source_and_film() -> None:
    # One dimension: T(x) = T_amb + q L/h + q (L^2 - x^2)/(2 k), q per volume, insulated at x = 0.
    model = fem().build("box", lx=40, ly=30, lz=20)
    result = heat(
        brep=model.path,
        material={"thermal_conductivity_w_m_k": 15.0},
        convection=[{"faces": model.on_plane(0, 40), "coefficient_w_m2_k": 200.0, "ambient_c": 25.0}],
        source_w=24.0,
        levels=1,
        regions={"cold": model.on_plane(0, 40)},
    )
    density = 24.0 / (0.04 * 0.03 * 0.02)
    skin = 25 + density * 0.04 / 200
    assert result["regions"]["cold"]["mean_c"] == pytest.approx(skin, rel=1e-9)
    assert result["temperature_c"]["max"] == pytest.approx(skin + density * 0.04**2 / (2 * 15), rel=1e-6)
    assert result["balance"]["flows_w"]["convection[0]"] == pytest.approx(-24.0)


def test_radiating_block_finds_equilibrium() -> None:
    # Well conducting: eps sigma A (T^4 - T_amb^4) = P.
    model = fem().build("box", lx=50, ly=50, lz=50)
    sides = [f["index"] for f in model.table]
    result = heat(
        brep=model.path,
        material={"thermal_conductivity_w_m_k": 4e5},
        radiation=[{"faces": sides, "emissivity": 0.8, "ambient_c": 20.0}],
        heat=[{"faces": sides[:1], "power_w": 60.0}],
        levels=1,
        max_dofs=5_000,
    )
    area = 6 * 0.05**2
    kelvin = (60.0 / (0.8 * 5.670374419e-8 * area) + 293.15**4) ** 0.25
    assert result["temperature_c"]["max"] == pytest.approx(kelvin - 273.15, rel=1e-4)


def test_pin_fin() -> None:
    # tanh(mL)/(mL) with an insulated tip: heat = sqrt(h P k A) (T_b - T_amb) tanh(mL), m^2 = h P/(k A).
    radius, length, film, conductivity = 3.0, 60.0, 60.0, 180.0
    model = fem().build("rod", radius=radius, length=length)
    side = model.faces(lambda f: f["high"][2] - f["low"][2] > length - 1e-3)
    result = heat(
        brep=model.path,
        material={"thermal_conductivity_w_m_k": conductivity},
        temperatures=[{"faces": model.on_plane(2, 0), "temperature_c": 90.0}],
        convection=[{"faces": side, "coefficient_w_m2_k": film, "ambient_c": 20.0}],
    )
    perimeter, area = 2 * math.pi * radius * 1e-3, math.pi * (radius * 1e-3) ** 2
    m = math.sqrt(film * perimeter / (conductivity * area))
    expected = math.sqrt(film * perimeter * conductivity * area) * 70.0 * math.tanh(m * length * 1e-3)
    assert result["balance"]["in_w"] == pytest.approx(expected, rel=3e-3)


def test_heat_without_a_way_out_is_refused() -> None:
    from backend.physics.fem.errors import StudyError

    model = fem().build("box", lx=40, ly=30, lz=20)
    with pytest.raises(StudyError, match="nowhere to go"):
        heat(brep=model.path, material={"thermal_conductivity_w_m_k": 15.0}, source_w=5.0)
