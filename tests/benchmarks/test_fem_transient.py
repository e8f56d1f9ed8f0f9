"""Transient heat against closed forms and NAFEMS T3, and what a transient study must refuse."""

from __future__ import annotations

import math
from typing import Any

import pytest

from backend.physics.fem.errors import StudyError, UnknownFaceError
from tests.benchmarks.fem_cases.session import Model, fem

STEEL = {"thermal_conductivity_w_m_k": 35.0, "density_kg_m3": 7200.0, "specific_heat_j_kg_k": 440.5}
COPPER = {"thermal_conductivity_w_m_k": 2e4, "density_kg_m3": 8000.0, "specific_heat_j_kg_k": 400.0}


def march(**study: Any) -> dict[str, Any]:
    result: dict[str, Any] = fem().call("backend.physics.fem.transient:solve", study)
    return result


@pytest.fixture(scope="module")
def cube() -> Model:
    return fem().build("box", lx=20, ly=20, lz=20)


def test_nafems_t3_within_one_percent_and_within_its_own_error() -> None:
    model = fem().build("box", lx=100, ly=10, lz=10)
    result = march(
        brep=model.path,
        material=STEEL,
        duration_s=32.0,
        initial_c=0.0,
        temperatures=[
            {"faces": model.on_plane(0, 0), "temperature_c": 0.0},
            {"faces": model.on_plane(0, 100), "sine": {"amplitude": 100.0, "period_s": 80.0}},
        ],
        probes={"C": [80, 0, 0]},
        max_dofs=3_000,
    )
    found = result["probes"]["C"]
    assert found["temperature_c"] == pytest.approx(36.60, rel=2e-3)
    assert abs(found["temperature_c"] - 36.60) < 1.5 * found["error_c"]
    assert result["balance"]["residual_j"] < 1e-9 * result["balance"]["stored_j"]


@pytest.mark.parametrize("steps", [None, 40], ids=["chosen steps", "equal steps"])
def test_lumped_block_decays_and_keeps_account_of_its_heat(cube: Model, steps: int | None) -> None:
    result = march(
        brep=cube.path,
        material=COPPER,
        duration_s=2000.0,
        initial_c=100.0,
        convection=[{"faces": list(range(6)), "coefficient_w_m2_k": 10.0, "ambient_c": 20.0}],
        probes={"corner": [20, 20, 20]},
        regions={"skin": [0]},
        output_times_s=[300.0, 1000.0],
        steps=steps,
        levels=1,
        max_dofs=1_000,
    )
    rate = 10.0 * 6 / 0.02 / (8000.0 * 400.0)
    for moment, value in [*result["probes"]["corner"]["at"], [2000.0, result["regions"]["skin"]["mean_c"]]]:
        expected = 20 + 80 * math.exp(-rate * moment)
        assert abs(value - expected) < 1.5 * result["time"]["error_c"]
        assert value == pytest.approx(expected, rel=1e-3)
    assert result["balance"]["imbalance_rel"] < 2e-3
    assert 300.0 in result["history"]["time_s"]


@pytest.mark.parametrize(("coefficient", "moment_s"), [(5000.0, 10.0), (500.0, 200.0)], ids=["early", "late"])
def test_a_cooled_slab_stays_within_its_bands(cube: Model, coefficient: float, moment_s: float) -> None:
    """theta = sum C exp(-z^2 Fo) cos(z x/L), z tan z = Bi (Incropera, section 5.5)."""
    from scipy.optimize import brentq

    conductivity, diffusivity = 15.0, 15.0 / (8000.0 * 500.0)
    biot, fourier = coefficient * 0.02 / conductivity, diffusivity * moment_s / 0.02**2
    terms = [
        brentq(lambda z: z * math.sin(z) - biot * math.cos(z), n * math.pi, (n + 0.5) * math.pi) for n in range(60)
    ]

    def truth(place: float) -> float:
        each = (
            4 * math.sin(z) / (2 * z + math.sin(2 * z)) * math.exp(-z * z * fourier) * math.cos(z * place)
            for z in terms
        )
        return 20 + 80 * sum(each)

    result = march(
        brep=cube.path,
        material={"thermal_conductivity_w_m_k": conductivity, "density_kg_m3": 8000.0, "specific_heat_j_kg_k": 500.0},
        duration_s=moment_s,
        initial_c=100.0,
        convection=[{"faces": cube.on_plane(0, 20), "coefficient_w_m2_k": coefficient, "ambient_c": 20.0}],
        probes={"back": [0, 10, 10], "middle": [10, 10, 10], "front": [20, 10, 10]},
        max_dofs=8_000,
    )
    for name, place in (("back", 0.0), ("middle", 0.5), ("front", 1.0)):
        found = result["probes"][name]
        assert abs(found["temperature_c"] - truth(place)) <= found["error_c"] < 0.2, name


