"""Heat in bodies of different materials and with properties that follow the temperature, against closed forms."""

from __future__ import annotations

import math
from typing import Any

import pytest

from backend.physics.fem.errors import StudyError, UnknownSolidError
from tests.benchmarks.fem_cases.session import Model, fem

COPPERY = {"thermal_conductivity_w_m_k": 200.0, "density_kg_m3": 2700.0, "specific_heat_j_kg_k": 900.0}
STEELY = {"thermal_conductivity_w_m_k": 15.0, "density_kg_m3": 7900.0, "specific_heat_j_kg_k": 500.0}


def march(**study: Any) -> dict[str, Any]:
    result: dict[str, Any] = fem().call("backend.physics.fem.transient:solve", study)
    return result


def steady(**study: Any) -> dict[str, Any]:
    result: dict[str, Any] = fem().call("backend.physics.fem.thermal:solve", study)
    return result


@pytest.fixture(scope="module")
def pair() -> Model:
    return fem().build("glued_boxes", lx=100, ly=8, lz=8)


@pytest.fixture(scope="module")
def cube() -> Model:
    return fem().build("box", lx=20, ly=20, lz=20)


def test_two_half_spaces_meet_at_a_temperature_that_stays(pair: Model) -> None:
    """T = (e1 T1 + e2 T2)/(e1 + e2), e = sqrt(k rho c), and erf beside it (Carslaw and Jaeger, section 2.15)."""
    result = march(
        brep=pair.path, materials={"0": COPPERY, "1": STEELY}, contact="bonded", duration_s=4.0,
        initial_c=20.0, initial_solids_c={"0": 120.0}, output_times_s=[2.0, 3.0], max_dofs=8_000, mesh_size_mm=5.0,
        probes={"face": [100, 4, 4], "first": [90, 4, 4], "second": [105, 4, 4]},
    )  # fmt: skip
    one, two = (
        math.sqrt(m["thermal_conductivity_w_m_k"] * m["density_kg_m3"] * m["specific_heat_j_kg_k"])
        for m in (COPPERY, STEELY)
    )
    meeting = (120 * one + 20 * two) / (one + two)
    assert [value for _, value in result["probes"]["face"]["at"]] == pytest.approx([meeting] * 2, abs=0.15)
    reach_1, reach_2 = (
        2 * math.sqrt(m["thermal_conductivity_w_m_k"] / (m["density_kg_m3"] * m["specific_heat_j_kg_k"]) * 4.0)
        for m in (COPPERY, STEELY)
    )
    truth = {
        "face": meeting,
        "first": meeting + (120 - meeting) * math.erf(0.010 / reach_1),
        "second": meeting + (20 - meeting) * math.erf(0.005 / reach_2),
    }
    for name, value in truth.items():
        found = result["probes"][name]
        assert abs(found["temperature_c"] - value) <= max(found["error_c"], 0.02), name
        assert found["temperature_c"] == pytest.approx(value, abs=0.5)  # of a jump of 100 K
    # Nothing warms beyond the start; at the jump of 100 K a mesh overshoots by a little, as its elements lie.
    assert 120.0 - 1e-9 <= result["temperature_c"]["max"] < 122.0
    assert result["balance"]["imbalance_rel"] < 1e-6 or abs(result["balance"]["stored_j"]) < 1e-6


def test_a_half_space_with_both_properties_by_temperature() -> None:
    """k and rho c in one ratio: theta = T + b T^2/2 (Kirchhoff) obeys the linear equation, theta = theta_s erfc."""
    model = fem().build("box", lx=60, ly=5, lz=5)
    slope = 5e-3
    material = {
        "thermal_conductivity_w_m_k": [[0.0, 35.0], [200.0, 35.0 * (1 + 200 * slope)]],
        "density_kg_m3": 7200.0,
        "specific_heat_j_kg_k": [[0.0, 440.0], [200.0, 440.0 * (1 + 200 * slope)]],
    }
    result = march(
        brep=model.path, material=material, duration_s=20.0, initial_c=0.0, max_dofs=4_000, mesh_size_mm=4.0, steps=24,
        temperatures=[{"faces": model.on_plane(0, 0), "temperature_c": 200.0}],
        probes={"near": [10, 0, 0], "far": [20, 0, 0]},
    )  # fmt: skip
    reach = 2 * math.sqrt(35.0 / (7200.0 * 440.0) * 20.0)
    surface = 200 + slope * 200**2 / 2
    for name, depth in (("near", 0.010), ("far", 0.020)):
        theta = surface * math.erfc(depth / reach)
        truth = (-1 + math.sqrt(1 + 2 * slope * theta)) / slope
        found = result["probes"][name]
        assert abs(found["temperature_c"] - truth) <= found["error_c"] < 0.02 * truth
        assert found["temperature_c"] == pytest.approx(truth, rel=3e-3)


def test_a_steady_wall_whose_conductivity_rises_with_temperature(cube: Model) -> None:
    """theta = T + b T^2/2 is linear through the wall; the flux is k0 (theta1 - theta2)/L (Kirchhoff)."""
    slope = 4e-3
    material = {"thermal_conductivity_w_m_k": [[0.0, 10.0], [300.0, 10.0 * (1 + 300 * slope)]]}
    held = [
        {"faces": cube.on_plane(0, 0), "temperature_c": 300.0},
        {"faces": cube.on_plane(0, 20), "temperature_c": 0.0},
    ]
    result = steady(brep=cube.path, material=material, temperatures=held, probes={"mid": [10, 10, 10]})
    whole = 300 + slope * 300**2 / 2
    middle = (-1 + math.sqrt(1 + slope * whole)) / slope
    found = result["probes"]["mid"]
    assert found["temperature_c"] == pytest.approx(middle, rel=2e-4)
    assert abs(found["temperature_c"] - middle) <= found["error_c"]
    assert result["balance"]["in_w"] == pytest.approx(10.0 * whole / 0.02 * 4e-4, rel=1e-3)


