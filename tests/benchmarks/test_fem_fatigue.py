"""Fatigue on a stress field: a bar whose stress is known, two blocks, load cases, and what must not be verified."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from backend.physics.fem.errors import StudyError
from tests.benchmarks.fem_cases.session import STEEL, Model, fem

SOURCE = "made up for this test"
SN = {"two_point": {"at_1e3_mpa": 450.0, "at_1e6_mpa": 250.0}, "source": SOURCE}


@pytest.fixture(scope="module")
def bar() -> Model:
    return fem().build("box", lx=40, ly=10, lz=10)


def fatigue(model: Model, stress_mpa: float = 200.0, fields: str | None = None, **given: Any) -> dict[str, Any]:
    """A bar in uniaxial tension."""
    study = {
        "brep": model.path,
        "material": {**STEEL, "ultimate_mpa": 600.0, "yield_mpa": 420.0},
        "supports": [{"kind": "frictionless", "faces": model.on_plane(axis, 0)} for axis in range(3)],
        "loads": [{"kind": "force", "faces": model.on_plane(0, 40), "vector_n": [100.0 * stress_mpa, 0, 0]}],
        "levels": 2,
        "max_dofs": 2_000,
        "fields_path": fields,
        "fatigue": {"blocks": [{"cycles": 1, "max": 1.0, "min": 0.0}], "sn": SN, **given},
    }
    result: dict[str, Any] = fem().call("backend.physics.fem.fatigue:solve", study)
    return result


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        ("goodman", 1 / (100 / 200 + 100 / 600)),
        ("soderberg", 1 / (100 / 200 + 100 / 420)),
        ("gerber", 0.5 * 36 * 0.5 * (-1 + math.sqrt(1 + (2 * 100 * 200 / (600 * 100)) ** 2))),
        ("swt", 200 / (100 * math.sqrt(2))),
    ],
)
def test_pulsating_tension_has_the_safety_factor_of_its_criterion(bar: Model, criterion: str, expected: float) -> None:
    # Endurance 250 MPa with a surface factor 0.8 is 200 MPa; Gerber as Shigley's table 6-7 writes it.
    marin = {"surface": {"value": 0.8, "source": SOURCE}}
    for stress in ("signed_von_mises", "max_principal"):
        result = fatigue(bar, criterion=criterion, marin=marin, stress=stress)
        assert result["status"] == "verified"
        assert result["safety_factor"]["value"] == pytest.approx(expected, rel=1e-6)
        assert result["yield_factor"] == pytest.approx(2.1, rel=1e-6)
        assert result["marin"]["product"] == 0.8
    assert result["life_passes"]["value"] is None  # below the limit: endless
    assert result["damage_per_pass"] == 0


def test_two_blocks_add_up_their_damage(bar: Model, tmp_path: Any) -> None:
    blocks = [
        {"name": "start", "cycles": 2, "max": 1.5, "min": -1.5},
        {"name": "run", "cycles": 100, "max": 1.3, "min": -1.3},
    ]
    fields = str(tmp_path / "fields.npz")
    result = fatigue(bar, fields=fields, blocks=blocks, required_passes=100)
    slope = math.log10(450 / 250) / 3
    damage = sum(n / (1e3 * (450 / s) ** (1 / slope)) for n, s in ((2, 300.0), (100, 260.0)))
    assert result["damage_per_pass"] == pytest.approx(damage, rel=1e-6)
    assert result["life_passes"]["value"] == pytest.approx(1 / damage, rel=1e-6)
    assert result["life_passes"]["low"] < result["life_passes"]["value"] < result["life_passes"]["high"]
    assert sum(block["damage"] for block in result["blocks"]) == pytest.approx(damage, rel=1e-6)
    n = result["safety_factor"]["value"]
    used = sum(100 * c / (1e3 * (450 / (n * s)) ** (1 / slope)) for c, s in ((2, 300.0), (100, 260.0)) if n * s > 250)
    assert used == pytest.approx(1.0, rel=1e-3)
    with np.load(fields) as data:
        assert np.allclose(data["damage_per_pass"], damage, rtol=1e-4)
        assert {"life_log10", "safety_factor", "amplitude_mpa"} <= set(data.files)


def test_a_second_load_case_is_the_mean(bar: Model) -> None:
    # 120 MPa stays, the study's own 200 MPa swings by half: amplitude 100, mean 120.
    steady = [{"kind": "force", "faces": bar.on_plane(0, 40), "vector_n": [12_000.0, 0, 0]}]
    blocks = [{"cycles": 1, "max": {"steady": 1.0, "study": 0.5}, "min": {"steady": 1.0, "study": -0.5}}]
    result = fatigue(bar, cases={"steady": steady}, blocks=blocks)
    assert result["blocks"][0]["amplitude_mpa"] == pytest.approx(100.0, rel=1e-6)
    assert result["blocks"][0]["mean_mpa"] == pytest.approx(120.0, rel=1e-6)
    assert result["safety_factor"]["value"] == pytest.approx(1 / (100 / 250 + 120 / 600), rel=1e-6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sn": None}, "no S-N data"),
        ({"sn": {"points": [[5e8, 96.5]], "source": SOURCE}}, "isn't shown"),
        ({"sn": {"points": [[1e4, 300.0], [1e7, 200.0]], "source": SOURCE}}, "no strength at the life"),
        ({"blocks": [{"cycles": 1, "max": 2.3, "min": -2.3}], "required_passes": 10}, "yields"),
    ],
)
def test_what_cant_be_known_is_not_verified_and_says_why(bar: Model, change: dict[str, Any], words: str) -> None:
    result = fatigue(bar, **change)
    assert result["status"] == "not_verified"
    assert words in " ".join(result["reasons"])
    assert result["blocks"][0]["amplitude_mpa"] > 0


def test_a_single_point_decides_a_life_within_its_reach(bar: Model) -> None:
    result = fatigue(bar, sn={"points": [[5e8, 96.5]], "source": SOURCE}, required_passes=1e7)
    assert result["status"] == "verified"
    assert result["safety_factor"]["value"] == pytest.approx(1 / (100 / 96.5 + 100 / 600), rel=1e-6)
    assert result["life_passes"] is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"marin": {"surface": {"value": 0.8}}}, "no source"),
        ({"marin": {"finish": {"value": 0.8, "source": SOURCE}}}, "isn't a factor"),
        ({"sn": {"points": [[1e3, 300.0]]}}, "no source"),
        ({"sn": {"points": [[1e6, 300.0], [1e3, 400.0]], "source": SOURCE}}, "ascend"),
        ({"criterion": "morrow"}, "criterion"),
        ({"blocks": []}, "blocks"),
        ({"blocks": [{"cycles": 1, "max": 1.0, "min": 1.0}]}, "doesn't swing"),
        ({"blocks": [{"cycles": 1, "max": {"gust": 1.0}, "min": 0.0}]}, "gust"),
    ],
)
def test_bad_studies_are_refused_by_name(bar: Model, change: dict[str, Any], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        fatigue(bar, **change)