def test_the_steps_converge_with_second_order(cube: Model) -> None:
    def radiated(steps: int) -> float:
        result = march(
            brep=cube.path,
            material={**COPPER, "thermal_conductivity_w_m_k": 1e6},
            duration_s=500.0,
            initial_c=726.85,
            radiation=[{"faces": list(range(6)), "emissivity": 0.9, "ambient_c": -273.15}],
            probes={"C": [20, 20, 20]},
            steps=steps,
            levels=1,
            max_dofs=600,
        )
        return float(result["probes"]["C"]["temperature_c"]) + 273.15

    kelvin = (1000.0**-3 + 3 * 0.9 * 5.670374419e-8 * 6 / 0.02 / (8000.0 * 400.0) * 500.0) ** (-1 / 3)
    coarse, fine = radiated(20) - kelvin, radiated(40) - kelvin
    assert abs(fine) < 0.1
    assert coarse / fine == pytest.approx(4.0, rel=0.15)


def test_a_steady_start_stays_where_it_is(cube: Model) -> None:
    held = [
        {"faces": cube.on_plane(0, 0), "temperature_c": 20.0},
        {"faces": cube.on_plane(0, 20), "temperature_c": 80.0},
    ]
    result = march(
        brep=cube.path, material=STEEL, duration_s=10.0, initial_c={"temperatures": held}, temperatures=held,
        probes={"mid": [10, 0, 0]}, levels=1, max_dofs=1_000,
    )  # fmt: skip
    assert result["history"]["probes"]["mid"] == pytest.approx([50.0] * len(result["history"]["time_s"]), abs=1e-6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"material": {"thermal_conductivity_w_m_k": 1.0}}, "density_kg_m3"),
        ({"duration_s": -1.0}, "duration_s"),
        ({"initial_c": None}, "initial_c"),
        ({"initial_c": -300.0}, "absolute zero"),
        ({"steps": 10, "time_tolerance_c": 0.1}, "both given"),
        ({"output_times_s": [20.0]}, "after duration_s"),
        ({"heat": [{"faces": [0], "history": [[1, 2], [1, 3]]}]}, "ascend"),
        ({"heat": [{"faces": [0], "power_w": 1.0, "history": [[1, 2]]}]}, "gives power_w and history"),
        ({"heat": [{"faces": [0], "watts": 1.0}]}, "unknown field"),
        ({"flux": [{"faces": [0], "sine": {"amplitude": 5.0, "period_s": 1e-4}}]}, "periods"),
    ],
)
def test_bad_studies_are_refused_by_name(cube: Model, change: dict[str, Any], words: str) -> None:
    study = {"brep": cube.path, "material": STEEL, "duration_s": 10.0, "initial_c": 20.0, "source_w": 1.0, **change}
    with pytest.raises(StudyError, match=words):
        march(**study)


def test_an_unknown_face_is_refused(cube: Model) -> None:
    with pytest.raises(UnknownFaceError, match="99"):
        march(
            brep=cube.path,
            material=STEEL,
            duration_s=10.0,
            initial_c=20.0,
            heat=[{"faces": [99], "power_w": 1.0}],
        )