def test_heat_by_a_specific_heat_that_rises_is_all_there(cube: Model) -> None:
    """Power into an insulated block: P t = m (c0 (T - T0) + c1 (T^2 - T0^2)/2)."""
    material = {
        "thermal_conductivity_w_m_k": 1e6,
        "density_kg_m3": 8000.0,
        "specific_heat_j_kg_k": [[0.0, 400.0], [1000.0, 800.0]],
    }
    result = march(
        brep=cube.path, material=material, duration_s=40.0, initial_c=20.0, max_dofs=1_000, levels=1,
        heat=[{"faces": list(range(6)), "power_w": 500.0}], probes={"C": [20, 20, 20]},
    )  # fmt: skip
    per_kg = 500.0 * 40 / (8000.0 * 0.02**3) + 400 * 20 + 0.2 * 20**2
    truth = (-400 + math.sqrt(400**2 + 4 * 0.2 * per_kg)) / (2 * 0.2)
    assert result["probes"]["C"]["temperature_c"] == pytest.approx(truth, rel=1e-4)
    assert result["balance"]["stored_j"] == pytest.approx(500.0 * 40, rel=1e-6)
    assert result["balance"]["imbalance_rel"] < 1e-6


def test_a_radiating_pair_ends_at_the_steady_state(pair: Model) -> None:
    """Radiation, film, a source in one body and a table: time leads to what the steady solver finds."""
    table = {**STEELY, "thermal_conductivity_w_m_k": [[0.0, 12.0], [800.0, 25.0]]}
    conditions: dict[str, Any] = {
        "brep": pair.path, "materials": {"0": COPPERY, "1": table}, "contact": "bonded", "max_dofs": 1_000,
        "sources": [{"solids": [0], "power_w": 40.0}],
        "radiation": [{"faces": pair.on_plane(1, 0), "emissivity": 0.8, "ambient_c": 20.0}],
        "convection": [{"faces": pair.on_plane(0, 200), "coefficient_w_m2_k": 200.0, "ambient_c": 20.0}],
        "probes": {"end": [200, 4, 4], "start": [0, 4, 4]}, "levels": 1,
    }  # fmt: skip
    still = steady(**conditions)
    late = march(**conditions, duration_s=20_000.0, initial_c=20.0, steps=30)
    for name, found in still["probes"].items():
        assert late["probes"][name]["temperature_c"] == pytest.approx(found["temperature_c"], rel=1e-4)
    assert still["probes"]["start"]["temperature_c"] > 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"materials": {"0": COPPERY}}, "Solid 1 has no material"),
        ({"materials": {"0": COPPERY, "1": {**STEELY, "density_kg_m3": None}}}, "materials.1 has no density"),
        ({"materials": {"0": COPPERY, "1": {**STEELY, "specific_heat_j_kg_k": [[0, 1]]}}}, "2 to 60"),
        ({"materials": {"0": COPPERY, "1": {**STEELY, "specific_heat_j_kg_k": [[5, 1], [0, 2]]}}}, "ascending"),
        ({"materials": {"0": COPPERY, "1": {**STEELY, "thermal_conductivity_w_m_k": [[0, 1], [9, 0]]}}}, "above zero"),
        ({"materials": {"0": COPPERY, "1": {**STEELY, "thermal_conductivity_w_m_k": [[0, 1], [9, "a"]]}}}, "number"),
        ({"materials": {"0": COPPERY, "1": {**STEELY, "thermal_conductivity_w_m_k": [[-300, 1], [9, 2]]}}}, "absolute"),
        ({"materials": {"0": COPPERY, "1": {**STEELY, "specific_heat_j_kg_k": [[0, 400], [30, 500]]}}}, "extrapolated"),
        ({"materials": {"x": COPPERY}}, "no solid's number"),
        ({"initial_solids_c": {"0": -400.0}}, "absolute zero"),
        ({"initial_solids_c": {"zero": 10.0}}, "no solid's number"),
        ({"initial_c": {"temperatures": [{"faces": [0], "temperature_c": 0.0}]}, "initial_solids_c": {"0": 1}}, "both"),
    ],
)  # fmt: skip
def test_bad_bodies_are_refused_by_name(pair: Model, change: dict[str, Any], words: str) -> None:
    study: dict[str, Any] = {
        "brep": pair.path, "materials": {"0": COPPERY, "1": STEELY}, "contact": "bonded", "duration_s": 1.0,
        "initial_c": 100.0, "source_w": 1.0, "levels": 1, "max_dofs": 600, "steps": 4, **change,
    }  # fmt: skip
    with pytest.raises(StudyError, match=words):
        march(**study)


@pytest.mark.parametrize("change", [{"initial_solids_c": {"7": 10.0}}, {"sources": [{"solids": [7], "power_w": 1.0}]}])
def test_unknown_solids_are_refused(pair: Model, change: dict[str, Any]) -> None:
    with pytest.raises(UnknownSolidError, match="7"):
        march(
            brep=pair.path, materials={"0": COPPERY, "1": STEELY}, contact="bonded", duration_s=1.0, initial_c=100.0,
            levels=1, max_dofs=600, **change,
        )  # fmt: skip
