"""Harmonic response against one degree of freedom, a beam's modes and a direct solution; and its refusals."""

from __future__ import annotations

import math
from typing import Any

import pytest

from backend.physics.fem.errors import StudyError
from tests.benchmarks.fem_cases.session import STEEL, Model, fem

STIFF = {"name": "rigid", "youngs_modulus_mpa": 2e8, "poisson_ratio": 0.0, "density_kg_m3": 8000.0}


def shake(**study: Any) -> dict[str, Any]:
    result: dict[str, Any] = fem().call("backend.physics.fem.harmonic:solve", study)
    return result


@pytest.fixture(scope="module")
def block() -> Model:
    return fem().build("box", lx=50, ly=50, lz=50)


def test_a_block_on_a_soft_bed_has_the_transmissibility_of_one_degree_of_freedom(block: Model) -> None:
    ratio, natural = 0.05, math.sqrt(50 * 50 / (8e-9 * 50**3)) / (2 * math.pi)
    marks = (0.3, 1.0, math.sqrt(2), 2.5)
    result = shake(
        brep=block.path,
        material=STIFF,
        supports=[{"kind": "elastic", "faces": block.on_plane(2, 0), "stiffness_n_mm3": 1.0}],
        base={"acceleration_m_s2": [0, 0, 1.0]},
        damping_ratio=ratio,
        modes=6,
        frequencies_hz=[r * natural for r in marks],
        probes={"top": [50, 50, 50]},
        levels=1,
        max_dofs=1_500,
    )
    probe = result["response"]["probes"]["top"]
    for r, acceleration, amplitude, phase in zip(
        marks, probe["acceleration_m_s2"], probe["amplitude_mm"], probe["phase_deg"], strict=True
    ):
        below = complex(1 - r * r, 2 * ratio * r)
        assert acceleration[2] == pytest.approx(abs(complex(1, 2 * ratio * r) / below), rel=2e-4)
        relative = -1e3 / (2 * math.pi * natural) ** 2 / below
        assert amplitude[2] == pytest.approx(abs(relative), rel=2e-4)
        assert phase[2] % 360 == pytest.approx(math.degrees(math.atan2(relative.imag, relative.real)) % 360, abs=0.1)
    assert result["effective_mass_share"][0][2] + sum(s[2] for s in result["effective_mass_share"][1:]) > 0.999


def test_superposition_meets_the_direct_solution_and_finds_the_peak() -> None:
    model = fem().build("box", lx=200, ly=20, lz=10)
    result = shake(
        brep=model.path,
        material=STEEL,
        supports=[{"kind": "fixed", "faces": model.on_plane(0, 0)}],
        loads=[{"kind": "force", "faces": model.on_plane(0, 200), "vector_n": [0, 0, 10.0], "phase_deg": 90.0}],
        damping_ratio=0.02,
        modes=6,
        frequencies_hz={"start": 100, "stop": 400, "count": 4},
        regions={"end": model.on_plane(0, 200)},
        levels=1,
        max_dofs=6_000,
    )
    assert max(check["difference_rel"] for check in result["direct_check"]) < 1e-3
    peak, natural = result["peak"]["displacement_mm"], result["natural_frequencies_hz"][0]["value"]
    assert peak["frequency_hz"] == pytest.approx(natural * math.sqrt(1 - 2 * 0.02**2), rel=1e-4)
    # Static sag over twice the damping ratio, of the first mode's share (0.9707 of F L^3/(3 E I)).
    static = 10.0 * 200**3 / (3 * 210e3 * 20 * 10**3 / 12)
    assert peak["value"] == pytest.approx(0.9707 * static / 0.04, rel=0.02)
    assert max(result["response"]["regions"]["end"]["displacement_mm"]) < peak["value"]
    assert not result["peak"]["displacement_mm"]["converged"]  # one mesh proves nothing


def test_too_few_modes_are_said(block: Model) -> None:
    result = shake(
        brep=block.path,
        material=STEEL,
        supports=[{"kind": "fixed", "faces": block.on_plane(2, 0)}],
        loads=[{"kind": "force", "faces": block.on_plane(2, 50), "vector_n": [100.0, 0, 0]}],
        damping_ratio=0.02,
        modes=2,
        frequencies_hz=[40_000.0],
        levels=1,
        max_dofs=1_500,
    )
    said = " ".join(result["warnings"])
    assert "below 1.5 times" in said
    assert "from the direct solution" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"damping_ratio": None}, "Damping is needed"),
        ({"damping_ratio": 0.0}, "above 0"),
        ({"rayleigh": {"alpha_1_s": 1.0}}, "once"),
        ({"frequencies_hz": []}, "frequencies_hz"),
        ({"frequencies_hz": {"start": 10, "stop": 5}}, "runs from"),
        ({"loads": []}, "Nothing excites"),
        ({"gravity": [0, 0, -9.81]}, "no gravity"),
        ({"supports": [], "base": {"acceleration_m_s2": [1, 0, 0]}}, "none"),
        ({"material": {"youngs_modulus_mpa": 1e5, "poisson_ratio": 0.3}}, "density_kg_m3"),
        ({"supports": [{"kind": "displacement", "faces": [0], "displacement_mm": [1, 0, 0]}]}, "stays still"),
        ({"supports": [{"kind": "compression_only", "faces": [0]}]}, "linear"),
    ],
)
def test_bad_studies_are_refused_by_name(block: Model, change: dict[str, Any], words: str) -> None:
    study = {
        "brep": block.path, "material": STEEL, "supports": [{"kind": "fixed", "faces": [0]}], "damping_ratio": 0.02,
        "loads": [{"kind": "force", "faces": [1], "vector_n": [1, 0, 0]}], "frequencies_hz": [10.0], **change,
    }  # fmt: skip
    with pytest.raises(StudyError, match=words):
        shake(**study)
