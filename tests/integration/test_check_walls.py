"""``brick check`` on moving walls, bolts on walls, and thirty studies that are wrong: words, never a trace."""

from __future__ import annotations

import copy
import math
import shutil
from typing import Any

import pytest

from tests.integration.test_check_cli import BASE, ROOT, STEEL, brick, check, pool

__all__ = ["brick", "pool"]  # fixtures

LID = """
box = startSketchOn(XY)
  |> rectangle(width = 10, height = 10, center = [5, 5])
  |> extrude(length = 2)
"""
CAVITY: dict[str, Any] = {
    "title": "lid-driven cavity",
    "model": "lid.kcl",
    "analysis": {
        "type": "flow", "density": "1000 kg/m3", "viscosity": "1e-3 Pa*s",
        "moving_walls": [{"faces": {"normal": "+Y", "at": "max"}, "velocity": ["10 mm/s", "0 m/s", "0 m/s"]}],
        "symmetry": {"plane": "Z"},
    },
    "results": [{"type": "probe", "at": ["5 mm", "4.531 mm", "1 mm"], "quantity": "velocity"}],
    "mesh": {"max_dofs": 9000, "levels": 1, "size": "1.6 mm"},
}  # fmt: skip


def changed(base: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    study = copy.deepcopy(base)
    place: Any = study
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return study


def test_a_cavity_between_symmetry_faces_turns_as_ghia_found(brick: Any, tmp_path: Any) -> None:
    (tmp_path / "lid.kcl").write_text(LID)
    status, result, _ = brick(changed(CAVITY, "analysis", "symmetry", value=[{"plane": "Z", "at": "0 mm"},
                                                                        {"plane": "Z", "at": "2 mm"}]))  # fmt: skip
    assert status == 1, result
    found = check(result, "result_0_probe")
    # Re = 100: u = -0.2109 of the lid there, v is small beside it; a coarse mesh of tetrahedra.
    assert found["value"] == pytest.approx(0.2109 * 0.01, rel=0.1)
    assert result["result"]["reynolds"] == pytest.approx(1000 * 0.01 * 200e-9 ** (1 / 3) / 1e-3, rel=1e-6)


def test_the_documented_cavity_passes_without_openings(brick: Any) -> None:
    status, result, _ = brick(ROOT / "docs" / "examples" / "cavity" / "cavity.yaml")
    assert status == 0
    assert result["result"]["pressure_drop_pa"] is None
    assert check(result, "result_1_probe")["value"] == pytest.approx(0.01 * math.hypot(0.2109, 0.0575), rel=0.03)


def test_a_wall_between_equal_pressures_drags_as_couette_says(brick: Any, tmp_path: Any) -> None:
    (tmp_path / "lid.kcl").write_text(LID)
    openings = {
        "inlets": [{"faces": {"normal": "-X"}, "pressure": "0 Pa"}],
        "outlets": [{"faces": {"normal": "+X"}}],
        "viscosity": "1 Pa*s",
    }
    asked = [{"type": "probe", "at": ["5 mm", "2.5 mm", "1 mm"], "quantity": "velocity", "at_most": "3 mm/s"}]
    study = {**CAVITY, "analysis": {**CAVITY["analysis"], **openings}, "results": asked, "mesh": {"levels": 2}}
    status, result, _ = brick(study)
    assert status == 0, result["verdict"]
    assert check(result, "result_0_probe")["value"] == pytest.approx(0.0025, rel=1e-3)
    assert result["result"]["status"] == "verified"


RING = """
ring = startSketchOn(XY)
  |> circle(center = [0, 0], radius = 20)
  |> subtract2d(tool = circle(center = [0, 0], radius = 10))
  |> extrude(length = 2)
"""
TURNING: dict[str, Any] = {
    "title": "fluid between a shaft and its housing",
    "model": "ring.kcl",
    "analysis": {
        "type": "flow", "density": "870 kg/m3", "viscosity": "50e-3 Pa*s",
        "moving_walls": [{"faces": {"cylinder": {"radius": "10 mm"}}, "rotation": {"speed": "30 rpm", "axis": "+Z"}}],
        "symmetry": {"plane": "Z"},
    },
    "results": [
        {"type": "wall_torque", "faces": {"cylinder": {"radius": "10 mm"}}, "axis": "+Z"},
        {"type": "wall_torque", "faces": {"cylinder": {"radius": "20 mm"}}, "axis": "+Z", "at_most": "1e-3 N*mm"},
        {"type": "wall_force", "faces": {"cylinder": {"radius": "20 mm"}}, "direction": "+X", "at_most": "1 mN"},
        {"type": "probe", "at": ["0 mm", "15 mm", "1 mm"], "quantity": "velocity"},
    ],
    "mesh": {"max_dofs": 20000},
}  # fmt: skip


def test_a_shaft_that_turns_in_a_housing_drags_as_couette_says(brick: Any, tmp_path: Any) -> None:
    """Taylor and Couette, laminar: u = A r + B/r; the torque is 4 pi mu B a length on either wall."""
    (tmp_path / "ring.kcl").write_text(RING)
    status, result, _ = brick(TURNING)
    assert status == 0, result["verdict"]
    spin, inner, outer = 30 * 2 * math.pi / 60, 0.010, 0.020
    steep = spin * inner**2 * outer**2 / (outer**2 - inner**2)
    torque = 4 * math.pi * 50e-3 * steep * 0.002 * 1e3
    assert check(result, "result_0_wall_torque")["value"] == pytest.approx(-torque, rel=2e-3)
    assert check(result, "result_1_wall_torque")["value"] == pytest.approx(torque, rel=2e-3)
    assert check(result, "result_1_wall_torque")["unit"] == "N*mm"
    assert abs(check(result, "result_2_wall_force")["value"]) < 1e-6
    speed = -steep / outer**2 * 0.015 + steep / 0.015
    assert check(result, "result_3_probe")["value"] == pytest.approx(speed, rel=5e-3)
    tight = changed(TURNING, "results", 1, "at_most", value="1e-4 N*mm")
    assert brick(tight)[0] == 1


def test_a_stocky_column_that_yields_first_is_not_verified(brick: Any) -> None:
    pushed = [{"type": "force", "faces": {"normal": "+X", "at": "max"}, "force": "60 kN", "direction": "-X"}]
    study = {**BASE, "analysis": {"type": "buckling"}, "loads": pushed, "mesh": {"max_dofs": 6000, "levels": 2}}
    study["supports"] = [*BASE["supports"], {"type": "frictionless", "faces": [{"plane": "Y"}, {"plane": "Z"}]}]
    study["results"] = [{"type": "buckling_factor", "at_least": 1}]
    status, result, _ = brick(study)
    assert status == 1
    found = check(result, "result_0_buckling_factor")
    assert found["value"] > 1
    assert "300 ±" in found["reason"]
    assert "yield at 250 MPa" in found["reason"]


@pytest.mark.skipif(shutil.which("ccx") is None, reason="CalculiX (ccx) isn't installed")
def test_no_verdict_stands_on_a_factor_whose_pressure_keeps_its_direction(brick: Any) -> None:
    pushed = [{"type": "pressure", "faces": {"normal": "+X", "at": "max"}, "pressure": "1 MPa"}]
    study = {**BASE, "analysis": {"type": "buckling"}, "loads": pushed, "results": []}
    status, result, _ = brick(study, "--solver", "ccx")
    assert status == 2
    assert "direction" in result["error"]["message"]


SIDE = {"normal": "-X", "at": "min"}


def moves(velocity: Any) -> dict[str, Any]:
    return changed(CAVITY, "analysis", "moving_walls", 0, "velocity", value=velocity)


HEAT = {k: v for k, v in BASE.items() if k not in ("supports", "loads", "results")} | {
    "analysis": {"type": "thermal_transient", "start": "20 degC", "duration": "1 s", "steps": 4},
    "heat": {"conditions": [{"type": "temperature", "faces": "root", "temperature": "50 degC"}]},
}
WRONG: dict[str, Any] = {
    "no walls": changed(CAVITY, "analysis", "moving_walls", value=[]),
    "a wall at rest": moves(["0 m/s"] * 3),
    "a wall without unit": moves([1, 0, 0]),
    "a wall in two axes": moves(["1 m/s", "0 m/s"]),
    "a wall with NaN": moves(["nan m/s", "0 m/s", "0 m/s"]),
    "a wall in kg": moves(["1 kg", "0 m/s", "0 m/s"]),
    "a wall into the fluid": moves(["0 m/s", "1 mm/s", "0 m/s"]),
    "a wall that is not": changed(CAVITY, "analysis", "moving_walls", 0, "faces", value="roof"),
    "a wall that is symmetry": changed(CAVITY, "analysis", "symmetry", value={"normal": "+Y", "at": "max"}),
    "a wall that does both": changed(
        CAVITY, "analysis", "moving_walls", 0, "rotation", value={"speed": "3 rpm", "axis": "+Y"}
    ),
    "a wall that does neither": changed(CAVITY, "analysis", "moving_walls", 0, value={"faces": SIDE}),
    "a flat wall that turns out of its plane": changed(
        CAVITY, "analysis", "moving_walls", 0,
        value={"faces": {"normal": "+Y", "at": "max"}, "rotation": {"speed": "3 rpm", "axis": "+Z"}},
    ),
    "a wall that turns in Hz": changed(
        CAVITY, "analysis", "moving_walls", 0, value={"faces": SIDE, "rotation": {"speed": "3 Hz", "axis": "+X"}}
    ),
    "a torque without axis": changed(CAVITY, "results", value=[{"type": "wall_torque", "faces": SIDE}]),
    "a torque of a force": changed(
        CAVITY, "results", value=[{"type": "wall_torque", "faces": SIDE, "axis": "+X", "at_most": "1 N"}]
    ),
    "a force on walls of a solid": {**BASE, "results": [{"type": "wall_force", "faces": "root"}]},
    "inlets alone": changed(CAVITY, "analysis", "inlets", value=[{"faces": SIDE, "velocity": "1 m/s"}]),
    "outlets alone": changed(CAVITY, "analysis", "outlets", value=[{"faces": SIDE}]),
    "a drop without openings": changed(CAVITY, "results", value=[{"type": "pressure_drop"}]),
    "no viscosity": changed(CAVITY, "analysis", "viscosity", value="0 Pa*s"),
    "material in a flow": {**CAVITY, "material": "aluminium 6061-T6"},
    "walls that aren't a list": changed(CAVITY, "analysis", "moving_walls", value={"faces": "top"}),
    "an unknown key": changed(CAVITY, "analysis", "moving_walls", 0, "speed", value="1 m/s"),
    "a bolt of no body": {**BASE, "loads": [{"type": "bolt_preload", "body": 4, "force": "1 kN", "axis": "+X"}]},
    "a bolt of zero": {**BASE, "loads": [{"type": "bolt_preload", "body": 0, "force": "0 N", "axis": "+X"}]},
    "a bolt with NaN": {**BASE, "loads": [{"type": "bolt_preload", "body": 0, "force": "nan N", "axis": "+X"}]},
    "a bolt without axis": {**BASE, "loads": [{"type": "bolt_preload", "body": 0, "force": "1 kN"}]},
    "a bolt in mm": {**BASE, "loads": [{"type": "bolt_preload", "body": 0, "force": "1 mm", "axis": "+X"}]},
    "contact that pulls": {
        **BASE, "supports": [{"type": "compression_only", "faces": "root", "stiffness": "-5 N/mm3"}],
    },
    "contact alone": {**BASE, "supports": [{"type": "compression_only", "faces": "root"}]},
    "by_temperature without heat": {**BASE, "material": {"name": "aluminium 6061-T6", "by_temperature": True}},
    "by_temperature as words": {**BASE, "material": {"name": "aluminium 6061-T6", "by_temperature": "maybe"}},
    "no specific heat": HEAT,
    "specific heat of nothing": changed(HEAT, "material", value={**STEEL, "specific_heat": []}),
    "specific heat in watts": changed(
        HEAT, "material", value={**STEEL, "specific_heat": [["20 degC", "4 W"], ["90 degC", "5 W"]]}
    ),
    "a start of two kinds": changed(HEAT, "analysis", "start", value=[["20 degC"]]),
    "starts of no body": changed(HEAT, "analysis", "starts", value=[{"temperature": "50 degC"}]),
    "starts by name": changed(HEAT, "analysis", "starts", value=[{"bodies": ["one"], "temperature": "50 degC"}]),
    "starts below zero": changed(HEAT, "analysis", "starts", value=[{"bodies": [-1], "temperature": "50 degC"}]),
}  # fmt: skip


@pytest.mark.parametrize("study", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_study_ends_in_words(brick: Any, tmp_path: Any, study: dict[str, Any]) -> None:
    (tmp_path / "lid.kcl").write_text(LID)
    status, result, said = brick(study)
    assert status == 2, result
    assert len(result["error"]["message"]) > 20
    assert result["error"]["next_action"]
    assert "Traceback" not in said + result["error"]["message"]
