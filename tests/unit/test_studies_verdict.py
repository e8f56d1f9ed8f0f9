"""What the verdict makes of a solver's figures: bands, single meshes, drops that are zero, columns that yield."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.geometry.notes import noted
from backend.physics.fem.static import _grown
from backend.schema import Check, Status
from backend.studies.errors import StudyFileError
from backend.studies.materials import study_materials
from backend.studies.reading import read_study
from backend.studies.run import _told
from backend.studies.schema import StudyFile
from backend.studies.verdict import checks_of, verdict_of

STEEL = {
    "label": "steel", "source": "handbook", "youngs_modulus": "200 GPa", "poisson_ratio": 0.3,
    "density": "7850 kg/m3", "yield_strength": "250 MPa",
}  # fmt: skip
HELD: dict[str, Any] = {
    "title": "t", "model": "a.kcl", "material": STEEL, "analysis": {"type": "static"},
    "supports": [{"type": "fixed", "faces": "root"}],
    "loads": [{"type": "force", "faces": "tip", "force": "1 N", "direction": "-X"}],
    "results": [{"type": "safety_factor", "at_least": 2}],
}  # fmt: skip
FLOW: dict[str, Any] = {
    "title": "t", "model": "a.kcl",
    "analysis": {
        "type": "flow", "density": "1000 kg/m3", "viscosity": "1 Pa s",
        "inlets": [{"faces": "left", "pressure": "0 Pa"}], "outlets": [{"faces": "right"}],
        "moving_walls": [{"faces": "lid", "velocity": ["1 m/s", "0 m/s", "0 m/s"]}],
    },
    "results": [{"type": "probe", "at": ["0 mm", "0 mm", "0 mm"], "quantity": "velocity", "at_most": "1 m/s"}],
}  # fmt: skip


def read(study: dict[str, Any], tmp_path: Path) -> StudyFile:
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump(study))
    return read_study(path)


def judged(study: dict[str, Any], result: dict[str, Any], tmp_path: Path) -> tuple[Status, dict[str, Check]]:
    found = read(study, tmp_path)
    checks = checks_of(found, result, study_materials(found))
    return verdict_of(checks).status, {check.id: check for check in checks}


def stressed(value: float, error: float, *, settled: bool, meshes: int = 3) -> dict[str, Any]:
    return {
        "von_mises_mpa": {"value": value, "error": error, "settled": settled, "excluded": "nothing"},
        "displacement_mm": {"value": 0.1, "error": 0.001},
        "diagonal_mm": 100.0,
        "levels": [{"dofs": 100}] * meshes,
    }


@pytest.mark.parametrize(
    ("value", "error", "settled", "meshes", "expected"),
    [
        (59.0, 1.0, True, 3, Status.PASS),
        (59.0, 3.6, True, 3, Status.PASS),  # 6.1 %: wider than aimed at, far from the limit
        (120.0, 7.3, True, 3, Status.NOT_VERIFIED),  # the band spans the limit
        (59.0, 3.6, False, 3, Status.NOT_VERIFIED),  # the meshes haven't settled
        (59.0, 11.8, True, 3, Status.NOT_VERIFIED),  # so wide a band clears nothing
        (59.0, 1.0, True, 1, Status.NOT_VERIFIED),  # one mesh
        (200.0, 12.6, True, 3, Status.FAIL),
    ],
)
def test_a_wide_band_passes_where_it_has_settled_and_clears_the_limit(
    value: float, error: float, settled: bool, meshes: int, expected: Status, tmp_path: Path
) -> None:
    status, checks = judged(HELD, stressed(value, error, settled=settled, meshes=meshes), tmp_path)
    assert status is expected
    wide = expected is Status.PASS and error / value > 0.06
    assert ("wider than aimed at" in checks["trust_stress"].reason) == wide


def test_a_wide_band_without_any_limit_proves_nothing(tmp_path: Path) -> None:
    study = {**HELD, "results": [{"type": "safety_factor"}]}
    status, checks = judged(study, stressed(59.0, 3.6, settled=True), tmp_path)
    assert status is Status.NOT_VERIFIED
    assert checks["trust_stress"].status is Status.NOT_VERIFIED


def drop(value: float, error: float, scale: float) -> dict[str, Any]:
    return {
        "status": "verified", "reasons": [], "reynolds": 1.0, "levels": [{}, {}],
        "pressure_drop_pa": {"value": value, "error": error, "converged": True, "scale_pa": scale},
        "probes": {"result_0_probe": {"velocity_m_s": [0.5, 0.0, 0.0], "speed_error_m_s": 0.001}},
    }  # fmt: skip


def test_a_drop_that_is_zero_and_not_asked_for_is_not_judged(tmp_path: Path) -> None:
    status, checks = judged(FLOW, drop(1e-12, 2.4e-12, 50.0), tmp_path)
    assert status is Status.PASS
    assert "trust_pressure" not in checks
    asked = {**FLOW, "results": [{"type": "pressure_drop", "at_most": "1 Pa"}]}
    status, checks = judged(asked, drop(1e-12, 2.4e-12, 50.0), tmp_path)
    assert status is Status.PASS
    assert checks["trust_pressure"].value == pytest.approx(2.4e-12 / 50)


def test_a_drop_that_drives_the_flow_is_judged(tmp_path: Path) -> None:
    status, checks = judged(FLOW, drop(100.0, 30.0, 50.0), tmp_path)
    assert status is Status.NOT_VERIFIED
    assert checks["trust_pressure"].value == pytest.approx(0.3)


def buckled(factor: float, stress: float) -> dict[str, Any]:
    return {
        "load_factors": [{"value": factor, "error": 0.001 * factor, "converged": True}], "levels": [{}, {}],
        "von_mises_mpa": {"value": stress, "error": 0.0, "excluded": "nothing"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("factor", "stress", "at_least", "expected", "words"),
    [
        (1.367, 300.0, 1.2, Status.NOT_VERIFIED, "yields first"),
        (4.0, 100.0, 3, Status.NOT_VERIFIED, "300 ± 0 MPa at 3 times the loads"),
        (4.0, 100.0, 2, Status.PASS, "at this factor the stress is 400 MPa, past yield at 250 MPa"),
        (1.1, 300.0, 1.2, Status.FAIL, "yields first"),
        (4.0, 300.0, None, Status.NOT_VERIFIED, "yields first"),
    ],
)
def test_a_column_that_yields_first_is_not_verified(
    factor: float, stress: float, at_least: float | None, expected: Status, words: str, tmp_path: Path
) -> None:
    asked = {"type": "buckling_factor", **({"at_least": at_least} if at_least else {})}
    study = {**HELD, "analysis": {"type": "buckling"}, "results": [asked]}
    status, checks = judged(study, buckled(factor, stress), tmp_path)
    assert status is expected
    assert words in checks["result_0_buckling_factor"].reason


def test_a_slender_column_has_no_word_of_yield(tmp_path: Path) -> None:
    study = {**HELD, "analysis": {"type": "buckling"}, "results": [{"type": "buckling_factor", "at_least": 3}]}
    status, checks = judged(study, buckled(4.0, 30.0), tmp_path)
    assert status is Status.PASS
    assert "yield" not in checks["result_0_buckling_factor"].reason


@pytest.mark.parametrize(
    ("analysis", "quantity", "words"),
    [
        ({"type": "static"}, "temperature", "its probes read von_mises, xx"),
        ({"type": "buckling"}, "displacement", "it has no probes; static, thermal"),
        (
            {"type": "harmonic", "low": "1 Hz", "high": "2 Hz", "damping": 0.02},
            "displacement_z",
            "a harmonic study doesn't give: its probes read von_mises, displacement",
        ),
        ({"type": "fatigue", "blocks": [{"cycles": 1, "from": 0, "to": 1}]}, "xx", "it has no probes"),
    ],
)
def test_a_probe_of_what_the_analysis_does_not_give_is_refused(
    analysis: dict[str, Any], quantity: str, words: str, tmp_path: Path
) -> None:
    probe = {"type": "probe", "at": ["0 mm", "0 mm", "0 mm"], "quantity": quantity}
    with pytest.raises(StudyFileError) as refused:
        read({**HELD, "analysis": analysis, "results": [probe]}, tmp_path)
    assert words in str(refused.value)
    with pytest.raises(StudyFileError, match="its probes read pressure, velocity"):
        read({**FLOW, "results": [{**probe, "quantity": "temperature"}]}, tmp_path)


def test_what_a_study_was_solved_on_is_told_of_fatigue_too() -> None:
    solved = {"solver": "ngsolve", "version": "6", "timings_s": {"cpu": 1.0}}
    assert _told({**solved, "static": {"levels": [{"dofs": 5}, {"dofs": 9}]}}).count("2 meshes up to 9 unknowns") == 1
    assert _told(solved) == "solved: ngsolve 6, 1.0 s of CPU"


def test_a_first_mesh_has_no_last_refinement() -> None:
    assert _grown({"values_mpa": [60.0], "growth": 0.0}) == ""
    assert _grown({"values_mpa": [57.0, 63.0], "growth": 0.107}) == " and +11 % on the last refinement"


def test_deprecated_calls_are_one_line() -> None:
    def note(name: str, line: int) -> str:
        return f"KCL deprecated\n\n  ⚠ `{name}` is deprecated as of KCL 2.0. It is part of …\n   ╭─[{line}:5]\n"

    serious = "× unknown argument"
    told = noted([note("xLine", 4), serious, note("close", 5), note("xLine", 2), note("xLine", 4)])
    assert told == [
        serious, "Deprecated as of KCL 2.0, still carried out as written: xLine (lines 2, 4), close (line 5)."
    ]  # fmt: skip
